package main

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/golang-migrate/migrate/v4"
	migratepgx "github.com/golang-migrate/migrate/v4/database/pgx/v5"
	"github.com/golang-migrate/migrate/v4/source/iofs"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/verify"
)

// spellings are URLs that mean one database, by what is different in them.
func spellings(c *pgx.ConnConfig) map[string]string {
	values := url.Values{}
	server := ""
	if strings.HasPrefix(c.Host, "/") {
		values = url.Values{"host": {c.Host}, "port": {fmt.Sprint(c.Port)}}
	} else {
		server = net.JoinHostPort(c.Host, fmt.Sprint(c.Port))
	}
	user := url.UserPassword(c.User, c.Password).String() + "@"
	spell := func(scheme, path string, extra ...string) string {
		query := url.Values{}
		for k, v := range values {
			query[k] = v
		}
		for i := 0; i < len(extra); i += 2 {
			query.Set(extra[i], extra[i+1])
		}
		return strings.TrimSuffix(scheme+"://"+user+server+path+"?"+query.Encode(), "?")
	}
	name := c.Database
	all := map[string]string{
		"path":               spell("postgres", "/"+name),
		"path, escaped":      spell("postgres", fmt.Sprintf("/%%%x%s", name[0], name[1:])),
		"path, pgx5":         spell("pgx5", "/"+name),
		"path, postgresql":   spell("postgresql", "/"+name, "sslmode", "prefer"),
		"dbname":             spell("postgres", "", "dbname", name),
		"slash and dbname":   spell("postgres", "/", "dbname", name),
		"path and database":  spell("postgres", "/x", "database", name),
		"user in parameters": strings.Replace(spell("postgres", "/"+name, "user", c.User, "password", c.Password), user, "", 1),
	}
	for what, u := range all {
		if parsed, err := pgx.ParseConfig(strings.Replace(u, "pgx5:", "postgres:", 1)); err != nil || parsed.Database != name {
			delete(all, what) // not one of the driver's
		}
	}
	return all
}

