// Package appendonly_test shows that nobody can change or remove an event of
// event_store: the attack table, over every engine.
package appendonly_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail"
	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/fixtures/eventstore"
	"github.com/handrail-db/handrail/verify/attack"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/schema"
)

// target is the table under attack: event n is another one in every column.
var target = attack.Table{
	Name: "event_store",
	Row: func(ctx context.Context, db *sql.DB, n int) error {
		return event(n).Insert(ctx, db)
	},
}

func event(n int) eventstore.Event {
	return eventstore.MakeEvent(func(e *eventstore.Event) {
		e.StreamID, e.StreamType, e.Version = fmt.Sprintf("stream-%d", n), fmt.Sprintf("Aggregate%d", n), n
		e.EventID, e.EventType = fmt.Sprintf("%026d", n), fmt.Sprintf("Event%d", n)
		e.RecordedAt = sql.Null[eventstore.UTC]{V: eventstore.AsUTC(time.Date(2024, 2, 29, 23, 59, n, 123456000, time.UTC)), Valid: true}
		e.Payload, e.Metadata = eventstore.JSON(fmt.Sprintf(`{"n": %d}`, n)), eventstore.JSON(fmt.Sprintf(`{"source": "test %d"}`, n))
	})
}

// filled is a database of the test's own with the first n events in it.
func filled(t *testing.T, e engine.Engine, n int) *handrail.DB {
	t.Helper()
	db := handrail.Open(t, eventstore.Subject(t), e)
	require.NoError(t, target.Fill(t.Context(), db.DB, n))
	return db
}

// one and many are how many events there are to attack.
const one, many = 1, 5

// onEach runs a test on every engine, with one event and with many.
func onEach(t *testing.T, test func(t *testing.T, e engine.Engine, n int)) {
	t.Parallel()
	for _, e := range fixtures.All() {
		for _, n := range []int{one, many} {
			t.Run(fmt.Sprintf("%s/rows=%d", e.Name(), n), func(t *testing.T) {
				t.Parallel()
				test(t, e, n)
			})
		}
	}
}

// TestUpdateAndDelete is the promise in short.
func TestUpdateAndDelete(t *testing.T) {
	refusals := map[dialect.Dialect]map[string]answer{
		dialect.Postgres: {"UPDATE": noUpdate, "DELETE": noDelete},
		dialect.SQLite:   {"UPDATE": sqliteNoUpdate, "DELETE": sqliteNoUpdate},
	}
	statements := []struct{ operation, name, sql string }{
		{"UPDATE", "UPDATE of one event", "UPDATE event_store SET event_type = 'Forged' WHERE global_seq = 1"},
		{"UPDATE", "UPDATE of every event", "UPDATE event_store SET event_type = 'Forged'"},
		{"DELETE", "DELETE of one event", "DELETE FROM event_store WHERE global_seq = 1"},
		{"DELETE", "DELETE of every event", "DELETE FROM event_store"},
	}
	onEach(t, func(t *testing.T, e engine.Engine, n int) {
		db := filled(t, e, n)
		before := events(t, db)
		require.Len(t, before, n)
		for _, s := range statements {
			_, err := db.ExecContext(t.Context(), s.sql)
			require.Equal(t, refusals[e.Dialect()][s.operation], answerOf(err), s.name)
			require.Equal(t, before, events(t, db), "%s: every event is as it was", s.name)
		}
		require.NoError(t, target.Row(t.Context(), db.DB, n+1), "events can still be appended")
		require.Len(t, events(t, db), n+1)
	})
}

// TestDuplicates shows that the guard leaves ordinary duplicates to the
// constraints, each with the engine's own error.
func TestDuplicates(t *testing.T) {
	duplicates := []struct {
		name             string
		change           func(*eventstore.Event)
		postgres, sqlite answer
	}{
		{
			"an event_id, with another stream and version, so that no other key can fire", func(e *eventstore.Event) { e.EventID = event(1).EventID },
			answer{"23505", `duplicate key value violates unique constraint "uq_event_store_event_id"`},
			answer{"2067", "constraint failed: UNIQUE constraint failed: event_store.event_id (2067)"},
		},
		{
			"a version of a stream", func(e *eventstore.Event) { e.StreamID, e.Version = event(1).StreamID, event(1).Version },
			answer{"23505", `duplicate key value violates unique constraint "uq_event_store_stream_id_version"`},
			answer{"2067", "constraint failed: UNIQUE constraint failed: event_store.stream_id, event_store.version (2067)"},
		},
		{
			"a number", func(e *eventstore.Event) { e.GlobalSeq = 1 },
			answer{"23505", `duplicate key value violates unique constraint "pk_event_store"`},
			answer{"1555", "constraint failed: UNIQUE constraint failed: event_store.global_seq (1555)"},
		},
	}
	onEach(t, func(t *testing.T, e engine.Engine, n int) {
		db := filled(t, e, n)
		before := events(t, db)
		for _, d := range duplicates {
			second := event(n + 1)
			d.change(&second)
			want := d.postgres
			if e.Dialect() == dialect.SQLite {
				want = d.sqlite
			}
			require.Equal(t, want, answerOf(second.Insert(t.Context(), db)), d.name)
			require.Equal(t, before, events(t, db), d.name)
		}
	})
}

