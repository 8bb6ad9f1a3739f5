package schema

import (
	"context"
	"database/sql"
)

type sqliteReader struct{}

func (sqliteReader) read(ctx context.Context, db *sql.DB, all bool, stale func(owner)) (fresh []part, everything bool, err error) {
	objects, err := inspectSQLite(ctx, db)
	for _, o := range objects {
		fresh = append(fresh, part{Object: o})
	}
	return fresh, true, err
}
