package schema

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// inspectSQLite reads the catalogue through sqlite_schema and the pragma
// functions, and what no pragma shows (names of constraints, checks, generated
// expressions, collations, conflict clauses) from the stored text of the table.
// It reads in one transaction, so that no other connection's DDL comes between.
func inspectSQLite(ctx context.Context, db *sql.DB) (_ []Object, err error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer func() {
		if e := tx.Rollback(); e != nil && !errors.Is(e, sql.ErrTxDone) {
			err = errors.Join(err, e)
		}
	}()
	c := sqliteCatalogue{relations: map[string]*sqliteEntry{}, known: nameSet{"new": true, "old": true, "excluded": true}}
	if err := c.readEntries(ctx, tx); err != nil {
		return nil, err
	}
	for _, e := range c.relations {
		if err := c.readColumns(ctx, tx, e); err != nil {
			return nil, fmt.Errorf("%s %s: %w", e.kind, e.name, err)
		}
	}
	objects, err := c.objects()
	if err != nil {
		return nil, err
	}
	header, err := readHeader(ctx, tx)
	return append(objects, header...), err
}

// A sqliteCatalogue is what SQLite says of a database, on its way into objects.
type sqliteCatalogue struct {
	entries   []*sqliteEntry
	relations map[string]*sqliteEntry // tables and views, by name in lower case
	known     nameSet
}

// A sqliteEntry is a row of sqlite_schema.
type sqliteEntry struct {
	kind    string // as in Object.Kind
	name    string
	table   string // to which an index or trigger belongs, as its author spelled it
	text    string // the CREATE statement
	columns []sqliteColumn
	broken  string // why a view or virtual table cannot be read; "" where it can
}

type sqliteColumn struct {
	name, declared string
	notNull        bool
	value          sql.NullString // the default
	key            int            // place in the primary key, from 1; 0: not in it
	hidden         int            // 1 hidden, 2 virtual, 3 stored
}

func (c *sqliteCatalogue) readEntries(ctx context.Context, tx *sql.Tx) (err error) {
	rows, err := tx.QueryContext(ctx, `
		SELECT CASE WHEN s.type = 'table' AND l.type <> 'table' THEN l.type || ' table' ELSE s.type END,
			s.name, s.tbl_name, coalesce(s.sql, '')
		FROM sqlite_schema s LEFT JOIN pragma_table_list l ON l.schema = 'main' AND l.name = s.name AND s.type = 'table'
		WHERE s.name NOT LIKE 'sqlite\_%' ESCAPE '\'`)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		e := &sqliteEntry{}
		if err := rows.Scan(&e.kind, &e.name, &e.table, &e.text); err != nil {
			return err
		}
		c.entries = append(c.entries, e)
		c.known[lower(e.name)] = true
		if e.kind != "index" && e.kind != "trigger" {
			c.relations[lower(e.name)] = e
		}
	}
	return rows.Err()
}

// readColumns reads the columns of a table or view. That fails on a view whose
// tables are gone, which SQLite allows: the view is there all the same.
func (c *sqliteCatalogue) readColumns(ctx context.Context, tx *sql.Tx, e *sqliteEntry) error {
	err := e.readColumns(ctx, tx)
	var code interface{ Code() int }
	if e.kind != "table" && errors.As(err, &code) && code.Code()&0xff == sqliteError {
		e.broken, err = "yes", nil
	}
	for _, column := range e.columns {
		c.known[lower(column.name)] = true
	}
	return err
}

// sqliteError is SQLITE_ERROR: something is wrong with the SQL, and not with
// the file or the machine.
const sqliteError = 1

func (e *sqliteEntry) readColumns(ctx context.Context, tx *sql.Tx) (err error) {
	rows, err := tx.QueryContext(ctx, `SELECT name, type, "notnull", dflt_value, pk, hidden FROM pragma_table_xinfo(?, 'main') ORDER BY cid`, e.name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var c sqliteColumn
		if err := rows.Scan(&c.name, &c.declared, &c.notNull, &c.value, &c.key, &c.hidden); err != nil {
			return err
		}
		e.columns = append(e.columns, c)
	}
	return rows.Err()
}

func (c *sqliteCatalogue) objects() (objects []Object, err error) {
	for _, e := range c.entries {
		var of []Object
		switch e.kind {
		case "index", "trigger":
			of, err = c.dependent(e)
		case "table":
			of, err = c.table(e)
		default:
			of, err = c.relation(e)
		}
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", e.kind, e.name, err)
		}
		objects = append(objects, of...)
	}
	return objects, nil
}

// definition is the canonical text of a stored CREATE statement.
func (c *sqliteCatalogue) definition(text string) (string, error) {
	tokens, err := tokenize(text)
	return render(c.known.resolve(tokens)), err
}

