//go:build unix

package main

import (
	"bytes"
	"database/sql"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/golang-migrate/migrate/v4"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/verify/dialect"
)

// spellings is how many [spelled] knows.
const spellings = 7

// spelled are URLs of one database on a server, each spelt otherwise.
func spelled(c *pgx.ConnConfig) [spellings]string {
	with := func(change func(*url.URL, url.Values)) string {
		u, err := url.Parse(urlOf(c))
		if err != nil {
			panic(err)
		}
		query := u.Query()
		change(u, query)
		u.RawQuery = query.Encode()
		return u.String()
	}
	name := c.Database
	return [...]string{
		urlOf(c),
		with(func(u *url.URL, q url.Values) { u.Path = ""; q.Set("dbname", name) }),
		with(func(u *url.URL, q url.Values) { u.Path = "/"; q.Set("dbname", name) }),
		with(func(u *url.URL, q url.Values) { u.Path = "/x"; q.Set("database", name) }),
		with(func(u *url.URL, q url.Values) { u.Path = "//a/b"; q.Set("dbname", name) }),
		with(func(u *url.URL, _ url.Values) { u.Scheme, u.RawPath = "pgx5", "/%"+fmt.Sprintf("%x", name[0])+name[1:] }),
		with(func(u *url.URL, q url.Values) { // the host
			host, port, err := net.SplitHostPort(u.Host)
			switch {
			case err != nil:
				q.Set("host", c.Host+"/.")
			case host == "localhost":
				u.Host = net.JoinHostPort("127.0.0.1", port)
			default:
				q.Set("host", host)
				u.Host = ""
				q.Set("port", port)
			}
		}),
	}
}

// A companion is the command in this process, beside the test.
type companion struct {
	stdout, stderr said
	ended          chan int
}

// A said is what a command has written until now.
type said struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// runBeside runs the command beside the test.
func runBeside(t *testing.T, args ...string) *companion {
	t.Helper()
	b := &companion{ended: make(chan int, 1)}
	go func() { b.ended <- run(t.Context(), args, strings.NewReader(""), &b.stdout, &b.stderr) }()
	return b
}

// waits is when the command has said that it waits for somebody.
func (b *companion) waits(t *testing.T) {
	t.Helper()
	eventually(t, func() bool {
		return strings.Contains(b.stderr.String(), ": waiting for a migration that runs there (backend ")
	}, "it waits for who moves the database")
}

// ok waits until the command has ended well.
func (b *companion) ok(t *testing.T) {
	t.Helper()
	require.Equal(t, statusOK, <-b.ended, "%s%s", &b.stdout, &b.stderr)
}

// TestTwoSpellingsPostgres runs handrail twice at once on one database, by each pair of
// spellings: the second waits for the first, which is in the middle of a revision,
// and each revision is applied once.
func TestTwoSpellingsPostgres(t *testing.T) {
	t.Parallel()
	for _, gate := range []struct{ name, sql string }{
		{"in a transaction", "SELECT pg_advisory_xact_lock(%d);\n"},
		{"after an unlock", "SELECT pg_advisory_unlock_all();\nSELECT pg_advisory_xact_lock(%d);\n"},
		{"on its own", "SELECT pg_advisory_unlock_all();\nCOMMIT;\nSELECT pg_advisory_xact_lock(%d);\nBEGIN;\n"},
	} {
		for a := range spellings {
			for b := a; b < spellings; b++ {
				if testing.Short() && (a > 0 || b != 1) || gate.name != "in a transaction" && a > 0 {
					continue
				}
				t.Run(fmt.Sprintf("%s/%d and %d", gate.name, a, b), func(t *testing.T) {
					t.Parallel()
					db := serverDB(t)
					config, err := configOf(db)
					require.NoError(t, err)
					twice(t, db, logged(t, dialect.Postgres, fmt.Sprintf(gate.sql, gateLock)), spelled(config)[a], spelled(config)[b])
				})
			}
		}
	}
}

// twice runs up by two URLs; the second comes while the first is at the gate.
func twice(t *testing.T, db *sql.DB, dir, first, second string) {
	t.Helper()
	open := closeGate(t, db)
	one := runBeside(t, "up", dir, "--url", first)
	eventually(t, func() bool { at, _ := waiters(t, db); return at == 1 }, "the first is at the gate")
	require.NotNil(t, position(t, dir, second).Moving, "the other spelling sees it too")
	two := runBeside(t, "up", dir, "--url", second)
	two.waits(t)
	open()
	one.ok(t)
	two.ok(t)
	require.Equal(t, "1 2 3 4 5", rowsOf(t, db))
	require.Equal(t, "1 applied, 2 applied, 3 applied, 4 applied, 5 applied", fates(t, db))
}

// TestKeywordsAreNoURL: a connection string of keywords is not a way to spell it.
func TestKeywordsAreNoURL(t *testing.T) {
	t.Parallel()
	status, _, stderr := command(t, "up", logged(t, dialect.Postgres, ""), "--url", "host=localhost dbname=store")
	require.Equal(t, statusBroken, status)
	require.Contains(t, stderr, "not a database URL")
}

