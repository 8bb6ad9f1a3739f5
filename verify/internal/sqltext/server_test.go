package sqltext_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/internal/sqltext"
)

// pieces are statements on which a lexer may lose its way. N stands for a
// number, so that a name is there once.
var pieces = map[dialect.Dialect][]string{
	dialect.Postgres: {
		`SELECT 'a;''b;' AS "c;""d"`, `SELECT E'\';', E'\\'`, `SELECT '\'`, "SELECT E'a'\n'\\';b'", "SELECT 'a'\n';\\'", `SELECT U&'\0041;', U&"d;" FROM (VALUES (1)) AS v (U&"d;")`,
		`SELECT $$ a; $x$ b; $$`, `SELECT $x$ $$; $y$ $x$, $é1$;$é1$`, `SELECT a$b$c FROM (VALUES (1)) AS v (a$b$c)`, `SELECT B'01', X'3B', N';'`,
		`DO $$ BEGIN PERFORM 1; END; $$`, `DO 'BEGIN PERFORM '';''; END;'`, "SELECT 1 -- ;'\r + 1", "SELECT /* ; /* ' */ $$ */ 1", `SELECT 1 <-- ;
2`, `SELECT 1::text || ';' || case when true then 'end;' else '' end`,
		`CREATE FUNCTION fN(a int) RETURNS int BEGIN ATOMIC SELECT CASE WHEN a > 0 THEN 1 ELSE 2 END; SELECT a; END`,
		`CREATE FUNCTION fN() RETURNS int LANGUAGE sql RETURN CASE WHEN true THEN 1 END`,
		`CREATE FUNCTION atomicN() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN RETURN NEW; END; $f$`,
		`CREATE TRIGGER tN BEFORE INSERT ON nowhere EXECUTE FUNCTION atomic()`,
		`CREATE OR REPLACE PROCEDURE pN() BEGIN ATOMIC END`, `CREATE PROCEDURE pN(atomic int) LANGUAGE sql AS ''`,
		`CREATE RULE rN AS ON INSERT TO nowhere DO ALSO (SELECT 1; SELECT ')'; SELECT 3)`, `CREATE SCHEMA sN CREATE TABLE t (a int) CREATE VIEW v AS SELECT 1 AS a`,
		`CREATE TABLE tN (a int DEFAULT 1.5e3, function text, atomic text, b text CHECK (b <> ';'))`, `BEGIN`, `COMMIT`, `END`,
		`INSERT INTO nowhere VALUES (1, $1$2)`, `COMMENT ON TABLE nowhere IS $_$;$_$`,
	},
	dialect.SQLite: {
		`INSERT INTO log VALUES ('a;''b;')`, `INSERT INTO log VALUES ('\')`, `INSERT INTO log VALUES ("a;" || 'x')`, `INSERT INTO log SELECT [a;b] FROM (SELECT 1 AS [a;b])`,
		"INSERT INTO log SELECT `c``;` FROM (SELECT 2 AS `c``;`)", `INSERT INTO log VALUES (x'3b27')`, "INSERT INTO log VALUES (1 -- ;'\r\n + 1)", `INSERT INTO log /* ; /* ' */ VALUES (1e2)`,
		`INSERT INTO log VALUES (CASE WHEN 1 THEN 'end;' END)`, `INSERT INTO log SELECT begin + end FROM spans`, `INSERT INTO spans (begin, end) VALUES (3, 4)`,
		`CREATE TABLE tN (trigger int, begin int, a$b int, "function" int)`, `CREATE VIEW vN AS SELECT begin, end FROM spans`, `CREATE INDEX iN ON spans (begin, end)`,
		`CREATE TRIGGER xN AFTER INSERT ON spans BEGIN UPDATE spans SET end = end + 1, begin = CASE WHEN end > 1 THEN 1 ELSE 2 END; INSERT INTO log VALUES (';'); END`,
		`CREATE TEMP TRIGGER xN AFTER UPDATE OF begin ON spans WHEN new.begin > old.end BEGIN SELECT CASE new.end WHEN 1 THEN 2 END; END`,
		`CREATE TRIGGER IF NOT EXISTS beginN BEFORE DELETE ON spans FOR EACH ROW BEGIN DELETE FROM log WHERE a = /* END; */ ';'; END`,
		`CREATE TRIGGER xN INSTEAD OF INSERT ON v BEGIN INSERT INTO log VALUES (new.begin) ON CONFLICT DO NOTHING; END`,
		`WITH end AS (SELECT 1 AS begin) INSERT INTO log SELECT begin FROM end`, `UPDATE spans SET end = 7`, `ALTER TABLE spans ADD COLUMN cN int`,
	},
}

