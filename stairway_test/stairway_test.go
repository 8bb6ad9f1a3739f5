// Package stairway_test climbs the event store's history on every engine.
package stairway_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail"
	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/fixtures/eventstore"
	"github.com/handrail-db/handrail/verify"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/schema"
)

// onEachEngine runs one body on every engine, in parallel.
func onEachEngine(t *testing.T, body func(t *testing.T, e engine.Engine)) {
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
	for _, d := range dialect.All() {
		h, err := eventstore.Subject(t).History(d)
		require.NoError(t, err)
		for _, r := range h.Revisions {
			require.NotNil(t, r.Down, "%s revision %s must be reversible", d, r)
		}
	}
}

// TestRoundTripAlone: the check by itself makes the round trip, whatever else the
// history promises and whatever rows its seeds would write.
func TestRoundTripAlone(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(t *testing.T, e engine.Engine) {
		handrail.Scratch(t, e) // skips or fails where the engine is not to be had
		run, err := verify.CheckRoundTrip(t.Context(), e, eventstore.Subject(t))
		require.NoError(t, err)
		require.Empty(t, run.All())
		var promises []string
		for _, item := range run.Checklist {
			if item.Revision == "" {
				promises = append(promises, string(item.Status)+": "+item.Promise)
			}
		}
		require.Equal(t, []string{"pass: head to base to head leaves nothing behind and nothing out"}, promises)
	})
}

// TestRoundTrip goes from head to base and to head again on a database of its
// own. At base nothing may be left but golang-migrate's own table.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(t *testing.T, e engine.Engine) {
		ctx, subject := t.Context(), eventstore.Subject(t)
		db := handrail.Scratch(t, e)
		empty := inspect(t, db)

		head, err := subject.Head(e.Dialect())
		require.NoError(t, err)
		require.NoError(t, db.Migrate(ctx, subject, head))
		full := inspect(t, db)
		require.NotEmpty(t, schema.Diff(empty, full), "the ups must make something")

		require.NoError(t, db.Migrate(ctx, subject, handrail.Base))
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

// TestLostRows spoils one file of the history so that a row or a value of its
// seeds is lost, and wants the walk to say which.
func TestLostRows(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, file, spoil, want string }{
		{
			"one value by a down", "0002_append_only.down.sql", "UPDATE event_store SET metadata = NULL WHERE stream_id = 'order-1';",
			"error rows-changed 0002_append_only: down changes metadata in 1 of 3 rows of event_store",
		},
		{
			"one digit by a down", "0002_append_only.down.sql", `UPDATE event_store SET payload = '{"big": 12345678901234567891, "none": null}' WHERE stream_id = 'cart-9';`,
			"error rows-changed 0002_append_only: down changes payload in 1 of 3 rows of event_store",
		},
		{
			"one event by a down", "0002_append_only.down.sql", "DELETE FROM event_store WHERE stream_id = 'cart-9';",
			"error rows-lost 0002_append_only: down loses 1 of 3 rows of event_store",
		},
		{
			"one value by an up", "0002_append_only.up.sql", "UPDATE event_store SET version = 7 WHERE version = 2;",
			"error rows-changed 0002_append_only: up changes version in 1 of 3 rows of event_store",
		},
		{
			"an entry by hand", "0004_stream_index_fill.down.sql", "DELETE FROM stream_index;",
			"error rows-lost 0004_stream_index_fill: down loses 1 row of stream_index",
		},
		{"near miss: nothing", "0002_append_only.down.sql", "UPDATE event_store SET metadata = metadata;", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			onEachEngine(t, func(t *testing.T, e engine.Engine) {
				if testing.Short() && e.Dialect() == dialect.Postgres {
					t.Skip("walks the event store once for each loss; on Postgres not in a short run")
				}
				subject := eventstore.Subject(t)
				subject.AppendOnly = nil // TestStairway attacks it
				folder := fstest.MapFS{}
				names, err := fs.Glob(subject.FS(e.Dialect()), "*.sql")
				require.NoError(t, err)
				for _, name := range names {
					text, err := fs.ReadFile(subject.FS(e.Dialect()), name)
					require.NoError(t, err)
					folder[name] = &fstest.MapFile{Data: text}
				}
				spoilt := &folder[c.file].Data
				if strings.Contains(c.file, ".up.") { // before the guards
					*spoilt = append([]byte(c.spoil+"\n"), *spoilt...)
				} else {
					*spoilt = append(append(*spoilt, '\n'), c.spoil...)
				}
				if e.Dialect() == dialect.Postgres {
					subject.Postgres = folder
				} else {
					subject.SQLite = folder
				}
				run, err := verify.Stairway(t.Context(), e, subject)
				require.NoError(t, err) // also where the engine is required and not there
				if run.NotRun != "" {
					t.Skip(run.NotRun)
				}
				var said []string
				for _, f := range run.All() {
					if f.Rule == finding.Mixed { // which is not about what is lost
						continue
					}
					said = append(said, fmt.Sprintf("%s %s %s", f.Severity, f.Rule, strings.ReplaceAll(f.Message, "public.", "")))
				}
				require.Equal(t, c.want, strings.Join(said, "\n"))
			})
		})
	}
}
