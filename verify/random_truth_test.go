package verify_test

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
)

// A reader is the schema of a database as something other than handrail says it, in
// pieces whose order has no meaning. What a check tolerates, the order of columns, is
// not in it.
type reader func(t *testing.T, db engine.Database) []string

// truthOf finds the reader of an engine: pg_dump, of the server's version or a later
// one, or SQLite's own table of its schema, which the sqlite3 command prints as
// .schema.
func truthOf(t *testing.T, e engine.Engine) reader {
	if e.Dialect() == dialect.SQLite {
		return readSQLite
	}
	path, err := exec.LookPath("pg_dump")
	if err != nil {
		t.Skip("pg_dump, which tells what is right, is not on the PATH")
	}
	out, err := exec.Command(path, "--version").Output()
	require.NoError(t, err)
	server, err := e.Server(t.Context())
	require.NoError(t, err)
	var dump, major int
	_, err = fmt.Sscanf(string(out), "pg_dump (PostgreSQL) %d", &dump)
	require.NoError(t, err)
	_, err = fmt.Sscanf(server.Version, "%d", &major)
	require.NoError(t, err)
	if dump < major {
		t.Skipf("pg_dump %d, which tells what is right, does not read a server of version %d", dump, major)
	}
	return func(t *testing.T, db engine.Database) []string { return readPostgres(t, path, db) }
}

// readPostgres are the entries of a dump, without what only says how it was made.
func readPostgres(t *testing.T, pgDump string, db engine.Database) []string {
	conn, err := db.DB().Conn(t.Context())
	require.NoError(t, err)
	defer conn.Close() //nolint:errcheck // goes back to the pool
	command := exec.CommandContext(t.Context(), pgDump, "--schema-only")
	require.NoError(t, conn.Raw(func(c any) error {
		config := c.(*stdlib.Conn).Conn().Config()
		command.Env = append(os.Environ(), "PGHOST="+config.Host, fmt.Sprint("PGPORT=", config.Port), "PGUSER="+config.User, "PGPASSWORD="+config.Password, "PGDATABASE="+config.Database)
		return nil
	}))
	out, err := command.CombinedOutput()
	require.NoError(t, err, "%s", out)
	var entries []string
	for _, entry := range strings.Split(string(out), "\n--\n-- Name: ")[1:] {
		_, text, _ := strings.Cut(entry, "\n--\n") // the header says who owns it, and nothing that is not in the text
		text, _, _ = strings.Cut(text, "\n-- PostgreSQL database dump complete")
		var lines []string
		for line := range strings.SplitSeq(text, "\n") {
			if line != "" && !strings.HasPrefix(line, "--") && !strings.HasPrefix(line, "SET default_") && !strings.HasPrefix(line, `\unrestrict`) {
				lines = append(lines, line)
			}
		}
		if len(lines) > 0 && (strings.HasPrefix(lines[0], "CREATE TABLE") || strings.HasPrefix(lines[0], "CREATE UNLOGGED")) {
			for i := range lines {
				lines[i] = strings.TrimSuffix(lines[i], ",")
			}
			slices.Sort(lines)
		}
		entries = append(entries, strings.Join(lines, "\n"))
	}
	return entries
}

// readSQLite is each row of the schema table, the parts of a table sorted.
func readSQLite(t *testing.T, db engine.Database) []string {
	rows, err := db.DB().QueryContext(t.Context(), "SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_master WHERE name <> 'sqlite_sequence'")
	require.NoError(t, err)
	defer rows.Close() //nolint:errcheck // rows.Err tells
	var entries []string
	for rows.Next() {
		var kind, name, table, text string
		require.NoError(t, rows.Scan(&kind, &name, &table, &text))
		text = plainSQL(text)
		if kind == "table" {
			head, body, _ := strings.Cut(text, "(")
			end := strings.LastIndex(body, ")")
			parts := atCommas(body[:end])
			slices.Sort(parts)
			text = head + "(" + strings.Join(parts, ",") + body[end:]
		}
		entries = append(entries, kind+" "+name+" on "+table+": "+text)
	}
	require.NoError(t, rows.Err())
	return entries
}

var (
	whiteSpace = regexp.MustCompile(`\s+`)
	aroundMark = regexp.MustCompile(` ?([(),]) ?`)
)

// plainSQL is a text without the quotes and blanks that ALTER TABLE leaves.
func plainSQL(text string) string {
	return strings.TrimSpace(aroundMark.ReplaceAllString(whiteSpace.ReplaceAllString(strings.ReplaceAll(text, `"`, ""), " "), "$1"))
}

// atCommas cuts a list at the commas that stand in no parentheses.
func atCommas(list string) (parts []string) {
	depth, from := 0, 0
	for i, c := range list {
		switch c {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth == 0 {
				parts, from = append(parts, list[from:i]), i+1
			}
		}
	}
	return append(parts, list[from:])
}
