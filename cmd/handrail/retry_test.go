//go:build unix

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gofrs/flock"
	"github.com/golang-migrate/migrate/v4/database/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/verify/dialect"
)

// stumbling is a history whose second revision raises an error of a code at its first
// two tries, in a file or in its assertion: a sequence counts them, which no rollback sets back.
func stumbling(t *testing.T, code, file string) string {
	t.Helper()
	dir := t.TempDir()
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666))
	}
	write("0001_log.up.sql", "CREATE SEQUENCE tries;\nCREATE TABLE log (n bigint);\nINSERT INTO log VALUES (1);\n")
	write("0002_row.up.sql", "INSERT INTO log VALUES (2);\n")
	stumble := fmt.Sprintf("DO $$ BEGIN IF nextval('tries') < 3 THEN RAISE EXCEPTION 'in the way' USING ERRCODE = '%s'; END IF; END $$;\n", code)
	f, err := os.OpenFile(filepath.Join(dir, file), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	require.NoError(t, err)
	_, err = f.WriteString(stumble)
	require.NoError(t, err)
	require.NoError(t, f.Close())
	return dir
}

// TestRetries makes a step once more where somebody else was in the way and nothing
// of it is left, as often as it is told; each try is in the history, and said.
func TestRetries(t *testing.T) {
	t.Parallel()
	const up, assert = "0002_row.up.sql", "0002_row.assert.sql"
	for _, c := range []struct {
		name, code, file string
		retries          int
		status           int
		said             []string
		fates            string
	}{
		{"serialization", "40001", up, 2, statusOK, []string{"0002_row.up.sql: ERROR: in the way (SQLSTATE 40001) 0002_row was one transaction, which is rolled back: the database is as it was at version 1; again in 1s\n", "try 2 of 3: ", "up 0002_row: try 3 of 3: it went through\n"}, "1 applied, 2 failed, 2 failed, 2 applied"},
		{"deadlock", "40P01", up, 3, statusOK, []string{"try 3 of 4: it went through\n"}, "1 applied, 2 failed, 2 failed, 2 applied"},
		{"lock timeout", "55P03", up, 1, statusBroken, []string{"try 1 of 2: ", "    that was try 2 of 2\n", "is as it was at version 1\n"}, "1 applied, 2 failed, 2 failed"},
		{"an assertion", "40001", assert, 2, statusOK, []string{"try 3 of 3: it went through\n"}, "1 applied, 2 rolled back, 2 rolled back, 2 applied"},
		{"none", "40001", up, 0, statusBroken, nil, "1 applied, 2 failed"},
		{"another error", "23505", up, 5, statusBroken, nil, "1 applied, 2 failed"},
		{"another error of an assertion", "P0001", assert, 5, statusFindings, nil, "1 applied, 2 rolled back"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			db, url := targetOf(t, "postgres")
			status, stdout, stderr := command(t, "up", stumbling(t, c.code, c.file), "--url", url, "--retries", fmt.Sprint(c.retries))
			require.Equal(t, c.status, status, "%s%s", stdout, stderr)
			for _, said := range c.said {
				require.Contains(t, stderr, said)
			}
			if c.said == nil {
				require.NotContains(t, stderr, "try ")
			}
			require.Equal(t, c.fates, fates(t, db))
			require.Equal(t, map[bool]string{true: "1 2", false: "1"}[status == statusOK], rowsOf(t, db))
		})
	}
	t.Run("what is left", func(t *testing.T) {
		t.Parallel()
		db, url := targetOf(t, "postgres")
		dir := stumbling(t, "40001", up)
		text, err := os.ReadFile(filepath.Join(dir, up))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, up), append([]byte("COMMIT;\n"), text...), 0o666))
		status, _, stderr := command(t, "up", dir, "--url", url, "--retries", "5")
		require.Equal(t, statusBroken, status)
		require.NotContains(t, stderr, "try ")
		require.Contains(t, stderr, " is dirty at version 2: ")
		require.Equal(t, "1 applied, 2 failed", fates(t, db))
	})
}