// dependent is an index or a trigger. Its table is spelled as the table is.
func (c *sqliteCatalogue) dependent(e *sqliteEntry) ([]Object, error) {
	parent := e.table
	if t := c.relations[lower(parent)]; t != nil {
		parent = t.name
	}
	definition, err := c.definition(e.text)
	return []Object{Object{Kind: e.kind, Parent: parent, Name: e.name}.with("definition", definition)}, err
}

// relation is a view, a virtual table or the shadow table of one.
func (c *sqliteCatalogue) relation(e *sqliteEntry) ([]Object, error) {
	definition, err := c.definition(e.text)
	o := Object{Kind: e.kind, Name: e.name}.
		with("definition", definition).
		with("broken", e.broken).
		with(columnOrder, e.columnOrder())
	if e.kind == "shadow table" {
		o = o.with(ownedBy, c.shadowed(e.name))
	}
	objects := []Object{o}
	for _, column := range e.columns {
		objects = append(objects, e.column(column, columnDDL{}, nil))
	}
	return objects, err
}

// shadowed is the virtual table to which a shadow table belongs: its name comes
// first, then _ and a word.
func (c *sqliteCatalogue) shadowed(name string) string {
	if end := strings.LastIndexByte(name, '_'); end > 0 {
		if t := c.relations[lower(name[:end])]; t != nil {
			return t.name
		}
	}
	return ""
}

// table is an ordinary table with its columns and constraints.
func (c *sqliteCatalogue) table(e *sqliteEntry) ([]Object, error) {
	ddl, err := parseTable(e.text, c.known)
	if err != nil {
		return nil, err
	}
	objects := []Object{Object{Kind: e.kind, Name: e.name}.
		with("options", strings.Join(ddl.options, ", ")).
		with(columnOrder, e.columnOrder())}
	for _, column := range e.columns {
		objects = append(objects, e.column(column, ddl.columns[lower(column.name)], ddl.options))
	}
	for _, k := range ddl.constraints {
		definition := k.definition + k.deferral
		name := k.name
		if name == "" {
			name = definition
		}
		objects = append(objects, Object{Kind: k.kind, Parent: e.name, Name: name}.
			with("columns", e.quoteColumns(k.columns)).with("definition", definition))
	}
	return objects, nil
}

func (e *sqliteEntry) columnOrder() string {
	var names []string
	for _, c := range e.columns {
		names = append(names, c.name)
	}
	return quoteNames(names)
}

// quoteColumns lists columns in the table's own spelling of them.
func (e *sqliteEntry) quoteColumns(names []string) string {
	var columns []string
	for _, name := range names {
		for _, c := range e.columns {
			if lower(c.name) == lower(name) {
				name = c.name
			}
		}
		columns = append(columns, name)
	}
	return quoteNames(columns)
}

func (e *sqliteEntry) column(c sqliteColumn, ddl columnDDL, options []string) Object {
	o := Object{Kind: "column", Parent: e.name, Name: c.name}.
		with("type", typeText(c.declared)).
		with("generated", ddl.generated).
		with("on null", ddl.onNull)
	if ddl.collation != "binary" { // the default
		o = o.with("collation", ddl.collation)
	}
	if c.notNull || e.keyNeverNull(c, ddl, options) {
		o = o.with("null", "no")
	}
	if c.value.Valid {
		o = o.with("default", defaultText(c.value.String))
	}
	if ddl.autoincrement {
		o = o.with("autoincrement", "yes")
	}
	if c.hidden == 1 {
		o = o.with("hidden", "yes")
	}
	return o
}

// typeText is the canonical text of a type, which may be any words at all.
func typeText(text string) string {
	tokens, err := tokenize(text)
	if err != nil {
		return lower(text)
	}
	return render(tokens)
}

// defaultText is the canonical text of a default. A name alone, in quotes or
// not, is a string: no column is in sight there.
func defaultText(text string) string {
	tokens, err := tokenize(text)
	if err != nil || len(tokens) == 0 {
		return text
	}
	if t := tokens[0]; len(tokens) == 1 && (t.kind == quoted || t.kind == word && (t.maybe || !constants[t.text])) {
		tokens[0] = quotedToken('\'', t.name)
	}
	return render(tokens)
}

var constants = setOf("null true false current_date current_time current_timestamp")

// keyNeverNull reports whether a column of the primary key refuses NULL without
// saying so: in STRICT and WITHOUT ROWID tables, and where it is the rowid. Any
// other primary key of SQLite accepts NULL, by an old mistake that it keeps.
func (e *sqliteEntry) keyNeverNull(c sqliteColumn, ddl columnDDL, options []string) bool {
	if c.key == 0 {
		return false
	}
	if len(options) > 0 { // strict, without rowid or both
		return true
	}
	single := !slices.ContainsFunc(e.columns, func(o sqliteColumn) bool { return o.key > 1 })
	return single && strings.EqualFold(c.declared, "integer") && !ddl.descending
}
