package verify

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
	"github.com/handrail-db/handrail/verify/internal/golangmigrate"
	"github.com/handrail-db/handrail/verify/internal/sqltext"
	"github.com/handrail-db/handrail/verify/internal/walk"
)

// cause is the remedy where an error says more than that the SQL is wrong, ""
// where it does not.
func (c *Pass) cause(r history.Revision, d finding.Direction, err error) string {
	said := engine.Cause(err)
	state, runner := engine.SQLState(said), c.subject.Runner
	switch {
	case errors.As(err, new(history.ClientRows)):
		return "write INSERT, as pg_dump --inserts does"
	case errors.Is(err, walk.ErrTooLong):
		return "a statement of this file hangs: it waits for a lock or for something outside, or works without end"
	case state == "57014" && runner.StatementTimeout > 0:
		return fmt.Sprintf("a statement takes longer than the runner's statement_timeout of %s", runner.StatementTimeout)
	case engine.LostConnection(said):
		return "the file ends its own connection, and golang-migrate's with it: leave that out"
	case state == "25001":
		return c.inTransaction(r.File(d), said.Error())
	case state == "42601" && runner.MultiStatement:
		return "x-multi-statement splits a file at each semicolon, those in a body too: run without it, or see whether a statement is cut"
	}
	if c.dialect == dialect.SQLite {
		if hint := c.inWrap(said.Error()); hint != "" {
			return hint
		}
	}
	return c.aboutVersions(r.File(d), said)
}

// serverWide are statements that change a server and not one of its databases.
var serverWide = regexp.MustCompile(`^(ERROR: )?(ALTER SYSTEM|(CREATE|DROP) (DATABASE|TABLESPACE)|ALTER DATABASE)`)

// inTransaction is the remedy where Postgres refuses a statement in a transaction.
func (c *Pass) inTransaction(f *history.File, said string) string {
	stmts, own := 0, false
	if f != nil {
		for _, s := range f.Script(dialect.Postgres).Statements {
			if s.OpensTransaction() || s.Begins("commit") || s.Begins("end") {
				own = true
			} else {
				stmts++
			}
		}
	}
	switch {
	case serverWide.MatchString(said):
		return "it changes the server and not this database alone: leave it out of the history, and let whoever runs the server do it once"
	case strings.Contains(said, "from a function"):
		return "no function, procedure or DO block can run it: write it as a statement, in a file of its own"
	case own && stmts == 1:
		return "leave out BEGIN and COMMIT: a file of this statement alone is in no transaction"
	case own:
		return "give this statement a file of its own, without BEGIN and COMMIT"
	case c.subject.Runner.MultiStatement:
		return "give this statement a file of its own"
	}
	return "golang-migrate sends a file as one, which is one transaction: give this statement a file of its own, or run with x-multi-statement"
}

// unwrapped are statements that SQLite refuses in a transaction, by what it says.
var unwrapped = []struct {
	said *regexp.Regexp
	what string
}{
	{regexp.MustCompile(`cannot VACUUM`), "VACUUM"},
	{regexp.MustCompile(`Safety level may not be changed inside a transaction`), "PRAGMA synchronous"},
	{regexp.MustCompile(`(into|out of) wal mode from within a transaction`), "PRAGMA journal_mode"},
	{regexp.MustCompile(`cannot (ATTACH|DETACH) database within transaction`), "ATTACH and DETACH"},
	{regexp.MustCompile(`temporary storage cannot be changed from within a transaction`), "PRAGMA temp_store"},
}

// ownTransaction is what SQLite says of a file with a transaction of its own where
// there is one around it.
var ownTransaction = regexp.MustCompile(`cannot start a transaction within a transaction|cannot (commit|rollback) - no transaction is active`)

// inWrap is the remedy where SQLite refuses a statement in a transaction.
func (c *Pass) inWrap(said string) string {
	bare := c.subject.Runner.NoTxWrap
	for _, u := range unwrapped {
		switch {
		case !u.said.MatchString(said):
		case bare:
			return u.what + " does not run in a transaction: move it in front of BEGIN or behind COMMIT"
		default:
			return u.what + " does not run in a transaction, and golang-migrate has one around the file: leave it out and run it beside the history, or run with x-no-tx-wrap"
		}
	}
	if !bare && ownTransaction.MatchString(said) {
		return "golang-migrate has a transaction around the file already: leave out BEGIN and COMMIT, or run with x-no-tx-wrap"
	}
	return ""
}

// aboutVersions is the remedy where an error is about golang-migrate's version table:
// that one itself, and not one whose name has its name in it.
func (c *Pass) aboutVersions(f *history.File, said error) string {
	table := golangmigrate.TableOf(c.dialect, c.subject.Runner)
	if !isAbout(table, said.Error()) || f != nil && isAnothers(table, f.Script(c.dialect)) {
		return ""
	}
	if writesTable(c.history, table) {
		return fmt.Sprintf("golang-migrate keeps the version in a table of this name, %s, which the history writes too: give golang-migrate's another one, with --migrations-table", table.Name)
	}
	return "golang-migrate writes its version table after each step: leave it there, and the right to write it"
}

var (
	namedInError = regexp.MustCompile(`(?:"[^"]*"|[\pL_$][\pL\pN_$]*)(?:\.(?:"[^"]*"|[\pL_$][\pL\pN_$]*))*`)
	notTables    = []string{"column", "role", "function", "schema", "database", "index", "trigger", "extension", "policy", "type", "view", "sequence", "module", "savepoint"}
)

// isAbout reports whether a message of the database is about the version table.
func isAbout(t golangmigrate.VersionTable, message string) bool {
	kind := "" // the word before a name
	for _, name := range namedInError.FindAllString(message, -1) {
		before := kind
		if kind, name = strings.ToLower(name), strings.ReplaceAll(name, `"`, ""); slices.Contains(notTables, before) {
			continue
		}
		parts := strings.Split(name, ".")
		last := parts[len(parts)-1]
		switch {
		case len(parts) == 1 && (last == t.Name || last == t.Name+"_pkey"),
			len(parts) == 2 && last == t.Name && (parts[0] == t.Space || t.Space == "" && parts[0] == "main"),
			t.Space == "" && len(parts) == 2 && parts[0] == t.Name: // table.column
			return true
		}
	}
	return false
}

// isAnothers reports whether SQL names a table of the version table's name, and each
// time that of another schema: the message of a database may leave that out.
func isAnothers(t golangmigrate.VersionTable, script sqltext.Script) bool {
	others := false
	for _, s := range script.Statements {
		for i, l := range s.Tokens {
			if !l.IsName() || l.Text != t.Name {
				continue
			}
			if i < 2 || s.Tokens[i-1].Text != "." || s.Tokens[i-2].Text == t.Space || s.Tokens[i-2].Text == "main" {
				return false
			}
			others = true
		}
	}
	return others
}

// writesTable reports whether a revision makes the version table, or writes its rows.
func writesTable(h history.History, t golangmigrate.VersionTable) bool {
	for _, r := range h.Revisions {
		for _, f := range []*history.File{r.Up, r.Down} {
			if f == nil {
				continue
			}
			for _, s := range f.Script(h.Dialect).Statements {
				what, name := s.About()
				verb, _, _ := strings.Cut(what, " ")
				if slices.Contains([]string{"CREATE", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "COPY", "REPLACE"}, verb) && sqltext.Bare(name) == t.Name &&
					(verb != "CREATE" || strings.HasSuffix(what, "TABLE")) {
					return true
				}
			}
		}
	}
	return false
}
