package main

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPasswordIsNotShown goes through all that is printed about a target, in each way
// in which its URL can have the password: plan, errors, commands to paste, history.
func TestPasswordIsNotShown(t *testing.T) {
	t.Parallel()
	const password = "top-secret"
	inURL := func(u url.URL) string {
		u.User = url.UserPassword(u.User.Username(), password)
		return u.String()
	}
	inQuery := func(u url.URL) string {
		query := u.Query()
		query.Set("password", password)
		u.RawQuery = query.Encode()
		return u.String()
	}
	for _, c := range []struct {
		name, scheme string
		write        func(url.URL) string
	}{
		{"postgres", "postgres", inURL},
		{"postgresql", "postgresql", inURL},
		{"pgx5", "pgx5", inURL},
		{"in the query", "postgres", inQuery},
		{"in the query of pgx5", "pgx5", inQuery},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			db, target := targetOf(t, "postgres")
			u, err := url.Parse(target)
			require.NoError(t, err)
			u.Scheme = c.scheme
			role := strings.TrimPrefix(u.Path, "/") + "_role"
			_, err = db.Exec("CREATE ROLE " + role + " SUPERUSER LOGIN PASSWORD '" + password + "'")
			require.NoError(t, err)
			t.Cleanup(func() {
				_, err := db.Exec("DROP OWNED BY " + role + "; DROP ROLE " + role)
				require.NoError(t, err)
			})
			u.User = url.User(role)
			text := c.write(*u)
			dir := t.TempDir()
			write := func(name, text string) {
				require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666))
			}
			write("0001_log.up.sql", "CREATE TABLE log (n bigint);\n")
			write("0001_log.assert.sql", "SELECT n FROM log;\n")
			write("0002_index.up.sql", "CREATE INDEX CONCURRENTLY nothing ON nowhere (n);\n")
			said := func(want int, args ...string) string {
				status, stdout, stderr := command(t, append(args, "--url", text)...)
				require.Equal(t, want, status, "%s%s", stdout, stderr)
				require.NotContains(t, stdout+stderr, password)
				return stdout + stderr
			}
			require.Contains(t, said(statusOK, "up", dir, "--dry-run"), "***")
			require.Contains(t, said(statusBroken, "up", dir), "handrail force VERSION ")
			require.Contains(t, said(statusFindings, "status", dir, "--json"), `"who": `)
			said(statusOK, "history", dir)
			said(statusOK, "force", "1", dir, "--yes")
			said(statusBroken, "force", "1", dir)
			said(statusBroken, "down", dir, "--to", "base")
			text = strings.Replace(text, "/"+strings.TrimPrefix(u.Path, "/"), "/nowhere", 1)
			require.Contains(t, said(statusBroken, "up", dir), "nowhere")
		})
	}
}
