//go:build unix

package main

import (
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/move"
)

// fiveStatements is a history whose second revision has five statements, each of
// which writes a row, and a gate before one of them; 6 is behind them all. It is
// written so that it runs in a transaction, or each statement by itself.
func fiveStatements(t *testing.T, engine string, plain bool, boundary int, gate string) string {
	t.Helper()
	dir := t.TempDir()
	folder := filepath.Join(dir, engine)
	require.NoError(t, os.Mkdir(folder, 0o777))
	write := func(file, text string) { require.NoError(t, os.WriteFile(file, []byte(text), 0o666)) }
	write(filepath.Join(folder, "0001_log.up.sql"), "CREATE TABLE log (n bigint);\n")
	var b strings.Builder
	if plain && engine == "sqlite" {
		b.WriteString("PRAGMA foreign_keys = OFF;\n")
	}
	for n := 1; n <= 6; n++ {
		if n == boundary {
			b.WriteString(gate)
		}
		if n <= 5 {
			fmt.Fprintf(&b, "INSERT INTO log VALUES (%d);\n", n)
		}
	}
	write(filepath.Join(folder, "0002_five.up.sql"), b.String())
	if plain {
		option := map[string]string{"postgres": "multi_statement", "sqlite": "no_tx_wrap"}[engine]
		write(filepath.Join(dir, "handrail.toml"), "[runner]\n"+option+" = true\n")
	}
	return dir
}

// boundaries are those of five statements; a short run has one in the middle.
func boundaries() []int {
	if testing.Short() {
		return []int{3}
	}
	return []int{1, 2, 3, 4, 5, 6}
}

// afterFault looks that status tells the truth after a fault, and that the next up
// goes on, or says what to do. Mended is a folder with the same revisions in
// which nothing stops them.
func afterFault(t *testing.T, db *sql.DB, dir, mended, url string, plain bool, boundary int, want move.Outcome) {
	t.Helper()
	p := position(t, dir, url)
	require.Nil(t, p.Moving)
	last := map[move.Outcome]*move.Entry{move.Crashed: p.Crashed, move.Failed: p.Failed}[want]
	require.NotNil(t, last, "%+v", p)
	require.Equal(t, "0002_five", last.Revision)
	require.Equal(t, plain, p.Dirty, "only what is not in a transaction leaves anything")
	if !plain {
		require.Equal(t, engine.Version{Ordinal: 1}, p.Current)
		require.Empty(t, rowsOf(t, db), "what was in the transaction is gone")
	} else {
		require.Equal(t, engine.Version{Ordinal: 2}, p.Current)
		require.Equal(t, "1 2 3 4 5"[:max(0, 2*(boundary-1)-1)], rowsOf(t, db), "each statement that ended is there")
		status, _, stderr := command(t, "up", mended, "--url", url)
		require.Equal(t, statusBroken, status)
		require.Contains(t, stderr, " is dirty at version 2: ")
		require.Contains(t, stderr, "handrail force VERSION ")
		// As the message says: undone by hand, and written down.
		_, err := db.Exec("DELETE FROM log")
		require.NoError(t, err)
		status, _, stderr = command(t, "force", "1", mended, "--url", url, "--yes")
		require.Equal(t, statusOK, status, stderr)
	}
	status, _, stderr := command(t, "up", mended, "--url", url)
	require.Equal(t, statusOK, status, stderr)
	require.Equal(t, "1 2 3 4 5", rowsOf(t, db))
	p = position(t, mended, url)
	require.True(t, p.Well() && p.Current.Ordinal == 2 && p.Crashed == nil && p.Failed == nil, "%+v", p)
	story := fmt.Sprintf("1 applied, 2 %s, 2 applied", want)
	if plain {
		story = fmt.Sprintf("1 applied, 2 %s, 1 forced, 2 applied", want)
	}
	require.Equal(t, story, fates(t, db))
}

