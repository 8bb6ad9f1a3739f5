package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/internal/sqltext"
)

// A tableDDL is what the stored text of a CREATE TABLE says and no pragma does.
type tableDDL struct {
	columns     map[string]columnDDL // by name, in lower case
	constraints []constraintDDL
	options     []string // "strict", "without rowid"
}

type columnDDL struct {
	collation     string
	generated     string // "stored (…)" or "virtual (…)"
	onNull        string // the ON CONFLICT of NOT NULL
	autoincrement bool
	descending    bool // PRIMARY KEY DESC: then not an alias of the rowid
}

// A constraintDDL is a constraint in the form that it has at the end of a
// table, wherever it was written.
type constraintDDL struct {
	kind       string // as in Object.Kind
	name       string // "" where it has none
	columns    []string
	parts      []KeyPart       // of a primary key or unique constraint
	condition  []sqltext.Canon // of a check
	references *Reference      // of a foreign key
	definition string
	deferral   string // of a foreign key: " DEFERRABLE INITIALLY DEFERRED"
}

// A parser reads the tokens of one CREATE TABLE statement, which SQLite itself
// has accepted and stored.
type parser struct {
	*sqltext.Cursor
	table tableDDL
}

// parseTable reads the text that sqlite_schema keeps of an ordinary table,
// by the grammar of https://sqlite.org/lang_createtable.html.
func parseTable(sql string, known sqltext.NameSet) (tableDDL, error) {
	tokens, err := sqltext.Canonical(sql)
	if err != nil {
		return tableDDL{}, err
	}
	p := &parser{&sqltext.Cursor{Tokens: known.Resolve(tokens)}, tableDDL{columns: map[string]columnDDL{}}}
	for !p.End() && !p.Symbol("(") {
		p.Pos++
	}
	body := p.Parenthesized()
	if body == nil {
		return tableDDL{}, fmt.Errorf("CREATE TABLE without a list of columns")
	}
	p.options()
	inner := &parser{&sqltext.Cursor{Tokens: body}, p.table}
	if err := inner.items(); err != nil {
		return tableDDL{}, err
	}
	return inner.table, nil
}

func (p *parser) options() {
	for !p.End() {
		switch {
		case p.Accept("without", "rowid"):
			p.table.options = append(p.table.options, "without rowid")
		case p.Accept("strict"):
			p.table.options = append(p.table.options, "strict")
		default:
			p.Pos++
		}
	}
	slices.Sort(p.table.options)
}

// items reads the columns and then the constraints of a table, which may
// follow each other without a comma.
func (p *parser) items() error {
	for !p.End() {
		before := p.Pos
		if p.Symbol(",") {
			p.Pos++
		} else if !p.tableConstraint() {
			p.column()
		}
		if p.Pos == before {
			return fmt.Errorf("CREATE TABLE: unexpected %q", p.Tokens[p.Pos].Text)
		}
	}
	return nil
}

func (p *parser) column() {
	name := sqltext.Identifier(p.Next())
	for !p.End() && !p.Symbol(",") && !p.atColumnConstraint() {
		if p.Parenthesized() == nil {
			p.Pos++
		}
	}
	var c columnDDL
	for !p.End() && !p.Symbol(",") {
		before := p.Pos
		p.columnConstraint(name, &c)
		if p.Pos == before {
			p.Pos++ // what SQLite accepts and ignores
		}
	}
	p.table.columns[sqltext.Fold(name)] = c
}

func (p *parser) atColumnConstraint() bool {
	for _, w := range []string{"constraint", "primary", "not", "null", "unique", "check", "default", "collate", "references", "deferrable", "generated", "as"} {
		if p.At(w) {
			return true
		}
	}
	return false
}

func (p *parser) columnConstraint(column string, c *columnDDL) {
	name := p.constraintName()
	switch {
	case p.Accept("primary", "key"):
		p.columnKey(name, column, c)
	case p.Accept("not", "null"):
		c.onNull = strings.TrimSpace(p.Conflict())
	case p.Accept("null"):
		p.Conflict()
	case p.Accept("unique"):
		k := p.add("unique", name, []string{column}, "UNIQUE ("+sqltext.CanonName(sqltext.Fold(column))+")"+p.Conflict())
		k.parts = []KeyPart{{Column: column}}
	case p.At("check"):
		p.check(name)
	case p.Accept("default"):
		p.skipDefault()
	case p.Accept("collate"):
		c.collation = sqltext.Fold(sqltext.Identifier(p.Next()))
	case p.At("references"):
		p.reference(name, []string{column})
	case p.deferral():
	case p.Accept("generated", "always", "as"), p.Accept("as"):
		expr := "(" + sqltext.Render(p.Parenthesized()) + ")"
		c.generated = "virtual " + expr
		if p.Accept("stored") {
			c.generated = "stored " + expr
		} else {
			p.Accept("virtual")
		}
	}
}

func (p *parser) columnKey(name, column string, c *columnDDL) {
	list := sqltext.CanonName(sqltext.Fold(column))
	if c.descending = p.Accept("desc"); c.descending {
		list += " desc"
	} else {
		p.Accept("asc")
	}
	conflict := p.Conflict()
	c.autoincrement = p.Accept("autoincrement")
	k := p.add("primary key", name, []string{column}, "PRIMARY KEY ("+list+")"+conflict)
	k.parts = []KeyPart{{Column: column, Desc: c.descending}}
}

