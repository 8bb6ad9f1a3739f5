package verify_test

import (
	"fmt"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/verify"
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
			subject := verify.Subject{Postgres: folder, SQLite: folder}
			b.Run(fmt.Sprintf("%s/%d/check", e.Name(), n), func(b *testing.B) {
				verify.Trusting(func() {
					for b.Loop() {
						report, err := verify.Check(b.Context(), []verify.Engine{e}, subject, verify.Options{})
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
