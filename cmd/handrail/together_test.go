package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/golang-migrate/migrate/v4"
	_ "github.com/golang-migrate/migrate/v4/database/pgx/v5" // the drivers by URL
	_ "github.com/golang-migrate/migrate/v4/database/sqlite"
	"github.com/golang-migrate/migrate/v4/source/iofs"
	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/move"
)

// gateLock is the advisory lock at which revisions of the tests wait: who holds it
// decides when they go on.
const gateLock = 4711

// logged is a history of revisions that each write a row, which nothing keeps from
// being there twice. The second waits at the gate.
func logged(t *testing.T, d dialect.Dialect, gate string) string {
	t.Helper()
	dir := t.TempDir()
	folder := filepath.Join(dir, string(d))
	require.NoError(t, os.Mkdir(folder, 0o777))
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(text), 0o666))
	}
	write("0001_log.up.sql", "CREATE TABLE log (n bigint);\nINSERT INTO log VALUES (1);\n")
	write("0002_gate.up.sql", gate+"INSERT INTO log VALUES (2);\n")
	for n := 3; n <= 5; n++ {
		write(fmt.Sprintf("%04d_row.up.sql", n), fmt.Sprintf("INSERT INTO log VALUES (%d);\n", n))
	}
	return dir
}

// rowsOf is the log, in the order of the numbers.
func rowsOf(t *testing.T, db *sql.DB) string {
	t.Helper()
	rows, err := db.Query("SELECT n FROM log ORDER BY n")
	require.NoError(t, err)
	defer rows.Close() //nolint:errcheck // rows.Err tells
	var all []string
	for rows.Next() {
		var n string
		require.NoError(t, rows.Scan(&n))
		all = append(all, n)
	}
	require.NoError(t, rows.Err())
	return strings.Join(all, " ")
}

// fates are the attempts in the history.
func fates(t *testing.T, db *sql.DB) string {
	t.Helper()
	rows, err := db.Query("SELECT version, status FROM handrail_history ORDER BY id")
	require.NoError(t, err)
	defer rows.Close() //nolint:errcheck // rows.Err tells
	var all []string
	for rows.Next() {
		var version, status string
		require.NoError(t, rows.Scan(&version, &status))
		all = append(all, version+" "+status)
	}
	require.NoError(t, rows.Err())
	return strings.Join(all, ", ")
}

// TestSixteenUp starts sixteen processes at once: each revision is applied once,
// and each process ends well.
func TestSixteenUp(t *testing.T) {
	t.Parallel()
	for _, engine := range []string{"postgres", "sqlite"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			db, url := targetOf(t, engine)
			dir := logged(t, dialect.Dialect(engine), "")
			var all []*child
			for range 16 {
				c := newChild(t, dir, nil, "up", ".", "--url", url)
				c.start(t)
				all = append(all, c)
			}
			for _, c := range all {
				require.Equal(t, statusOK, c.wait(t), "%s%s", &c.stdout, &c.stderr)
			}
			require.Equal(t, "1 2 3 4 5", rowsOf(t, db))
			require.Equal(t, "1 applied, 2 applied, 3 applied, 4 applied, 5 applied", fates(t, db))
		})
	}
}

// targetOf is a new, empty database of an engine, and its URL.
func targetOf(t *testing.T, engine string) (db *sql.DB, url string) {
	t.Helper()
	if engine == "postgres" {
		db := serverDB(t)
		config, err := configOf(db)
		require.NoError(t, err)
		return db, urlOf(config)
	}
	file := filepath.Join(t.TempDir(), "store.db")
	db, err := sql.Open("sqlite", file+"?_pragma=busy_timeout(10000)")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db, "sqlite://" + file
}

// closeGate holds the lock at which revisions wait, until open is called.
func closeGate(t *testing.T, db *sql.DB) (open func()) {
	t.Helper()
	conn, err := db.Conn(context.Background())
	require.NoError(t, err)
	_, err = conn.ExecContext(context.Background(), fmt.Sprintf("SELECT pg_advisory_lock(%d)", gateLock))
	require.NoError(t, err)
	opened := false
	open = func() {
		if !opened {
			opened = true
			_, err := conn.ExecContext(context.Background(), fmt.Sprintf("SELECT pg_advisory_unlock(%d)", gateLock))
			require.NoError(t, err)
			require.NoError(t, conn.Close())
		}
	}
	t.Cleanup(open)
	return open
}

// waiters are the backends that wait for an advisory lock in the database: at
// the gate, and for another one.
func waiters(t *testing.T, db *sql.DB) (atGate, elsewhere int) {
	t.Helper()
	err := db.QueryRow(`SELECT count(*) FILTER (WHERE objid = $1), count(*) FILTER (WHERE objid <> $1) FROM pg_locks
		WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`, gateLock).Scan(&atGate, &elsewhere)
	require.NoError(t, err)
	return atGate, elsewhere
}

// plainUp is golang-migrate's own up, by URL.
func plainUp(dir, url string) error { return plainly(dir, url, (*migrate.Migrate).Up) }

