package history

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
)

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
		s, err := Load(folder, dialect.Postgres)
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
		named := slices.ContainsFunc(slices.Concat(s.PassedOver, h.PassedOver), func(p PassedOver) bool { return p.Name == name })
		if strings.EqualFold(path.Ext(name), ".sql") && looksLikeMigration.MatchString(name) && !companion.MatchString(name) {
			require.True(t, named, "%q is passed over in silence", name)
		}
	})
}