// TestTwoSpellings runs two processes at once that name one database in two ways:
// each revision is applied once, and both end well.
func TestTwoSpellings(t *testing.T) {
	t.Parallel()
	config, err := configOf(serverDB(t))
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(spellings(config)), 6)
	for one := range spellings(config) {
		for other := range spellings(config) {
			if other < one || one != "path" && os.Getenv("HANDRAIL_EXHAUSTIVE") == "" {
				continue
			}
			t.Run(one+" and "+other, func(t *testing.T) {
				t.Parallel()
				db := serverDB(t)
				config, err := configOf(db)
				require.NoError(t, err)
				// Whoever has the lock of a revision's session gives it up.
				dir := logged(t, verify.Postgres, "SELECT pg_advisory_unlock_all();\nSELECT pg_sleep(0.1);\n")
				var all []*child
				for _, spelling := range []string{one, other} {
					c := newChild(t, dir, nil, "up", ".", "--url", spellings(config)[spelling])
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
}

// TestUpBesideAnyPlainMigrate holds a revision at the gate: golang-migrate, whose
// lock has another name than the URL of handrail, waits, and finds nothing to do.
func TestUpBesideAnyPlainMigrate(t *testing.T) {
	t.Parallel()
	gate := fmt.Sprintf("SELECT pg_advisory_unlock_all();\nSELECT pg_advisory_xact_lock(%d);\n", gateLock)
	for name, up := range map[string]func(t *testing.T, dir string, c *pgx.ConnConfig) error{
		"by URL":             func(_ *testing.T, dir string, c *pgx.ConnConfig) error { return plainUp(dir, spellings(c)["path"]) },
		"by URL with dbname": func(_ *testing.T, dir string, c *pgx.ConnConfig) error { return plainUp(dir, spellings(c)["dbname"]) },
		"by URL with a slash and dbname": func(_ *testing.T, dir string, c *pgx.ConnConfig) error {
			return plainUp(dir, spellings(c)["slash and dbname"])
		},
		"WithInstance": func(t *testing.T, dir string, c *pgx.ConnConfig) error {
			driver, err := migratepgx.WithInstance(stdlib.OpenDB(*c), &migratepgx.Config{})
			require.NoError(t, err)
			source, err := iofs.New(os.DirFS(dir), "postgres")
			require.NoError(t, err)
			m, err := migrate.NewWithInstance("iofs", source, "postgres", driver)
			require.NoError(t, err)
			defer m.Close() //nolint:errcheck // the error of Up says it all
			return m.Up()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := serverDB(t)
			config, err := configOf(db)
			require.NoError(t, err)
			dir := logged(t, verify.Postgres, gate)
			open := closeGate(t, db)
			c := newChild(t, dir, nil, "up", ".", "--url", spellings(config)["path and database"])
			c.start(t)
			eventually(t, func() bool { at, _ := waiters(t, db); return at == 1 }, "handrail is at the gate")
			plain := make(chan error, 1)
			go func() { plain <- up(t, dir, config) }()
			eventually(t, func() bool { _, other := waiters(t, db); return other == 1 }, "golang-migrate waits for handrail")
			open()
			require.Equal(t, statusOK, c.wait(t), "%s", &c.stderr)
			require.ErrorIs(t, <-plain, migrate.ErrNoChange)
			require.Equal(t, "1 2 3 4 5", rowsOf(t, db))
		})
	}
}

// TestMovedMeanwhile has somebody without any lock write the version between two
// revisions: nothing more runs, and both versions are named.
func TestMovedMeanwhile(t *testing.T) {
	t.Parallel()
	for name, write := range map[string]string{
		"another version":          "UPDATE schema_migrations SET version = 4",
		"dirty":                    "UPDATE schema_migrations SET dirty = true",
		"as golang-migrate writes": "BEGIN; TRUNCATE schema_migrations; INSERT INTO schema_migrations VALUES (3, true); COMMIT",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, url := targetOf(t, "postgres")
			dir := logged(t, verify.Postgres, fmt.Sprintf("SELECT pg_advisory_xact_lock(%d);\n", gateLock))
			open := closeGate(t, db)
			c := newChild(t, dir, nil, "up", ".", "--url", url)
			c.start(t)
			eventually(t, func() bool { at, _ := waiters(t, db); return at == 1 }, "handrail is at the gate")
			written := make(chan error, 1)
			go func() { _, err := db.Exec(write); written <- err }()
			eventually(t, func() bool {
				var n int
				require.NoError(t, db.QueryRow("SELECT count(*) FROM pg_locks WHERE relation = 'schema_migrations'::regclass AND NOT granted").Scan(&n))
				return n == 1
			}, "the writer waits for the version table")
			open()
			require.NoError(t, <-written)
			require.Equal(t, statusBroken, c.wait(t), "%s%s", &c.stdout, &c.stderr)
			require.Regexp(t, `was at version 2 when the plan was made, and is at version [234](, dirty)? by now`, c.stderr.String())
			require.Equal(t, "1 2", rowsOf(t, db))
			require.Equal(t, "1 applied, 2 applied", fates(t, db))
		})
	}
}

// TestStrangerIsNamed has golang-migrate at work under a name of the lock that
// handrail cannot know: it is named, and its revision is not run again.
func TestStrangerIsNamed(t *testing.T) {
	t.Parallel()
	db := serverDB(t)
	config, err := configOf(db)
	require.NoError(t, err)
	dir := logged(t, verify.Postgres, fmt.Sprintf("SELECT pg_advisory_xact_lock(%d);\n", gateLock))
	open := closeGate(t, db)
	plain := make(chan error, 1)
	go func() { plain <- plainUp(dir, spellings(config)["path and database"]) }()
	eventually(t, func() bool { at, _ := waiters(t, db); return at == 1 }, "golang-migrate is at the gate")
	status, _, stderr := command(t, "up", dir, "--url", spellings(config)["path"])
	require.Equal(t, statusBroken, status, stderr)
	require.Contains(t, stderr, "is dirty at version 2")
	require.Regexp(t, `: backend \d+ holds an advisory lock, which may be that of a migration tool`, stderr)
	open()
	require.NoError(t, <-plain)
	require.Equal(t, "1 2 3 4 5", rowsOf(t, db))
}

// TestHardLink runs two processes on one file of SQLite under two names.
func TestHardLink(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"hard link", "symbolic link"} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			db, url := targetOf(t, "sqlite")
			require.NoError(t, db.Ping())
			_, err := db.Exec("PRAGMA user_version = 0")
			require.NoError(t, err)
			file := strings.TrimPrefix(url, "sqlite://")
			other := filepath.Join(t.TempDir(), "other.db")
			if way == "hard link" {
				require.NoError(t, os.Link(file, other))
			} else {
				require.NoError(t, os.Symlink(file, other))
			}
			slow := "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) INSERT INTO log SELECT 0 FROM n WHERE i < 0;\n"
			dir := logged(t, verify.SQLite, slow)
			var all []*child
			for _, u := range []string{url, "sqlite://" + other} {
				c := newChild(t, dir, nil, "up", ".", "--url", u)
				c.start(t)
				all = append(all, c)
			}
			for _, c := range all {
				if status := c.wait(t); status != statusOK {
					require.Equal(t, statusBroken, status)
					require.Regexp(t, "by now: somebody else moves it", c.stderr.String())
				}
			}
			require.Equal(t, "1 2 3 4 5", rowsOf(t, db))
		})
	}
}
