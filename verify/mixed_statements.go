package verify

import (
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/schema"
)

// writing are the beginnings of statements that write rows, with what must come
// next: a column may be called like a verb.
var writing = map[string]string{"insert": "into", "update": "", "delete": "from", "merge": "into", "truncate": "", "copy": "", "replace": "into"}

// writesAt reports whether a statement that writes rows begins with these tokens,
// and which table it writes.
func writesAt(tokens []lexeme) (table string, ok bool) {
	if len(tokens) < 2 || tokens[0].kind != wordLexeme {
		return "", false
	}
	next, verb := writing[tokens[0].text]
	if !verb {
		return "", false
	}
	rest := tokens[1:]
	if tokens[0].is("insert") && rest[0].is("or") && len(rest) > 2 { // INSERT OR REPLACE
		rest = rest[2:]
	}
	if tokens[0].is("update") && rest[0].is("or") && len(rest) > 2 {
		rest = rest[2:]
	}
	if next != "" {
		if !rest[0].is(next) {
			return "", false
		}
		rest = rest[1:]
	}
	for len(rest) > 0 && (rest[0].is("only") || rest[0].is("table")) {
		rest = rest[1:]
	}
	table = nameAt(rest)
	switch {
	case table == "":
		return "", false
	case tokens[0].is("update"):
		return table, slices.ContainsFunc(rest, func(l lexeme) bool { return l.is("set") })
	case tokens[0].is("copy"):
		return table, slices.ContainsFunc(rest, func(l lexeme) bool { return l.is("from") })
	}
	return table, true
}

// writesIn lists the statements in tokens that write rows. In a body one begins
// behind a semicolon or one of PL/pgSQL's words; everywhere it may stand in
// brackets, as the part of a WITH, or behind them.
func writesIn(tokens []lexeme, body bool) []Write {
	var found []Write
	for i := range tokens {
		if i > 0 && !starts(tokens[i-1], body) {
			continue
		}
		if table, ok := writesAt(tokens[i:]); ok {
			found = append(found, Write{table, strings.ToUpper(tokens[i].text) + " " + table, tokens[i].line})
		}
	}
	return found
}

// starts reports whether a statement may begin behind a token.
func starts(before lexeme, body bool) bool {
	switch {
	case before.kind == symbolLexeme:
		return before.text == "(" || before.text == ")" || body && (before.text == ";" || before.text == ">")
	case before.kind != wordLexeme:
		return false
	}
	return body && slices.Contains([]string{"begin", "then", "else", "loop", "in", "query", "atomic"}, before.text)
}

// A reader of statements follows what they call. Functions are those of the
// catalogue, before and after the up, and those that the file makes and drops.
type writeReader struct {
	bodies map[string]string // of functions and procedures, by name
	temp   map[string]bool   // tables that go with the session
	seen   map[string]bool
	skip   func(table string) bool // of the server, of golang-migrate, of the session
}

// writesOf lists the statements of an up for Postgres that write rows of tables
// that stay.
func (c *course) writesOf(s Stair) []Write {
	version := newVersionTable(dialect.Postgres, c.subject.Runner)
	r := &writeReader{map[string]string{}, map[string]bool{}, map[string]bool{}, func(table string) bool {
		table = strings.ToLower(table)
		return bare(table) == strings.ToLower(version.name) || strings.HasPrefix(table, "pg_") || strings.HasPrefix(table, "information_schema.")
	}}
	for _, snap := range []schema.Snapshot{s.Before, s.Up.Snapshot} {
		for _, o := range snap.Objects {
			if o.Kind == "function" || o.Kind == "procedure" {
				r.bodies[strings.ToLower(bare(o.Name))] = o.Prop("definition")
			}
		}
	}
	var writes []Write
	for _, stmt := range parseScript(dialect.Postgres, s.Revision.Up.SQL).statements {
		what, name := stmt.about()
		switch {
		case temporary(stmt):
			r.temp[strings.ToLower(bare(name))] = true
		case strings.HasSuffix(what, "FUNCTION") || strings.HasSuffix(what, "PROCEDURE"):
			if stmt.begins("create") {
				r.bodies[strings.ToLower(bare(name))] = stmt.sql
			}
		default:
			writes = append(writes, r.statement(stmt)...)
		}
	}
	return writes
}

