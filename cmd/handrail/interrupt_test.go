//go:build unix

package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/verify/finding"
)

// slow is a history whose second revision does not end by itself.
const slow = `
-- postgres/0001_author.up.sql --
CREATE TABLE author (id bigint PRIMARY KEY);
-- postgres/0001_author.down.sql --
DROP TABLE author;
-- postgres/0002_slow.up.sql --
SELECT pg_sleep(600) /* MARK */;
-- sqlite/0001_author.up.sql --
CREATE TABLE author (id INTEGER PRIMARY KEY);
-- sqlite/0001_author.down.sql --
DROP TABLE author;
-- sqlite/0002_slow.up.sql --
CREATE TABLE slow AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n;
`

// interrupt sends what Ctrl-C does and waits for the end.
func (c *child) interrupt(t *testing.T) int {
	t.Helper()
	require.NoError(t, c.cmd.Process.Signal(os.Interrupt))
	return c.wait(t)
}

// TestInterruptCheckPostgres interrupts a check in the middle of a statement:
// the statement ends, the database is dropped, and the exit status says that
// nothing was verified.
func TestInterruptCheckPostgres(t *testing.T) {
	t.Parallel()
	server := serverDB(t)
	mark := filepath.Base(t.TempDir()) + t.Name()
	c := newChild(t, unpack(t, markSlow(mark)), nil, "check", "--engine", "postgres", ".")
	c.start(t)
	var name string
	eventually(t, func() bool {
		return running(t, server, mark, &name)
	}, "the slow statement runs")
	status := c.interrupt(t)
	require.Equal(t, statusBroken, status, "%s", &c.stderr)
	require.Equal(t, "handrail: interrupted; the databases of this run are dropped\n", c.stderr.String())
	require.Contains(t, c.stdout.String(), ": verified on 0 of 1 engines, not to the end on postgres: 1 of 2 revisions judged, clean, 1 not (interrupted); ")
	require.False(t, running(t, server, mark, &name), "the statement still runs on the server")
	var left int
	require.NoError(t, server.QueryRowContext(t.Context(), "SELECT count(*) FROM pg_database WHERE datname = $1", name).Scan(&left))
	require.Zero(t, left, "database %s was left behind", name)
}

// TestInterruptCheckSQLite does the same to a database in a file, with both signals
// that ask for an end, and with --keep. What was seen until then is reported.
func TestInterruptCheckSQLite(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		signal os.Signal
		flags  []string
		said   string
		left   int
	}{
		{"ctrl-c", os.Interrupt, nil, "the databases of this run are dropped", 0},
		{"sigterm", syscall.SIGTERM, nil, "the databases of this run are dropped", 0},
		{"keep", os.Interrupt, []string{"--keep"}, "the report says which databases are kept", 1},
	}
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir, tmp := unpack(t, slow), t.TempDir()
			args := append([]string{"check", "--engine", "sqlite-file", "--engine", "sqlite-memory", "--report", "json=out.json", "."}, test.flags...)
			c := newChild(t, dir, []string{"TMPDIR=" + tmp}, args...)
			c.start(t)
			eventually(t, func() bool {
				files := sqliteFiles(t, tmp)
				return len(files) > 0 && dirtyAt(files[0]) == 2
			}, "the slow revision has begun")
			require.NoError(t, c.cmd.Process.Signal(test.signal))
			require.Equal(t, statusBroken, c.wait(t), "%s", &c.stderr)
			require.Equal(t, "handrail: interrupted; "+test.said+"\n", c.stderr.String())
			require.Contains(t, c.stdout.String(), "0002_slow")
			require.Contains(t, c.stdout.String(), "unverified: interrupted\n")
			require.Contains(t, c.stdout.String(), "\nsqlite-memory: not run\n    interrupted\n")
			require.Contains(t, c.stdout.String(), "not to the end on sqlite-file, not on sqlite-memory: 1 of 2 revisions judged, clean, 1 not (interrupted); ")
			require.Len(t, sqliteFiles(t, tmp), test.left)

			text, err := os.ReadFile(filepath.Join(dir, "out.json"))
			require.NoError(t, err)
			var report finding.Report
			require.NoError(t, json.Unmarshal(text, &report))
			require.Len(t, report.Runs[0].Kept, test.left)
			require.Equal(t, finding.Clean, report.Runs[0].Revisions[0].Verdict)
			require.Equal(t, finding.Unverified, report.Runs[0].Revisions[1].Verdict)
			require.Equal(t, "interrupted", report.Runs[1].NotRun)
		})
	}
}

