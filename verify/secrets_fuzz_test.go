package verify

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/internal/sqltext"
	"github.com/handrail-db/handrail/verify/secret"
)

// FuzzHardcodedURL is the same for passwords, of which none is in what is said.
func FuzzHardcodedURL(f *testing.F) {
	for _, seed := range []string{"postgres://me:hunter2@db.internal/x", "-- host=h password='hunter 2'", "CREATE ROLE a PASSWORD 'hunter2'; DO $$ BEGIN EXECUTE 'ALTER ROLE b PASSWORD ''hunter3'''; END $$", "x://a:b?c#d@e@f'@g\nPGPASSWORD=hunter2", "postgres://u:***@h:x@y"} {
		f.Add(seed, true)
		f.Add(seed, false)
	}
	f.Fuzz(func(t *testing.T, sql string, postgres bool) {
		d := dialect.SQLite
		if postgres {
			d = dialect.Postgres
		}
		found := secrets(sql, sqltext.Parse(d, sql), d)
		var said []string
		for _, s := range found {
			require.True(t, s.line >= 1 && s.line <= 1+strings.Count(sql, "\n"), "line %d", s.line)
			text := secret.Hide(s.what, s.hidden)
			if !secret.Trivial(s.hidden) {
				require.NotContains(t, text, s.hidden)
			}
			said = append(said, s.what)
		}
		var again []string
		for _, s := range secrets("SELECT 1;\n"+sql, sqltext.Parse(d, "SELECT 1;\n"+sql), d) {
			again = append(again, s.what)
		}
		require.Equal(t, said, again)
	})
}
