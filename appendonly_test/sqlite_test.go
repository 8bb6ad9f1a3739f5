package appendonly_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/fixtures/eventstore"
	"github.com/handrail-db/handrail/verify/dialect"
)

// What SQLite says.
var (
	passes          = answer{}
	sqliteNoUpdate  = answer{"1811", "constraint failed: event_store is append-only; UPDATE/DELETE not allowed (1811)"}
	sqliteNoReplace = answer{"1811", "constraint failed: event_store is append-only; REPLACE not allowed (1811)"}
	takenNumber     = answer{"1555", "constraint failed: UNIQUE constraint failed: event_store.global_seq (1555)"}
	takenEventID    = answer{"2067", "constraint failed: UNIQUE constraint failed: event_store.event_id (2067)"}
	takenVersion    = answer{"2067", "constraint failed: UNIQUE constraint failed: event_store.stream_id, event_store.version (2067)"}
)

// sqliteAttacks is the attack table: what SQLite says while recursive_triggers
// is off, the default, and while it is on. On, REPLACE fires the delete trigger
// of the event that it deletes, which says so in its own words. An explicit OR
// ABORT, FAIL or ROLLBACK names global_seq, whichever key collides: accepted.
var sqliteAttacks = []struct {
	attack  string
	off, on answer
}{
	{"UPDATE of event_id", sqliteNoUpdate, sqliteNoUpdate},
	{"UPDATE of event_type", sqliteNoUpdate, sqliteNoUpdate},
	{"UPDATE of global_seq", sqliteNoUpdate, sqliteNoUpdate},
	{"UPDATE of metadata", sqliteNoUpdate, sqliteNoUpdate},
	{"UPDATE of payload", sqliteNoUpdate, sqliteNoUpdate},
	{"UPDATE of recorded_at", sqliteNoUpdate, sqliteNoUpdate},
	{"UPDATE of stream_id", sqliteNoUpdate, sqliteNoUpdate},
	{"UPDATE of stream_type", sqliteNoUpdate, sqliteNoUpdate},
	{"UPDATE of version", sqliteNoUpdate, sqliteNoUpdate},
	{"UPDATE OR ABORT", sqliteNoUpdate, sqliteNoUpdate},
	{"UPDATE OR FAIL", sqliteNoUpdate, sqliteNoUpdate},
	{"UPDATE OR IGNORE", sqliteNoUpdate, sqliteNoUpdate},
	{"UPDATE OR REPLACE", sqliteNoUpdate, sqliteNoUpdate},
	{"UPDATE OR ROLLBACK", sqliteNoUpdate, sqliteNoUpdate},
	{"UPDATE of one row", sqliteNoUpdate, sqliteNoUpdate},
	{"UPDATE of every row", sqliteNoUpdate, sqliteNoUpdate},
	{"UPDATE FROM", sqliteNoUpdate, sqliteNoUpdate},
	{"UPDATE RETURNING", sqliteNoUpdate, sqliteNoUpdate},
	{"UPDATE behind WITH", sqliteNoUpdate, sqliteNoUpdate},
	{"DELETE of one row", sqliteNoUpdate, sqliteNoUpdate},
	{"DELETE of every row", sqliteNoUpdate, sqliteNoUpdate},
	{"DELETE RETURNING", sqliteNoUpdate, sqliteNoUpdate},
	{"DELETE behind WITH", sqliteNoUpdate, sqliteNoUpdate},

	{"INSERT OR REPLACE on conflict of pk_event_store", sqliteNoReplace, sqliteNoUpdate},
	{"REPLACE on conflict of pk_event_store", sqliteNoReplace, sqliteNoUpdate},
	{"REPLACE RETURNING on conflict of pk_event_store", sqliteNoReplace, sqliteNoUpdate},
	{"UPDATE OR REPLACE on conflict of pk_event_store", sqliteNoUpdate, sqliteNoUpdate},
	{"INSERT DO UPDATE on conflict of pk_event_store", sqliteNoUpdate, sqliteNoUpdate},
	{"INSERT of two rows DO UPDATE on conflict of pk_event_store", sqliteNoUpdate, sqliteNoUpdate},
	{"INSERT OR REPLACE on conflict of uq_event_store_event_id", sqliteNoReplace, sqliteNoUpdate},
	{"REPLACE on conflict of uq_event_store_event_id", sqliteNoReplace, sqliteNoUpdate},
	{"REPLACE RETURNING on conflict of uq_event_store_event_id", sqliteNoReplace, sqliteNoUpdate},
	{"REPLACE without a number on conflict of uq_event_store_event_id", sqliteNoReplace, sqliteNoUpdate},
	{"UPDATE OR REPLACE on conflict of uq_event_store_event_id", sqliteNoUpdate, sqliteNoUpdate},
	{"INSERT DO UPDATE on conflict of uq_event_store_event_id", sqliteNoUpdate, sqliteNoUpdate},
	{"INSERT of two rows DO UPDATE on conflict of uq_event_store_event_id", sqliteNoUpdate, sqliteNoUpdate},
	{"INSERT OR REPLACE on conflict of uq_event_store_stream_id_version", sqliteNoReplace, sqliteNoUpdate},
	{"REPLACE on conflict of uq_event_store_stream_id_version", sqliteNoReplace, sqliteNoUpdate},
	{"REPLACE RETURNING on conflict of uq_event_store_stream_id_version", sqliteNoReplace, sqliteNoUpdate},
	{"REPLACE without a number on conflict of uq_event_store_stream_id_version", sqliteNoReplace, sqliteNoUpdate},
	{"UPDATE OR REPLACE on conflict of uq_event_store_stream_id_version", sqliteNoUpdate, sqliteNoUpdate},
	{"INSERT DO UPDATE on conflict of uq_event_store_stream_id_version", sqliteNoUpdate, sqliteNoUpdate},
	{"INSERT of two rows DO UPDATE on conflict of uq_event_store_stream_id_version", sqliteNoUpdate, sqliteNoUpdate},
	{"REPLACE of one row by one with all of its keys", sqliteNoReplace, sqliteNoUpdate},
	{"REPLACE of three rows, the second one there", sqliteNoReplace, sqliteNoUpdate},
	{"REPLACE of every row by a SELECT", sqliteNoReplace, sqliteNoUpdate},
	{"REPLACE of two rows by one", sqliteNoReplace, sqliteNoUpdate},

	{"UPDATE in another table's trigger", sqliteNoUpdate, sqliteNoUpdate},
	{"DELETE in another table's trigger", sqliteNoUpdate, sqliteNoUpdate},
	{"REPLACE in another table's trigger", sqliteNoReplace, sqliteNoUpdate},
	{"INSERT in the trigger of another table under REPLACE", sqliteNoReplace, sqliteNoUpdate},
	{"UPDATE of a view", sqliteNoUpdate, sqliteNoUpdate},
	{"DELETE from a view", sqliteNoUpdate, sqliteNoUpdate},
	{"INSERT OR REPLACE into a view", sqliteNoReplace, sqliteNoUpdate},
	{"INSERT with a TEMP trigger that deletes", sqliteNoUpdate, sqliteNoUpdate},
	{"UPDATE from an attached database", sqliteNoUpdate, sqliteNoUpdate},
	{"DELETE in a table that it references", sqliteNoUpdate, sqliteNoUpdate},
	{"UPDATE in a table that it references", sqliteNoUpdate, sqliteNoUpdate},

	// From here on: what touches no event.
	{"REPLACE of every row by its exact copy", passes, sqliteNoUpdate},
	{"INSERT OR IGNORE of three rows, the second one there", passes, passes},
	{"INSERT on conflict of pk_event_store", takenNumber, takenNumber},
	{"INSERT OR ABORT on conflict of pk_event_store", takenNumber, takenNumber},
	{"INSERT OR FAIL on conflict of pk_event_store", takenNumber, takenNumber},
	{"INSERT OR ROLLBACK on conflict of pk_event_store", takenNumber, takenNumber},
	{"INSERT OR IGNORE on conflict of pk_event_store", passes, passes},
	{"INSERT DO NOTHING on conflict of pk_event_store", passes, passes},
	{"INSERT DO UPDATE WHERE false on conflict of pk_event_store", passes, passes},
	{"INSERT on conflict of uq_event_store_event_id", takenEventID, takenEventID},
	{"INSERT OR ABORT on conflict of uq_event_store_event_id", takenNumber, takenNumber},
	{"INSERT OR FAIL on conflict of uq_event_store_event_id", takenNumber, takenNumber},
	{"INSERT OR ROLLBACK on conflict of uq_event_store_event_id", takenNumber, takenNumber},
	{"INSERT OR IGNORE on conflict of uq_event_store_event_id", passes, passes},
	{"INSERT DO NOTHING on conflict of uq_event_store_event_id", passes, passes},
	{"INSERT DO UPDATE WHERE false on conflict of uq_event_store_event_id", passes, passes},
	{"INSERT on conflict of uq_event_store_stream_id_version", takenVersion, takenVersion},
	{"INSERT OR ABORT on conflict of uq_event_store_stream_id_version", takenNumber, takenNumber},
	{"INSERT OR FAIL on conflict of uq_event_store_stream_id_version", takenNumber, takenNumber},
	{"INSERT OR ROLLBACK on conflict of uq_event_store_stream_id_version", takenNumber, takenNumber},
	{"INSERT OR IGNORE on conflict of uq_event_store_stream_id_version", passes, passes},
	{"INSERT DO NOTHING on conflict of uq_event_store_stream_id_version", passes, passes},
	{"INSERT DO UPDATE WHERE false on conflict of uq_event_store_stream_id_version", passes, passes},
	{"UPDATE WHERE false", passes, passes},
	{"DELETE WHERE false", passes, passes},
	{"VACUUM", passes, passes},
	{"INSERT of a new row", passes, passes},
	{"INSERT of two new rows", passes, passes},
	{"REPLACE of no row", passes, passes},
	{"INSERT OR IGNORE of a new row", passes, passes},
}

