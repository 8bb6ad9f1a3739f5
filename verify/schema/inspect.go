package schema

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/handrail-db/handrail/verify/dialect"
)

// inspectors holds how each dialect reads its catalogue.
var inspectors = map[dialect.Dialect]func(context.Context, *sql.DB) ([]Object, error){
	dialect.Postgres: inspectPostgres,
	dialect.SQLite:   inspectSQLite,
}

// Inspect reads the whole catalogue of the database behind db, less what the
// engine itself brings along. It changes nothing there and leaves the
// connection that it borrows as it was.
func Inspect(ctx context.Context, db *sql.DB, dialect dialect.Dialect) (Snapshot, error) {
	inspect, ok := inspectors[dialect]
	if !ok {
		return Snapshot{}, fmt.Errorf("inspect catalogue: unknown dialect %q", dialect)
	}
	objects, err := inspect(ctx, db)
	if err != nil {
		return Snapshot{}, fmt.Errorf("inspect %s catalogue: %w", dialect, err)
	}
	return NewSnapshot(objects), nil
}
