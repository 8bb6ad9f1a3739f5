package schema

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/verify/dialect"
)

// TestInspectSQLite shows what each construct looks like in a snapshot.
func TestInspectSQLite(t *testing.T) {
	t.Parallel()
	for _, c := range sqliteCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			db := memory(t)
			_, err := db.ExecContext(t.Context(), c.ddl)
			require.NoError(t, err)
			require.Equal(t, strings.TrimPrefix(c.want, "\n"), inspect(t, db).String(), c.reason)
		})
	}
}

func TestInspectLeavesOutWhatIsNotTheUsers(t *testing.T) {
	t.Parallel()
	db := memory(t)
	_, err := db.ExecContext(t.Context(), `
		CREATE TABLE t(a INTEGER PRIMARY KEY AUTOINCREMENT, b UNIQUE);
		INSERT INTO t(b) VALUES (1);
		ANALYZE;
		CREATE TEMP TABLE t(other);
		CREATE TEMP TABLE u(a);
		CREATE TEMP VIEW v AS SELECT 1`)
	require.NoError(t, err)
	s := inspect(t, db)
	require.Equal(t, []string{"table t", "column t.a", "column t.b", "primary key (a) on t", "unique (b) on t"}, objectNames(s),
		"sqlite_sequence, sqlite_stat1 and automatic indexes come with SQLite, and what is temporary belongs to its connection")
	require.Equal(t, "a, b", s.Objects[0].Prop("column order"), "a temporary table of the same name hides nothing")
}

func TestInspectChangesNothing(t *testing.T) {
	t.Parallel()
	db := memory(t)
	_, err := db.ExecContext(t.Context(), "CREATE TABLE t(a); INSERT INTO t VALUES (1)")
	require.NoError(t, err)
	state := "SELECT schema_version || ' ' || user_version FROM pragma_schema_version, pragma_user_version"
	before := query(t, db, state)
	require.Equal(t, inspect(t, db), inspect(t, db), "two readings of one catalogue are equal")
	require.Equal(t, before, query(t, db, state))
	require.Equal(t, []string{"1"}, query(t, db, "SELECT count(*) FROM t"))
	_, err = db.ExecContext(t.Context(), "BEGIN; COMMIT")
	require.NoError(t, err, "no transaction may stay open on the connection that was borrowed")
}

func TestVirtualTableOwnsItsShadows(t *testing.T) {
	t.Parallel()
	with := snapshotOf(t, "CREATE TABLE docs_of_mine(a); CREATE VIRTUAL TABLE docs USING fts5(title, body)")
	without := snapshotOf(t, "CREATE TABLE docs_of_mine(a)")
	docs := with.Kind("virtual table")
	require.Len(t, docs, 1)
	require.Equal(t, "create virtual table docs using fts5(title, body)", docs[0].Prop("definition"))
	require.Equal(t, "title, body, docs, rank", docs[0].Prop("column order"))
	require.GreaterOrEqual(t, len(with.Kind("shadow table")), 5)
	var roots []string
	for _, c := range Roots(Compare(without, with)) {
		roots = append(roots, c.Object().String())
	}
	require.Equal(t, []string{"virtual table docs"}, roots, "the shadow tables follow from it, and the user's own table is not one")
}

func TestInspectFails(t *testing.T) {
	t.Parallel()
	_, err := Inspect(t.Context(), memory(t), "oracle")
	require.EqualError(t, err, `inspect catalogue: unknown dialect "oracle"`)

	closed := memory(t)
	require.NoError(t, closed.Close())
	_, err = Inspect(t.Context(), closed, dialect.SQLite)
	require.ErrorContains(t, err, "inspect sqlite catalogue: sql: database is closed")
}

func objectNames(s Snapshot) []string {
	var names []string
	for _, o := range s.Objects {
		names = append(names, o.String())
	}
	return names
}

// TestSameOnSQLite: spelling is not structure.
func TestSameOnSQLite(t *testing.T) {
	t.Parallel()
	for _, c := range sameCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			require.Empty(t, Diff(snapshotOf(t, c.a), snapshotOf(t, c.b)), "%s\n%s\n%s", c.reason, c.a, c.b)
		})
	}
}

// TestDifferentOnSQLite: what means something else is never the same.
func TestDifferentOnSQLite(t *testing.T) {
	t.Parallel()
	for _, c := range differentCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, strings.TrimPrefix(c.want, "\n"), Diff(snapshotOf(t, c.a), snapshotOf(t, c.b)), c.reason)
		})
	}
}

func snapshotOf(t testing.TB, ddl string) Snapshot {
	t.Helper()
	db := memory(t)
	_, err := db.ExecContext(t.Context(), ddl)
	require.NoError(t, err, ddl)
	return inspect(t, db)
}
