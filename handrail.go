// Package handrail verifies database migrations by running them, in `go test`.
//
// [Run] is the whole suite in one call, [Load] reads its subject from a folder
// with its handrail.toml. [Stairway], [RoundTrip], [Drift], [Parity],
// [AppendOnly], [Assertions], [Data], [Rollback], [Squash] and [Lint] are one check each.
// [Open] gives a test a migrated database of its own, in milliseconds.
//
// An engine that is not to be had skips its tests and says why and how to get
// it; with CI=true, unless HANDRAIL_WITHOUT names it, it fails them. Where none is to
// be had [Run] and [Squash] fail, on every machine.
package handrail

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/verify"
	"github.com/handrail-db/handrail/verify/attack"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
)

// A Subject is a history of revisions with what its authors promise about it.
type Subject = history.Subject

// Base is where a database stands that no revision is applied to.
const Base = engine.Base

// Load reads a subject from a folder as the command does, with the handrail.toml
// beside the revisions: see [history.Load]. flat is the dialect of a folder that has no
// sub-folder for each; where it is "" the dialect is guessed from the SQL, and
// logged. The test fails where the folder cannot be read.
func Load(t testing.TB, folder fs.FS, flat dialect.Dialect) Subject {
	t.Helper()
	s, err := history.Load(folder, flat)
	if err != nil {
		t.Fatal(err)
	}
	if s.Guessed.Dialect != "" {
		t.Logf("dialect: %s", s.Guessed)
	}
	return s
}

// Run verifies a subject on every engine that it ships on, in parallel, as
// subtests named postgres/0007_add_email/down; and compares the two dialects, where
// it ships on both, in one named parity. At its end it logs the verdict, as
// handrail check prints it, and the worst findings. It fails where no engine was to
// be had, and skips where HANDRAIL_WITHOUT names all of them.
func Run(t *testing.T, s Subject) {
	t.Helper()
	suite, engines := newSuite(t, s.Ships, func(runs []finding.Run) finding.Report { return verify.ReportOf(s, runs) })
	for _, e := range engines {
		t.Run(e.Name(), func(t *testing.T) {
			t.Parallel()
			run, err := verify.Stairway(t.Context(), e, s)
			suite.ran(run)
			climbed(t, run, err)
		})
	}
	if s.Ships(dialect.Postgres) && s.Ships(dialect.SQLite) {
		t.Run("parity", func(t *testing.T) {
			t.Parallel()
			parity(t, s, suite.disparate)
		})
	}
}

// Parity compares the two dialects of a subject, on Postgres and on SQLite in
// memory: the same revisions, and after each of them the same logical schema. It
// fails where the subject ships on one dialect only.
func Parity(t *testing.T, s Subject) {
	t.Helper()
	parity(t, s, func([]finding.Finding) {})
}

// parity hands on what it finds before it judges that.
func parity(t *testing.T, s Subject, found func([]finding.Finding)) {
	t.Helper()
	findings, items, err := verify.CheckParity(t.Context(), []engine.Engine{fixtures.Postgres, fixtures.SQLiteMemory}, s)
	found(findings)
	finished(t, findings, err)
	logNotRun(t, items)
}

// logNotRun says which promises nobody knows about.
func logNotRun(t *testing.T, items []finding.Item) {
	t.Helper()
	for _, item := range items {
		if item.Status == finding.NotRun {
			t.Logf("%s: not run: %s", item.Promise, item.Evidence)
		}
	}
}

// Stairway verifies a subject on one engine: every revision up, down and up
// again with the whole catalogue compared, then from head to base and to head
// again, and attacks the tables that are promised append-only. Each step is a subtest, named 0007_add_email/down. Findings that are
// no errors are logged.
func Stairway(t *testing.T, s Subject, e engine.Engine) {
	t.Helper()
	run, err := verify.Stairway(t.Context(), e, s)
	climbed(t, run, err)
}