// tableConstraint reads one constraint of the table, if one comes next. A name
// without one is allowed, and the last of several names counts.
func (p *parser) tableConstraint() bool {
	name, named := "", false
	for p.At("constraint") {
		name, named = p.constraintName(), true
	}
	switch {
	case p.Accept("primary", "key"):
		p.keyConstraint("primary key", "PRIMARY KEY", name)
	case p.Accept("unique"):
		p.keyConstraint("unique", "UNIQUE", name)
	case p.At("check"):
		p.check(name)
	case p.Accept("foreign", "key"):
		columns, _ := sqltext.IndexedColumns(p.Parenthesized())
		p.reference(name, columns)
		p.deferral()
	default:
		return named
	}
	return true
}

func (p *parser) keyConstraint(kind, words, name string) {
	list := p.Parenthesized()
	counts := len(list) > 0 && list[len(list)-1].Is("autoincrement")
	if counts {
		list = list[:len(list)-1]
	}
	columns, text := sqltext.IndexedColumns(list)
	if counts {
		for _, column := range columns {
			c := p.table.columns[sqltext.Fold(column)]
			c.autoincrement = true
			p.table.columns[sqltext.Fold(column)] = c
		}
	}
	p.add(kind, name, columns, words+" ("+text+")"+p.Conflict()).parts = keyParts(list)
}

func (p *parser) constraintName() string {
	if p.Accept("constraint") {
		return sqltext.Identifier(p.Next())
	}
	return ""
}

func (p *parser) check(name string) {
	p.Pos++
	condition := p.Parenthesized()
	p.Conflict() // accepted by the grammar, without effect
	p.add("check", name, nil, "CHECK ("+sqltext.Render(condition)+")").condition = condition
}

// skipDefault steps over a default: pragma table_xinfo has its text.
func (p *parser) skipDefault() {
	if p.Parenthesized() != nil {
		return
	}
	if p.Symbol("-") || p.Symbol("+") {
		p.Pos++
	}
	p.Pos++
}

// reference reads REFERENCES and the actions that may follow it. A missing
// column list stays missing: it means the primary key, whichever that is.
func (p *parser) reference(name string, columns []string) {
	p.Accept("references")
	folded := make([]string, len(columns))
	for i, c := range columns {
		folded[i] = sqltext.Fold(c)
	}
	to := &Reference{Table: sqltext.Identifier(p.Next())}
	definition := "FOREIGN KEY (" + sqltext.CanonNames(folded) + ") REFERENCES " + sqltext.CanonName(sqltext.Fold(to.Table))
	if list := p.Parenthesized(); list != nil {
		var text string
		to.Columns, text = sqltext.IndexedColumns(list)
		definition += " (" + text + ")"
	}
	actions := p.Actions()
	if to.OnUpdate = actions["update"]; to.OnUpdate != "" {
		definition += " ON UPDATE " + to.OnUpdate
	}
	if to.OnDelete = actions["delete"]; to.OnDelete != "" {
		definition += " ON DELETE " + to.OnDelete
	}
	p.add("foreign key", name, columns, definition).references = to
	p.deferral()
}

// deferral reads when a foreign key is checked, if that comes next. It may
// stand far behind its foreign key, which is the last one before it. What is
// deferrable and initially immediate behaves in SQLite as if not deferrable,
// but is kept apart: its author meant something.
func (p *parser) deferral() bool {
	not := p.Accept("not", "deferrable")
	if !not && !p.Accept("deferrable") {
		return false
	}
	text, deferred := " DEFERRABLE", p.Accept("initially") && p.Next().Is("deferred")
	if deferred {
		text += " INITIALLY DEFERRED"
	}
	if not {
		text, deferred = "", false
	}
	for i := range slices.Backward(p.table.constraints) {
		if k := &p.table.constraints[i]; k.kind == "foreign key" {
			k.deferral, k.references.Deferred = text, deferred
			break
		}
	}
	return true
}

func (p *parser) add(kind, name string, columns []string, definition string) *constraintDDL {
	p.table.constraints = append(p.table.constraints, constraintDDL{kind: kind, name: name, columns: columns, definition: definition})
	return &p.table.constraints[len(p.table.constraints)-1]
}

// keyParts are the items in the brackets of a key.
func keyParts(list []sqltext.Canon) (parts []KeyPart) {
	for _, item := range sqltext.CommaSeparated(list) {
		var p KeyPart
		if end := len(item) - 1; end > 0 && (item[end].Is("desc") || item[end].Is("asc")) {
			p.Desc, item = item[end].Is("desc"), item[:end]
		}
		column := item
		if n := len(item) - 2; n > 0 && item[n].Is("collate") {
			p.Collation, column = sqltext.Fold(sqltext.Identifier(item[n+1])), item[:n]
		}
		if column = bare(column); len(column) == 1 && column[0].Name != "" { // a name in any quotes
			p.Column = column[0].Name
		} else {
			p.Expression, p.Collation = sqltext.Render(item), ""
		}
		parts = append(parts, p)
	}
	return parts
}

// bare is an expression without brackets around it.
func bare(list []sqltext.Canon) []sqltext.Canon {
	c := &sqltext.Cursor{Tokens: list}
	if inner := c.Parenthesized(); inner != nil && c.End() {
		return bare(inner)
	}
	return list
}
