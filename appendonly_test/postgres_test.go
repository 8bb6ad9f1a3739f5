package appendonly_test

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail"
	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/fixtures/eventstore"
	"github.com/handrail-db/handrail/verify/attack"
)

// What Postgres says: the triggers, the keys, and the privileges.
var (
	noUpdate   = answer{"0A000", "event_store is append-only; UPDATE not allowed"}
	noDelete   = answer{"0A000", "event_store is append-only; DELETE not allowed"}
	noTruncate = answer{"0A000", "event_store is append-only; TRUNCATE not allowed"}

	takenPK       = answer{"23505", `duplicate key value violates unique constraint "pk_event_store"`}
	takenUQ       = answer{"23505", `duplicate key value violates unique constraint "uq_event_store_event_id"`}
	takenUQStream = answer{"23505", `duplicate key value violates unique constraint "uq_event_store_stream_id_version"`}

	denied          = answer{"42501", "permission denied for table event_store"}
	notOwner        = answer{"42501", "must be owner of table event_store"}
	notOwnerOfTable = answer{"42501", "must be owner of relation event_store"} // so DROP TRIGGER says
	notOwnerOfSeq   = answer{"42501", "must be owner of sequence event_store_global_seq_seq"}
	notOwnerOfFn    = answer{"42501", "must be owner of function event_store_forbid_mod"}
	notOwnerOfFnDot = answer{"42501", "must be owner of function public.event_store_forbid_mod"} // so DROP FUNCTION says
	noReplica       = answer{"42501", `permission denied to set parameter "session_replication_role"`}
	noCreate        = answer{"42501", "permission denied for schema public"}
)

// postgresAttacks is the attack table: what Postgres says to the owner and to a
// superuser, to a role with all privileges on the table, and to the application
// role, which may SELECT and INSERT.
var postgresAttacks = []struct {
	attack                      string
	owner, privileged, ordinary answer
}{
	{"UPDATE of one row", noUpdate, noUpdate, denied},
	{"UPDATE of every row", noUpdate, noUpdate, denied},
	{"DELETE of one row", noDelete, noDelete, denied},
	{"DELETE of every row", noDelete, noDelete, denied},
	{"MERGE WHEN MATCHED THEN UPDATE", noUpdate, noUpdate, denied},
	{"MERGE WHEN MATCHED THEN DELETE", noDelete, noDelete, denied},
	{"INSERT DO UPDATE on conflict of pk_event_store", noUpdate, noUpdate, denied},
	{"INSERT of two rows DO UPDATE on conflict of pk_event_store", noUpdate, noUpdate, denied},
	{"TRUNCATE", noTruncate, noTruncate, denied},
	{"TRUNCATE RESTART IDENTITY", noTruncate, notOwnerOfSeq, denied},
	{"TRUNCATE CASCADE", noTruncate, noTruncate, denied},
	{"TRUNCATE of two tables", noTruncate, noTruncate, denied},
	{"TRUNCATE CASCADE of a table that it references", noTruncate, noTruncate, denied},
	// Those that lend the rights of somebody else meet the trigger.
	{"UPDATE of a view", noUpdate, noUpdate, noUpdate},
	{"DELETE from a view", noDelete, noDelete, noDelete},
	{"DELETE in a SECURITY DEFINER function", noDelete, noDelete, noDelete},
	{"DELETE in a table that it references", noDelete, noDelete, noDelete},
	{"DELETE with a shadow of the trigger's function", noDelete, noDelete, denied},

	// From here on: what touches no event.
	{"INSERT on conflict of pk_event_store", takenPK, takenPK, takenPK},
	{"INSERT DO NOTHING on conflict of pk_event_store", passes, passes, passes},
	{"INSERT DO UPDATE WHERE false on conflict of pk_event_store", passes, passes, denied},
	{"UPDATE WHERE false", passes, passes, denied},
	{"DELETE WHERE false", passes, passes, denied},
	{"SELECT FOR UPDATE", passes, passes, denied},
	{"DELETE whose refusal is swallowed", passes, passes, passes},
	{"INSERT of a new row", passes, passes, passes},
	{"INSERT of two new rows", passes, passes, passes},
}

// ownerAttacks are made by the owner only: every column, every key, every form.
var ownerAttacks = map[string]answer{
	"UPDATE of event_id":           noUpdate,
	"UPDATE of event_type":         noUpdate,
	"UPDATE of global_seq":         noUpdate,
	"UPDATE of metadata":           noUpdate,
	"UPDATE of payload":            noUpdate,
	"UPDATE of recorded_at":        noUpdate,
	"UPDATE of stream_id":          noUpdate,
	"UPDATE of stream_type":        noUpdate,
	"UPDATE of version":            noUpdate,
	"UPDATE FROM":                  noUpdate,
	"UPDATE in WITH":               noUpdate,
	"UPDATE WHERE CURRENT OF":      noUpdate,
	"DELETE USING":                 noDelete,
	"DELETE in WITH":               noDelete,
	"DELETE WHERE CURRENT OF":      noDelete,
	"DELETE under EXPLAIN ANALYZE": noDelete,

	"INSERT DO UPDATE on conflict of uq_event_store_event_id":                      noUpdate,
	"INSERT of two rows DO UPDATE on conflict of uq_event_store_event_id":          noUpdate,
	"INSERT on conflict of uq_event_store_event_id":                                takenUQ,
	"INSERT DO NOTHING on conflict of uq_event_store_event_id":                     passes,
	"INSERT DO UPDATE WHERE false on conflict of uq_event_store_event_id":          passes,
	"INSERT DO UPDATE on conflict of uq_event_store_stream_id_version":             noUpdate,
	"INSERT of two rows DO UPDATE on conflict of uq_event_store_stream_id_version": noUpdate,
	"INSERT on conflict of uq_event_store_stream_id_version":                       takenUQStream,
	"INSERT DO NOTHING on conflict of uq_event_store_stream_id_version":            passes,
	"INSERT DO UPDATE WHERE false on conflict of uq_event_store_stream_id_version": passes,

	// Accepted: what an owner can always do.
	"ALTER TABLE DISABLE TRIGGER":                 passes,
	"DROP TRIGGER":                                passes,
	"DROP TABLE":                                  passes,
	"ALTER TABLE ALTER COLUMN TYPE USING":         passes,
	"ALTER TABLE DROP COLUMN":                     passes,
	"CREATE OR REPLACE of the trigger's function": passes,
}