// TestLockTimeout waits no longer than it is told: for a table, for somebody else who
// moves the database, for SQLite's lock. What holds it lets go before a later try.
func TestLockTimeout(t *testing.T) {
	t.Parallel()
	t.Run("a table", func(t *testing.T) {
		t.Parallel()
		db, url := targetOf(t, "postgres")
		dir := logged(t, dialect.Postgres, "")
		status, _, stderr := command(t, "goto", "1", dir, "--url", url)
		require.Equal(t, statusOK, status, stderr)
		tx, err := db.Begin()
		require.NoError(t, err)
		defer tx.Rollback() //nolint:errcheck // it has been, where the test gets to its end
		_, err = tx.Exec("LOCK TABLE log")
		require.NoError(t, err)
		status, _, stderr = command(t, "up", dir, "--url", withParameter(t, url, "lock_timeout", "60000"), "--lock-timeout", "50ms")
		require.Equal(t, statusBroken, status)
		require.Contains(t, stderr, "0002_gate.up.sql:1: ERROR: canceling statement due to lock timeout (SQLSTATE 55P03)")
		c := runBeside(t, "up", dir, "--url", url, "--lock-timeout", "50ms", "--retries", "20")
		eventually(t, func() bool { return strings.Contains(c.stderr.String(), "try 1 of 21: ") }, "a try has ended")
		require.NoError(t, tx.Rollback())
		c.ok(t)
		require.Regexp(t, `: up 0002_gate: try \d+ of 21: it went through\n`, c.stderr.String())
		require.Equal(t, "1 2 3 4 5", rowsOf(t, db))
	})
	t.Run("a mover", func(t *testing.T) {
		t.Parallel()
		db, url := targetOf(t, "postgres")
		dir := logged(t, dialect.Postgres, "")
		pool, err := (&pgx.Postgres{}).Open(strings.Replace(url, "postgres", "pgx5", 1))
		require.NoError(t, err)
		defer pool.Close() //nolint:errcheck // only its lock is used
		require.NoError(t, pool.Lock())
		for _, args := range [][]string{{"up", dir}, {"force", "1", dir, "--yes"}} {
			status, _, stderr := command(t, append(args, "--url", url, "--lock-timeout", "100ms", "--retries", "9")...)
			require.Equal(t, statusBroken, status)
			require.Contains(t, stderr, ": waiting for a migration that runs there (backend ")
			require.Contains(t, stderr, "wait for the lock of golang-migrate: somebody else still moves it after 100ms, the lock timeout\n")
		}
		require.NoError(t, pool.SetVersion(1, true)) // in the middle of a step
		status, _, stderr := command(t, "up", dir, "--url", url, "--lock-timeout", "100ms")
		require.Equal(t, statusBroken, status)
		require.Contains(t, stderr, ": somebody else still moves it after 100ms, the lock timeout\n")
		var there bool
		require.NoError(t, db.QueryRow("SELECT to_regclass('log') IS NOT NULL").Scan(&there))
		require.False(t, there)
	})
	t.Run("a file", func(t *testing.T) {
		t.Parallel()
		db, url := targetOf(t, "sqlite")
		dir := logged(t, dialect.SQLite, "")
		lock := flock.New(strings.TrimPrefix(url, "sqlite://") + ".handrail-lock")
		require.NoError(t, lock.Lock())
		status, _, stderr := command(t, "up", dir, "--url", url, "--lock-timeout", "50ms")
		require.Equal(t, statusBroken, status)
		require.Contains(t, stderr, "somebody else still moves it after 50ms, the lock timeout\n")
		require.NoError(t, lock.Unlock())

		status, _, stderr = command(t, "goto", "1", dir, "--url", url)
		require.Equal(t, statusOK, status, stderr)
		conn, err := db.Conn(t.Context())
		require.NoError(t, err)
		defer conn.Close() //nolint:errcheck // rolls back
		_, err = conn.ExecContext(t.Context(), "BEGIN IMMEDIATE")
		require.NoError(t, err)
		status, _, stderr = command(t, "up", dir, "--url", url+"?_pragma=busy_timeout(600000)", "--lock-timeout", "50ms", "--retries", "1")
		require.Equal(t, statusBroken, status)
		require.Contains(t, stderr, "try 1 of 2: ")
		require.Contains(t, stderr, "database is locked")
		require.Contains(t, stderr, "    that was try 2 of 2\n")
		c := runBeside(t, "up", dir, "--url", url, "--lock-timeout", "50ms", "--retries", "20")
		eventually(t, func() bool { return strings.Contains(c.stderr.String(), "try 1 of 21: ") }, "a try has ended")
		_, err = conn.ExecContext(t.Context(), "ROLLBACK")
		require.NoError(t, err)
		c.ok(t)
		require.Equal(t, "1 2 3 4 5", rowsOf(t, db))
	})
}