// sqliteAnswers is the table by the names of the attacks.
func sqliteAnswers(rows int) map[string]answer {
	answers := map[string]answer{"DROP TRIGGER": passes, "DROP TABLE": passes, "PRAGMA writable_schema": passes} // accepted
	for _, a := range sqliteAttacks {
		if a.attack == "REPLACE of two rows by one" && rows < 2 {
			continue
		}
		answers[a.attack+" (recursive_triggers off)"] = a.off
		answers[a.attack+" (recursive_triggers on)"] = a.on
	}
	return answers
}

// TestIgnoreCheckConstraints shows the exception that no attack can be made of
// from the catalogue alone: a bad event goes in, and those there stay.
func TestIgnoreCheckConstraints(t *testing.T) {
	t.Parallel()
	for _, e := range fixtures.All() {
		if e.Dialect() != dialect.SQLite {
			continue
		}
		t.Run(e.Name(), func(t *testing.T) {
			t.Parallel()
			db := filled(t, e, many)
			before := events(t, db)
			conn, err := db.Conn(t.Context())
			require.NoError(t, err)
			defer conn.Close() //nolint:errcheck // the database goes with it
			bad := event(many + 1)
			bad.EventID = "short"
			require.Equal(t, answer{"275", "constraint failed: CHECK constraint failed: ck_event_store_event_id_26_char (275)"}, answerOf(bad.Insert(t.Context(), conn)))
			_, err = conn.ExecContext(t.Context(), "PRAGMA ignore_check_constraints = on")
			require.NoError(t, err)
			require.NoError(t, bad.Insert(t.Context(), conn))
			require.Equal(t, before, events(t, db)[:many])
			_, err = conn.ExecContext(t.Context(), "UPDATE event_store SET event_id = 'short'")
			require.Equal(t, sqliteNoUpdate, answerOf(err), "it switches no trigger off")
			_, err = eventstore.Read(t.Context(), db.DB)
			require.NoError(t, err)
		})
	}
}
