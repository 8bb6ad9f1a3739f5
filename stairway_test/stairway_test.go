// Package stairway_test climbs the event store's history on every engine.
package stairway_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail"
	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/fixtures/eventstore"
	"github.com/handrail-db/handrail/verify"
	"github.com/handrail-db/handrail/verify/schema"
)

// onEachEngine runs one body on every engine, in parallel.
func onEachEngine(t *testing.T, body func(t *testing.T, e verify.Engine)) {
	t.Helper()
	for _, e := range fixtures.All() {
		t.Run(e.Name(), func(t *testing.T) {
			t.Parallel()
			body(t, e)
		})
	}
}

// TestStairway goes up, down and up again at each revision and compares the
// whole catalogue after the down and after the second up.
func TestStairway(t *testing.T) {
	t.Parallel()
	handrail.Run(t, eventstore.Subject(t))
}

// TestEveryRevisionHasAWayDown: the walk climbs a revision without a down and
// says so; the event store's policy does not allow one.
func TestEveryRevisionHasAWayDown(t *testing.T) {
	t.Parallel()
	for _, d := range []verify.Dialect{verify.Postgres, verify.SQLite} {
		h, err := eventstore.Subject(t).History(d)
		require.NoError(t, err)
		for _, r := range h.Revisions {
			require.NotNil(t, r.Down, "%s revision %s must be reversible", d, r)
		}
	}
}

// TestRoundTrip goes from head to base and to head again on a database of its
// own. At base nothing may be left but golang-migrate's own table.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(t *testing.T, e verify.Engine) {
		ctx, subject := t.Context(), eventstore.Subject(t)
		db := handrail.Scratch(t, e)
		empty := inspect(t, db)

		head, err := subject.Head(e.Dialect())
		require.NoError(t, err)
		require.NoError(t, db.Migrate(ctx, subject, head))
		full := inspect(t, db)
		require.NotEmpty(t, schema.Diff(empty, full), "the ups must make something")

		require.NoError(t, db.Migrate(ctx, subject, 0))
		require.Empty(t, schema.Diff(empty, inspect(t, db)), "function, triggers, sequence and tables go with the downs")

		require.NoError(t, db.Migrate(ctx, subject, head))
		require.Empty(t, schema.Diff(full, inspect(t, db)), "the second climb must end where the first did")
		eventstore.Seed(t, db, eventstore.Sample()...)
	})
}

// inspect is the catalogue without golang-migrate's own table.
func inspect(t *testing.T, db *handrail.DB) schema.Snapshot {
	t.Helper()
	snap, err := schema.Inspect(t.Context(), db.DB, db.Engine.Dialect())
	require.NoError(t, err)
	return snap.Without(func(o schema.Object) bool {
		return o.Name == "schema_migrations" || o.Name == "public.schema_migrations"
	})
}
