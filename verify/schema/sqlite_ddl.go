package schema

import (
	"fmt"
	"slices"
	"strings"
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
	definition string
	deferral   string // of a foreign key: " DEFERRABLE INITIALLY DEFERRED"
}

// A parser reads the tokens of one CREATE TABLE statement, which SQLite itself
// has accepted and stored.
type parser struct {
	tokens []token
	pos    int
	table  tableDDL
}

// parseTable reads the text that sqlite_schema keeps of an ordinary table,
// by the grammar of https://sqlite.org/lang_createtable.html.
func parseTable(sql string, known nameSet) (tableDDL, error) {
	tokens, err := tokenize(sql)
	if err != nil {
		return tableDDL{}, err
	}
	p := &parser{tokens: known.resolve(tokens), table: tableDDL{columns: map[string]columnDDL{}}}
	for !p.end() && !p.symbol("(") {
		p.pos++
	}
	body := p.parenthesized()
	if body == nil {
		return tableDDL{}, fmt.Errorf("CREATE TABLE without a list of columns")
	}
	p.options()
	inner := &parser{tokens: body, table: p.table}
	if err := inner.items(); err != nil {
		return tableDDL{}, err
	}
	return inner.table, nil
}

func (p *parser) end() bool { return p.pos >= len(p.tokens) }

func (p *parser) symbol(text string) bool { return !p.end() && p.tokens[p.pos].symbol(text) }

// at reports whether the next tokens are these words.
func (p *parser) at(words ...string) bool {
	for i, w := range words {
		if p.pos+i >= len(p.tokens) || !p.tokens[p.pos+i].is(w) {
			return false
		}
	}
	return true
}

// accept steps over the words if they come next.
func (p *parser) accept(words ...string) bool {
	if !p.at(words...) {
		return false
	}
	p.pos += len(words)
	return true
}

func (p *parser) next() token {
	if p.end() {
		return token{}
	}
	p.pos++
	return p.tokens[p.pos-1]
}

// parenthesized is what stands inside the brackets that come next, nil if
// none do; the position is behind them.
func (p *parser) parenthesized() []token {
	if !p.symbol("(") {
		return nil
	}
	start, depth := p.pos+1, 0
	for ; !p.end(); p.pos++ {
		if p.symbol("(") {
			depth++
		} else if p.symbol(")") {
			depth--
		}
		if depth == 0 {
			p.pos++
			return p.tokens[start : p.pos-1 : p.pos-1]
		}
	}
	return p.tokens[start:]
}

func (p *parser) options() {
	for !p.end() {
		switch {
		case p.accept("without", "rowid"):
			p.table.options = append(p.table.options, "without rowid")
		case p.accept("strict"):
			p.table.options = append(p.table.options, "strict")
		default:
			p.pos++
		}
	}
	slices.Sort(p.table.options)
}

// items reads the columns and then the constraints of a table, which may
// follow each other without a comma.
func (p *parser) items() error {
	for !p.end() {
		before := p.pos
		if p.symbol(",") {
			p.pos++
		} else if !p.tableConstraint() {
			p.column()
		}
		if p.pos == before {
			return fmt.Errorf("CREATE TABLE: unexpected %q", p.tokens[p.pos].text)
		}
	}
	return nil
}

func (p *parser) column() {
	name := identifier(p.next())
	for !p.end() && !p.symbol(",") && !p.atColumnConstraint() {
		if p.parenthesized() == nil {
			p.pos++
		}
	}
	var c columnDDL
	for !p.end() && !p.symbol(",") {
		before := p.pos
		p.columnConstraint(name, &c)
		if p.pos == before {
			p.pos++ // what SQLite accepts and ignores
		}
	}
	p.table.columns[lower(name)] = c
}

func (p *parser) atColumnConstraint() bool {
	for _, w := range []string{"constraint", "primary", "not", "null", "unique", "check", "default", "collate", "references", "deferrable", "generated", "as"} {
		if p.at(w) {
			return true
		}
	}
	return false
}

func (p *parser) columnConstraint(column string, c *columnDDL) {
	name := p.constraintName()
	switch {
	case p.accept("primary", "key"):
		p.columnKey(name, column, c)
	case p.accept("not", "null"):
		c.onNull = strings.TrimSpace(p.conflict())
	case p.accept("null"):
		p.conflict()
	case p.accept("unique"):
		p.add("unique", name, []string{column}, "UNIQUE ("+quoteName(lower(column))+")"+p.conflict())
	case p.at("check"):
		p.check(name)
	case p.accept("default"):
		p.skipDefault()
	case p.accept("collate"):
		c.collation = lower(identifier(p.next()))
	case p.at("references"):
		p.reference(name, []string{column})
	case p.deferral():
	case p.accept("generated", "always", "as"), p.accept("as"):
		expr := "(" + render(p.parenthesized()) + ")"
		c.generated = "virtual " + expr
		if p.accept("stored") {
			c.generated = "stored " + expr
		} else {
			p.accept("virtual")
		}
	}
}

func (p *parser) columnKey(name, column string, c *columnDDL) {
	list := quoteName(lower(column))
	if c.descending = p.accept("desc"); c.descending {
		list += " desc"
	} else {
		p.accept("asc")
	}
	conflict := p.conflict()
	c.autoincrement = p.accept("autoincrement")
	p.add("primary key", name, []string{column}, "PRIMARY KEY ("+list+")"+conflict)
}

