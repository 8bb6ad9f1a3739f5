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
	objects, tables, err := sqliteSchema(ctx, tx)
	if err != nil {
		return nil, err
	}
	if err := sqliteColumns(ctx, tx, tables); err != nil {
		return nil, err
	}
	for _, t := range tables {
		objects = append(objects, t.objects()...)
	}
	return objects, nil
}

// A sqliteTable is a table or view on its way into objects.
type sqliteTable struct {
	object  Object
	ddl     tableDDL
	columns []sqliteColumn
}

type sqliteColumn struct {
	name, declared string
	notNull        bool
	value          sql.NullString // the default
	key            int            // place in the primary key, from 1; 0: not in it
	hidden         int            // 1 hidden, 2 virtual, 3 stored
}

// sqliteSchema reads sqlite_schema. Tables and views come back by name, since
// their columns are still to be read; everything else is complete.
func sqliteSchema(ctx context.Context, tx *sql.Tx) (objects []Object, tables map[string]*sqliteTable, err error) {
	rows, err := tx.QueryContext(ctx, `
		SELECT s.type, s.name, s.tbl_name, coalesce(s.sql, ''), coalesce(l.type, '')
		FROM sqlite_schema s LEFT JOIN pragma_table_list l ON l.schema = 'main' AND l.name = s.name AND s.type IN ('table', 'view')
		WHERE s.name NOT LIKE 'sqlite\_%' ESCAPE '\'`)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	tables = map[string]*sqliteTable{}
	for rows.Next() {
		var kind, name, table, text, listed string
		if err := rows.Scan(&kind, &name, &table, &text, &listed); err != nil {
			return nil, nil, err
		}
		definition, err := definition(text)
		if err != nil {
			return nil, nil, fmt.Errorf("%s %s: %w", kind, name, err)
		}
		switch {
		case kind == "index" || kind == "trigger":
			objects = append(objects, Object{Kind: kind, Parent: table, Name: name}.with("definition", definition))
		case kind == "table" && listed == "table":
			t := &sqliteTable{object: Object{Kind: kind, Name: name}}
			if t.ddl, err = parseTable(text); err != nil {
				return nil, nil, fmt.Errorf("table %s: %w", name, err)
			}
			t.object = t.object.with("options", strings.Join(t.ddl.options, ", "))
			tables[name] = t
		default:
			if kind == "table" {
				kind = listed + " table" // virtual or shadow
			}
			tables[name] = &sqliteTable{object: Object{Kind: kind, Name: name}.with("definition", definition)}
		}
	}
	return objects, tables, rows.Err()
}

// definition is the canonical text of a stored CREATE statement.
func definition(text string) (string, error) {
	tokens, err := tokenize(text)
	return render(tokens), err
}

func sqliteColumns(ctx context.Context, tx *sql.Tx, tables map[string]*sqliteTable) (err error) {
	for _, t := range tables {
		if err := t.readColumns(ctx, tx); err != nil {
			return fmt.Errorf("%s: %w", t.object, err)
		}
	}
	return nil
}

func (t *sqliteTable) readColumns(ctx context.Context, tx *sql.Tx) (err error) {
	rows, err := tx.QueryContext(ctx, `SELECT name, type, "notnull", dflt_value, pk, hidden FROM pragma_table_xinfo(?) ORDER BY cid`, t.object.Name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var c sqliteColumn
		if err := rows.Scan(&c.name, &c.declared, &c.notNull, &c.value, &c.key, &c.hidden); err != nil {
			return err
		}
		t.columns = append(t.columns, c)
	}
	return rows.Err()
}

// objects is the table or view with its columns and constraints.
func (t *sqliteTable) objects() []Object {
	table := t.object
	var names []string
	var objects []Object
	for _, c := range t.columns {
		names = append(names, quoteName(c.name))
		objects = append(objects, t.column(c))
	}
	table = table.with(columnOrder, strings.Join(names, ", "))
	for _, k := range t.ddl.constraints {
		name := k.name
		if name == "" {
			name = k.definition
		}
		objects = append(objects, Object{Kind: k.kind, Parent: table.Name, Name: name}.
			with("columns", strings.Join(k.columns, ", ")).with("definition", k.definition))
	}
	return append(objects, table)
}

func (t *sqliteTable) column(c sqliteColumn) Object {
	ddl := t.ddl.columns[lower(c.name)]
	o := Object{Kind: "column", Parent: t.object.Name, Name: c.name}.
		with("type", lower(c.declared)).
		with("collation", ddl.collation).
		with("generated", ddl.generated).
		with("on null", ddl.onNull)
	if c.notNull || t.keyNeverNull(c, ddl) {
		o = o.with("null", "no")
	}
	if c.value.Valid {
		if text, err := definition(c.value.String); err == nil {
			o = o.with("default", text)
		} else {
			o = o.with("default", c.value.String)
		}
	}
	if ddl.autoincrement {
		o = o.with("autoincrement", "yes")
	}
	if c.hidden == 1 {
		o = o.with("hidden", "yes")
	}
	return o
}

// keyNeverNull reports whether a column of the primary key refuses NULL without
// saying so: in STRICT and WITHOUT ROWID tables, and where it is the rowid. Any
// other primary key of SQLite accepts NULL, by an old mistake that it keeps.
func (t *sqliteTable) keyNeverNull(c sqliteColumn, ddl columnDDL) bool {
	if c.key == 0 {
		return false
	}
	if slices.Contains(t.ddl.options, "strict") || slices.Contains(t.ddl.options, "without rowid") {
		return true
	}
	single := !slices.ContainsFunc(t.columns, func(o sqliteColumn) bool { return o.key > 1 })
	return single && strings.EqualFold(c.declared, "integer") && !ddl.descending
}

func quoteName(name string) string {
	if plainWord(name) {
		return name
	}
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}
