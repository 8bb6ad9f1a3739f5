package history

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzClusterStatements: what is found lies in the text, and is found on the next line
// where a line comes before it.
func FuzzClusterStatements(f *testing.F) {
	for _, seed := range []string{"CREATE ROLE app", "DO $$ BEGIN EXECUTE format('ALTER ROLE %I', 'a');\nEND $$; GRANT a TO \"b\nc\"", "CREATE FUNCTION f() AS E'CREATE\\nROLE x'", "REASSIGN OWNED BY a, b TO c; ALTER SYSTEM SET x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		found := FindClusterStatements("f", sql)
		for i, s := range found {
			require.True(t, s.Line >= 1 && s.Line <= 1+strings.Count(sql, "\n"), "%s", s)
			found[i].Line++
		}
		require.Equal(t, found, FindClusterStatements("f", "SELECT 1;\n"+sql))
	})
}
