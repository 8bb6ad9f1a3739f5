package rows_test

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/rows"
	"github.com/handrail-db/handrail/verify/schema"
)

// large makes a table of n rows, changes one, and returns what compares it.
func large(tb testing.TB, e engine.Engine, n int) func() []rows.Difference {
	db, err := e.New(tb.Context())
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, db.Close()) })
	run := func(sql string) {
		_, err := db.DB().ExecContext(tb.Context(), sql)
		require.NoError(tb, err)
	}
	read := func() (*rows.Set, schema.Snapshot) {
		snap, err := schema.Inspect(tb.Context(), db.DB(), e.Dialect())
		require.NoError(tb, err)
		set, err := rows.Read(tb.Context(), db.DB(), e.Dialect(), snap)
		require.NoError(tb, err)
		return set, snap
	}
	run("CREATE TABLE t (id int PRIMARY KEY, a text, b int)")
	run(fmt.Sprintf("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) INSERT INTO t SELECT i, 'row number ' || i, i %% 7 FROM n", n))
	return func() []rows.Difference {
		before, _ := read()
		run("UPDATE t SET b = b + 1 WHERE id = 2")
		now, snap := read()
		differences, err := rows.Compare(before, now, there(snap))
		require.NoError(tb, err)
		require.NoError(tb, before.Close())
		require.NoError(tb, now.Close())
		return differences
	}
}

// TestLarge: one value among so many rows that they are compared in parts, out of
// a file.
func TestLarge(t *testing.T) {
	t.Parallel()
	require.Equal(t, "t: 1 changed in b: (2, row number 2, 2) is (2, row number 2, 3)", text(large(t, fixtures.SQLiteMemory, 150_000)()))
}

// BenchmarkLarge reads and compares a table of a million rows. heap-MB is the
// most that the heap has held: it must not grow with the table.
func BenchmarkLarge(b *testing.B) {
	for _, e := range []engine.Engine{fixtures.Postgres, fixtures.SQLiteFile} {
		for _, n := range []int{100_000, 1_000_000} {
			b.Run(fmt.Sprintf("%s/%d", e.Name(), n), func(b *testing.B) {
				compare := large(b, e, n)
				for b.Loop() {
					require.Len(b, compare(), 1)
				}
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				b.ReportMetric(float64(m.HeapSys)/(1<<20), "heap-MB")
			})
		}
	}
}