// climbed makes subtests of a run.
func climbed(t *testing.T, run finding.Run, err error) {
	t.Helper()
	ran(t, run, err)
	for _, v := range run.Revisions {
		t.Run(v.String(), func(t *testing.T) { steps(t, v) })
	}
	t.Run("round trip", func(t *testing.T) {
		judge(t, run.Findings)
		for _, item := range run.Checklist {
			if item.Revision == "" && item.Status == finding.NotRun && len(run.Findings) == 0 {
				t.Logf("%s: not run: %s", item.Promise, item.Evidence)
			}
		}
	})
	if err != nil {
		t.Fatalf("the history could not be verified to its end: %v", err)
	}
}

// RoundTrip verifies on one engine that all ups, all downs and all ups again end
// where they began.
func RoundTrip(t *testing.T, s Subject, e engine.Engine) {
	t.Helper()
	run, err := verify.CheckRoundTrip(t.Context(), e, s)
	ran(t, run, err)
	var findings []finding.Finding
	for _, f := range run.All() {
		if f.Rule == finding.RoundTrip || f.Rule == finding.UpFails {
			findings = append(findings, f)
		}
	}
	judge(t, findings)
	for _, item := range run.Checklist {
		if item.Revision == "" && item.Status == finding.NotRun && err == nil {
			t.Skipf("%s: not run: %s", item.Promise, item.Evidence)
		}
	}
	if err != nil {
		t.Fatalf("the round trip could not be made: %v", err)
	}
}

// Drift compares the schema at head with the declared model of the engine's
// dialect; it fails where the subject has none.
func Drift(t *testing.T, s Subject, e engine.Engine) {
	t.Helper()
	findings, err := verify.CheckDrift(t.Context(), e, s)
	finished(t, findings, err)
}

// AppendOnly attacks the rows of a table at head on one engine.
func AppendOnly(t *testing.T, s Subject, e engine.Engine, target attack.Table) {
	t.Helper()
	findings, items, err := attack.AttackTable(t.Context(), e, s, target)
	finished(t, findings, err)
	logNotRun(t, items)
}

// Assertions climbs the history on one engine and runs the assertions beside the
// revisions at each landing. It fails where there are none.
func Assertions(t *testing.T, s Subject, e engine.Engine) {
	t.Helper()
	findings, err := verify.CheckAssertions(t.Context(), e, s)
	finished(t, findings, err)
}

// Data verifies a data migration on one engine: with rows up, down and up again,
// and its SQL once more, with each of the awkward values too.
func Data(t *testing.T, s Subject, e engine.Engine, m verify.Data) {
	t.Helper()
	run, err := verify.CheckData(t.Context(), e, s, m)
	promised(t, run, err)
}

// Rollback verifies on one engine that going back from a revision restores the
// catalogue and every row.
func Rollback(t *testing.T, s Subject, e engine.Engine, r verify.Rollback) {
	t.Helper()
	run, err := verify.CheckRollback(t.Context(), e, s, r)
	promised(t, run, err)
}

// Squash verifies that a history may be replaced by another, a new baseline: on
// every engine, in parallel, as subtests, both end with the same catalogue and the
// same rows of their own. It ends as [Run] does.
func Squash(t *testing.T, old, squashed Subject) {
	t.Helper()
	ships := func(d dialect.Dialect) bool { return old.Ships(d) || squashed.Ships(d) }
	suite, engines := newSuite(t, ships, func(runs []finding.Run) finding.Report { return verify.SquashReport(old, squashed, runs) })
	for _, e := range engines {
		t.Run(e.Name(), func(t *testing.T) {
			t.Parallel()
			run, err := verify.CheckSquash(t.Context(), e, old, squashed)
			suite.ran(run)
			promised(t, run, err)
		})
	}
}

// promised logs the promises of a scenario, and fails for what was found.
func promised(t *testing.T, run finding.Run, err error) {
	t.Helper()
	ran(t, run, err)
	for _, item := range run.Checklist {
		t.Log(strings.TrimSuffix(fmt.Sprintf("%s: %s: %s", item.Status, item.Promise, item.Evidence), ": "))
	}
	finished(t, run.Findings, err)
}

// Lint looks at the files of each dialect that the subject ships on, in a subtest,
// and runs nothing.
func Lint(t *testing.T, s Subject) {
	t.Helper()
	for _, d := range dialect.All() {
		if s.Ships(d) {
			t.Run(string(d), func(t *testing.T) {
				findings, err := verify.Lint(s, d)
				finished(t, findings, err)
			})
		}
	}
}