// between are what may stand between two statements, or around them.
var between = []string{";", ";;", " ; ", ";\n", ";\r\n", "; -- one; 'two\n", ";/* ; ' */", ";\n\n-- $$\n;", ";\t"}

// scriptOf is a random script of some statements.
func scriptOf(d dialect.Dialect, random *rand.Rand) string {
	var b strings.Builder
	if random.IntN(3) == 0 {
		b.WriteString("-- begin;\n/* create trigger */ ")
	}
	for i := range 1 + random.IntN(5) {
		piece := pieces[d][random.IntN(len(pieces[d]))]
		piece = strings.NewReplacer("fN", fmt.Sprint("f", i), "tN", fmt.Sprint("t", i), "vN", fmt.Sprint("v", i), "xN", fmt.Sprint("x", i), "iN", fmt.Sprint("i", i),
			"cN", fmt.Sprint("c", i), "pN", fmt.Sprint("p", i), "rN", fmt.Sprint("r", i), "sN", fmt.Sprint("s", i), "atomicN", fmt.Sprint("atomic", i), "beginN", fmt.Sprint("begin", i)).Replace(piece)
		if random.IntN(4) == 0 {
			piece = strings.ToUpper(piece[:1]) + strings.ToLower(piece[1:2]) + piece[2:]
		}
		b.WriteString(piece + between[random.IntN(len(between))])
	}
	if random.IntN(3) == 0 {
		return strings.TrimRight(b.String(), "; \t\r\n")
	}
	return b.String()
}

// TestLexerAgreesWithServer: random scripts fall into the statements that the
// servers see in them.
func TestLexerAgreesWithServer(t *testing.T) {
	t.Parallel()
	n := 1000
	if testing.Short() {
		n = 100
	}
	for _, e := range []engine.Engine{fixtures.Postgres, fixtures.SQLiteMemory} {
		t.Run(e.Name(), func(t *testing.T) {
			t.Parallel()
			server := askServer(t, e)
			for seed := range n {
				script := scriptOf(e.Dialect(), rand.New(rand.NewPCG(6, uint64(seed))))
				if why := server(script); why != "" {
					t.Fatalf("seed %d: %s\n%s", seed, why, script)
				}
			}
		})
	}
}

// TestLexerLosesItsWay: the comparison tells a script that is split otherwise.
func TestLexerLosesItsWay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, script string
		dialect      dialect.Dialect
		pieces       []string
	}{
		{"two statements in one", "SELECT 1; SELECT 2", dialect.Postgres, []string{"SELECT 1; SELECT 2"}},
		{"one statement in two", "SELECT 'a;b'", dialect.Postgres, []string{"SELECT 'a", "b'"}},
		{"three in place of two", "SELECT 'a;b'; SELECT 1", dialect.Postgres, []string{"SELECT 'a", "b'", "SELECT 1"}},
		{"two statements in one", "DELETE FROM log; DELETE FROM spans", dialect.SQLite, []string{"DELETE FROM log; DELETE FROM spans"}},
		{"one statement in two", "INSERT INTO log VALUES (';')", dialect.SQLite, []string{"INSERT INTO log VALUES ('", "')"}},
		{"one statement too few", "DELETE FROM spans; INSERT INTO log VALUES (1)", dialect.SQLite, []string{"DELETE FROM spans"}},
	} {
		t.Run(string(c.dialect)+", "+c.name, func(t *testing.T) {
			t.Parallel()
			if c.dialect == dialect.Postgres {
				require.NotEmpty(t, postgresDisagrees(c.pieces, orWhole(c.script, postgresParser(t))))
				return
			}
			whole, err := newSQLite(t.Context())
			require.NoError(t, err)
			defer whole.Close() //nolint:errcheck // it is in memory
			parts, err := newSQLite(t.Context())
			require.NoError(t, err)
			defer parts.Close() //nolint:errcheck // as above
			require.NotEmpty(t, sqliteDisagrees(t.Context(), whole.DB(), parts.DB(), c.script, c.pieces))
		})
	}
}