// tableConstraint reads one constraint of the table, if one comes next. A name
// without one is allowed, and the last of several names counts.
func (p *parser) tableConstraint() bool {
	name, named := "", false
	for p.at("constraint") {
		name, named = p.constraintName(), true
	}
	switch {
	case p.accept("primary", "key"):
		p.keyConstraint("primary key", "PRIMARY KEY", name)
	case p.accept("unique"):
		p.keyConstraint("unique", "UNIQUE", name)
	case p.at("check"):
		p.check(name)
	case p.accept("foreign", "key"):
		columns, _ := indexedColumns(p.parenthesized())
		p.reference(name, columns)
		p.deferral()
	default:
		return named
	}
	return true
}

func (p *parser) keyConstraint(kind, words, name string) {
	list := p.parenthesized()
	counts := len(list) > 0 && list[len(list)-1].is("autoincrement")
	if counts {
		list = list[:len(list)-1]
	}
	columns, text := indexedColumns(list)
	if counts {
		for _, column := range columns {
			c := p.table.columns[lower(column)]
			c.autoincrement = true
			p.table.columns[lower(column)] = c
		}
	}
	p.add(kind, name, columns, words+" ("+text+")"+p.conflict())
}

func (p *parser) constraintName() string {
	if p.accept("constraint") {
		return identifier(p.next())
	}
	return ""
}

func (p *parser) check(name string) {
	p.pos++
	definition := "CHECK (" + render(p.parenthesized()) + ")"
	p.conflict() // accepted by the grammar, without effect
	p.add("check", name, nil, definition)
}

// conflict is " ON CONFLICT …", "" where that is not said or says the default.
func (p *parser) conflict() string {
	if !p.accept("on", "conflict") {
		return ""
	}
	if how := strings.ToUpper(p.next().text); how != "ABORT" {
		return " ON CONFLICT " + how
	}
	return ""
}

// skipDefault steps over a default: pragma table_xinfo has its text.
func (p *parser) skipDefault() {
	if p.parenthesized() != nil {
		return
	}
	if p.symbol("-") || p.symbol("+") {
		p.pos++
	}
	p.pos++
}

// reference reads REFERENCES and the actions that may follow it. A missing
// column list stays missing: it means the primary key, whichever that is.
func (p *parser) reference(name string, columns []string) {
	p.accept("references")
	folded := make([]string, len(columns))
	for i, c := range columns {
		folded[i] = lower(c)
	}
	definition := "FOREIGN KEY (" + quoteNames(folded) + ") REFERENCES " + quoteName(lower(identifier(p.next())))
	if list := p.parenthesized(); list != nil {
		_, text := indexedColumns(list)
		definition += " (" + text + ")"
	}
	actions := p.actions()
	for _, event := range []string{"update", "delete"} {
		if a := actions[event]; a != "" && a != "NO ACTION" {
			definition += " ON " + strings.ToUpper(event) + " " + a
		}
	}
	p.add("foreign key", name, columns, definition)
	p.deferral()
}

// actions reads what a foreign key does, by event. ON INSERT and MATCH are read
// and ignored, as SQLite does.
func (p *parser) actions() map[string]string {
	actions := map[string]string{}
	for {
		switch {
		case p.at("on", "delete"), p.at("on", "update"), p.at("on", "insert"):
			event := p.tokens[p.pos+1].text
			p.pos += 2
			actions[event] = p.action()
		case p.accept("match"):
			p.pos++
		default:
			return actions
		}
	}
}

func (p *parser) action() string {
	first := strings.ToUpper(p.next().text)
	if first == "SET" || first == "NO" {
		return first + " " + strings.ToUpper(p.next().text)
	}
	return first
}

// deferral reads when a foreign key is checked, if that comes next. It may
// stand far behind its foreign key, which is the last one before it. What is
// deferrable and initially immediate behaves in SQLite as if not deferrable,
// but is kept apart: its author meant something.
func (p *parser) deferral() bool {
	not := p.accept("not", "deferrable")
	if !not && !p.accept("deferrable") {
		return false
	}
	text := " DEFERRABLE"
	if p.accept("initially") && p.next().is("deferred") {
		text += " INITIALLY DEFERRED"
	}
	if not {
		text = ""
	}
	for i := range slices.Backward(p.table.constraints) {
		if k := &p.table.constraints[i]; k.kind == "foreign key" {
			k.deferral = text
			break
		}
	}
	return true
}

func (p *parser) add(kind, name string, columns []string, definition string) {
	p.table.constraints = append(p.table.constraints, constraintDDL{kind: kind, name: name, columns: columns, definition: definition})
}

// indexedColumns are the names in a list of columns, and the list as canonical
// text with what it says about collation and order.
func indexedColumns(list []token) (columns []string, text string) {
	var items []string
	for _, item := range commaSeparated(list) {
		name := identifier(item[0])
		columns = append(columns, name)
		rest := item[1:]
		if n := len(rest); n > 0 && rest[n-1].is("asc") { // the default
			rest = rest[:n-1]
		}
		items = append(items, strings.TrimSpace(quoteName(lower(name))+" "+render(rest)))
	}
	return columns, strings.Join(items, ", ")
}

// commaSeparated splits a list at the commas that no brackets enclose. None of
// its items is empty.
func commaSeparated(list []token) (items [][]token) {
	depth, start := 0, 0
	for i, t := range list {
		switch {
		case t.symbol("("):
			depth++
		case t.symbol(")"):
			depth--
		case t.symbol(",") && depth == 0:
			if i > start {
				items = append(items, list[start:i:i])
			}
			start = i + 1
		}
	}
	if start < len(list) {
		items = append(items, list[start:])
	}
	return items
}

// identifier is the name that a token stands for, as it was spelled. 'name' is
// accepted as one, too.
func identifier(t token) string {
	if t.kind == literal && t.text[0] != '\'' || t.kind == symbol {
		return t.text
	}
	return t.name
}
