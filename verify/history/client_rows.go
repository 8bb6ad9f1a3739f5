package history

import (
	"fmt"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/internal/sqltext"
)

// A ClientRows is the error of a file that wants rows from a client, which
// golang-migrate is not: it would wait for them for ever. Nothing of the file runs.
type ClientRows struct {
	Line int
	said string // how the statement begins
}

func (e ClientRows) Error() string {
	return e.said + ": the rows would have to come from a client, and golang-migrate would wait for them for ever"
}

// RowsFromClient is the error of a file that golang-migrate cannot run, nil where
// there is nothing against it. COPY TO STDOUT runs: what it sends is thrown away.
func RowsFromClient(d dialect.Dialect, f *File) error {
	if f == nil {
		return nil
	}
	return rowsFromClient(d, f.Script(d))
}

func rowsFromClient(d dialect.Dialect, script sqltext.Script) error {
	if d != dialect.Postgres {
		return nil
	}
	for _, stmt := range script.Statements {
		if stmt.Copies("from", "stdin") {
			what, name := "COPY", sqltext.NameAt(stmt.Tokens[1:])
			if name != "" {
				what += " " + name
			}
			return ClientRows{stmt.Line, what + " FROM STDIN"}
		}
	}
	return nil
}

// Placed is an error of rowsFromClient with its place.
func Placed(name string, err error) error {
	if rows, ok := err.(ClientRows); ok {
		return fmt.Errorf("%s: %w", finding.Place(name, rows.Line), err)
	}
	return err
}