func FuzzLexerPostgres(f *testing.F) { fuzzLexer(f, fixtures.Postgres) }

func FuzzLexerSQLite(f *testing.F) { fuzzLexer(f, fixtures.SQLiteMemory) }

func fuzzLexer(f *testing.F, e engine.Engine) {
	_, err := e.Server(f.Context())
	if missing := new(engine.Unavailable); err != nil && (!errors.As(err, &missing) || missing.Required != "") {
		f.Fatal(err)
	}
	if err != nil {
		f.Skip(err)
	}
	for seed := range 40 {
		f.Add(scriptOf(e.Dialect(), rand.New(rand.NewPCG(7, uint64(seed)))))
	}
	f.Add("SELECT;SELECT--\x99")
	server := askServer(f, e)
	f.Fuzz(func(t *testing.T, script string) {
		lower := strings.ToLower(script)
		if !utf8.ValidString(script) { // a file that is not UTF-8 is refused when it is read, and by Postgres too
			t.Skip("no text of a file")
		}
		if strings.Contains(script, "\x00") || strings.Contains(lower, "attach") || strings.Contains(lower, "vacuum") || strings.Contains(lower, "pragma") {
			t.Skip("no text of a file, or one that reaches out of the database")
		}
		if why := server(script); why != "" {
			t.Fatal(why)
		}
	})
}

// askServer says how a script is split otherwise than the server does, "" where
// it is not.
func askServer(t testing.TB, e engine.Engine) func(script string) string {
	ctx := t.Context()
	if e.Dialect() == dialect.Postgres {
		parse := postgresParser(t)
		return func(script string) string {
			return postgresDisagrees(statements(dialect.Postgres, script), orWhole(script, parse))
		}
	}
	return func(script string) string {
		whole, err := newSQLite(ctx)
		if err != nil {
			return err.Error()
		}
		defer whole.Close() //nolint:errcheck // it is in memory
		parts, err := newSQLite(ctx)
		if err != nil {
			return err.Error()
		}
		defer parts.Close() //nolint:errcheck // as above
		return sqliteDisagrees(ctx, whole.DB(), parts.DB(), script, statements(dialect.SQLite, script))
	}
}

// orWhole parses what it is given, and the whole script where that is "".
func orWhole(script string, parse func(string) error) func(string) error {
	return func(sql string) error {
		if sql == "" {
			sql = script
		}
		return parse(sql)
	}
}

// postgresParser lets the server parse SQL, which runs nothing.
func postgresParser(t testing.TB) func(string) error {
	db, err := fixtures.Postgres.New(t.Context())
	if missing := new(engine.Unavailable); errors.As(err, &missing) && missing.Required == "" {
		t.Skip(err)
	}
	require.NoError(t, err)
	ctx := t.Context()
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	conn, err := db.DB().Conn(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, conn.Close()) })
	return func(sql string) error {
		return conn.Raw(func(c any) error {
			_, err := c.(*stdlib.Conn).Conn().PgConn().Prepare(ctx, "", sql, nil)
			return err
		})
	}
}

// Of the parser's answers only these tell where statements end.
const (
	several     = "cannot insert multiple commands into a prepared statement"
	syntaxError = "syntax error"
)

func says(err error, what string) bool {
	var server *pgconn.PgError
	return errors.As(err, &server) && strings.HasPrefix(server.Message, what)
}

