package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/golang-migrate/migrate/v4"
	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/verify/engine"
)

// TestVersionZeroBesidePlainMigrate goes to version 0 and to base by golang-migrate
// alone and by handrail: each says where the other has left the database.
func TestVersionZeroBesidePlainMigrate(t *testing.T) {
	t.Parallel()
	for _, on := range []string{"postgres", "sqlite"} {
		t.Run(on, func(t *testing.T) {
			t.Parallel()
			_, url := targetOf(t, on)
			dir := t.TempDir()
			require.NoError(t, os.Mkdir(filepath.Join(dir, on), 0o777))
			for name, text := range map[string]string{
				"0000_init.up.sql": "CREATE TABLE log (n bigint);\nINSERT INTO log VALUES (1);\n", "0000_init.down.sql": "DROP TABLE log;\n",
				"0001_row.up.sql": "INSERT INTO log VALUES (2);\n", "0001_row.down.sql": "DELETE FROM log WHERE n = 2;\n",
			} {
				require.NoError(t, os.WriteFile(filepath.Join(dir, on, name), []byte(text), 0o666))
			}
			ours := func(args ...string) {
				t.Helper()
				status, _, stderr := command(t, append(args, "--url", url)...)
				require.Equal(t, statusOK, status, stderr)
			}
			plain := func(do func(*migrate.Migrate) error) {
				t.Helper()
				require.NoError(t, plainly(dir, url, do))
			}
			at := func(want int64, pending int) {
				t.Helper()
				p := position(t, dir, url)
				require.Equal(t, want, p.Current.Ordinal)
				require.Equal(t, pending, p.Pending())
				require.True(t, p.Well(), "%+v", p)
				plain(func(m *migrate.Migrate) error {
					version, dirty, err := m.Version()
					if want == engine.Base {
						require.ErrorIs(t, err, migrate.ErrNilVersion)
						return nil
					}
					require.NoError(t, err)
					require.Equal(t, uint(want), version)
					require.False(t, dirty)
					return nil
				})
			}
			at(engine.Base, 2)
			plain(func(m *migrate.Migrate) error { return m.Migrate(0) })
			at(0, 1)
			ours("up", dir)
			at(1, 0)
			ours("goto", "0", dir, "--yes")
			at(0, 1)
			plain(func(m *migrate.Migrate) error { return m.Steps(-1) })
			at(engine.Base, 2)
			ours("goto", "0", dir)
			at(0, 1)
			plain((*migrate.Migrate).Up)
			at(1, 0)
			ours("down", dir, "--to", "base", "--yes")
			at(engine.Base, 2)
			plain(func(m *migrate.Migrate) error { return m.Force(-1) }) // which leaves no row
			at(engine.Base, 2)
			ours("force", "0", dir, "--yes")
			at(0, 1)
			ours("force", "base", dir, "--yes")
			at(engine.Base, 2)
		})
	}
}
