package schema

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/internal/corpus"
)

// TestColumnsOfChecks: SQLite has no pragma that says them.
func TestColumnsOfChecks(t *testing.T) {
	t.Parallel()
	s := snapshotOf(t, `CREATE TABLE t (a INT CHECK ("B" > 0 OR length(a) > 1), b INT, length INT CHECK ([Length] > 0 AND A <> 'b'), CHECK (1 = 1))`)
	var columns [][]string
	for _, o := range s.Kind("check") {
		columns = append(columns, o.Columns)
	}
	require.ElementsMatch(t, [][]string{{"a", "b"}, nil, {"a", "length"}}, columns)
}

// TestKeysOfSQLite makes one change after the other and compares what a tracker has of
// columns, keys and references with what SQLite's pragmas say.
func TestKeysOfSQLite(t *testing.T) {
	t.Parallel()
	for _, changes := range [][]corpus.Change{
		corpus.Changes("sqlite_changes.sql"),
		corpus.Changes("sqlite_renames.sql"),
		{
			{SQL: `CREATE TABLE "Users" (Id INTEGER, "a b" TEXT, c TEXT CHECK (length(c) < Id), length INT, PRIMARY KEY (id DESC, 'a b' COLLATE nocase))`},
			{SQL: `CREATE TABLE o (u INT REFERENCES users, "a b" TEXT, c REFERENCES USERS (C) DEFERRABLE INITIALLY DEFERRED,
				FOREIGN KEY (U, "a b") REFERENCES users (ID, [a b]) ON DELETE SET NULL ON DELETE CASCADE ON UPDATE NO ACTION)`},
			{SQL: "CREATE INDEX i1 ON users (c, ID desc, [A B] COLLATE NoCase ASC)"},
			{SQL: "CREATE UNIQUE INDEX i2 ON users ((c), 'a b', (c || 'x') DESC) WHERE length(c) > 2 AND id IN (1, 2)"},
			{SQL: "CREATE INDEX i3 ON users (c || id, lower(c) COLLATE nocase, TRUE, -1, c IS NULL)"},
			{SQL: `ALTER TABLE users RENAME COLUMN ID TO "the id"`},
			{SQL: "ALTER TABLE users RENAME COLUMN c TO C"},
			{SQL: "ALTER TABLE users RENAME TO people"},
		},
	} {
		db := memory(t)
		tracker, err := NewTracker(db, dialect.SQLite)
		require.NoError(t, err)
		for _, c := range changes {
			_, err := db.ExecContext(t.Context(), c.SQL)
			require.NoError(t, err, c.SQL)
			s, err := tracker.Inspect(t.Context())
			require.NoError(t, err, c.SQL)
			for _, table := range s.Kind("table") {
				require.True(t, t.Run(table.Name, func(t *testing.T) { keysAgree(t, db, s, table) }), c.SQL)
			}
		}
	}
}
