package verify

import (
	"fmt"

	"github.com/handrail-db/handrail/verify/dialect"
)

// A clientRows is the error of a file that wants rows from a client, which
// golang-migrate is not: it would wait for them for ever. Nothing of the file runs.
type clientRows struct {
	line int
	said string // how the statement begins
}

func (e clientRows) Error() string {
	return e.said + ": the rows would have to come from a client, and golang-migrate would wait for them for ever"
}

// rowsFromClient is the error of a file that golang-migrate cannot run, nil where
// there is nothing against it. COPY TO STDOUT runs: what it sends is thrown away.
func rowsFromClient(d dialect.Dialect, f *File) error {
	if f == nil || d != dialect.Postgres {
		return nil
	}
	for _, stmt := range parseScript(d, f.SQL).statements {
		if stmt.copies("from", "stdin") {
			what, name := "COPY", nameAt(stmt.tokens[1:])
			if name != "" {
				what += " " + name
			}
			return clientRows{stmt.line, what + " FROM STDIN"}
		}
	}
	return nil
}

// copies reports whether a statement is a COPY from or to a client, as
// COPY t (a, b) FROM STDIN is, and COPY (SELECT stdin FROM t) TO '/file' is not.
func (s statement) copies(way, end string) bool {
	if !s.begins("copy") {
		return false
	}
	depth := 0
	for i, token := range s.tokens[:len(s.tokens)-1] {
		switch {
		case token.kind == symbolLexeme && token.text == "(":
			depth++
		case token.kind == symbolLexeme && token.text == ")":
			depth--
		case depth == 0 && i > 0 && token.is(way) && s.tokens[i+1].is(end):
			return true
		}
	}
	return false
}

// placed is an error of rowsFromClient with its place.
func placed(name string, err error) error {
	if rows, ok := err.(clientRows); ok {
		return fmt.Errorf("%s: %w", place(name, rows.line), err)
	}
	return err
}
