package main

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const shortHistory = `
-- history/0001_a.up.sql --
CREATE TABLE a (id INTEGER PRIMARY KEY);
-- history/0001_a.down.sql --
DROP TABLE a;
-- broken/0001_a.up.sql --
CREATE TABLE a (id INTEGER PRIMARY KEY);
-- broken/0001_a.down.sql --
SELECT 1;
-- new/0001_a.up.sql --
CREATE TABLE a (id INTEGER PRIMARY KEY);
-- new/0001_a.down.sql --
DROP TABLE a;
`

// TestURLInTheWrongPlace: a URL with a password is not echoed, wherever somebody
// puts it and however it is written.
func TestURLInTheWrongPlace(t *testing.T) {
	t.Parallel()
	dir := unpack(t, shortHistory)
	history := dir + "/history"
	for _, text := range []string{
		"postgres://me:Hunter2@localhost/x", "postgres://me:Hun?Hunter2@localhost/x", "postgres://me:Hun#Hunter2@localhost/x", "postgres://me:Hunter2%@localhost/x", "postgres://me:Hun@Hunter2@localhost/x",
		"postgres://me:Hun/Hunter2@localhost/x", "postgres://me:Hun:Hunter2@localhost/x", "postgres://me:Hun Hunter2 x@localhost/x", "postgres://me:\"Hun'Hunter2\\@localhost/x", "mysql://me:Hunter2@tcp(localhost)/x",
		"postgres://me@localhost/x?password=Hunter2", "postgres://me@localhost/x?sslpassword=Hun&Hunter2", "postgres://me@localhost/x?password=Hun#Hunter2", "host=localhost password=Hunter2 user=me", "host=localhost password='Hun Hunter2'",
		"pgx5://me:Hunter2@localhost:port/x?x-migrations-table=t", "sqlite://x.db?_pragma=key('Hunter2')&x-a=1",
	} {
		for _, args := range [][]string{
			{text},
			{"check", text},
			{"check", history, text},
			{"check", "--engine", text, history},
			{"check", "--dialect", text, history},
			{"check", "--report", text, history},
			{"check", "--since", text, history},
			{"check", "--fail-on", text, history},
			{"check", "--prelude", text, history},
			{"check", "--to", text, history},
			{"check", "--only", text, history},
			{"check", "--timeout", text, history},
			{"check", "--" + text},
			{"up", text},
			{"up", history, text},
			{"up", history, "--url", strings.Replace(text, "://", ":/", 1)},
			{"up", history, "--url", "x" + text},
			{"goto", text, history},
			{"down", "--to", text, history},
			{"force", text, history},
			{"status", text},
			{"history", history, text},
			{"rules", text},
			{"engines", text},
			{"schema", text},
			{"squash", text, history},
			{"new", text, history},
			{"lock", text},
			{"init", text + "/x"},
		} {
			status, stdout, stderr := command(t, args...)
			require.Equal(t, statusBroken, status, "%q: %s%s", args, stdout, stderr)
			require.NotContains(t, stdout+stderr, "Hunter2", "%q", args)
		}
	}
}

// TestURLInTheWrongVariable is the same for the environment.
func TestURLInTheWrongVariable(t *testing.T) {
	history := unpack(t, shortHistory) + "/history"
	for _, name := range []string{"HANDRAIL_POSTGRES", "HANDRAIL_WITHOUT", "HANDRAIL_IDLE", "HANDRAIL_SCRATCH_URL", "HANDRAIL_TARGET_URL", "HANDRAIL_POSTGRES_IMAGE"} {
		for _, text := range []string{"x://me:Hunter2@localhost:x/x", "postgres://me:Hun?Hunter2@localhost:x/x", "postgres://me:Hun Hunter2,Hunter2@localhost:x/x", "host=x password='Hun Hunter2'"} {
			c := newChild(t, history, []string{"TMPDIR=" + history, "HANDRAIL_SCRATCH_URL=", "HANDRAIL_POSTGRES=url", name + "=" + text}, "check", "--engine", "postgres", ".")
			if name == "HANDRAIL_TARGET_URL" {
				c = newChild(t, history, []string{name + "=" + text}, "status", ".")
			}
			c.start(t)
			c.wait(t)
			require.NotContains(t, c.stdout.String()+c.stderr.String(), "Hunter2", "%s=%s", name, text)
			require.NotContains(t, c.stdout.String()+c.stderr.String(), url.QueryEscape("Hun Hunter2"))
		}
	}
}