// statement lists what one statement writes, by itself or by what it calls.
func (r *writeReader) statement(stmt statement) []Write {
	var found []Write
	switch {
	case stmt.begins("do"):
		found = r.body(stmt)
	case stmt.begins("call"), stmt.begins("select"), stmt.begins("with"), stmt.begins("values"):
		found = append(writesIn(stmt.tokens, false), r.calls(stmt.tokens)...)
	default:
		if table, ok := writesAt(stmt.tokens); ok {
			found = []Write{{table, strings.ToUpper(stmt.tokens[0].text) + " " + table, 0}}
		}
	}
	found = slices.DeleteFunc(found, func(w Write) bool {
		return r.temp[strings.ToLower(w.Table)] || r.skip(w.Table)
	})
	for i := range found {
		found[i].Line = stmt.line
		if !stmt.begins(strings.ToLower(strings.Fields(found[i].What)[0])) {
			found[i].What += " by " + strings.ToUpper(stmt.tokens[0].text)
		}
	}
	return found
}

// body lists what the body of a DO, or the definition of a function, writes. A
// body in another language than SQL and PL/pgSQL cannot be read.
func (r *writeReader) body(stmt statement) []Write {
	for i, l := range stmt.tokens {
		if l.is("language") && i+1 < len(stmt.tokens) && !slices.Contains([]string{"sql", "plpgsql"}, strings.ToLower(stmt.tokens[i+1].unquoted())) {
			return nil
		}
	}
	text := ""
	for _, l := range stmt.tokens {
		if l.kind == literalLexeme && len(l.text) > len(text) {
			text = l.text
		}
	}
	tokens := stmt.tokens // BEGIN ATOMIC, RETURN
	if i := slices.IndexFunc(stmt.tokens, func(l lexeme) bool { return l.is("atomic") }); i < 0 || stmt.begins("do") {
		tokens = nil
		for _, inner := range parseScript(dialect.Postgres, lexeme{kind: literalLexeme, text: text}.unquoted()).statements {
			tokens = append(append(tokens, inner.tokens...), lexeme{symbolLexeme, ";", inner.line})
		}
	}
	return append(append(writesIn(tokens, true), r.executed(tokens)...), r.calls(tokens)...)
}

// executed lists what is written by EXECUTE '…' and EXECUTE format('…', …).
func (r *writeReader) executed(tokens []lexeme) []Write {
	var found []Write
	for i, l := range tokens {
		rest := tokens[i+1:]
		if !l.is("execute") || len(rest) == 0 {
			continue
		}
		if rest[0].is("format") && len(rest) > 2 {
			rest = rest[2:]
		}
		if rest[0].kind != literalLexeme {
			continue
		}
		for _, stmt := range parseScript(dialect.Postgres, strings.NewReplacer("%I", "x", "%s", "x", "%L", "x").Replace(rest[0].unquoted())).statements {
			if _, verb := writing[stmt.tokens[0].text]; verb && !stmt.begins("copy") {
				found = append(found, Write{"", strings.ToUpper(stmt.tokens[0].text) + " in EXECUTE", l.line})
			}
		}
	}
	return found
}

// calls lists what the functions write that are called in tokens.
func (r *writeReader) calls(tokens []lexeme) []Write {
	var found []Write
	for i, l := range tokens {
		name := strings.ToLower(l.text)
		definition, known := r.bodies[name]
		if !l.names() || !known || r.seen[name] || i+1 >= len(tokens) || tokens[i+1].text != "(" {
			continue
		}
		r.seen[name] = true
		for _, stmt := range parseScript(dialect.Postgres, definition).statements {
			for _, w := range r.body(stmt) {
				found = append(found, Write{w.Table, w.What + " in " + name + "()", l.line})
			}
		}
		r.seen[name] = false
	}
	return found
}
