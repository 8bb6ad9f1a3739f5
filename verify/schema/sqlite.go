package schema

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/internal/sqltext"
)

// inspectSQLite reads the catalogue through sqlite_schema and the pragma
// functions, and what no pragma shows (names of constraints, checks, generated
// expressions, collations, conflict clauses) from the stored text of the table.
// It reads in one transaction, so that no other connection's DDL comes between.
func inspectSQLite(ctx context.Context, db *sql.DB) ([]Object, error) {
	parts, _, err := (&sqliteReader{}).read(ctx, db, true, func(owner) {})
	objects := make([]Object, len(parts))
	for i, p := range parts {
		objects[i] = p.Object
	}
	return objects, err
}

// A sqliteCatalogue is what SQLite says of a database, on its way into objects.
type sqliteCatalogue struct {
	entries   map[sqliteRow]*sqliteEntry
	relations map[string]*sqliteEntry // tables and views, by name in lower case
	known     sqltext.NameSet
}

// A sqliteRow is a row of sqlite_schema.
type sqliteRow struct {
	kind  string
	name  string
	table string // to which an index or trigger belongs, as its author spelled it
	text  string // the CREATE statement
}

// A sqliteEntry is a row of sqlite_schema with what pragmas say of it.
type sqliteEntry struct {
	sqliteRow                 // with a kind as in Object.Kind
	id        int64           // the only one of the catalogue
	words     map[string]bool // all that may be a name in the text of a view, in lower case
	maybe     []string        // what stands in "…" in the text and has capitals, in lower case
	columns   []sqliteColumn
	broken    string // why a view or virtual table cannot be read; "" where it can
}

type sqliteColumn struct {
	name, declared string
	notNull        bool
	value          sql.NullString // the default
	key            int            // place in the primary key, from 1; 0: not in it
	hidden         int            // 1 hidden, 2 virtual, 3 stored
}

// objects are what an entry says, and of a table or view what it consists of.
func (c *sqliteCatalogue) objects(e *sqliteEntry) (objects []Object, err error) {
	switch e.kind {
	case "index", "trigger":
		objects, err = c.dependent(e)
	case "table":
		objects, err = c.table(e)
	default:
		objects, err = c.relation(e)
	}
	if err != nil {
		return nil, e.error(err)
	}
	return objects, nil
}

// error is an error about the entry.
func (e *sqliteEntry) error(err error) error { return fmt.Errorf("%s %s: %w", e.kind, e.name, err) }

// tokens are the canonical ones of a stored CREATE statement.
func (c *sqliteCatalogue) tokens(e *sqliteEntry) ([]sqltext.Canon, error) {
	tokens, err := sqltext.Canonical(e.text)
	tokens = c.known.Resolve(tokens)
	switch e.kind {
	case "index":
		tokens = withoutAscending(tokens)
	case "trigger":
		tokens = withoutForEachRow(tokens)
	}
	return tokens, err
}

// withoutForEachRow leaves out what is true of every trigger.
func withoutForEachRow(tokens []sqltext.Canon) []sqltext.Canon {
	for i := 0; i+2 < len(tokens) && !tokens[i].Is("begin"); i++ {
		if tokens[i].Is("for") && tokens[i+1].Is("each") && tokens[i+2].Is("row") {
			return slices.Delete(tokens, i, i+3)
		}
	}
	return tokens
}

// withoutAscending leaves out ASC, the default, where it ends an item in the
// list of an index. A column may be called so, too.
func withoutAscending(tokens []sqltext.Canon) (rest []sqltext.Canon) {
	depth := 0
	for i, t := range tokens {
		switch {
		case t.IsSymbol("("):
			depth++
		case t.IsSymbol(")"):
			depth--
		case depth == 1 && t.Is("asc") && endsItem(tokens, i):
			continue
		}
		rest = append(rest, t)
	}
	return rest
}

// endsItem reports whether the token at i is the last of an item in a list, and
// not the only one.
func endsItem(tokens []sqltext.Canon, i int) bool {
	before, after := tokens[i-1], sqltext.Canon{}
	if i+1 < len(tokens) {
		after = tokens[i+1]
	}
	return (after.IsSymbol(",") || after.IsSymbol(")")) && !before.IsSymbol("(") && !before.IsSymbol(",")
}

// dependent is an index or a trigger. Its table is spelled as the table is.
func (c *sqliteCatalogue) dependent(e *sqliteEntry) ([]Object, error) {
	o := Object{Kind: e.kind, Parent: e.table, Name: e.name}
	t := c.relations[sqltext.Fold(o.Parent)]
	if t != nil {
		o.Parent = t.name
	}
	tokens, err := c.tokens(e)
	if e.kind == "index" && t != nil {
		o.Key = t.indexKey(tokens)
		o.Columns = o.Key.columns()
	}
	return []Object{o.With("definition", sqltext.Render(tokens))}, err
}

// indexKey is the key of an index of the table, by the tokens of its text.
func (e *sqliteEntry) indexKey(tokens []sqltext.Canon) Key {
	c := &sqltext.Cursor{Tokens: tokens}
	c.Accept("create")
	k := Key{Unique: c.Accept("unique")}
	for !c.End() && !c.Symbol("(") {
		c.Pos++
	}
	for _, p := range keyParts(c.Parenthesized()) {
		name := e.spelled([]string{p.Column})[0]
		if slices.Contains(e.columnNames(), name) {
			p.Column = name
		} else if p.Column != "" { // a word that is a value, as TRUE is
			p.Column, p.Expression = "", sqltext.CanonName(sqltext.Fold(p.Column))
		}
		k.Parts = append(k.Parts, p)
	}
	if c.Accept("where") {
		k.Where = sqltext.Render(c.Tokens[c.Pos:])
	}
	return k
}

