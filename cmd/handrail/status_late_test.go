package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/verify/dialect"
)

// TestHistoryOfAnother goes on with a table of an older handrail that another role
// owns: it cannot get the column that says where an attempt began, and need not.
func TestHistoryOfAnother(t *testing.T) {
	t.Parallel()
	db, url := targetOf(t, "postgres")
	dir := logged(t, dialect.Postgres, "")
	old, err := filepath.Glob(filepath.Join(dir, "postgres", "000[2-5]_*"))
	require.NoError(t, err)
	for _, file := range old {
		require.NoError(t, os.Remove(file))
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "postgres", "0002_row.up.sql"), []byte("INSERT INTO log VALUES (2);\n"), 0o666))
	status, _, stderr := command(t, "goto", "1", dir, "--url", url)
	require.Equal(t, statusOK, status, stderr)
	config, err := configOf(db)
	require.NoError(t, err)
	config.User, config.Password = config.Database+"_role", "top-secret"
	role := pgx.Identifier{config.User}.Sanitize()
	t.Cleanup(func() {
		_, err := db.Exec("DROP OWNED BY " + role + "; DROP ROLE " + role)
		require.NoError(t, err)
	})
	_, err = db.Exec("CREATE ROLE " + role + " LOGIN PASSWORD 'top-secret'; GRANT ALL ON ALL TABLES IN SCHEMA public TO " + role + "; GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO " + role +
		"; ALTER TABLE handrail_history DROP COLUMN came_from")
	require.NoError(t, err)
	status, _, stderr = command(t, "up", dir, "--url", urlOf(config))
	require.Equal(t, statusOK, status, stderr)
	require.Equal(t, "1 2", rowsOf(t, db))
	p := position(t, dir, url)
	require.True(t, p.Well(), "%+v", p)
	require.Nil(t, p.Revisions[1].Entry.From)
}
