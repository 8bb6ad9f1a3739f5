package verify

import (
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/golang-migrate/migrate/v4/source"
	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
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
		found := secrets(d, sql)
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
		for _, s := range secrets(d, "SELECT 1;\n"+sql) {
			again = append(again, s.what)
		}
		require.Equal(t, said, again)
	})
}

// FuzzFileName: a file is a revision exactly where golang-migrate takes it for one; and
// where its name looks like one and it is none, it is named.
func FuzzFileName(f *testing.F) {
	for _, seed := range []string{"0002_b.up.sql", "2_b.down.sql", "0002.up.sql", "up.sql", "V2__b.sql", "0002_b.seed.sql", "0001_a.assert.x.sql", "9223372036854775808_b.up.sql", "Handrail.toml", "handrail.tml", "0002_.up.", "0002_b.UP.sql", "b.json", "0000_z.up.go"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if !fs.ValidPath(name) || name == "." || strings.ContainsRune(name, '/') || name == "0001_a.up.sql" {
			t.Skip("no name of a file")
		}
		folder := fstest.MapFS{"0001_a.up.sql": {Data: []byte("SELECT 1")}, name: {Data: []byte("SELECT 2;")}}
		s, err := history.Load(folder, dialect.Postgres)
		if err != nil {
			return // as handrail.toml, which this is none of
		}
		parsed, parseErr := source.Parse(name)
		h, err := s.History(dialect.Postgres)
		if err != nil {
			return
		}
		if parseErr == nil {
			i := h.Index(int64(parsed.Version))
			require.GreaterOrEqual(t, i, 0)
			r := h.Revisions[i]
			require.True(t, r.Up != nil && r.Up.Name == name || r.Down != nil && r.Down.Name == name)
			return
		}
		require.Len(t, h.Revisions, 1)
		findings, err := Lint(s, dialect.Postgres)
		require.NoError(t, err)
		named := slices.ContainsFunc(findings, func(f finding.Finding) bool { return f.Rule == finding.IgnoredFile && f.Object.Name == name })
		if strings.EqualFold(path.Ext(name), ".sql") && history.LooksLikeMigration.MatchString(name) && !history.Companion.MatchString(name) {
			require.True(t, named, "%q is passed over in silence", name)
		}
	})
}
