package schema_test

import (
	"database/sql"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail"
	"github.com/handrail-db/handrail/fixtures/eventstore"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/schema"
)

// sessionElsewhere are the statements by which a session lives in a zone nine
// hours before UTC. SQLite has no sessions and no zones.
var sessionElsewhere = map[dialect.Dialect][]string{dialect.Postgres: {"SET TimeZone = 'Asia/Tokyo'"}}

// elsewhere is a connection whose session is not in UTC: there a column that
// keeps no zone shows.
func elsewhere(t *testing.T, db *handrail.DB) *sql.Conn {
	t.Helper()
	conn, err := db.Conn(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, conn.Close()) })
	for _, statement := range sessionElsewhere[db.Engine.Dialect()] {
		run(t, conn, statement)
	}
	return conn
}

func TestRecordedAtIsNowInUTC(t *testing.T) {
	onEachEngine(t, func(t *testing.T, db *handrail.DB) {
		eventstore.Seed(t, elsewhere(t, db), eventstore.MakeEvent())
		got := read(t, db)[0].RecordedAt.V
		require.Equal(t, time.UTC, got.Location())
		require.WithinDuration(t, time.Now(), got.Time, time.Minute, "the server's clock, whatever zone the session is in")

		var text string
		require.NoError(t, db.QueryRowContext(t.Context(), "SELECT CAST(recorded_at AS text) FROM event_store").Scan(&text))
		require.Regexp(t, `(Z|[+-]\d\d(:?\d\d)?)$`, text, "the time says in which zone it is")
	})
}

func TestTimesAreNormalisedToUTC(t *testing.T) {
	cases := []struct{ name, reason, text, want string }{
		{"naive", "without a zone it is UTC", "2026-01-02T03:04:05", "2026-01-02T03:04:05.000000Z"},
		{"UTC", "nothing to do", "2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000000Z"},
		{"to the east", "earlier in UTC, here on the day before", "2026-01-02T03:04:05+05:30", "2026-01-01T21:34:05.000000Z"},
		{"to the west", "later in UTC, here in the next year", "2025-12-31 20:00:00-08:00", "2026-01-01T04:00:00.000000Z"},
		{"microseconds", "all six digits are kept", "2026-01-02T03:04:05.000001Z", "2026-01-02T03:04:05.000001Z"},
		{"the hour that summer time skips", "UTC has no such hour", "2026-03-29T02:30:00", "2026-03-29T02:30:00.000000Z"},
		{"leap day", "the calendar's own exception", "2024-02-29T23:59:59.999999Z", "2024-02-29T23:59:59.999999Z"},
		{"first year", "the range ends here", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000Z"},
		{"last year", "and here", "9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"},
	}
	onEachEngine(t, func(t *testing.T, db *handrail.DB) {
		conn := elsewhere(t, db)
		for i, c := range cases {
			at, err := eventstore.ParseUTC(c.text)
			require.NoError(t, err, c.name)
			eventstore.Seed(t, conn, eventstore.MakeEvent(func(e *eventstore.Event) {
				e.Version, e.RecordedAt = i+1, sql.Null[eventstore.UTC]{V: at, Valid: true}
			}))
		}
		for i, e := range read(t, db) {
			text, err := e.RecordedAt.V.Value()
			require.NoError(t, err)
			require.Equal(t, cases[i].want, text, "%s: %s", cases[i].name, cases[i].reason)
		}
	})
}

// TestTimesSort: where a time is text, the text sorts by time.
func TestTimesSort(t *testing.T) {
	texts := []string{
		"2026-01-02T03:04:05Z", "2026-01-02T02:04:05-02:00", "2026-01-02T03:04:05.1Z", "2026-01-02T03:04:05.09Z", "0099-01-01T00:00:00Z", "2026-01-02T04:04:05+02:00",
	}
	onEachEngine(t, func(t *testing.T, db *handrail.DB) {
		var want []eventstore.UTC
		for i, text := range texts {
			at, err := eventstore.ParseUTC(text)
			require.NoError(t, err)
			want = append(want, at)
			eventstore.Seed(t, db, eventstore.MakeEvent(func(e *eventstore.Event) {
				e.Version, e.RecordedAt = i+1, sql.Null[eventstore.UTC]{V: at, Valid: true}
			}))
		}
		slices.SortFunc(want, func(a, b eventstore.UTC) int { return a.Compare(b.Time) })
		require.Equal(t, want, times(t, db, "SELECT recorded_at FROM event_store ORDER BY recorded_at"))
		require.Equal(t, want[4:], times(t, db, "SELECT recorded_at FROM event_store WHERE recorded_at > $1 ORDER BY recorded_at", want[3]), "compared with a value, too")
	})
}

func times(t *testing.T, db *handrail.DB, query string, args ...any) (all []eventstore.UTC) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query, args...)
	require.NoError(t, err)
	defer rows.Close() //nolint:errcheck // rows.Err tells
	for rows.Next() {
		var u eventstore.UTC
		require.NoError(t, rows.Scan(&u))
		all = append(all, u)
	}
	require.NoError(t, rows.Err())
	return all
}

// TestNullTime writes and reads NULL in a column of recorded_at's own type that
// allows it.
func TestNullTime(t *testing.T) {
	onEachEngine(t, func(t *testing.T, db *handrail.DB) {
		s := catalogue(t, db)
		table, _ := s.Table("event_store")
		i := slices.IndexFunc(s.Of(table.Name, "column"), func(o schema.Object) bool { return o.Name == "recorded_at" })
		run(t, db, "CREATE TABLE times (id INTEGER PRIMARY KEY, at "+s.Of(table.Name, "column")[i].Prop("type")+")")

		at, err := eventstore.ParseUTC("2026-01-02T03:04:05.678901Z")
		require.NoError(t, err)
		written := []sql.Null[eventstore.UTC]{{}, {V: at, Valid: true}, {}}
		for id, value := range written {
			run(t, db, "INSERT INTO times VALUES ($1, $2)", id, value)
		}
		for id, want := range written {
			var got sql.Null[eventstore.UTC]
			require.NoError(t, db.QueryRowContext(t.Context(), "SELECT at FROM times WHERE id = $1", id).Scan(&got))
			require.Equal(t, want, got)
		}
		require.Equal(t, 2, count(t, db, "SELECT count(*) FROM times WHERE at IS NULL"))
		require.Equal(t, 1, count(t, db, "SELECT count(*) FROM times WHERE at IS NOT NULL"))
		require.Equal(t, 1, count(t, db, "SELECT count(*) FROM times WHERE at = $1", at), "found by its value")
	})
}
