//go:build unix

package main

import (
	"database/sql"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/verify/finding"
)

const leaving = `
-- sqlite/0001_author.up.sql --
CREATE TABLE author (id INTEGER PRIMARY KEY);
-- sqlite/0001_author.down.sql --
SELECT 1;
-- sqlite/0002_book.up.sql --
CREATE TABLE book (id INTEGER PRIMARY KEY);
-- sqlite/0002_book.down.sql --
DROP TABLE book;
-- postgres/0001_author.up.sql --
CREATE TABLE author (id bigint PRIMARY KEY);
-- postgres/0001_author.down.sql --
DROP TABLE author;
-- postgres/0002_book.up.sql --
CREATE TABLE book (id bigint PRIMARY KEY);
-- postgres/0002_book.down.sql --
DROP TABLE book;
`

// keptIn is what a report lists as kept.
func keptIn(t *testing.T, file string) []finding.KeptDatabase {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	var report finding.Report
	require.NoError(t, json.Unmarshal(text, &report))
	require.Len(t, report.Runs, 1)
	return report.Runs[0].Kept
}

// TestKeepSQLite keeps the database that a failing step left and the one at the
// end, and a run without --keep none.
func TestKeepSQLite(t *testing.T) {
	t.Parallel()
	for _, engine := range []string{"sqlite-file", "sqlite-memory"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			dir, tmp := unpack(t, leaving), t.TempDir()
			check := func(flags ...string) *child {
				c := newChild(t, dir, []string{"TMPDIR=" + tmp}, append([]string{"check", "--engine", engine, "--report", "json=out.json", "."}, flags...)...)
				c.start(t)
				require.Equal(t, statusFindings, c.wait(t), "%s", &c.stderr)
				return c
			}
			check()
			require.Empty(t, keptIn(t, filepath.Join(dir, "out.json")))
			require.Empty(t, sqliteFiles(t, tmp))
			c := check("--keep")
			kept, files := keptIn(t, filepath.Join(dir, "out.json")), sqliteFiles(t, tmp)
			require.Len(t, files, 2)
			require.Len(t, kept, 2)
			require.Equal(t, "at 0001_author: the second up fails", kept[0].Stands)
			require.Equal(t, "at the end of the walk", kept[1].Stands)
			for i, tables := range []int{1, 2} {
				require.Contains(t, c.stdout.String(), "\n          "+kept[i].Command+"\n")
				path := kept[i].Command[len("sqlite3 "):]
				require.Contains(t, files, path)
				db, err := sql.Open("sqlite", path)
				require.NoError(t, err)
				defer db.Close() //nolint:errcheck // only read
				var n int
				require.NoError(t, db.QueryRow("SELECT count(*) FROM sqlite_master WHERE name IN ('author', 'book')").Scan(&n))
				require.Equal(t, tables, n)
			}
		})
	}
}

// TestKeepPostgres finds the kept database on the server by its name.
func TestKeepPostgres(t *testing.T) {
	t.Parallel()
	server, dir := serverDB(t), unpack(t, leaving)
	c := newChild(t, dir, nil, "check", "--engine", "postgres", "--keep", "--report", "json=out.json", ".")
	c.start(t)
	require.Equal(t, statusOK, c.wait(t), "%s", &c.stderr)
	kept := keptIn(t, filepath.Join(dir, "out.json"))
	require.Len(t, kept, 1)
	var n int
	require.NoError(t, server.QueryRowContext(t.Context(), "SELECT count(*) FROM pg_database WHERE datname = $1", kept[0].Name).Scan(&n))
	require.Equal(t, 1, n, "the database is there")
	_, err := server.ExecContext(t.Context(), `DROP DATABASE "`+kept[0].Name+`"`)
	require.NoError(t, err)
	require.Contains(t, c.stdout.String(), "\n          "+kept[0].Command+"\n")
}
