package verify

import (
	"fmt"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/internal/sqltext"
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
	for _, stmt := range sqltext.Parse(d, f.SQL).Statements {
		if stmt.Copies("from", "stdin") {
			what, name := "COPY", sqltext.NameAt(stmt.Tokens[1:])
			if name != "" {
				what += " " + name
			}
			return clientRows{stmt.Line, what + " FROM STDIN"}
		}
	}
	return nil
}

// placed is an error of rowsFromClient with its place.
func placed(name string, err error) error {
	if rows, ok := err.(clientRows); ok {
		return fmt.Errorf("%s: %w", finding.Place(name, rows.line), err)
	}
	return err
}
