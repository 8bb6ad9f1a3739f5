package schema

import (
	"context"
	"database/sql"
	"fmt"
)

// A Dialect is a family of engines that speak one SQL and keep one catalogue.
type Dialect string

// The dialects. The zero value is none of them.
const (
	Postgres Dialect = "postgres"
	SQLite   Dialect = "sqlite"
)

// inspectors holds how each dialect reads its catalogue.
var inspectors = map[Dialect]func(context.Context, *sql.DB) ([]Object, error){
	Postgres: inspectPostgres,
	SQLite:   inspectSQLite,
}

// Inspect reads the whole catalogue of the database behind db, less what the
// engine itself brings along. It changes nothing there and leaves the
// connection that it borrows as it was.
func Inspect(ctx context.Context, db *sql.DB, dialect Dialect) (Snapshot, error) {
	inspect, ok := inspectors[dialect]
	if !ok {
		return Snapshot{}, fmt.Errorf("inspect catalogue: unknown dialect %q", dialect)
	}
	objects, err := inspect(ctx, db)
	if err != nil {
		return Snapshot{}, fmt.Errorf("inspect %s catalogue: %w", dialect, err)
	}
	return newSnapshot(objects), nil
}
