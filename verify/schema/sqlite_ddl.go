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
func parseTable(sql string) (tableDDL, error) {
	tokens, err := tokenize(sql)
	if err != nil {
		return tableDDL{}, err
	}
	p := &parser{tokens: tokens, table: tableDDL{columns: map[string]columnDDL{}}}
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

func (p *parser) symbol(text string) bool {
	return !p.end() && p.tokens[p.pos].kind == symbol && p.tokens[p.pos].text == text
}

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
		if p.tableConstraint() || p.symbol(",") {
			if p.symbol(",") {
				p.pos++
			}
			continue
		}
		p.column()
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
	for _, w := range []string{"constraint", "primary", "not", "null", "unique", "check", "default", "collate", "references", "generated", "as"} {
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
		c.descending = p.accept("desc")
		_ = c.descending || p.accept("asc")
		conflict := p.conflict()
		c.autoincrement = p.accept("autoincrement")
		p.add("primary key", name, []string{column}, "PRIMARY KEY ("+quoteWord(column)+")"+conflict)
	case p.accept("not", "null"):
		c.onNull = strings.TrimSpace(p.conflict())
	case p.accept("null"):
		p.conflict()
	case p.accept("unique"):
		p.add("unique", name, []string{column}, "UNIQUE ("+quoteWord(column)+")"+p.conflict())
	case p.at("check"):
		p.check(name)
	case p.accept("default"):
		p.skipDefault()
	case p.accept("collate"):
		c.collation = identifier(p.next())
	case p.at("references"):
		p.reference(name, []string{column})
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

// tableConstraint reads one constraint of the table, if one comes next.
func (p *parser) tableConstraint() bool {
	start := p.pos
	name := p.constraintName()
	switch {
	case p.accept("primary", "key"):
		list := p.parenthesized()
		p.keyConstraint("primary key", "PRIMARY KEY", name, list)
	case p.at("unique") && p.pos+1 < len(p.tokens) && p.tokens[p.pos+1].text == "(":
		p.pos++
		p.keyConstraint("unique", "UNIQUE", name, p.parenthesized())
	case p.at("check") && p.pos+1 < len(p.tokens) && p.tokens[p.pos+1].text == "(":
		p.check(name)
	case p.accept("foreign", "key"):
		p.reference(name, names(p.parenthesized()))
	default:
		p.pos = start
		return false
	}
	return true
}

func (p *parser) keyConstraint(kind, words, name string, list []token) {
	if n := len(list); n > 0 && list[n-1].is("autoincrement") {
		list = list[:n-1]
		if cols := names(list); len(cols) == 1 {
			c := p.table.columns[lower(cols[0])]
			c.autoincrement = true
			p.table.columns[lower(cols[0])] = c
		}
	}
	p.add(kind, name, names(list), words+" ("+render(list)+")"+p.conflict())
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

// reference reads REFERENCES and all that may follow it. A missing column list
// stays missing: it means the primary key, whichever that is.
func (p *parser) reference(name string, columns []string) {
	p.accept("references")
	table := identifier(p.next())
	definition := "FOREIGN KEY (" + quoteWords(columns) + ") REFERENCES " + quoteWord(table)
	if list := p.parenthesized(); list != nil {
		definition += " (" + render(list) + ")"
	}
	actions := map[string]string{}
	deferred := ""
	for {
		switch {
		case p.at("on", "delete") || p.at("on", "update"):
			event := p.tokens[p.pos+1].text
			p.pos += 2
			actions[event] = p.action()
		case p.accept("match"):
			p.pos++ // parsed and ignored by SQLite
		case p.accept("not", "deferrable"):
			p.initially()
			deferred = ""
		case p.accept("deferrable"):
			deferred = " DEFERRABLE" + p.initially()
		default:
			for _, event := range []string{"update", "delete"} {
				if a := actions[event]; a != "" && a != "NO ACTION" {
					definition += " ON " + strings.ToUpper(event) + " " + a
				}
			}
			p.add("foreign key", name, columns, definition+deferred)
			return
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

// initially is " INITIALLY DEFERRED" where that is said. A constraint that is
// deferrable and initially immediate behaves in SQLite as if not deferrable,
// but is kept apart: its author meant something.
func (p *parser) initially() string {
	if !p.accept("initially") {
		return ""
	}
	if p.next().is("deferred") {
		return " INITIALLY DEFERRED"
	}
	return ""
}

func (p *parser) add(kind, name string, columns []string, definition string) {
	p.table.constraints = append(p.table.constraints, constraintDDL{kind, name, columns, definition})
}

// names lists the column names of an indexed-column list, without collation
// and order.
func names(list []token) []string {
	var cols []string
	first := true
	depth := 0
	for _, t := range list {
		switch {
		case t.kind == symbol && t.text == "(":
			depth++
		case t.kind == symbol && t.text == ")":
			depth--
		case t.kind == symbol && t.text == "," && depth == 0:
			first = true
			continue
		case first:
			cols = append(cols, identifier(t))
		}
		first = false
	}
	return cols
}

// identifier is the name that a token stands for.
func identifier(t token) string {
	switch {
	case t.kind == quoted:
		return strings.ReplaceAll(t.text[1:len(t.text)-1], `""`, `"`)
	case t.kind == literal && strings.HasPrefix(t.text, "'"): // 'name' is accepted as one
		return strings.ReplaceAll(t.text[1:len(t.text)-1], "''", "'")
	}
	return t.text
}

// quoteWord writes a name as canonical SQL, quoted only where it must be.
func quoteWord(name string) string { return quotedToken('"', name).text }

func quoteWords(names []string) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = quoteWord(n)
	}
	return strings.Join(out, ", ")
}
