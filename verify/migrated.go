package verify

import (
	"context"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/history"
	"github.com/handrail-db/handrail/verify/internal/walk"
	"github.com/handrail-db/handrail/verify/schema"
)

// Migrated makes a database that stands at a version of the subject's history,
// Base where none is applied. The first call for a history climbs it; later ones, in this
// process and, on Postgres, in any other, take a clone in milliseconds. A history
// that makes roles climbs each time, on a server of its own or, on a server by
// URL, while no other such database is open. The caller closes the database.
func Migrated(ctx context.Context, e engine.Engine, s history.Subject, version int64) (engine.Database, error) {
	return walk.Migrated(ctx, e, s, version)
}

// SchemaAt is the catalogue that the subject's history makes up to a version, or
// at Base, without the migration tool's own tables.
func SchemaAt(ctx context.Context, e engine.Engine, s history.Subject, version int64) (schema.Snapshot, error) {
	return walk.SchemaAt(ctx, e, s, version)
}

// Migrate moves a database to a version of the subject's history, up or down; Base is
// one. It is no error to be there already.
func Migrate(ctx context.Context, db engine.Database, d dialect.Dialect, s history.Subject, version int64) error {
	return walk.Migrate(ctx, db, d, s, version)
}