// TestInterruptUp interrupts the move of a database that somebody owns: the
// revision that was interrupted is not there, and the message says where the
// database stands.
func TestInterruptUp(t *testing.T) {
	t.Parallel()
	dir := unpack(t, slow)
	c := newChild(t, dir, nil, "up", ".", "--url", "sqlite://store.db")
	c.start(t)
	db, err := sql.Open("sqlite", filepath.Join(dir, "store.db"))
	require.NoError(t, err)
	defer db.Close() //nolint:errcheck // only read
	eventually(t, func() bool { return attempted(db, "0002_slow") == "started" }, "the slow revision has begun")
	require.Equal(t, statusBroken, c.interrupt(t), "%s", &c.stderr)
	require.Contains(t, c.stdout.String(), "\nfile store.db: from base to version 1\n")
	require.Contains(t, c.stderr.String(), "handrail: file store.db: sqlite/0002_slow.up.sql: interrupt")
	require.Contains(t, c.stderr.String(), "\n    0002_slow was one transaction, which is rolled back: the database is as it was at version 1\n")
	var version int
	require.NoError(t, db.QueryRow("SELECT version FROM schema_migrations WHERE NOT dirty").Scan(&version))
	require.Equal(t, 1, version)
	require.Equal(t, "failed", attempted(db, "0002_slow"))
}

// attempted is what the history says of the last attempt at a revision.
func attempted(db *sql.DB, revision string) (status string) {
	_ = db.QueryRow("SELECT status FROM handrail_history WHERE revision = '" + revision + "' ORDER BY id DESC LIMIT 1").Scan(&status) // it may not be there yet
	return status
}

// TestInterruptUpPostgres is the same where the interrupted statement may take
// its connection with it.
func TestInterruptUpPostgres(t *testing.T) {
	t.Parallel()
	server := serverDB(t)
	config, err := configOf(server)
	require.NoError(t, err)
	mark := filepath.Base(t.TempDir()) + t.Name()
	c := newChild(t, unpack(t, markSlow(mark)), []string{"HANDRAIL_TARGET_URL=" + urlOf(config)}, "up", ".")
	c.start(t)
	var name string
	eventually(t, func() bool { return running(t, server, mark, &name) }, "the slow statement runs")
	require.Equal(t, statusBroken, c.interrupt(t), "%s", &c.stderr)
	require.Contains(t, c.stdout.String(), ": from base to version 1\n")
	require.Contains(t, c.stderr.String(), ": postgres/0002_slow.up.sql: interrupt")
	require.Contains(t, c.stderr.String(), " the database is as it was at version 1\n")
	if config.Password != "" {
		require.NotContains(t, c.stdout.String()+c.stderr.String(), config.Password)
	}
	require.False(t, running(t, server, mark, &name), "the statement still runs on the server")
	require.Equal(t, "failed", attempted(server, "0002_slow"))
}

// markSlow marks the slow statement, so that it is told from those of others.
func markSlow(mark string) string {
	return string(bytes.ReplaceAll([]byte(slow), []byte("MARK"), []byte(mark)))
}

// running reports whether the server runs the marked statement, and in which
// database.
func running(t *testing.T, server *sql.DB, mark string, name *string) bool {
	t.Helper()
	err := server.QueryRow("SELECT datname FROM pg_stat_activity WHERE state = 'active' AND position($1 IN query) > 0", mark).Scan(name)
	if !errors.Is(err, sql.ErrNoRows) {
		require.NoError(t, err)
	}
	return err == nil
}

// dirtyAt is the version at which a database is dirty, 0 if it is not.
func dirtyAt(file string) (version int) {
	db, err := sql.Open("sqlite", file)
	if err != nil {
		return 0
	}
	defer db.Close()                                                                    //nolint:errcheck // only read
	_ = db.QueryRow("SELECT version FROM schema_migrations WHERE dirty").Scan(&version) // the table may not be there yet
	return version
}

// sqliteFiles are the files under a folder that SQLite has written a database to.
func sqliteFiles(t *testing.T, dir string) []string {
	t.Helper()
	var files []string
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) || err == nil && !d.Type().IsRegular() {
			return nil
		}
		if err != nil {
			return err
		}
		text, err := os.ReadFile(path)
		if err == nil && bytes.HasPrefix(text, []byte("SQLite format 3\x00")) {
			files = append(files, path)
		}
		return nil
	}))
	return files
}