// finished judges a check of which the findings are all there is to see.
func finished(t *testing.T, findings []finding.Finding, err error) {
	t.Helper()
	missing(t, err)
	judge(t, findings)
	if err != nil {
		t.Fatal(err)
	}
}

// steps makes a subtest of each step of a revision, and one of its rows where
// nobody knows what becomes of them.
func steps(t *testing.T, v finding.Verdict) {
	t.Helper()
	for _, d := range []finding.Direction{finding.Up, finding.Down, finding.Again} {
		t.Run(string(d), func(t *testing.T) {
			var of []finding.Finding
			for _, f := range v.Findings {
				if f.Direction == d {
					of = append(of, f)
				}
			}
			judge(t, of)
			if reason := v.NotMade[d]; reason != "" && len(of) == 0 {
				t.Skipf("not run: %s", reason)
			}
		})
	}
	if reason := v.Unseen; reason != "" {
		t.Run("rows", func(t *testing.T) { t.Skipf("not run: %s", reason) })
	}
}

// judge fails the test for errors that nobody has waived and logs the rest.
func judge(t *testing.T, findings []finding.Finding) {
	t.Helper()
	for _, f := range findings {
		if f.Counts(finding.Error) {
			t.Errorf("%s", f)
		} else {
			t.Logf("%s", f)
		}
	}
}

// ran is missing for a run, which may say itself that there was none: that is an error
// where the reason is another than an engine that is not to be had.
func ran(t *testing.T, run finding.Run, err error) {
	t.Helper()
	missing(t, err)
	switch {
	case run.NotRun == "":
	case err != nil:
		t.Fatal(err)
	default:
		t.Skip(run.NotRun)
	}
}

// missing ends the test where the engine is not to be had: it skips or, where
// the engine is required, fails. It returns otherwise.
func missing(t testing.TB, err error) {
	t.Helper()
	var u *engine.Unavailable
	switch {
	case !errors.As(err, &u):
	case u.Required != "":
		t.Fatal(u)
	default:
		t.Skip(u)
	}
}

// A DB is a migrated database that belongs to one test.
type DB struct {
	*sql.DB
	Database engine.Database
	Engine   engine.Engine
}

// Open gives the test a database of its own, migrated to head: a clone of a
// template that is built by the first test that needs it. It is dropped when
// the test has passed, and kept when it has failed: the log then says until
// when and how to open it.
func Open(t testing.TB, s Subject, e engine.Engine) *DB {
	t.Helper()
	head, err := s.Head(e.Dialect())
	if err != nil {
		t.Fatal(err)
	}
	return OpenAt(t, s, e, head)
}

// OpenAt is [Open] at another version than head, or at [Base].
func OpenAt(t testing.TB, s Subject, e engine.Engine, version int64) *DB {
	t.Helper()
	db, err := verify.Migrated(t.Context(), e, s, version)
	return own(t, e, db, err)
}

// Scratch gives the test an empty database of its own, with the same end as
// that of [Open].
func Scratch(t testing.TB, e engine.Engine) *DB {
	t.Helper()
	db, err := e.New(t.Context())
	return own(t, e, db, err)
}

func own(t testing.TB, e engine.Engine, db engine.Database, err error) *DB {
	t.Helper()
	missing(t, err)
	if err != nil {
		t.Fatalf("database on %s: %v", e.Name(), err)
	}
	t.Cleanup(func() { finish(t, db) })
	return &DB{db.DB(), db, e}
}

// finish drops the database of a test that passed and keeps that of one that
// failed.
func finish(t testing.TB, db engine.Database) {
	t.Helper()
	if !t.Failed() {
		if err := db.Close(); err != nil {
			t.Errorf("drop database %s: %v", db.Name(), err)
		}
		return
	}
	kept, err := db.Keep()
	if err != nil {
		t.Errorf("keep database %s: %v", db.Name(), err)
		return
	}
	t.Logf("database %s is %s", db.Name(), kept)
}

// Migrate moves the test's database to a version by golang-migrate, up or
// down; [Base] is one.
func (db *DB) Migrate(ctx context.Context, s Subject, version int64) error {
	return verify.Migrate(ctx, db.Database, db.Engine.Dialect(), s, version)
}
