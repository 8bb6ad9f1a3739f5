package stairway_test

import (
	"io/fs"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail"
	"github.com/handrail-db/handrail/fixtures/eventstore"
	"github.com/handrail-db/handrail/verify/engine"
)

// The data revision and the one before it.
const (
	beforeFill = 3
	fill       = 4
)

// An entry is one row of stream_index.
type entry struct {
	Kind, Key, StreamID string
	Version             int
}

// TestFillStreamIndex takes the data revision through its whole life: rows
// before, up, check, down, check, up, check, and its SQL once more.
func TestFillStreamIndex(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(t *testing.T, e engine.Engine) {
		ctx, subject := t.Context(), eventstore.Subject(t)
		db := handrail.OpenAt(t, subject, e, beforeFill)
		events := eventstore.Sample()
		eventstore.Seed(t, db, events...)
		byHand := []entry{
			{"Manual", "written by hand", "00000000000000000000MANUAL", 7},
			{"Order", "an order without events", "0000000000000000000MANUAL2", 0},
		}
		for _, row := range byHand {
			insertEntry(t, db, row)
		}
		require.ElementsMatch(t, byHand, entries(t, db), "before: only what was written by hand")

		filled := append([]entry{
			{"Order", "order-1", first(events, "order-1").EventID, 3},
			{"User", "user-1", first(events, "user-1").EventID, 2},
		}, byHand...)
		require.NoError(t, db.Migrate(ctx, subject, fill))
		require.ElementsMatch(t, filled, entries(t, db), "up: one row for each stream, with its first event and its highest version")

		require.NoError(t, db.Migrate(ctx, subject, beforeFill))
		require.ElementsMatch(t, byHand, entries(t, db), "down: exactly the rows of streams go, those written by hand survive")

		require.NoError(t, db.Migrate(ctx, subject, fill))
		require.ElementsMatch(t, filled, entries(t, db), "up again: the same rows")

		runFill(t, db)
		require.ElementsMatch(t, filled, entries(t, db), "run twice: no change")
		require.Equal(t, eventIDs(events), storedIDs(t, db), "the events themselves are never touched")
	})
}

// TestFillRaisesVersions: a row that is behind its stream is raised, one that is
// ahead stays.
func TestFillRaisesVersions(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, reason  string
		stored, after int
	}{
		{"behind", "ON CONFLICT raises a version that is lower", 1, 3},
		{"equal", "nothing to do", 3, 3},
		{"ahead", "only lower versions are raised: an index is never set back", 9, 9},
	}
	onEachEngine(t, func(t *testing.T, e engine.Engine) {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				db := handrail.OpenAt(t, eventstore.Subject(t), e, beforeFill)
				events := eventstore.Sample()
				eventstore.Seed(t, db, events...)
				row := entry{"Order", "order-1", first(events, "order-1").EventID, c.stored}
				insertEntry(t, db, row)
				runFill(t, db)
				row.Version = c.after
				require.Contains(t, entries(t, db), row, c.reason)
			})
		}
	})
}

// TestFillWithoutEvents: on an empty event store the revision does nothing.
func TestFillWithoutEvents(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(t *testing.T, e engine.Engine) {
		db := handrail.Open(t, eventstore.Subject(t), e)
		runFill(t, db)
		require.Empty(t, entries(t, db))
	})
}

// TestFillKeepsStreamTypeOfFirstEvent: the kind is that of the first event even
// where a later one has another type, and versions need not be appended in order.
func TestFillKeepsStreamTypeOfFirstEvent(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(t *testing.T, e engine.Engine) {
		db := handrail.OpenAt(t, eventstore.Subject(t), e, beforeFill)
		at := func(version int, kind string) eventstore.Event {
			return eventstore.MakeEvent(func(e *eventstore.Event) { e.StreamID, e.Version, e.StreamType = "s", version, kind })
		}
		events := []eventstore.Event{at(2, "Later"), at(1, "First"), at(5, "Last")}
		eventstore.Seed(t, db, events...)
		require.NoError(t, db.Migrate(t.Context(), eventstore.Subject(t), fill))
		require.Equal(t, []entry{{"First", "s", events[1].EventID, 5}}, entries(t, db))
	})
}

func first(events []eventstore.Event, stream string) eventstore.Event {
	for _, e := range events {
		if e.StreamID == stream && e.Version == 1 {
			return e
		}
	}
	return eventstore.Event{}
}

func insertEntry(t *testing.T, db *handrail.DB, row entry) {
	t.Helper()
	_, err := db.ExecContext(t.Context(), "INSERT INTO stream_index (kind, key, stream_id, version) VALUES ($1, $2, $3, $4)",
		row.Kind, row.Key, row.StreamID, row.Version)
	require.NoError(t, err)
}

func entries(t *testing.T, db *handrail.DB) []entry {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "SELECT kind, key, stream_id, version FROM stream_index")
	require.NoError(t, err)
	defer rows.Close() //nolint:errcheck // rows.Err tells
	var all []entry
	for rows.Next() {
		var row entry
		require.NoError(t, rows.Scan(&row.Kind, &row.Key, &row.StreamID, &row.Version))
		all = append(all, row)
	}
	require.NoError(t, rows.Err())
	return all
}

// runFill runs the SQL of the data revision as it stands, beside golang-migrate.
func runFill(t *testing.T, db *handrail.DB) {
	t.Helper()
	d := db.Engine.Dialect()
	sql, err := fs.ReadFile(eventstore.Subject(t).FS(d), "0004_stream_index_fill.up.sql")
	require.NoError(t, err)
	_, err = db.ExecContext(t.Context(), string(sql))
	require.NoError(t, err)
}

func eventIDs(events []eventstore.Event) []string {
	var ids []string
	for _, e := range events {
		ids = append(ids, e.EventID)
	}
	return ids
}

func storedIDs(t *testing.T, db *handrail.DB) []string {
	t.Helper()
	stored, err := eventstore.Read(t.Context(), db.DB)
	require.NoError(t, err)
	return eventIDs(stored)
}