// TestFaultsPostgres stops a revision at each boundary between its statements, in
// each way that there is on the server of all tests. A server that stops and a disk
// that is full are in TestServerFaultsPostgres, for a server of its own; they are
// made by means of Linux.
func TestFaultsPostgres(t *testing.T) {
	t.Parallel()
	faults := []struct {
		name   string
		limit  string // a setting of the session that ends the wait at the gate, and nothing before it
		strike func(*testing.T, *sql.DB, *child)
		want   move.Outcome
		says   string
	}{
		{name: "SIGKILL", want: move.Crashed, strike: func(t *testing.T, _ *sql.DB, c *child) {
			require.NoError(t, c.cmd.Process.Kill())
		}},
		{name: "interrupt", want: move.Failed, says: "interrupt signal received", strike: func(t *testing.T, _ *sql.DB, c *child) {
			require.NoError(t, c.cmd.Process.Signal(os.Interrupt))
		}},
		{name: "pg_terminate_backend", want: move.Failed, says: "terminating connection due to administrator command", strike: func(t *testing.T, db *sql.DB, _ *child) {
			_, err := db.Exec("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = $1 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())", gateLock)
			require.NoError(t, err)
		}},
		{name: "statement timeout", limit: "statement_timeout", want: move.Failed, says: "canceling statement due to statement timeout"},
		{name: "lock timeout", limit: "lock_timeout", want: move.Failed, says: "canceling statement due to lock timeout"},
	}
	for _, fault := range faults {
		for _, plain := range []bool{false, true} {
			for _, boundary := range boundaries() {
				t.Run(fmt.Sprintf("%s/plain=%t/%d", fault.name, plain, boundary), func(t *testing.T) {
					t.Parallel()
					db, target := targetOf(t, "postgres")
					dir := fiveStatements(t, "postgres", plain, boundary, fmt.Sprintf("SELECT pg_advisory_xact_lock(%d);\n", gateLock))
					open := closeGate(t, db)
					limited := target
					if fault.limit != "" {
						limited = withParameter(t, target, fault.limit, map[string]string{"statement_timeout": "2s", "lock_timeout": "500ms"}[fault.limit])
					}
					c := newChild(t, dir, nil, "up", ".", "--url", limited)
					c.start(t)
					if fault.strike != nil {
						eventually(t, func() bool { at, _ := waiters(t, db); return at == 1 }, "the revision is at the gate")
						fault.strike(t, db, c)
					}
					status := c.wait(t)
					if fault.want == move.Crashed {
						// The server is in the middle of the revision, unless it has noticed
						// already, for which it looks once a second.
						p := position(t, dir, target)
						require.True(t, p.Moving != nil || p.Crashed != nil, "%+v", p)
					} else {
						require.Equal(t, statusBroken, status)
						require.Contains(t, c.stderr.String(), fault.says)
					}
					open()
					eventually(t, func() bool { return position(t, dir, target).Moving == nil }, "the server has noticed")
					afterFault(t, db, dir, dir, target, plain, boundary, fault.want)
				})
			}
		}
	}
}

// withParameter is a URL with one more parameter.
func withParameter(t *testing.T, text, name, value string) string {
	t.Helper()
	u, err := url.Parse(text)
	require.NoError(t, err)
	query := u.Query()
	query.Set(name, value)
	u.RawQuery = query.Encode()
	return u.String()
}

// locked is a database in a file, with a table gate, that a connection of its own
// has locked until the test ends.
func locked(t *testing.T) (file string) {
	t.Helper()
	db, target := targetOf(t, "sqlite")
	_, err := db.Exec("CREATE TABLE gate (n bigint)")
	require.NoError(t, err)
	conn, err := db.Conn(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, conn.Close()) }) // rolls back
	_, err = conn.ExecContext(t.Context(), "BEGIN EXCLUSIVE")
	require.NoError(t, err)
	return strings.TrimPrefix(target, "sqlite://")
}

