package secret_test

import (
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/verify/secret"
)

// TestHide: what a text shows without a password, in each way to write one.
func TestHide(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"postgres://me:hunter2@host:5432/store":                             "postgres://me:***@host:5432/store",
		"postgres://me:hun?ter2@host/store":                                 "postgres://me:***@host/store",
		"postgres://me:hun#ter2@host/store":                                 "postgres://me:***@host/store",
		"postgres://me:hun%ter2@host/store":                                 "postgres://me:***@host/store",
		"postgres://me:hun@ter2@host/store":                                 "postgres://me:***@host/store",
		"postgres://me:hun/ter2@host/store":                                 "postgres://me:***@host/store",
		"postgres://me:hun:ter2@host/store":                                 "postgres://me:***@host/store",
		"postgres://me:hun ter2@host/store":                                 "postgres://me:***@host/store",
		"postgres://me:p@h/x@y":                                             "postgres://me:***@y",
		"postgres://me:hunter2":                                             "postgres://me:***",
		"postgres://me@host/store?password=hun#ter2":                        "postgres://me@host/store?password=***",
		"postgres://me@host/store?password=hun?ter2&sslmode=disable":        "postgres://me@host/store?password=***&sslmode=disable",
		"postgres://me@host/store?password=hun&ter2&sslmode=disable":        "postgres://me@host/store?password=***&sslmode=disable",
		"postgres://me@host/store?pass%77ord=hunter2":                       "postgres://me@host/store?pass%77ord=***",
		"postgres://me@host/store?sslpassword=hun%zzter2&passfile=/f":       "postgres://me@host/store?sslpassword=***&passfile=/f",
		"postgres://me@host/store?password=hunter2&application_name=a@b":    "postgres://me@host/store?password=***&application_name=a@b",
		"postgres://me:hunter2@host/store?application_name=a@b":             "postgres://me:***@host/store?application_name=a@b",
		"sqlite://store.db?_pragma=key('hunter2')":                          "sqlite://store.db?_pragma=***",
		"sqlite://store.db?_auth_pass=hunter2":                              "sqlite://store.db?_auth_pass=***",
		"mysql://me:hun/ter2@tcp(host:3306)/store":                          "mysql://me:***@tcp(host:3306)/store",
		"postgres://me@host/x?service_url=postgres%3A%2F%2Fu%3Ahunter2%40h": "postgres://me@host/x?service_url=***",
		`HANDRAIL_POSTGRES="postgres://me:hun ter2@host": want url`:         `HANDRAIL_POSTGRES="postgres://me:***@host": want url`,
		`from postgres://a:hunter2@h to postgres://b:hunter3@h`:             `from postgres://a:***@h to postgres://b:***@h`,
		`dblink('host=db password=hunter2', 'SELECT 1')`:                    `dblink('host=db password=***', 'SELECT 1')`,
		`dblink('host=db password=''hun ter2''', 'SELECT 1')`:               `dblink('host=db password=''***''', 'SELECT 1')`,
		`host=db passwd = 'hun \' ter2' port=1`:                             `host=db passwd = '***' port=1`,
		`Server=db;Pwd=hunter2;Database=x`:                                  `Server=db;Pwd=***;Database=x`,
		`options: host=db, sslpassword=hunter2, x=y`:                        `options: host=db, sslpassword=***, x=y`,
		`OPTIONS (user 'me', passwd 'hunter2')`:                             `OPTIONS (user 'me', passwd '***')`,
		`ALTER ROLE me PASSWORD 'hunter2'`:                                  `ALTER ROLE me PASSWORD '***'`,
		`PGPASSWORD=hunter2 psql`:                                           `PGPASSWORD=*** psql`,

		// What is none stays.
		"postgres://me@localhost:5432/store":                     "postgres://me@localhost:5432/store",
		"postgres://a,b:5433,[::1]:5434/store?sslmode=disable":   "postgres://a,b:5433,[::1]:5434/store?sslmode=disable",
		"sqlite://store.db?_pragma=busy_timeout(5000)&x=a:b":     "sqlite://store.db?_pragma=busy_timeout(5000)&x=a:b",
		"https://example.org:8080/a:b#c, or mail me@example.org": "https://example.org:8080/a:b#c, or mail me@example.org",
		"see https://example.org/x:y, or mail me@example.org":    "see https://example.org/x:y, or mail me@example.org",
		"UPDATE users SET password = crypt($1, gen_salt('bf'))":  "UPDATE users SET password = crypt($1, gen_salt('bf'))",
		"password text DEFAULT 'abcd'":                           "password text DEFAULT 'abcd'",
		`"password" is not null`:                                 `"password" is not null`,
	} {
		require.Equal(t, want, secret.Hide(in))
		require.Equal(t, want, secret.Hide(want), "once more")
	}
}

