package verify

import (
	"errors"
	"fmt"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/internal/sqltext"
)

// A FileEngine is an [Engine] whose databases are files of this machine, or may
// reach some: SQLite. No SQL that runs there reaches a file that is not the
// database's own.
type FileEngine interface {
	Engine

	// Admit finds the engine in whose databases SQL with these statements can
	// run, or is an error that names the first which cannot. With attach, files
	// that are named without a path are attached, in a folder of the database's
	// own.
	Admit(statements []FileStatement, attach bool) (Engine, error)
}

// A FileStatement is one of SQLite that may reach out of its database: ATTACH,
// VACUUM INTO, or a PRAGMA with a value.
type FileStatement struct {
	File    string // as findings show it; "the prelude" for a subject's prelude
	Line    int
	What    string // it does, in one line
	Name    string // of the file, or of the pragma
	Literal bool   // the name of the file stands there; else it is put together at run time
	Pragma  bool
}

// String is the statement with its place.
func (s FileStatement) String() string { return finding.Place(s.File, s.Line) + ": " + s.What }

// admit is the engine in whose databases the subject's SQL can run. What the texts
// do not tell, a seed in Go, meets the engine's wall when it runs.
func (s Subject) admit(e Engine, h History) (Engine, error) {
	files, ok := e.(FileEngine)
	if !ok {
		return e, nil
	}
	found := findFileStatements("the prelude", s.Prelude)
	for _, r := range h.Revisions {
		for _, f := range append([]*File{r.Up, r.Down, r.Seed}, r.Asserts...) {
			if f == nil {
				continue
			}
			for _, stmt := range findFileStatements("", f.SQL) {
				stmt.File, stmt.Line = s.at(h.Dialect, f, stmt.Line)
				found = append(found, stmt)
			}
		}
	}
	return files.Admit(found, s.Attach)
}

func findFileStatements(file, sql string) []FileStatement {
	var found []FileStatement
	for _, st := range sqltext.Parse(dialect.SQLite, sql).Statements {
		if s, ok := fileStatement(st); ok {
			s.File, s.Line, s.What = file, st.Line, oneLine(errors.New(st.SQL))
			found = append(found, s)
		}
	}
	return found
}

// fileStatement reads ATTACH [DATABASE] name AS …, VACUUM … INTO name and PRAGMA
// name = value.
func fileStatement(st sqltext.Statement) (FileStatement, bool) {
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
				return FileStatement{Name: name, Pragma: true}, true
			}
			name = token.Text
		}
	}
	return FileStatement{}, false
}

// namedBy is a statement about the file that an expression names. SQLite takes a
// name without quotes, or in those of an identifier, for a literal too.
func namedBy(expression []sqltext.Token) FileStatement {
	if len(expression) != 1 {
		return FileStatement{}
	}
	if expression[0].IsName() {
		return FileStatement{Name: expression[0].Text, Literal: true}
	}
	name, ok := sqltext.Unquote(expression[0].Text)
	return FileStatement{Name: name, Literal: ok}
}

// behindWall gives the refusal of an engine's wall the words that SQLite has not.
func behindWall(err error) error {
	if !refusedByWall(err) {
		return err
	}
	return fmt.Errorf("%w: a statement would reach out of the scratch database (ATTACH, VACUUM INTO, a PRAGMA that names a folder), and a check reaches no file outside", err)
}

// refusedByWall reports whether SQLite was not authorized to run a statement.
func refusedByWall(err error) bool {
	var code interface{ Code() int }
	return errors.As(err, &code) && code.Code() == 23
}
