//go:build unix

package main

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/golang-migrate/migrate/v4"
	migratedatabase "github.com/golang-migrate/migrate/v4/database"
	migratepgx "github.com/golang-migrate/migrate/v4/database/pgx/v5"
	migratesqlite "github.com/golang-migrate/migrate/v4/database/sqlite"
	"github.com/golang-migrate/migrate/v4/source/iofs"
	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/move"
)

// instanceUp is golang-migrate's up on a pool that somebody has, as a library does
// it; the database has the name that the caller gives it, "" for its own.
func instanceUp(dir, engine, url, name string) error {
	source, err := iofs.New(os.DirFS(dir), engine)
	if err != nil {
		return err
	}
	var driver migratedatabase.Driver
	if engine == "postgres" {
		db, e := sql.Open("pgx", url)
		if e != nil {
			return e
		}
		driver, err = migratepgx.WithInstance(db, &migratepgx.Config{DatabaseName: name})
	} else {
		db, e := sql.Open("sqlite", strings.TrimPrefix(url, "sqlite://"))
		if e != nil {
			return e
		}
		driver, err = migratesqlite.WithInstance(db, &migratesqlite.Config{DatabaseName: name})
	}
	if err != nil {
		return err
	}
	m, err := migrate.NewWithInstance("iofs", source, name, driver)
	if err != nil {
		return err
	}
	defer m.Close() //nolint:errcheck // the error of Up says it all
	return m.Up()
}

// TestPlainMigrateWaits: while handrail is at a revision that frees every lock of its
// session, golang-migrate waits, by each name that it may give the database.
func TestPlainMigrateWaits(t *testing.T) {
	t.Parallel()
	gate := fmt.Sprintf("SELECT pg_advisory_unlock_all();\nSELECT pg_advisory_xact_lock(%d);\n", gateLock)
	for spelling := range spellings {
		if testing.Short() && spelling > 1 {
			break
		}
		for _, instance := range []bool{false, true} {
			t.Run(fmt.Sprintf("%d/instance=%t", spelling, instance), func(t *testing.T) {
				t.Parallel()
				db := serverDB(t)
				config, err := configOf(db)
				require.NoError(t, err)
				// Its URL is handrail's, so that a path which is no name is known too.
				url := spelled(config)[spelling]
				dir := logged(t, dialect.Postgres, gate)
				open := closeGate(t, db)
				one := runBeside(t, "up", dir, "--url", url)
				eventually(t, func() bool { at, _ := waiters(t, db); return at == 1 }, "handrail is at the gate")
				plain := make(chan error, 1)
				go func() {
					if instance {
						plain <- instanceUp(dir, "postgres", urlOf(config), "")
					} else {
						plain <- plainUp(dir, strings.Replace(url, "pgx5:", "postgres:", 1))
					}
				}()
				eventually(t, func() bool { _, other := waiters(t, db); return other == 1 }, "golang-migrate waits for handrail")
				open()
				one.ok(t)
				require.ErrorIs(t, <-plain, migrate.ErrNoChange)
				require.Equal(t, "1 2 3 4 5", rowsOf(t, db))
			})
		}
	}
}

// TestStrangerPostgres: golang-migrate, under a name that nobody can know, is in the
// middle of a revision. Handrail names its lock, and does nothing.
func TestStrangerPostgres(t *testing.T) {
	t.Parallel()
	db, url := targetOf(t, "postgres")
	dir := logged(t, dialect.Postgres, fmt.Sprintf("SELECT pg_advisory_xact_lock(%d);\n", gateLock))
	open := closeGate(t, db)
	plain := make(chan error, 1)
	go func() { plain <- instanceUp(dir, "postgres", url, "nobody knows it") }()
	eventually(t, func() bool { at, _ := waiters(t, db); return at == 1 }, "golang-migrate is at the gate")
	id, err := migratedatabase.GenerateAdvisoryLockId("nobody knows it", "public", "schema_migrations")
	require.NoError(t, err)
	for _, args := range [][]string{{"up"}, {"goto", "1"}, {"down", "--to", "base"}} {
		status, stdout, stderr := command(t, append(args, dir, "--url", url)...)
		require.Equal(t, statusBroken, status)
		require.Empty(t, stdout)
		require.Regexp(t, `: backend \d+ holds advisory lock `+id+`, which may be golang-migrate's for a URL that is spelt otherwise: handrail does not wait for it, `, stderr)
		require.Contains(t, stderr, " is dirty at version 2: ")
	}
	open()
	require.NoError(t, <-plain)
	require.Equal(t, "1 2 3 4 5", rowsOf(t, db))
}

