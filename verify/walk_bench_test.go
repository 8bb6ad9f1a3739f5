package verify_test

import (
	"context"
	"database/sql"
	"fmt"
	"runtime"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/verify"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/history"
)

// generated is a history of n revisions: tables with keys and indexes, columns
// added to earlier ones, views.
func generated(n int) fstest.MapFS {
	folder := fstest.MapFS{}
	for i := 1; i <= n; i++ {
		var up, down string
		switch i % 4 {
		case 1:
			up = fmt.Sprintf("CREATE TABLE t%d (id int PRIMARY KEY, a varchar(20) NOT NULL DEFAULT 'x', b int CHECK (b > 0)); CREATE INDEX ix_t%d ON t%d (a);", i, i, i)
			down = fmt.Sprintf("DROP TABLE t%d;", i)
		case 2:
			up = fmt.Sprintf("ALTER TABLE t%d ADD COLUMN c int;", i-1)
			down = fmt.Sprintf("ALTER TABLE t%d DROP COLUMN c;", i-1)
		case 3:
			up = fmt.Sprintf("CREATE INDEX ix_t%d_b ON t%d (b, a);", i-2, i-2)
			down = fmt.Sprintf("DROP INDEX ix_t%d_b;", i-2)
		default:
			up = fmt.Sprintf("CREATE VIEW v%d AS SELECT id, a FROM t%d;", i, i-3)
			down = fmt.Sprintf("DROP VIEW v%d;", i)
		}
		folder[fmt.Sprintf("%04d_r.up.sql", i)] = &fstest.MapFile{Data: []byte(up)}
		folder[fmt.Sprintf("%04d_r.down.sql", i)] = &fstest.MapFile{Data: []byte(down)}
	}
	return folder
}

// BenchmarkCheck is the whole verification, against the floor: the same steps
// through golang-migrate with nobody looking.
func BenchmarkCheck(b *testing.B) {
	for _, e := range fixtures.All() {
		_, err := e.Server(b.Context()) // starting it is no part of a check
		require.NoError(b, err)
		for _, n := range []int{100, 1000} {
			folder := generated(n)
			subject := history.Subject{Postgres: folder, SQLite: folder}
			b.Run(fmt.Sprintf("%s/%d/check", e.Name(), n), func(b *testing.B) {
				verify.Trusting(func() {
					for b.Loop() {
						report, err := verify.Check(b.Context(), []engine.Engine{e}, subject, verify.Options{})
						require.NoError(b, err)
						require.Zero(b, report.Summary.Errors)
					}
				})
			})
			b.Run(fmt.Sprintf("%s/%d/floor", e.Name(), n), func(b *testing.B) {
				for b.Loop() {
					require.NoError(b, verify.StepsAlone(b.Context(), e, subject))
				}
			})
		}
	}
}

// inhabited is a history of two tables that later revisions change, with so many
// rows in each.
func inhabited(n int) history.Subject {
	folder := fstest.MapFS{}
	for i, files := range [][2]string{
		{"CREATE TABLE t1 (id int PRIMARY KEY, a text, b int); CREATE TABLE t2 (id int PRIMARY KEY, a text, b int);", "DROP TABLE t2; DROP TABLE t1;"},
		{"ALTER TABLE t1 ADD COLUMN c int;", "ALTER TABLE t1 DROP COLUMN c;"},
		{"CREATE INDEX ix_t2 ON t2 (b, a);", "DROP INDEX ix_t2;"},
		{"CREATE VIEW v AS SELECT t1.id, t2.a FROM t1 JOIN t2 ON t2.id = t1.id;", "DROP VIEW v;"},
	} {
		folder[fmt.Sprintf("%04d_r.up.sql", i+1)] = &fstest.MapFile{Data: []byte(files[0])}
		folder[fmt.Sprintf("%04d_r.down.sql", i+1)] = &fstest.MapFile{Data: []byte(files[1])}
	}
	return history.Subject{Postgres: folder, SQLite: folder, Seed: func(ctx context.Context, db *sql.DB, _ dialect.Dialect, below history.Revision) error {
		if below.Version != 2 {
			return nil
		}
		for _, table := range []string{"t1", "t2"} {
			if _, err := db.ExecContext(ctx, fmt.Sprintf("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) INSERT INTO %s SELECT i, 'row number ' || i, i %% 7 FROM n", n, table)); err != nil {
				return err
			}
		}
		return nil
	}}
}

// BenchmarkAccounting is a walk with rows that looks at each of them, and the
// same walk blind: their ratio is what accounting costs. heap-MB is the memory
// that the process holds for it at the end.
func BenchmarkAccounting(b *testing.B) {
	for _, e := range fixtures.All() {
		for _, n := range []int{10, 100_000} {
			subject := inhabited(n)
			walk := func(b *testing.B) {
				for b.Loop() {
					run, err := verify.Stairway(b.Context(), e, subject)
					require.NoError(b, err)
					require.Empty(b, run.All())
				}
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				b.ReportMetric(float64(m.HeapSys-m.HeapReleased)/(1<<20), "heap-MB")
			}
			verify.Trusting(func() {
				b.Run(fmt.Sprintf("%s/%d/blind", e.Name(), n), func(b *testing.B) { verify.Blind(func() { walk(b) }) })
				b.Run(fmt.Sprintf("%s/%d/account", e.Name(), n), walk)
			})
		}
	}
}

// TestBlind: what the benchmark compares are a walk that has seen each row and
// one that has seen none.
func TestBlind(t *testing.T) {
	evidence := func() string {
		run, err := verify.Stairway(t.Context(), fixtures.SQLiteMemory, inhabited(10))
		require.NoError(t, err)
		require.Empty(t, run.All())
		for _, item := range run.Checklist {
			if item.Revision == "0004_r" && item.Promise == "every row is kept" {
				return string(item.Status) + ": " + item.Evidence
			}
		}
		return ""
	}
	require.Equal(t, "pass: 20 rows in 2 tables", evidence())
	verify.Blind(func() { require.Equal(t, "pass: 0 rows in 0 tables", evidence()) })
}

// A blindEngine is one of which nobody knows what its databases share.
type blindEngine struct{ engine.Engine }

// BenchmarkShared is a check on Postgres with and without the comparison of what
// all databases of the server share.
func BenchmarkShared(b *testing.B) {
	_, err := fixtures.Postgres.Server(b.Context())
	require.NoError(b, err)
	for name, e := range map[string]engine.Engine{"compared": fixtures.Postgres, "not": blindEngine{fixtures.Postgres}} {
		b.Run(name, func(b *testing.B) {
			verify.Trusting(func() {
				for b.Loop() {
					report, err := verify.Check(b.Context(), []engine.Engine{e}, history.Subject{Postgres: generated(60)}, verify.Options{})
					require.NoError(b, err)
					require.Zero(b, report.Summary.Errors)
				}
			})
		})
	}
}
