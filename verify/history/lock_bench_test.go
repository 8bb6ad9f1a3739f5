package history

import (
	"strings"
	"testing"

	"github.com/handrail-db/handrail/verify/dialect"
)

// BenchmarkSQLSum is what a lock costs a check: the checksum of a revision, here one
// of about 100 kB, as a baseline may be. A walk reads each revision once an engine.
func BenchmarkSQLSum(b *testing.B) {
	f := &File{SQL: strings.Repeat("CREATE TABLE some_table (id bigint PRIMARY KEY, name text NOT NULL DEFAULT 'a b'); -- a comment\n", 1000)}
	b.SetBytes(int64(len(f.SQL)))
	for b.Loop() {
		SQLSum(dialect.Postgres, f)
	}
}
