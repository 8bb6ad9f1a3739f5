package verify_test

import (
	"maps"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/verify"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/history"
)

// TestNUL puts a NUL into each kind of file of SQL: SQLite would run nothing of what
// stands behind it and say that all is well, in one dialect and not in the other.
func TestNUL(t *testing.T) {
	t.Parallel()
	clean := fstest.MapFS{
		"0001_author.up.sql":   {Data: []byte("CREATE TABLE author (id int PRIMARY KEY);\n")},
		"0001_author.down.sql": {Data: []byte("DROP TABLE author;\n")},
	}
	const nul = "line 2 has a NUL byte, at offset 13: SQLite runs nothing of what stands behind it, and Postgres refuses it"
	for _, d := range dialect.All() {
		for _, name := range []string{
			"0001_author.up.sql", "0001_author.down.sql", "0001_author.seed.sql", "0001_author.assert.sql", "schema." + string(d) + ".sql",
		} {
			t.Run(string(d)+" "+name, func(t *testing.T) {
				t.Parallel()
				folder := maps.Clone(clean)
				folder[name] = &fstest.MapFile{Data: []byte("SELECT 1; --\n\x00SELECT 2 WHERE false;\n")}
				s, err := history.Load(folder, d)
				if err == nil {
					_, err = s.History(d)
				}
				require.ErrorContains(t, err, name+": "+nul)
				folder[name] = &fstest.MapFile{Data: []byte("SELECT 1; --\nSELECT char(0) WHERE false;\n")}
				s, err = history.Load(folder, d)
				require.NoError(t, err)
				_, err = s.History(d)
				require.NoError(t, err, "a NUL that SQL makes")
			})
		}
	}
	s, err := history.Load(clean, dialect.SQLite)
	require.NoError(t, err)
	s.Prelude = "SELECT 1; --\n\x00SELECT 2;\n"
	_, err = verify.Check(t.Context(), []engine.Engine{fixtures.SQLiteMemory}, s, verify.Options{})
	require.ErrorContains(t, err, "prelude: "+nul)
}