// postgresDisagrees compares the pieces of a script with what the server says of
// them and, given "", of the whole.
func postgresDisagrees(statements []string, parse func(string) error) string {
	whole := parse("")
	failed := false
	for _, stmt := range statements {
		err := parse(stmt)
		failed = failed || err != nil
		switch {
		case says(err, several):
			return fmt.Sprintf("more than one statement: %q", stmt)
		case says(whole, several) && (says(err, syntaxError) || says(err, "unterminated")):
			return fmt.Sprintf("not a whole statement: %q: %v", stmt, err)
		}
	}
	switch n := len(statements); {
	case says(whole, "unterminated"): // an open comment is in no statement
	case n > 1 && whole == nil, n < 2 && says(whole, several), n > 1 && !says(whole, several) && !failed:
		return fmt.Sprintf("%d statements, and the server says: %v", n, whole)
	}
	return ""
}

// newSQLite is a database with a few things that the pieces need.
func newSQLite(ctx context.Context) (engine.Database, error) {
	db, err := fixtures.SQLiteMemory.New(ctx)
	if err != nil {
		return nil, err
	}
	db.DB().SetMaxOpenConns(1)
	_, err = db.DB().ExecContext(ctx, "CREATE TABLE log (a); CREATE TABLE spans (begin int, end int); INSERT INTO spans VALUES (1, 2); CREATE VIEW v AS SELECT begin FROM spans")
	return db, err
}

// sqliteDisagrees runs a script in one database and its statements, one by one,
// in another. EXPLAIN before a statement runs nothing, unless there is a second.
func sqliteDisagrees(ctx context.Context, whole, parts *sql.DB, script string, statements []string) string {
	_, wholeErr := whole.ExecContext(ctx, script)
	var partErr error
	for _, stmt := range statements {
		before := standOf(ctx, parts)
		rows, err := parts.QueryContext(ctx, "EXPLAIN "+stmt)
		if err == nil {
			for rows.Next() {
			}
			err = errors.Join(rows.Err(), rows.Close())
		}
		if after := standOf(ctx, parts); after != before {
			return fmt.Sprintf("more than one statement: %q", stmt)
		}
		if err == nil {
			_, err = parts.ExecContext(ctx, stmt)
		}
		if partErr = err; partErr != nil {
			break
		}
	}
	switch a, b := contentOf(ctx, whole), contentOf(ctx, parts); {
	case (wholeErr == nil) != (partErr == nil):
		return fmt.Sprintf("whole: %v, in statements: %v", wholeErr, partErr)
	case a != b:
		return fmt.Sprintf("whole:\n%s\nin statements:\n%s", a, b)
	}
	return ""
}

// standOf is what every statement that writes changes.
func standOf(ctx context.Context, db *sql.DB) string {
	return textOf(ctx, db, "SELECT total_changes() || ' ' || schema_version || ' ' || (SELECT count(*) FROM sqlite_temp_schema) FROM pragma_schema_version")
}

// contentOf is all that a database holds.
func contentOf(ctx context.Context, db *sql.DB) string {
	return textOf(ctx, db, `SELECT type || ' ' || name || ' ' || tbl_name FROM sqlite_schema UNION ALL SELECT 'temp ' || type || name FROM sqlite_temp_schema
UNION ALL SELECT 'log ' || quote(a) FROM log UNION ALL SELECT 'span ' || quote(begin) || quote(end) FROM spans`)
}

func textOf(ctx context.Context, db *sql.DB, query string) string {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return err.Error()
	}
	defer rows.Close() //nolint:errcheck // rows.Err says it
	var b strings.Builder
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return err.Error()
		}
		b.WriteString(line + "\n")
	}
	return b.String() + fmt.Sprint(rows.Err())
}

// statements are those into which a script is split, as they stand in it.
func statements(d dialect.Dialect, script string) []string {
	var texts []string
	for _, stmt := range sqltext.Parse(d, script).Statements {
		texts = append(texts, stmt.SQL)
	}
	return texts
}
