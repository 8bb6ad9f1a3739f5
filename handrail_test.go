package handrail_test

import (
	"context"
	"database/sql"
	"os"
	"os/exec"
	"regexp"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail"
	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/verify"
	"github.com/handrail-db/handrail/verify/attack"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
)

// brokenChild is set in a process whose tests are meant to fail.
const brokenChild = "TEST_BROKEN_SUBJECTS"

// files is a folder of revisions.
func files(pairs ...string) fstest.MapFS {
	folder := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		folder[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return folder
}

// oneOfEach calls each check on a subject, in a subtest of its name.
func oneOfEach(t *testing.T, s handrail.Subject) {
	e := fixtures.SQLiteMemory
	row := func(ctx context.Context, db *sql.DB, n int) error {
		_, err := db.ExecContext(ctx, "INSERT INTO a (id, name) VALUES (?, 'x')", n)
		return err
	}
	t.Run("Run", func(t *testing.T) { handrail.Run(t, s) })
	t.Run("Stairway", func(t *testing.T) { handrail.Stairway(t, s, e) })
	t.Run("RoundTrip", func(t *testing.T) { handrail.RoundTrip(t, s, e) })
	t.Run("Drift", func(t *testing.T) { handrail.Drift(t, s, e) })
	t.Run("Lint", func(t *testing.T) { handrail.Lint(t, s) })
	t.Run("Squash", func(t *testing.T) {
		handrail.Squash(t, s, handrail.Subject{SQLite: files("0002_baseline.up.sql", s.Declared[dialect.SQLite])})
	})
	t.Run("AppendOnly", func(t *testing.T) { handrail.AppendOnly(t, s, e, attack.Table{Name: "a", Row: row}) })
	seed := func(ctx context.Context, db *sql.DB, _ dialect.Dialect) error { return row(ctx, db, 1) }
	t.Run("Data", func(t *testing.T) { handrail.Data(t, s, e, verify.Data{From: 1, To: 2, Seed: seed}) })
	t.Run("Rollback", func(t *testing.T) { handrail.Rollback(t, s, e, verify.Rollback{From: 1, To: 2, Seed: seed}) })
}

const (
	table  = "CREATE TABLE a (id INTEGER PRIMARY KEY, name TEXT);"
	guards = `
CREATE TRIGGER a_no_update BEFORE UPDATE ON a BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER a_no_delete BEFORE DELETE ON a BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER a_no_replace BEFORE INSERT ON a WHEN EXISTS (SELECT 1 FROM a WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'append-only'); END;
`
)

// TestChecks calls each check on a subject that has nothing to hide.
func TestChecks(t *testing.T) {
	t.Parallel()
	oneOfEach(t, handrail.Subject{
		SQLite: files(
			"0001_a.up.sql", table, "0001_a.down.sql", "DROP TABLE a;",
			"0002_guards.up.sql", guards, "0002_guards.down.sql", "DROP TRIGGER a_no_update; DROP TRIGGER a_no_delete; DROP TRIGGER a_no_replace;",
		),
		Declared: map[dialect.Dialect]string{dialect.SQLite: table + guards},
	})
}

// TestLoad: a subject that is read from a folder has the waivers of its
// handrail.toml, without which it fails.
func TestLoad(t *testing.T) {
	t.Parallel()
	folder := files(
		"0001_a.up.sql", table+"CREATE INDEX ix_a_name ON a (name);", "0001_a.down.sql", "DROP TABLE a;",
		"0002_index.up.sql", "DROP INDEX IF EXISTS ix_a_name;", "0002_index.down.sql", "SELECT 1;",
		"handrail.toml", "[[allow]]\nrule = \"loss\"\nrevision = 2\nbecause = \"nothing uses it\"",
	)
	s := handrail.Load(t, folder, dialect.SQLite)
	handrail.Run(t, s)
	run, err := verify.Stairway(t.Context(), fixtures.SQLiteMemory, s)
	require.NoError(t, err)
	require.Len(t, run.All(), 1)
	require.Equal(t, "nothing uses it", run.All()[0].Waived)
	require.Equal(t, dialect.Postgres, handrail.Load(t, folder, "").Guessed.Dialect)
}

// TestWaivedIsNoFailure: an error that is waived beside the SQL fails no test.
func TestWaivedIsNoFailure(t *testing.T) {
	t.Parallel()
	s := handrail.Subject{SQLite: files(
		"0001_a.up.sql", table+"CREATE INDEX ix_a_name ON a (name);", "0001_a.down.sql", "DROP TABLE a;",
		"0002_index.up.sql", "DROP INDEX IF EXISTS ix_a_name;",
		"0002_index.down.sql", "-- handrail:allow loss ix_a_name because nothing uses it\nSELECT 1;",
	)}
	run, err := verify.Stairway(t.Context(), fixtures.SQLiteMemory, s)
	require.NoError(t, err)
	require.Len(t, run.All(), 1)
	require.Equal(t, finding.Error, run.All()[0].Severity)
	handrail.Stairway(t, s, fixtures.SQLiteMemory)
	handrail.Rollback(t, s, fixtures.SQLiteMemory, verify.Rollback{From: 1, To: 2})
}

// TestBrokenSubjects is run by TestChecksFail, in a process of its own.
func TestBrokenSubjects(t *testing.T) {
	if os.Getenv(brokenChild) == "" {
		t.Skip("fails on purpose: TestChecksFail runs it")
	}
	oneOfEach(t, handrail.Subject{
		SQLite: files(
			"0001_a.up.sql", table, "0001_a.down.sql", "DROP TABLE a;",
			"0002_email.up.sql", "CREATE TABLE email (id INTEGER PRIMARY KEY);", "0002_email.down.sql", "SELECT 1;",
		),
		Declared: map[dialect.Dialect]string{dialect.SQLite: table},
	})
	t.Run("Rows", func(t *testing.T) {
		handrail.Stairway(t, handrail.Subject{SQLite: files(
			"0001_tables.up.sql", table+"CREATE TABLE b (id INTEGER PRIMARY KEY);", "0001_tables.down.sql", "DROP TABLE b; DROP TABLE a;",
			"0002_email.seed.sql", "INSERT INTO b VALUES (1);",
			"0002_email.up.sql", "ALTER TABLE a ADD COLUMN email TEXT;", "0002_email.down.sql", "ALTER TABLE a DROP COLUMN email;",
		)}, fixtures.SQLiteMemory)
	})
	t.Run("Load", func(t *testing.T) { handrail.Load(t, files("0001_a.up.sql", table), "oracle") })
	t.Run("Edited", func(t *testing.T) {
		handrail.Stairway(t, handrail.Subject{SQLite: files("0001_a.up.sql", table, "0001_a.down.sql", "DROP TABLE a;",
			history.LockFile, "handrail.lock 2\n0001 a 00000000000000000000000000000000 00000000000000000000000000000000\n",
		)}, fixtures.SQLiteMemory)
	})
	t.Run("LintTwice", func(t *testing.T) {
		handrail.Lint(t, handrail.Subject{SQLite: files("1_a.up.sql", table, "01_b.up.sql", table)})
	})
}

// TestChecksFail sees each check fail a test, in the subtest that is named after
// the step, with the finding.
func TestChecksFail(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	require.NoError(t, err)
	c := exec.CommandContext(t.Context(), self, "-test.run=^TestBrokenSubjects$", "-test.v")
	c.Env = append(os.Environ(), brokenChild+"=1")
	out, err := c.CombinedOutput()
	require.Error(t, err, "%s", out)
	for _, want := range []string{
		`--- FAIL: TestBrokenSubjects/Run/sqlite-file/0002_email/down `,
		`--- FAIL: TestBrokenSubjects/Stairway/0002_email/down `,
		`--- PASS: TestBrokenSubjects/Stairway/0001_a/up_again `,
		`error residue: 0002_email: down leaves table email`,
		`--- FAIL: TestBrokenSubjects/RoundTrip `,
		`error round-trip: `,
		`--- FAIL: TestBrokenSubjects/Drift `,
		`error drift: table email`,
		`--- FAIL: TestBrokenSubjects/AppendOnly `,
		`error append-only: `,
		`--- FAIL: TestBrokenSubjects/Data `,
		`error residue: data migration 0002_email: table email is not as it was at 0001_a`,
		`--- FAIL: TestBrokenSubjects/Rollback `,
		`error residue: rollback of 0002_email to 0001_a: table email is not as it was at 0001_a`,
		`--- SKIP: TestBrokenSubjects/Rows/0002_email/rows `,
		`not run: not inhabited when the up ran: a`,
		`--- FAIL: TestBrokenSubjects/Load `,
		`dialect "oracle": want "postgres" or "sqlite"`,
		`--- FAIL: TestBrokenSubjects/Squash/sqlite-file `,
		`error squash-differs: table email is made by the old history and not by the new one`,
		`--- FAIL: TestBrokenSubjects/Edited/0001_a/up `,
		`--- FAIL: TestBrokenSubjects/Edited/0001_a/down `,
		`error edited: 0001_a: its down is not the one that is published (handrail.lock:2)`,
		`--- FAIL: TestBrokenSubjects/LintTwice/sqlite `,
		`error version-duplicate: `,
	} {
		require.Regexp(t, regexp.QuoteMeta(want), string(out))
	}
}
