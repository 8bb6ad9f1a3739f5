package history

import (
	"errors"

	"github.com/handrail-db/handrail/internal/words"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/internal/sqltext"
)

// Admit is the engine in whose databases the subject's SQL can run. What the texts
// do not tell, a seed in Go, meets the engine's wall when it runs.
func (s Subject) Admit(e engine.Engine, h History) (engine.Engine, error) {
	files, ok := e.(engine.FileEngine)
	if !ok {
		return e, nil
	}
	found := findFileStatements("the prelude", sqltext.Parse(dialect.SQLite, s.Prelude))
	for _, r := range h.Revisions {
		for _, f := range append([]*File{r.Up, r.Down, r.Seed}, r.Asserts...) {
			if f == nil {
				continue
			}
			for _, stmt := range findFileStatements("", f.Script(dialect.SQLite)) {
				stmt.File, stmt.Line = s.Place(h.Dialect, f, stmt.Line)
				found = append(found, stmt)
			}
		}
	}
	return files.Admit(found, s.Attach)
}

func findFileStatements(file string, script sqltext.Script) []engine.FileStatement {
	var found []engine.FileStatement
	for _, st := range script.Statements {
		if s, ok := fileStatement(st); ok {
			s.File, s.Line, s.What = file, st.Line, words.OneLine(errors.New(st.SQL))
			found = append(found, s)
		}
	}
	return found
}

// fileStatement reads ATTACH [DATABASE] name AS …, VACUUM … INTO name and PRAGMA
// name = value.
func fileStatement(st sqltext.Statement) (engine.FileStatement, bool) {
	switch {
	case st.Begins("attach"):
		name := st.Tokens[1:]
		if len(name) > 1 && name[0].Is("database") && !name[1].Is("as") {
			name = name[1:]
		}
		for i, token := range name {
			if token.Is("as") {
				name = name[:i]
				break
			}
		}
		return namedBy(name), true
	case st.Begins("vacuum"):
		for i, token := range st.Tokens {
			if token.Is("into") {
				return namedBy(st.Tokens[i+1:]), true
			}
		}
	case st.Begins("pragma"):
		name := ""
		for _, token := range st.Tokens[1:] {
			if token.Text == "=" || token.Text == "(" {
				return engine.FileStatement{Name: name, Pragma: true}, true
			}
			name = token.Text
		}
	}
	return engine.FileStatement{}, false
}

// namedBy is a statement about the file that an expression names. SQLite takes a
// name without quotes, or in those of an identifier, for a literal too.
func namedBy(expression []sqltext.Token) engine.FileStatement {
	if len(expression) != 1 {
		return engine.FileStatement{}
	}
	if expression[0].IsName() {
		return engine.FileStatement{Name: expression[0].Text, Literal: true}
	}
	name, ok := sqltext.Unquote(expression[0].Text)
	return engine.FileStatement{Name: name, Literal: ok}
}