// TestPlainMigrateHasRead is what nothing can prevent: golang-migrate, under a name that
// nobody can know, has read the version before handrail's step, waits for it, and
// runs the revision again. Handrail sees that and gives up.
func TestPlainMigrateHasRead(t *testing.T) {
	t.Parallel()
	const otherGate = gateLock + 1
	db, url := targetOf(t, "postgres")
	dir := logged(t, dialect.Postgres, fmt.Sprintf("SELECT pg_advisory_xact_lock(%d);\n", gateLock))
	theirs := logged(t, dialect.Postgres, fmt.Sprintf("SELECT pg_advisory_lock(%d);\n", otherGate))
	conn, err := db.Conn(t.Context())
	require.NoError(t, err)
	defer conn.Close() //nolint:errcheck // goes back to the pool
	_, err = conn.ExecContext(t.Context(), fmt.Sprintf("SELECT pg_advisory_lock(%d)", otherGate))
	require.NoError(t, err)
	open := closeGate(t, db)
	ours := runBeside(t, "up", dir, "--url", url)
	eventually(t, func() bool { at, _ := waiters(t, db); return at == 1 }, "handrail is at the gate")
	plain := make(chan error, 1)
	go func() { plain <- instanceUp(theirs, "postgres", url, "nobody knows it") }()
	eventually(t, func() bool {
		var waits bool
		err := db.QueryRow("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 'schema_migrations'::regclass)").Scan(&waits)
		return err == nil && waits
	}, "golang-migrate has read version 1, and waits for the version table")
	open()
	require.Equal(t, statusBroken, <-ours.ended)
	require.Contains(t, ours.stdout.String(), ": from base to version 2\n")
	require.Contains(t, ours.stderr.String(), "0003_row.up.sql: the plan began at version 2, and the database is at version 2, dirty by now: somebody else moves it\n    nothing of 0003_row is run")
	_, err = conn.ExecContext(t.Context(), fmt.Sprintf("SELECT pg_advisory_unlock(%d)", otherGate))
	require.NoError(t, err)
	require.NoError(t, <-plain)
	require.Equal(t, "1 2 2 3 4 5", rowsOf(t, db))
}

// A meanwhile is a real target on which somebody else does something at a moment: before
// the step of a number, from 1, or behind the file of one that is in no transaction.
type meanwhile struct {
	engine.Target
	step   int
	behind bool
	do     func()
}

func (m meanwhile) Open(ctx context.Context, o engine.Opening) (engine.TargetDriver, error) {
	driver, err := m.Target.Open(ctx, o)
	if err != nil {
		return nil, err
	}
	return &meanwhileDriver{TargetDriver: driver, when: m}, nil
}

type meanwhileDriver struct {
	engine.TargetDriver
	when  meanwhile
	steps int
	once  sync.Once
}

// Mover is asked for at the beginning of each step, when the plan is made.
func (d *meanwhileDriver) Mover() string {
	d.steps++
	if d.steps == d.when.step && !d.when.behind {
		d.when.do()
	}
	return d.TargetDriver.Mover()
}

func (d *meanwhileDriver) Run(file io.Reader) error {
	err := d.TargetDriver.Run(file)
	if d.when.behind {
		d.once.Do(d.when.do)
	}
	return err
}