// TestFaultsSQLite kills or interrupts the process at each boundary, and lets it meet
// a lock there that does not go away. A disk that is full is in TestDiskFullSQLite. There is no
// server to stop, no backend to terminate, and golang-migrate has no limit for a
// statement on SQLite.
func TestFaultsSQLite(t *testing.T) {
	t.Parallel()
	const endless = "CREATE TABLE endless AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n;\n"
	for i, fault := range slices.Repeat([]struct {
		name   string
		signal os.Signal
		want   move.Outcome
	}{{"SIGKILL", os.Kill, move.Crashed}, {"interrupt", os.Interrupt, move.Failed}}, 2) {
		plain := i >= 2
		for _, boundary := range boundaries() {
			t.Run(fmt.Sprintf("%s/plain=%t/%d", fault.name, plain, boundary), func(t *testing.T) {
				t.Parallel()
				db, target := targetOf(t, "sqlite")
				file := strings.TrimPrefix(target, "sqlite://")
				dir := fiveStatements(t, "sqlite", plain, boundary, endless)
				c := newChild(t, dir, nil, "up", ".", "--url", target)
				c.start(t)
				eventually(t, func() bool {
					if attempted(db, "0002_five") != "started" {
						return false
					}
					if plain {
						return dirtyAt(file) == 2 && len(rowsOf(t, db)) == max(0, 2*(boundary-1)-1)
					}
					_, err := os.Stat(file + "-journal") // the first statement has written
					return boundary == 1 || err == nil
				}, "the revision is at the boundary")
				require.NotNil(t, position(t, dir, target).Moving)
				require.NoError(t, c.cmd.Process.Signal(fault.signal))
				c.wait(t)
				afterFault(t, db, dir, fiveStatements(t, "sqlite", plain, 0, ""), target, plain, boundary, fault.want)
			})
		}
	}
	for _, plain := range []bool{false, true} {
		for _, boundary := range boundaries() {
			t.Run(fmt.Sprintf("lock timeout/plain=%t/%d", plain, boundary), func(t *testing.T) {
				t.Parallel()
				db, target := targetOf(t, "sqlite")
				gate := fmt.Sprintf("ATTACH '%s' AS other;\nINSERT INTO other.gate VALUES (1);\n", locked(t))
				dir := fiveStatements(t, "sqlite", plain, boundary, gate)
				status, _, stderr := command(t, "up", dir, "--url", target+"?_pragma=busy_timeout(50)")
				require.Equal(t, statusBroken, status)
				require.Contains(t, stderr, "database is locked")
				afterFault(t, db, dir, fiveStatements(t, "sqlite", plain, 0, ""), target, plain, boundary, move.Failed)
			})
		}
	}
	// Where somebody else has the lock of the database itself nothing begins, and no
	// statement can meet it later: the first thing that handrail does is to take it.
	t.Run("locked", func(t *testing.T) {
		t.Parallel()
		db, target := targetOf(t, "sqlite")
		dir := fiveStatements(t, "sqlite", false, 0, "")
		status, _, stderr := command(t, "goto", "1", dir, "--url", target)
		require.Equal(t, statusOK, status, stderr)
		conn, err := db.Conn(t.Context())
		require.NoError(t, err)
		defer conn.Close() //nolint:errcheck // rolls back
		_, err = conn.ExecContext(t.Context(), "BEGIN IMMEDIATE")
		require.NoError(t, err)
		status, _, stderr = command(t, "up", dir, "--url", target+"?_pragma=busy_timeout(100)")
		require.Equal(t, statusBroken, status)
		require.Contains(t, stderr, "database is locked")
		_, err = conn.ExecContext(t.Context(), "ROLLBACK")
		require.NoError(t, err)
		status, _, stderr = command(t, "up", dir, "--url", target)
		require.Equal(t, statusOK, status, stderr)
		require.Equal(t, "1 2 3 4 5", rowsOf(t, db))
		require.Equal(t, "1 applied, 2 applied", fates(t, db))
	})
}