// replicaAttacks are made by a superuser only.
var replicaAttacks = map[string]answer{
	"UPDATE in a replica's session":   noUpdate,
	"DELETE in a replica's session":   noDelete,
	"TRUNCATE in a replica's session": noTruncate,
}

// seizures are made by those who do not own the table.
var seizures = map[string]answer{
	"ALTER TABLE DISABLE TRIGGER":             notOwner,
	"DROP TRIGGER tr_event_store_append_only": notOwnerOfTable,
	"DROP TRIGGER tr_event_store_no_truncate": notOwnerOfTable,
	"DROP TABLE":                                  notOwner,
	"ALTER TABLE ALTER COLUMN TYPE USING":         notOwner,
	"ALTER TABLE DROP COLUMN":                     notOwner,
	"ALTER TABLE OWNER TO":                        notOwner,
	"CREATE OR REPLACE of the trigger's function": noCreate,
	"ALTER of the trigger's function":             notOwnerOfFn,
	"DROP of the trigger's function":              notOwnerOfFnDot,
	"SET session_replication_role":                noReplica,
}

// postgresAnswers is the table by the names of the attacks.
func postgresAnswers(int) map[string]answer {
	answers := map[string]answer{}
	add := func(as attack.Role, attack string, a answer) { answers[string(as)+": "+attack] = a }
	for _, a := range postgresAttacks {
		add(attack.Owner, a.attack, a.owner)
		add(attack.Superuser, a.attack, a.owner)
		add(attack.AllPrivileges, a.attack, a.privileged)
		add(attack.Application, a.attack, a.ordinary)
	}
	for what, a := range ownerAttacks {
		add(attack.Owner, what, a)
	}
	for what, a := range replicaAttacks {
		add(attack.Superuser, what, a)
	}
	for what, a := range seizures {
		add(attack.AllPrivileges, what, a)
		add(attack.Application, what, a)
	}
	return answers
}

// TestCopy shows that COPY appends and does no more, for the owner and for the
// application role.
func TestCopy(t *testing.T) {
	t.Parallel()
	for _, role := range []string{"owner", "application"} {
		t.Run("postgres/"+role, func(t *testing.T) {
			t.Parallel()
			db := filled(t, fixtures.Postgres, many)
			before := events(t, db)
			var settings []string
			if role == "application" {
				if !superuser(t, db) {
					t.Skip("not run: the role of the connection is no superuser and may not SET ROLE pg_monitor")
				}
				settings = []string{"GRANT SELECT, INSERT ON event_store TO pg_monitor", "SET ROLE pg_monitor"}
			}
			n, err := copyIn(t, db, settings, event(many+1), event(many+2))
			require.NoError(t, err)
			require.EqualValues(t, 2, n)
			appended := events(t, db)
			require.Len(t, appended, many+2)
			require.Equal(t, before, appended[:many], "every event is as it was")

			_, err = copyIn(t, db, settings, event(many+3), event(1))
			require.Equal(t, takenUQ, answerOf(err), "a duplicate is refused by the key, not skipped and not written over")
			require.Equal(t, appended, events(t, db), "and with it the event before it")
		})
	}
}

// copyIn appends events by COPY FROM STDIN, in a session with settings.
func copyIn(t *testing.T, db *handrail.DB, settings []string, events ...eventstore.Event) (n int64, err error) {
	t.Helper()
	conn, e := db.Conn(t.Context())
	require.NoError(t, e)
	defer func() {
		_, e := conn.ExecContext(t.Context(), "RESET ROLE")
		require.NoError(t, e)
		require.NoError(t, conn.Close())
	}()
	for _, s := range settings {
		_, err := conn.ExecContext(t.Context(), s)
		require.NoError(t, err)
	}
	columns := []string{"stream_id", "stream_type", "version", "event_id", "event_type", "recorded_at", "payload", "metadata"}
	rows := pgx.CopyFromSlice(len(events), func(i int) ([]any, error) {
		e := events[i]
		return []any{e.StreamID, e.StreamType, e.Version, e.EventID, e.EventType, e.RecordedAt.V.Time, string(e.Payload), string(e.Metadata)}, nil
	})
	err = conn.Raw(func(raw any) error {
		n, err = raw.(*stdlib.Conn).Conn().CopyFrom(t.Context(), pgx.Identifier{"event_store"}, columns, rows)
		return err
	})
	return n, err
}
