package schema_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail"
	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/fixtures/eventstore"
	"github.com/handrail-db/handrail/verify/dialect"
)

// A badRow is a row that every engine must refuse.
type badRow struct {
	name, reason string
	row          row        // what is changed of a valid row
	want         perDialect // the refusal
	plain        bool       // SQLite accepts it without STRICT and checks
}

func TestBadEvents(t *testing.T) {
	onEachEngine(t, func(t *testing.T, db *handrail.DB) {
		eventstore.Seed(t, db, eventstore.Sample()...)
		refuseAll(t, db, "event_store", event, badEvents)
	})
}

func TestBadStreams(t *testing.T) {
	onEachEngine(t, func(t *testing.T, db *handrail.DB) {
		require.NoError(t, stream(0, nil).into(t, db, "stream_index", db.Engine.Dialect()))
		refuseAll(t, db, "stream_index", stream, badStreams)
	})
}

// refuseAll shows that each row is refused, by what it is meant for, and that
// the table is the same afterwards.
func refuseAll(t *testing.T, db *handrail.DB, table string, valid func(int, row) row, rows []badRow) {
	t.Helper()
	before := content(t, db, table)
	require.NotEmpty(t, before, "without rows nothing could be lost")
	for i, c := range rows {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			err := valid(i+1, c.row).into(t, db, table, db.Engine.Dialect())
			require.Error(t, err, "must be refused: %s", c.reason)
			require.Equal(t, c.want[db.Engine.Dialect()], refusal(t, db, err), c.reason)
			require.Equal(t, before, content(t, db, table), "what is refused changes nothing")
		})
	}
}

// TestEachCheckRefusesSomething: no check is there for nothing, and none has
// become so.
func TestEachCheckRefusesSomething(t *testing.T) {
	onEachEngine(t, func(t *testing.T, db *handrail.DB) {
		var checks, used []string
		for _, o := range catalogue(t, db).Kind("check") {
			checks = append(checks, "check "+o.Name)
		}
		for _, c := range slices.Concat(badEvents, badStreams, differences) {
			if _, object, found := strings.Cut(c.want[db.Engine.Dialect()], " "); found && strings.HasPrefix(object, "check ") {
				used = append(used, object)
			}
		}
		slices.Sort(used)
		require.ElementsMatch(t, checks, slices.Compact(used), "each check refuses a row of the table of bad rows")
	})
}

// TestDeclaredDifferences: where the dialects part, they do so as declared.
func TestDeclaredDifferences(t *testing.T) {
	onEachEngine(t, func(t *testing.T, db *handrail.DB) {
		for i, c := range differences {
			t.Run(c.name, func(t *testing.T) {
				err := event(i+1, c.row).into(t, db, "event_store", db.Engine.Dialect())
				if want := c.want[db.Engine.Dialect()]; want != "" {
					require.Equal(t, want, refusal(t, db, err), c.reason)
				} else {
					require.NoError(t, err, c.reason)
				}
			})
		}
	})
}

// plainTables are the tables as they are usually written for SQLite.
const plainTables = `
	CREATE TABLE event_store (
		global_seq INTEGER PRIMARY KEY, stream_id VARCHAR(200) NOT NULL, stream_type VARCHAR(100) NOT NULL, version INTEGER NOT NULL CHECK (version >= 1),
		event_id VARCHAR(26) NOT NULL UNIQUE CHECK (length(event_id) = 26), event_type VARCHAR(120) NOT NULL, recorded_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
		payload JSON NOT NULL, metadata JSON, UNIQUE (stream_id, version));
	CREATE TABLE stream_index (kind VARCHAR(100) NOT NULL, key VARCHAR(512) NOT NULL, stream_id VARCHAR(26) NOT NULL UNIQUE, version INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (kind, key))`

// TestPlainSQLiteAcceptsBadRows: the rows are bad in nothing but what they are
// meant for, and the checks that stand in for types are needed.
func TestPlainSQLiteAcceptsBadRows(t *testing.T) {
	t.Parallel()
	db := handrail.Scratch(t, fixtures.SQLiteMemory)
	run(t, db, plainTables)
	for _, of := range []struct {
		table string
		valid func(int, row) row
		rows  []badRow
	}{{"event_store", event, badEvents}, {"stream_index", stream, badStreams}} {
		for i, c := range of.rows {
			err := of.valid(i+1, c.row).into(t, db, of.table, dialect.SQLite)
			if c.plain {
				require.NoError(t, err, "%s: %s", c.name, c.reason)
			} else {
				require.Error(t, err, "%s: plain SQLite refuses it, too: %s", c.name, c.reason)
			}
		}
	}
}

// TestAnErrorOfAnotherKindIsNoRefusalByName: the words of an error are read
// where it is about a constraint, and nowhere else.
func TestAnErrorOfAnotherKindIsNoRefusalByName(t *testing.T) {
	onEachEngine(t, func(t *testing.T, db *handrail.DB) {
		_, err := db.ExecContext(t.Context(), "INSERT INTO nowhere VALUES (1)")
		require.Equal(t, each("42P01", "1")[db.Engine.Dialect()], refusal(t, db, err))
	})
}