// TestHideByValue: a password that is known is nowhere, however it is written.
func TestHideByValue(t *testing.T) {
	t.Parallel()
	const password = `hun "ter' 2<&>\ü`
	quoted := strconv.Quote(password)
	for _, text := range []string{password, quoted, url.QueryEscape(password), url.PathEscape(password), strings.ReplaceAll(password, "'", "''"), "x" + password + "y"} {
		got := secret.Hide("it says "+text+" here", password)
		require.Contains(t, got, secret.Mask)
		require.NotContains(t, got, "ter")
	}
	require.Equal(t, "postgres is not hidden, and abc neither", secret.Hide("postgres is not hidden, and abc neither", "postgres", "abc"))
	cause := errors.New("no " + password)
	err := secret.Error(cause, password)
	require.EqualError(t, err, "no ***")
	require.ErrorIs(t, err, cause)
	require.Equal(t, errors.New("plain"), secret.Error(errors.New("plain"), password))
}

// passwords are those that the parsers take out of a text: net/url, pgx, and pgx
// behind net/url, which is how golang-migrate opens a database.
func passwords(text string) (found []string, shown []string) {
	add := func(c *pgx.ConnConfig) {
		found = append(found, c.Password)
		shown = append(shown, c.User, c.Host, c.Database)
		for k, v := range c.RuntimeParams {
			shown = append(shown, k, v)
		}
	}
	if u, err := url.Parse(text); err == nil {
		if p, ok := u.User.Password(); ok {
			found = append(found, p)
		}
		shown = append(shown, u.User.Username(), u.Hostname(), strings.Trim(u.Path, "/"), u.Path)
		found = append(found, u.Query()["password"]...)
		found = append(found, u.Query()["sslpassword"]...)
		u.Scheme = "postgres"
		if c, err := pgx.ParseConfig(u.String()); err == nil {
			add(c)
		}
	}
	if c, err := pgx.ParseConfig(text); err == nil {
		add(c)
	}
	return found, shown
}

// FuzzHide: what any parser takes for a password is not shown, by value where the
// text is an address, whatever it stands in, and by structure alone where it is in quotes.
func FuzzHide(f *testing.F) {
	for _, seed := range []string{
		"postgres://me:hunter2@host:5432/store?sslmode=disable", "postgres://me:hun?ter#2%25@h/x", "postgres://me:p@ss@wo/rd@h", "postgresql://me:hun ter2@h", "pgx5://me:a%20bcd@h/x",
		"postgres://me@h/x?password=hun%26ter&sslpassword=a+bcd", "host=h password='hun \\' ter' user=me", "password=hunter2 host=h", "host = h password = hun\\ ter2", "postgres://:@:@:@@x?=@&password==",
		"postgres://me@h/x?pass%77ord=hunter2#@y", "postgres://a:1234@b?x=y@z&w@=", "sqlite://f?password=abcdef", "postgres://u:abcd://x:y@z@h/p",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		found, shown := passwords(text)
		known := secret.Values(text)
		for _, said := range []string{text, "unknown command " + text + ": want url", "unknown command " + strconv.Quote(text), text + "\n" + text} {
			hidden := secret.Hide(said, known...)
			if again := secret.Hide(hidden, known...); again != hidden {
				t.Errorf("%q hides to %q and then to %q", said, hidden, again)
			}
			for _, p := range found {
				if secret.Trivial(p) || slices.ContainsFunc(shown, func(s string) bool { return strings.Contains(s, p) }) {
					continue
				}
				if strings.Contains(hidden, p) {
					t.Errorf("%q in %q", p, hidden)
				}
			}
		}
		if url := secret.URL(text); strings.HasPrefix(text, "postgres://") {
			for _, p := range found {
				if !secret.Trivial(p) && strings.Contains(url, p) && !slices.ContainsFunc(shown, func(s string) bool { return strings.Contains(s, p) }) {
					t.Errorf("by structure: %q in %q", p, url)
				}
			}
		}
	})
}