// TestOvertaken lets somebody else move the database when handrail has read where it
// stands, and before its step: golang-migrate, by URL and as a library, and on SQLite
// through links too, and another run of handrail through a hard link. Nothing runs
// twice, and the error names both versions.
func TestOvertaken(t *testing.T) {
	t.Parallel()
	type by struct {
		name string
		up   func(t *testing.T, dir, url string) error
	}
	link := func(make func(string, string) error, up func(*testing.T, string, string) error) func(*testing.T, string, string) error {
		return func(t *testing.T, dir, url string) error {
			other := filepath.Join(t.TempDir(), "other.db")
			require.NoError(t, make(strings.TrimPrefix(url, "sqlite://"), other))
			return up(t, dir, "sqlite://"+other)
		}
	}
	handrail := func(t *testing.T, dir, url string) error {
		status, _, stderr := command(t, "up", dir, "--url", url)
		require.Equal(t, statusOK, status, stderr)
		return nil
	}
	library := func(engine string) func(*testing.T, string, string) error {
		return func(_ *testing.T, dir, url string) error { return instanceUp(dir, engine, url, "nobody knows it") }
	}
	busy := func(_ *testing.T, dir, url string) error { return plainUp(dir, url+"?_pragma=busy_timeout(10000)") }
	for on, all := range map[string][]by{
		"postgres": {{"a library", library("postgres")}},
		"sqlite": {
			{"its command", busy},
			{"a library", library("sqlite")},
			{"a symbolic link", link(os.Symlink, busy)},
			{"a hard link", link(os.Link, busy)},
			{"handrail by a hard link", link(os.Link, handrail)},
		},
	} {
		for _, by := range all {
			for _, step := range []int{1, 3} {
				t.Run(fmt.Sprintf("%s/%s/%d", on, by.name, step), func(t *testing.T) {
					t.Parallel()
					db, url := targetOf(t, on)
					dir := logged(t, dialect.Dialect(on), "")
					status, _, stderr := command(t, "goto", "1", dir, "--url", url)
					require.Equal(t, statusOK, status, stderr)
					m, err := newMove([]string{dir}, url)
					require.NoError(t, err)
					m.Version, m.Way = 5, finding.Up
					m.Target = meanwhile{Target: m.Target, step: step, do: func() { require.NoError(t, by.up(t, dir, url)) }}
					moved, err := m.Make(t.Context())
					require.ErrorContains(t, err, fmt.Sprintf("%04d", step+1))
					require.ErrorContains(t, err, fmt.Sprintf("the plan began at version %d, and the database is at version 5 by now: somebody else moves it", step))
					require.ErrorContains(t, err, fmt.Sprintf("\n    nothing of %04d", step+1))
					require.Equal(t, engine.State{Version: int64(step)}, moved.After, "what was done here")
					require.Equal(t, "1 2 3 4 5", rowsOf(t, db))
					p := position(t, dir, url)
					require.True(t, p.Well() && p.Current.Ordinal == 5, "%+v", p)
				})
			}
		}
	}
}