// TestTwoTablesPostgres puts the version table elsewhere, in golang-migrate's spellings:
// a second run of handrail waits, and so does golang-migrate, which takes its lock by
// the names of schema and table too.
func TestTwoTablesPostgres(t *testing.T) {
	t.Parallel()
	for _, table := range []struct {
		name, make string
		flags      []string
		parameters map[string]string // of golang-migrate
	}{
		{"lower", "SELECT 1", []string{"--migrations-table", "moves"}, map[string]string{"x-migrations-table": "moves"}},
		{"upper", "SELECT 1", []string{"--migrations-table", "Moves"}, map[string]string{"x-migrations-table": "Moves"}},
		{"quoted", "SELECT 1", []string{"--migrations-table", `"Moves"`}, map[string]string{"x-migrations-table": `"Moves"`, "x-migrations-table-quoted": "true"}},
		{
			"elsewhere", `CREATE SCHEMA "Ops"`,
			[]string{"--migrations-table", `"Ops"."Moves"`},
			map[string]string{"x-migrations-table": `"Ops"."Moves"`, "x-migrations-table-quoted": "true"},
		},
		{"schema", "CREATE SCHEMA tenant_a; CREATE VIEW log AS SELECT 0 AS n WHERE false", []string{"--schema", "tenant_a"}, map[string]string{"search_path": "tenant_a"}},
	} {
		t.Run(table.name, func(t *testing.T) {
			t.Parallel()
			db, target := targetOf(t, "postgres")
			_, err := db.Exec(table.make)
			require.NoError(t, err)
			dir := logged(t, dialect.Postgres, fmt.Sprintf("SELECT pg_advisory_xact_lock(%d);\n", gateLock))
			up := append([]string{"up", dir, "--url", target}, table.flags...)
			open := closeGate(t, db)
			one := runBeside(t, up...)
			eventually(t, func() bool { at, _ := waiters(t, db); return at == 1 }, "the first is at the gate")
			two := runBeside(t, up...)
			plainURL := target
			for name, value := range table.parameters {
				plainURL = withParameter(t, plainURL, name, value)
			}
			plain := make(chan error, 1)
			go func() { plain <- plainUp(dir, plainURL) }()
			eventually(t, func() bool { _, other := waiters(t, db); return other == 2 }, "both wait for the first")
			open()
			one.ok(t)
			two.ok(t)
			require.ErrorIs(t, <-plain, migrate.ErrNoChange)
			if table.name == "schema" {
				_, err := db.Exec("CREATE OR REPLACE VIEW log AS SELECT n::int AS n FROM tenant_a.log")
				require.NoError(t, err)
			} else {
				require.Equal(t, "1 2 3 4 5", rowsOf(t, db))
			}
		})
	}
}

// TestTwoSpellingsSQLite runs handrail twice at once on one file, by each pair of
// spellings, a link among them. By a hard link, which nothing tells from another
// file, the second run may meet the first: it gives up and says so.
func TestTwoSpellingsSQLite(t *testing.T) {
	t.Parallel()
	spell := func(file string) []string {
		dir, name := filepath.Split(file)
		here, err := os.Getwd()
		require.NoError(t, err)
		relative, err := filepath.Rel(here, file)
		require.NoError(t, err)
		return []string{
			"sqlite://" + file,
			"sqlite3://" + relative + "?_pragma=busy_timeout(20000)",
			"sqlite://" + dir + "./" + strings.Replace(name, "s", "%73", 1),
			"sqlite://" + dir + "symbolic.db",
			"sqlite://" + dir + "folder/" + name,
			"sqlite://" + dir + "hard.db",
		}
	}
	n := len(spell("/store.db"))
	for a := range n {
		for b := a; b < n; b++ {
			t.Run(fmt.Sprintf("%d and %d", a, b), func(t *testing.T) {
				t.Parallel()
				db, target := targetOf(t, "sqlite")
				file := strings.TrimPrefix(target, "sqlite://")
				_, err := db.Exec("VACUUM") // makes the file
				require.NoError(t, err)
				require.NoError(t, os.Symlink(file, filepath.Join(filepath.Dir(file), "symbolic.db")))
				require.NoError(t, os.Symlink(filepath.Dir(file), filepath.Join(filepath.Dir(file), "folder")))
				require.NoError(t, os.Link(file, filepath.Join(filepath.Dir(file), "hard.db")))
				dir := logged(t, dialect.SQLite, "")
				one := runBeside(t, "up", dir, "--url", spell(file)[a])
				two := runBeside(t, "up", dir, "--url", spell(file)[b])
				for _, r := range []*companion{one, two} {
					status := <-r.ended
					if hard := n - 1; (a == hard) != (b == hard) && status != statusOK {
						require.Equal(t, statusBroken, status)
						require.Contains(t, r.stderr.String(), "somebody else moves it\n    nothing of 000")
						continue
					}
					require.Equal(t, statusOK, status, "%s%s", &r.stdout, &r.stderr)
				}
				require.Equal(t, "1 2 3 4 5", rowsOf(t, db))
			})
		}
	}
}