// relation is a view, a virtual table or the shadow table of one.
func (c *sqliteCatalogue) relation(e *sqliteEntry) ([]Object, error) {
	tokens, err := c.tokens(e)
	o := Object{Kind: e.kind, Name: e.name, Columns: e.columnNames()}.
		With("definition", sqltext.Render(tokens)).
		With("broken", e.broken).
		With(ColumnOrder, sqltext.CanonNames(e.columnNames()))
	if t := c.relations[sqltext.Fold(shadowed(e.name))]; e.kind == ShadowTable && t != nil {
		o = o.With(OwnedBy, t.name)
	}
	objects := []Object{o}
	for _, column := range e.columns {
		objects = append(objects, e.column(column, columnDDL{}, nil))
	}
	return objects, err
}

// shadowed is the name of the virtual table to which a shadow table belongs, as
// SQLite takes it from the shadow's own name.
func shadowed(name string) string { return name[:max(0, strings.LastIndexByte(name, '_'))] }

// table is an ordinary table with its columns and constraints.
func (c *sqliteCatalogue) table(e *sqliteEntry) ([]Object, error) {
	ddl, err := parseTable(e.text, c.known)
	if err != nil {
		return nil, err
	}
	objects := []Object{Object{Kind: e.kind, Name: e.name, Columns: e.columnNames()}.
		With("options", strings.Join(ddl.options, ", ")).
		With(ColumnOrder, sqltext.CanonNames(e.columnNames()))}
	for _, column := range e.columns {
		objects = append(objects, e.column(column, ddl.columns[sqltext.Fold(column.name)], ddl.options))
	}
	for _, k := range ddl.constraints {
		definition := k.definition + k.deferral
		name := k.name
		if name == "" {
			name = definition
		}
		o := Object{Kind: k.kind, Parent: e.name, Name: name, Columns: e.spelled(k.columns), References: k.references}
		o = o.With("columns", sqltext.CanonNames(o.Columns))
		if o.Kind == "check" {
			o.Columns = e.mentioned(k.condition)
		}
		for i, part := range k.parts {
			part.Column = o.Columns[i]
			o.Key.Unique, o.Key.Parts = true, append(o.Key.Parts, part)
		}
		objects = append(objects, o.With("definition", definition))
	}
	return objects, nil
}

func (e *sqliteEntry) columnNames() (names []string) {
	for _, c := range e.columns {
		names = append(names, c.name)
	}
	return names
}

// spelled are columns in the table's own spelling of them.
func (e *sqliteEntry) spelled(names []string) (columns []string) {
	for _, name := range names {
		for _, c := range e.columns {
			if sqltext.Fold(c.name) == sqltext.Fold(name) {
				name = c.name
			}
		}
		columns = append(columns, name)
	}
	return columns
}

// mentioned are the columns that an expression looks at.
func (e *sqliteEntry) mentioned(tokens []sqltext.Canon) (columns []string) {
	for _, c := range e.columns {
		for i, t := range tokens {
			call := i+1 < len(tokens) && tokens[i+1].IsSymbol("(")
			if (t.Kind == sqltext.Word || t.Kind == sqltext.Name) && !call && sqltext.Fold(t.Name) == sqltext.Fold(c.name) {
				columns = append(columns, c.name)
				break
			}
		}
	}
	return columns
}

func (e *sqliteEntry) column(c sqliteColumn, ddl columnDDL, options []string) Object {
	o := Object{Kind: "column", Parent: e.name, Name: c.name}.
		With("type", typeText(c.declared)).
		With("generated", ddl.generated).
		With("on null", ddl.onNull)
	if ddl.collation != "binary" { // the default
		o = o.With("collation", ddl.collation)
	}
	if c.notNull || e.keyNeverNull(c, ddl, options) {
		o = o.With("null", "no")
	}
	if c.value.Valid {
		o = o.With("default", defaultText(c.value.String))
	}
	if ddl.autoincrement {
		o = o.With("autoincrement", "yes")
	}
	if c.hidden == 1 {
		o = o.With("hidden", "yes")
	}
	return o
}

// typeText is the canonical text of a type, which may be any words at all.
func typeText(text string) string {
	tokens, err := sqltext.Canonical(text)
	if err != nil {
		return sqltext.Fold(text)
	}
	return sqltext.Render(tokens)
}

// defaultText is the canonical text of a default. A name alone, in quotes or
// not, is a string: no column is in sight there.
func defaultText(text string) string {
	tokens, err := sqltext.Canonical(text)
	if err != nil || len(tokens) == 0 {
		return text
	}
	if t := tokens[0]; len(tokens) == 1 && (t.Kind == sqltext.Name || t.Kind == sqltext.Word && (t.Maybe || !sqltext.Constants[t.Text])) {
		tokens[0] = sqltext.QuotedCanon('\'', t.Name)
	}
	return sqltext.Render(tokens)
}

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