// TestAttacks makes every attack that verify knows, each on a database of its
// own, and compares the answer with the one in the table, word for word.
func TestAttacks(t *testing.T) {
	tables := map[dialect.Dialect]func(rows int) map[string]answer{dialect.Postgres: postgresAnswers, dialect.SQLite: sqliteAnswers}
	onEach(t, func(t *testing.T, e engine.Engine, n int) {
		attacks, err := target.Scout(t.Context(), handrail.Open(t, eventstore.Subject(t), e).DB, e.Dialect(), n)
		require.NoError(t, err)
		want := tables[e.Dialect()](n)
		var names, known []string
		for _, a := range attacks {
			names = append(names, a.String())
		}
		for name := range want {
			known = append(known, name)
		}
		require.ElementsMatch(t, known, names, "the table of answers has exactly the attacks that there are")
		for _, a := range attacks {
			t.Run(a.String(), func(t *testing.T) {
				t.Parallel()
				withstand(t, e, n, a, want[a.String()])
			})
		}
	})
}

// withstand makes one attack and checks the answer and every event.
func withstand(t *testing.T, e engine.Engine, n int, a attack.Attack, want answer) {
	db := filled(t, e, n)
	before := events(t, db)
	result, err := a.Run(t.Context(), db.DB)
	require.NoError(t, err)
	if result.NotRun != "" {
		require.False(t, superuser(t, db), "not run: %s", result.NotRun)
		t.Skipf("not run: %s", result.NotRun)
	}
	require.Equal(t, want, answerOf(result.Err), "%s\n%s", a.Reason, a.SQL)
	require.Equal(t, n, result.Before)
	if a.Want == attack.Possible {
		require.NotEmpty(t, result.Lost, "accepted, since it is possible: %s\n%s", a.Reason, a.SQL)
		return
	}
	require.Empty(t, result.Lost, "every row is as it was: %s\n%s", a.Reason, a.SQL)
	after := events(t, db)
	require.Equal(t, before, after[:n], "every event is as it was, value for value: %s\n%s", a.Reason, a.SQL)
	require.Len(t, after, n+len(result.New))
	_, wrong := a.Finding(result)
	require.False(t, wrong, "verify agrees")
	for _, text := range a.Undo {
		_, err := db.ExecContext(t.Context(), text)
		require.NoError(t, err, text)
	}
	if len(a.Prepare) == 0 || a.Undo != nil { // else what was prepared may be in the way
		if a.Undo != nil {
			snap, err := schema.Inspect(t.Context(), db.DB, e.Dialect())
			require.NoError(t, err)
			for _, o := range snap.Objects {
				require.NotContains(t, o.String(), "handrail_", "what was prepared is undone")
			}
		}
		next := event(n + 10)
		next.GlobalSeq = int64(n + 10) // the attack may have taken the next number
		require.NoError(t, next.Insert(t.Context(), db), "events can still be appended")
	}
}

// An answer is what the database says: a code and its words. The zero value is
// that it says nothing against it.
type answer struct{ code, message string }

func answerOf(err error) answer {
	var postgres *pgconn.PgError
	var sqlite interface{ Code() int }
	switch {
	case err == nil:
		return answer{}
	case errors.As(err, &postgres):
		return answer{postgres.Code, postgres.Message}
	case errors.As(err, &sqlite):
		return answer{fmt.Sprint(sqlite.Code()), err.Error()}
	}
	return answer{"no code", err.Error()}
}

func events(t *testing.T, db *handrail.DB) []eventstore.Event {
	t.Helper()
	all, err := eventstore.Read(t.Context(), db.DB)
	require.NoError(t, err)
	return all
}

// superuser reports whether the engine's role may do everything, and so play
// every part: SQLite has no roles, and a server by URL may have given us
// another.
func superuser(t *testing.T, db *handrail.DB) bool {
	t.Helper()
	if db.Engine.Dialect() != dialect.Postgres {
		return true
	}
	var super bool
	require.NoError(t, db.QueryRowContext(t.Context(), "SELECT rolsuper FROM pg_roles WHERE rolname = current_user").Scan(&super))
	return super
}
