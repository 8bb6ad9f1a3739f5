package schema

import (
	"context"
	"database/sql"
	"fmt"
)

// headerPragmas are what the file itself says of the database, each with the
// value that it has when nobody says anything.
var HeaderPragmas = []struct{ Name, Normal string }{
	{"application_id", "0"},
	{"auto_vacuum", "0"},
	{"encoding", "UTF-8"},
	{"user_version", "0"},
}

// readHeader gives the database an object of its own where its header says
// something that is not so by default.
func readHeader(ctx context.Context, tx *sql.Tx) ([]Object, error) {
	o := Object{Kind: "database", Name: "main"}
	for _, p := range HeaderPragmas {
		var value string
		if err := tx.QueryRowContext(ctx, "PRAGMA "+p.Name).Scan(&value); err != nil {
			return nil, fmt.Errorf("pragma %s: %w", p.Name, err)
		}
		if value != p.Normal {
			o = o.With(p.Name, value)
		}
	}
	if len(o.Props) == 0 {
		return nil, nil
	}
	return []Object{o}, nil
}
