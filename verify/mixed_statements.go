package verify

import (
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/internal/golangmigrate"
	"github.com/handrail-db/handrail/verify/internal/sqltext"
	"github.com/handrail-db/handrail/verify/internal/walk"
	"github.com/handrail-db/handrail/verify/schema"
)

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
func (c *Pass) writesOf(s walk.Stair) []walk.Write {
	version := golangmigrate.TableOf(dialect.Postgres, c.subject.Runner)
	r := &writeReader{map[string]string{}, map[string]bool{}, map[string]bool{}, func(table string) bool {
		table = strings.ToLower(table)
		return sqltext.Bare(table) == strings.ToLower(version.Name) || strings.HasPrefix(table, "pg_") || strings.HasPrefix(table, "information_schema.")
	}}
	for _, snap := range []schema.Snapshot{s.Before, s.Up.Snapshot} {
		for _, o := range snap.Objects {
			if o.Kind == "function" || o.Kind == "procedure" {
				r.bodies[strings.ToLower(sqltext.Bare(o.Name))] = o.Prop("definition")
			}
		}
	}
	var writes []walk.Write
	for _, stmt := range s.Revision.Up.Script(dialect.Postgres).Statements {
		what, name := stmt.About()
		switch {
		case temporary(stmt):
			r.temp[strings.ToLower(sqltext.Bare(name))] = true
		case strings.HasSuffix(what, "FUNCTION") || strings.HasSuffix(what, "PROCEDURE"):
			if stmt.Begins("create") {
				r.bodies[strings.ToLower(sqltext.Bare(name))] = stmt.SQL
			}
		default:
			writes = append(writes, r.statement(stmt)...)
		}
	}
	return writes
}

// statement lists what one statement writes, by itself or by what it calls.
func (r *writeReader) statement(stmt sqltext.Statement) []walk.Write {
	var found []walk.Write
	switch {
	case stmt.Begins("do"):
		found = r.body(stmt)
	case stmt.Begins("call"), stmt.Begins("select"), stmt.Begins("with"), stmt.Begins("values"):
		found = append(walk.WritesIn(stmt.Tokens, false), r.calls(stmt.Tokens)...)
	default:
		if table, ok := sqltext.Writes(stmt.Tokens); ok {
			found = []walk.Write{{Table: table, What: strings.ToUpper(stmt.Tokens[0].Text) + " " + table}}
		}
	}
	found = slices.DeleteFunc(found, func(w walk.Write) bool {
		return r.temp[strings.ToLower(w.Table)] || r.skip(w.Table)
	})
	for i := range found {
		found[i].Line = stmt.Line
		if !stmt.Begins(strings.ToLower(strings.Fields(found[i].What)[0])) {
			found[i].What += " by " + strings.ToUpper(stmt.Tokens[0].Text)
		}
	}
	return found
}

// body lists what the body of a DO, or the definition of a function, writes. A
// body in another language than SQL and PL/pgSQL cannot be read.
func (r *writeReader) body(stmt sqltext.Statement) []walk.Write {
	for i, l := range stmt.Tokens {
		if l.Is("language") && i+1 < len(stmt.Tokens) && !slices.Contains([]string{"sql", "plpgsql"}, strings.ToLower(stmt.Tokens[i+1].Value())) {
			return nil
		}
	}
	text := ""
	for _, l := range stmt.Tokens {
		if l.Kind == sqltext.Literal && len(l.Text) > len(text) {
			text = l.Text
		}
	}
	tokens := stmt.Tokens // BEGIN ATOMIC, RETURN
	if i := slices.IndexFunc(stmt.Tokens, func(l sqltext.Token) bool { return l.Is("atomic") }); i < 0 || stmt.Begins("do") {
		tokens = nil
		for _, inner := range sqltext.Parse(dialect.Postgres, sqltext.Token{Kind: sqltext.Literal, Text: text}.Value()).Statements {
			tokens = append(append(tokens, inner.Tokens...), sqltext.Token{Kind: sqltext.Symbol, Text: ";", Line: inner.Line})
		}
	}
	return append(append(walk.WritesIn(tokens, true), r.executed(tokens)...), r.calls(tokens)...)
}

// executed lists what is written by EXECUTE '…' and EXECUTE format('…', …).
func (r *writeReader) executed(tokens []sqltext.Token) []walk.Write {
	var found []walk.Write
	for i, l := range tokens {
		rest := tokens[i+1:]
		if !l.Is("execute") || len(rest) == 0 {
			continue
		}
		if rest[0].Is("format") && len(rest) > 2 {
			rest = rest[2:]
		}
		if rest[0].Kind != sqltext.Literal {
			continue
		}
		for _, stmt := range sqltext.Parse(dialect.Postgres, strings.NewReplacer("%I", "x", "%s", "x", "%L", "x").Replace(rest[0].Value())).Statements {
			if _, verb := sqltext.Writing[stmt.Tokens[0].Text]; verb && !stmt.Begins("copy") {
				found = append(found, walk.Write{What: strings.ToUpper(stmt.Tokens[0].Text) + " in EXECUTE", Line: l.Line})
			}
		}
	}
	return found
}

// calls lists what the functions write that are called in tokens.
func (r *writeReader) calls(tokens []sqltext.Token) []walk.Write {
	var found []walk.Write
	for i, l := range tokens {
		name := strings.ToLower(l.Text)
		definition, known := r.bodies[name]
		if !l.IsName() || !known || r.seen[name] || i+1 >= len(tokens) || tokens[i+1].Text != "(" {
			continue
		}
		r.seen[name] = true
		for _, stmt := range sqltext.Parse(dialect.Postgres, definition).Statements {
			for _, w := range r.body(stmt) {
				found = append(found, walk.Write{Table: w.Table, What: w.What + " in " + name + "()", Line: l.Line})
			}
		}
		r.seen[name] = false
	}
	return found
}
