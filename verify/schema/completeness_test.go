package schema_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail"
	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/internal/corpus"
	"github.com/handrail-db/handrail/verify/schema"
)

// TestNothingThatPgDumpShowsChangesUnnoticed makes one change after the other
// and compares what pg_dump --schema-only says with what the snapshot says.
func TestNothingThatPgDumpShowsChangesUnnoticed(t *testing.T) {
	if testing.Short() {
		t.Skip("runs pg_dump some 200 times; not in a short run")
	}
	t.Parallel()
	changes := corpus.Changes("postgres_changes.sql")
	require.GreaterOrEqual(t, len(changes), 120)
	db := handrail.Scratch(t, fixtures.Postgres)
	dump := pgDump(t, db)
	snapshot := func() schema.Snapshot {
		s, err := schema.Inspect(t.Context(), db.DB, dialect.Postgres)
		require.NoError(t, err)
		return s
	}
	dumped, seen := dump(), snapshot()
	for _, c := range changes {
		_, err := db.ExecContext(t.Context(), c.SQL)
		require.NoError(t, err, c.Name)
		nextDump, next := dump(), snapshot()
		diff := schema.Diff(seen, next)
		switch {
		case c.Why != "":
			assert.NotEmpty(t, diff, "%s: the snapshot does not show it", c.Name)
			assert.Equal(t, dumped, nextDump, "%s: pg_dump shows it after all (%s)", c.Name, c.Why)
		case dumped == nextDump:
			t.Errorf("%s: pg_dump does not show it; give the reason in the list\n%s", c.Name, diff)
		case diff == "":
			t.Errorf("%s: pg_dump shows it and the snapshot does not:\n%s", c.Name, lineDiff(dumped, nextDump))
		}
		dumped, seen = nextDump, next
	}
}

// TestNothingThatSQLiteShowsChangesUnnoticed does the same against what the
// shell's .schema prints and the pragmas of the header.
func TestNothingThatSQLiteShowsChangesUnnoticed(t *testing.T) {
	t.Parallel()
	changes := corpus.Changes("sqlite_changes.sql")
	require.GreaterOrEqual(t, len(changes), 50)
	db := handrail.Scratch(t, fixtures.SQLiteMemory)
	dump := func() (text string) {
		require.NoError(t, db.QueryRowContext(t.Context(), `
			SELECT coalesce((SELECT group_concat(type || ' ' || name || ' ' || tbl_name || ' ' || coalesce(sql, ''), char(10))
			                 FROM (SELECT * FROM sqlite_schema ORDER BY type, name)), '')
			       || (SELECT user_version FROM pragma_user_version) || ' ' || (SELECT application_id FROM pragma_application_id)
			       || ' ' || (SELECT encoding FROM pragma_encoding)`).Scan(&text))
		return text
	}
	snapshot := func() schema.Snapshot {
		s, err := schema.Inspect(t.Context(), db.DB, dialect.SQLite)
		require.NoError(t, err)
		return s
	}
	shown, seen := dump(), snapshot()
	for _, c := range changes {
		_, err := db.ExecContext(t.Context(), c.SQL)
		require.NoError(t, err, c.Name)
		nextShown, next := dump(), snapshot()
		diff := schema.Diff(seen, next)
		require.NotEqual(t, shown, nextShown, "%s: a change that SQLite does not show either", c.Name)
		if c.Why != "" {
			assert.Empty(t, diff, "%s: the snapshot shows it after all (%s)", c.Name, c.Why)
		} else {
			assert.NotEmpty(t, diff, "%s: SQLite shows it and the snapshot does not:\n%s", c.Name, lineDiff(shown, nextShown))
		}
		shown, seen = nextShown, next
	}
}

// lineDiff lists the lines that only one of two texts has.
func lineDiff(a, b string) string {
	only := func(mark, x, y string) (out string) {
		for line := range strings.SplitSeq(x, "\n") {
			if !strings.Contains(y, line) {
				out += mark + line + "\n"
			}
		}
		return out
	}
	return only("-", a, b) + only("+", b, a)
}

// pgDump finds a pg_dump that knows the server: beside the server's own
// binaries, or inside its container.
func pgDump(t *testing.T, db *handrail.DB) func() string {
	var bin, socket, name string
	err := db.QueryRowContext(t.Context(), `SELECT (SELECT setting FROM pg_config WHERE name = 'BINDIR'),
		split_part(current_setting('unix_socket_directories'), ',', 1), current_database()`).Scan(&bin, &socket, &name)
	require.NoError(t, err)
	dump := filepath.Join(bin, "pg_dump") + " -h " + socket
	shell := exec.CommandContext(t.Context(), "sh")
	if _, err := os.Stat(filepath.Join(socket, ".s.PGSQL.5432")); err != nil {
		container := containerOf(t, name)
		if container == "" {
			t.Skipf("no pg_dump for this server: none in %s, and it is in no container of handrail's", bin)
		}
		dump = "pg_dump"
		shell = exec.CommandContext(t.Context(), "docker", "exec", "-i", container, "sh")
	}
	ask := inShell(t, shell)
	return func() string {
		out := ask(dump + " -U postgres --schema-only " + name)
		require.NotEmpty(t, out, "pg_dump of %s", name)
		return restrictLine.ReplaceAllString(out, "")
	}
}

// inShell runs commands one after the other in one shell, since to enter a
// container takes longer than what is done there, and gives what they print; ""
// for one that fails.
func inShell(t *testing.T, shell *exec.Cmd) func(command string) string {
	in, err := shell.StdinPipe()
	require.NoError(t, err)
	out, err := shell.StdoutPipe()
	require.NoError(t, err)
	shell.Stderr = os.Stderr
	require.NoError(t, shell.Start())
	t.Cleanup(func() {
		require.NoError(t, in.Close())
		_, _ = io.Copy(io.Discard, out)
		_ = shell.Wait() // its last command may have failed
	})
	lines := bufio.NewReader(out)
	return func(command string) string {
		_, err := fmt.Fprintf(in, "%s; printf '\\0%%d\\0' $?\n", command)
		require.NoError(t, err)
		printed, err := lines.ReadString(0)
		require.NoError(t, err)
		status, err := lines.ReadString(0)
		require.NoError(t, err)
		if status != "0\x00" {
			return ""
		}
		return strings.TrimSuffix(printed, "\x00")
	}
}

// restrictLine is what pg_dump protects its output with: a random token.
var restrictLine = regexp.MustCompile(`(?m)^\\(un)?restrict .*\n`)

// containerOf is the container of handrail's that has the database.
func containerOf(t *testing.T, database string) string {
	out, err := exec.CommandContext(t.Context(), "docker", "ps", "-q", "--filter", "label=handrail=server").Output()
	if err != nil {
		return ""
	}
	for id := range strings.FieldsSeq(string(out)) {
		cmd := exec.CommandContext(context.WithoutCancel(t.Context()), "docker", "exec", id, "psql", "-XAtq", "-U", "postgres", "-d", database, "-c", "SELECT 1")
		if cmd.Run() == nil {
			return id
		}
	}
	return ""
}