// TestOvertakenElsewhere is the same for a way down, for force, and for files that
// cannot be in a transaction.
func TestOvertakenElsewhere(t *testing.T) {
	t.Parallel()
	for _, on := range []string{"postgres", "sqlite"} {
		// move prepares a database at version 1 for a move, while which somebody writes
		// another version.
		move := func(t *testing.T, when meanwhile, at string) (*sql.DB, move.Move) {
			db, url := targetOf(t, on)
			dir := logged(t, dialect.Dialect(on), map[string]string{"postgres": "COMMIT;\nBEGIN;\n", "sqlite": "COMMIT;\nBEGIN;\n"}[on])
			require.NoError(t, os.WriteFile(filepath.Join(dir, on, "0001_log.down.sql"), []byte("DROP TABLE log;\n"), 0o666))
			status, _, stderr := command(t, "goto", "1", dir, "--url", url)
			require.Equal(t, statusOK, status, stderr)
			m, err := newMove([]string{dir}, url)
			require.NoError(t, err)
			when.Target = m.Target
			when.do = func() {
				for _, stmt := range []string{"DELETE FROM schema_migrations", "INSERT INTO schema_migrations VALUES (" + at + ")"} {
					_, err := db.Exec(stmt)
					require.NoError(t, err)
				}
			}
			m.Target = when
			return db, m
		}
		stands := func(t *testing.T, db *sql.DB) (at string) {
			var dirty bool
			require.NoError(t, db.QueryRow("SELECT version, dirty FROM schema_migrations").Scan(&at, &dirty))
			return fmt.Sprintf("%s %t", at, dirty)
		}
		t.Run(on+"/down", func(t *testing.T) {
			t.Parallel()
			db, m := move(t, meanwhile{step: 1}, "2, true")
			m.Way, m.Version = finding.Down, engine.Base
			_, err := m.Make(t.Context())
			require.ErrorContains(t, err, "0001_log.down.sql: the plan began at version 1, and the database is at version 2, dirty by now: ")
			require.Equal(t, "1", rowsOf(t, db))
			require.Equal(t, "2 true", stands(t, db))
		})
		t.Run(on+"/force", func(t *testing.T) {
			t.Parallel()
			db, m := move(t, meanwhile{step: 1}, "3, false")
			m.Version = 2
			_, err := m.Force(t.Context())
			require.ErrorContains(t, err, ": the plan began at version 1, and the database is at version 3 by now: ")
			require.Equal(t, "3 false", stands(t, db))
			require.Equal(t, "1 applied", fates(t, db))
		})
		t.Run(on+"/no transaction", func(t *testing.T) {
			t.Parallel()
			db, m := move(t, meanwhile{step: 1}, "1, true")
			m.Version = 2
			_, err := m.Make(t.Context())
			require.ErrorContains(t, err, "0002_gate.up.sql: the plan began at version 1, and the database is at version 1, dirty by now: ")
			require.ErrorContains(t, err, "\n    nothing of 0002_gate is run: ")
			require.Equal(t, "1", rowsOf(t, db))
			require.Equal(t, "1 true", stands(t, db))
		})
		t.Run(on+"/behind the file", func(t *testing.T) {
			t.Parallel()
			db, m := move(t, meanwhile{behind: true}, "4, false")
			m.Version = 3
			_, err := m.Make(t.Context())
			require.ErrorContains(t, err, "0002_gate.up.sql: the plan began at version 2, dirty, and the database is at version 4 by now: ")
			require.ErrorContains(t, err, "\n    0002_gate ran outside of a transaction of handrail's (its own COMMIT in line 1), and its version is not written down\n    remedy: ")
			require.Equal(t, "1 2", rowsOf(t, db))
			require.Equal(t, "4 false", stands(t, db))
		})
	}
}

// TestTableLock takes every advisory lock away, the guard's session with it, while a
// run is at a revision: the version table is locked too, so that another run waits
// for the step, sees it, and gives up. A way to base is one that no key of the version
// table stops.
func TestTableLock(t *testing.T) {
	t.Parallel()
	db, url := targetOf(t, "postgres")
	dir := logged(t, dialect.Postgres, "")
	down := fmt.Sprintf("SELECT pg_advisory_unlock_all();\nSELECT pg_advisory_xact_lock(%d);\nINSERT INTO log VALUES (0);\n", gateLock)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "postgres", "0001_log.down.sql"), []byte(down), 0o666))
	status, _, stderr := command(t, "goto", "1", dir, "--url", url)
	require.Equal(t, statusOK, status, stderr)
	open := closeGate(t, db)
	one := runBeside(t, "goto", "base", dir, "--url", url, "--yes")
	eventually(t, func() bool { at, _ := waiters(t, db); return at == 1 }, "the first is at the gate")
	_, err := db.Exec(`SELECT pg_terminate_backend(pid) FROM (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted
		AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) GROUP BY pid HAVING count(*) > 1) guard`)
	require.NoError(t, err)
	eventually(t, func() bool {
		var held int
		err := db.QueryRow("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid <> $1 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())", gateLock).Scan(&held)
		return err == nil && held == 0
	}, "no lock is left")
	two := runBeside(t, "goto", "base", dir, "--url", url, "--yes")
	eventually(t, func() bool {
		var waits bool
		err := db.QueryRow("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 'schema_migrations'::regclass)").Scan(&waits)
		return err == nil && waits
	}, "the second waits for the version table")
	open()
	one.ok(t)
	require.Equal(t, statusBroken, <-two.ended)
	require.Contains(t, two.stderr.String(), ": the plan began at version 1, and the database is at base by now: somebody else moves it\n")
	require.Equal(t, "0 1", rowsOf(t, db))
}