// plainly does something with golang-migrate alone, by URL.
func plainly(dir, url string, do func(*migrate.Migrate) error) error {
	folder, url := "sqlite", url
	if rest, ok := strings.CutPrefix(url, "postgres"); ok {
		folder, url = "postgres", "pgx5"+rest
	}
	source, err := iofs.New(os.DirFS(dir), folder)
	if err != nil {
		return err
	}
	m, err := migrate.NewWithSourceInstance("iofs", source, url)
	if err != nil {
		return err
	}
	defer m.Close() //nolint:errcheck // the error of do says it all
	return do(m)
}

// TestPlainMigrateGoesOn goes from handrail to golang-migrate alone and back: each
// goes on where the other ended.
func TestPlainMigrateGoesOn(t *testing.T) {
	t.Parallel()
	for _, engine := range []string{"postgres", "sqlite"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			db, url := targetOf(t, engine)
			dir := logged(t, dialect.Dialect(engine), "")
			for n := 3; n <= 5; n++ {
				down := fmt.Sprintf("DELETE FROM log WHERE n = %d;\n", n)
				require.NoError(t, os.WriteFile(filepath.Join(dir, engine, fmt.Sprintf("%04d_row.down.sql", n)), []byte(down), 0o666))
			}
			ours := func(args ...string) {
				status, _, stderr := command(t, append(args, "--url", url)...)
				require.Equal(t, statusOK, status, stderr)
			}
			ours("goto", "2", dir)
			require.NoError(t, plainUp(dir, url))
			require.Equal(t, "1 2 3 4 5", rowsOf(t, db))
			p := position(t, dir, url)
			require.True(t, p.Well() && p.Current.Ordinal == 5 && p.Pending() == 0, "%+v", p)
			ours("down", dir, "--to", "4", "--yes")
			require.NoError(t, plainly(dir, url, func(m *migrate.Migrate) error { return m.Steps(-1) }))
			require.Equal(t, "1 2 3", rowsOf(t, db))
			ours("up", dir)
			require.Equal(t, "1 2 3 4 5", rowsOf(t, db))
			require.ErrorIs(t, plainUp(dir, url), migrate.ErrNoChange)
			require.Equal(t, "1 applied, 2 applied, 5 applied, 4 applied, 5 applied", fates(t, db), "what golang-migrate does alone it does not write down")
		})
	}
}

// TestUpBesidePlainMigrate runs handrail and plain golang-migrate by URL at once, in
// both orders: the second waits for the first, and each revision is applied once.
func TestUpBesidePlainMigrate(t *testing.T) {
	t.Parallel()
	gate := fmt.Sprintf("SELECT pg_advisory_xact_lock(%d);\n", gateLock)

	t.Run("handrail first", func(t *testing.T) {
		t.Parallel()
		db, url := targetOf(t, "postgres")
		dir := logged(t, dialect.Postgres, gate)
		open := closeGate(t, db)
		c := newChild(t, dir, nil, "up", ".", "--url", url)
		c.start(t)
		eventually(t, func() bool { at, _ := waiters(t, db); return at == 1 }, "handrail is at the gate")
		plain := make(chan error, 1)
		go func() { plain <- plainUp(dir, url) }()
		eventually(t, func() bool { _, other := waiters(t, db); return other == 1 }, "golang-migrate waits for handrail")
		open()
		require.Equal(t, statusOK, c.wait(t), "%s", &c.stderr)
		require.ErrorIs(t, <-plain, migrate.ErrNoChange)
		require.Equal(t, "1 2 3 4 5", rowsOf(t, db))
	})

	t.Run("golang-migrate first", func(t *testing.T) {
		t.Parallel()
		db, url := targetOf(t, "postgres")
		dir := logged(t, dialect.Postgres, gate)
		open := closeGate(t, db)
		plain := make(chan error, 1)
		go func() { plain <- plainUp(dir, url) }()
		eventually(t, func() bool { at, _ := waiters(t, db); return at == 1 }, "golang-migrate is at the gate")
		c := newChild(t, dir, nil, "up", ".", "--url", url)
		stderr, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
		require.NoError(t, err)
		defer stderr.Close() //nolint:errcheck // only read
		c.cmd.Stderr = stderr
		c.start(t)
		eventually(t, func() bool {
			said, err := os.ReadFile(stderr.Name())
			return err == nil && bytes.Contains(said, []byte(": waiting for a migration that runs there (backend "))
		}, "handrail waits for golang-migrate")
		open()
		require.NoError(t, <-plain)
		require.Equal(t, statusOK, c.wait(t))
		require.Regexp(t, "(is at|from version [1-5] to) version 5", c.stdout.String())
		require.Equal(t, "1 2 3 4 5", rowsOf(t, db))
	})
}

// position is what status says.
func position(t *testing.T, dir, url string) move.Position {
	t.Helper()
	_, stdout, stderr := command(t, "status", dir, "--url", url, "--json")
	var p move.Position
	require.NoError(t, json.Unmarshal([]byte(stdout), &p), "%s%s", stdout, stderr)
	return p
}
