package verify_test

import (
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/migrations"
	"github.com/handrail-db/handrail/verify"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
)

// TestEventStoreIsPublished: the locks beside the event store's revisions have all
// of them, as they are.
func TestEventStoreIsPublished(t *testing.T) {
	t.Parallel()
	s, err := history.Load(migrations.Files, "")
	require.NoError(t, err)
	for _, d := range dialect.All() {
		lock, err := s.Lock(d)
		require.NoError(t, err)
		require.False(t, lock.Changed, "run handrail lock migrations")
		require.Empty(t, lock.Differing)
		findings, err := verify.Lint(s, d)
		require.NoError(t, err)
		require.Empty(t, findings)
	}
}

func file(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

// published is a folder of three revisions, of which the second has a seed and the
// third an assertion.
func published() fstest.MapFS {
	return fstest.MapFS{
		"0001_a.up.sql": file("CREATE TABLE a (id int);\nCREATE INDEX ix_a ON a (id);\n"), "0001_a.down.sql": file("DROP TABLE a;\n"),
		"0002_b.up.sql": file("CREATE TABLE b (id int);\n"), "0002_b.down.sql": file("DROP TABLE b;\n"),
		"0002_b.seed.sql": file("INSERT INTO a VALUES (1);\n"),
		"0004_d.up.sql":   file("CREATE TABLE d (id int);\n"), "0004_d.down.sql": file("DROP TABLE d;\n"),
		"0004_d.assert.sql": file("SELECT 1 FROM d;\n"),
	}
}

// with is a folder in which some files are others, or are gone where there is no
// text.
func with(folder fstest.MapFS, files ...string) fstest.MapFS {
	folder = maps.Clone(folder)
	for i := 0; i < len(files); i += 2 {
		if files[i+1] == "" {
			delete(folder, files[i])
		} else {
			folder[files[i]] = file(files[i+1])
		}
	}
	return folder
}

// locked is a folder with its lock.
func locked(t *testing.T, folder fstest.MapFS) fstest.MapFS {
	t.Helper()
	lock, err := history.Subject{SQLite: folder}.Lock(dialect.SQLite)
	require.NoError(t, err)
	return with(folder, history.LockFile, string(lock.Text))
}

// relocked is a folder with its lock rewritten.
func relocked(t *testing.T, folder fstest.MapFS) fstest.MapFS {
	t.Helper()
	lock, err := history.Subject{SQLite: folder}.Relock(dialect.SQLite, "nobody had it")
	require.NoError(t, err)
	return with(folder, history.LockFile, string(lock.Text))
}

const tomlOf = "\n[[actions]]\nup = 'CREATE TABLE %s (id int)'\ndown = 'DROP TABLE %s'\n"

func toml(name string, deps ...string) string {
	text := "name = '" + name + "'\n"
	for _, dep := range deps {
		text += "deps = ['" + dep + "']\n"
	}
	return text + strings.ReplaceAll(tomlOf, "%s", name)
}

// TestSince: what is new or changed since an earlier state is looked at, and what
// was published then stays as it is.
func TestSince(t *testing.T) {
	t.Parallel()
	was := published()
	edited := []string{"0001_a.up.sql", "CREATE TABLE a (id int);\nCREATE UNIQUE INDEX ix_a ON a (id);\n"}
	rove := fstest.MapFS{"b.toml": file(toml("b")), "c.toml": file(toml("c", "b"))}
	for _, c := range []struct {
		name, reason string
		then         fs.FS // nil: the folder was not there
		now          fstest.MapFS
		changes      string // of the revisions, in order
		looked       string // the versions that were looked at
		findings     []string
		item         string // about what is published
		counted      string
	}{
		{
			"nothing", "the same folder", was, was, ",,", "", nil, "pass 3 revisions as in main", "no revision is new or changed since main",
		},
		{
			"only written otherwise", "comments and line endings are no change", was,
			with(was, "0001_a.up.sql", "-- handrail:allow loss because x\r\ncreate TABLE a (id int);\r\nCREATE INDEX ix_a ON a (id)"),
			",,", "", nil, "pass 3 revisions as in main", "no revision is new or changed since main",
		},
		{
			"everything is new", "the folder was not there", nil, was, "new,new,new", "1 2 4", nil,
			"not applicable none is in main", "new: 0001_a, 0002_b, 0004_d",
		},
		{
			"an empty folder", "there was no revision in it",
			fstest.MapFS{"README.md": file("x")},
			was, "new,new,new", "1 2 4", nil,
			"not applicable none is in main", "new: 0001_a, 0002_b, 0004_d",
		},
		{
			"a seed and an assertion", "they decide what is seen of a revision", was,
			with(was, "0002_b.seed.sql", "INSERT INTO a VALUES (2);\n", "0004_d.assert.sql", "SELECT 2 FROM d;\n"),
			",changed,changed", "2 4", nil, "pass 3 revisions as in main", "changed: 0002_b, 0004_d",
		},
		{
			"a comment in an assertion", "it may be a directive", was, with(was, "0004_d.assert.sql", "-- of our own\nSELECT 1 FROM d;\n"),
			",,changed", "4", nil, "pass 3 revisions as in main", "changed: 0004_d",
		},
		{
			"a new one at the end", "as it should be", was, with(was, "0005_e.up.sql", "CREATE TABLE e (id int)", "0005_e.down.sql", "DROP TABLE e"),
			",,,new", "5", nil, "pass 3 revisions as in main", "new: 0005_e",
		},
		{
			"a new one before the end", "golang-migrate would not apply it", was, with(was, "0003_c.up.sql", "CREATE TABLE c (id int)", "0003_c.down.sql", "DROP TABLE c"),
			",,new,", "3",
			[]string{"error not-last: 0003_c is new and sorts before 0004_d, which is published (main): where that is applied golang-migrate never applies it, and a later down runs its down"},
			"fail 0003_c is new and sorts before 0004_d, which is published (main): where that is applied golang-migrate never applies it, and a later down runs its down", "new: 0003_c",
		},
		{
			"an edit", "the statement is shown, with its line", was, with(was, edited...), "changed,,", "1",
			[]string{"error edited: 0001_a: its up is not the one that is published (main)\n0001_a.up.sql:2\n-CREATE INDEX ix_a ON a (id)\n+CREATE UNIQUE INDEX ix_a ON a (id)"},
			"fail 0001_a: its up is not the one that is published (main)", "changed: 0001_a",
		},
		{
			"a statement more", "nothing but it is shown", was, with(was, "0001_a.up.sql", "CREATE TABLE a (id int);\nCREATE TABLE more (id int);\nCREATE INDEX ix_a ON a (id);\n", "0001_a.down.sql", "DROP TABLE a;DROP TABLE more"),
			"changed,,", "1",
			[]string{
				"error edited: 0001_a: its up is not the one that is published (main)\n0001_a.up.sql:2\n+CREATE TABLE more (id int);",
				"error edited: 0001_a: its down is not the one that is published (main)\n0001_a.down.sql:1\n+DROP TABLE more;",
			},
			"fail 0001_a: its up is not the one that is published (main)", "changed: 0001_a",
		},
		{
			"a statement less", "the one that is gone is shown", was, with(was, "0001_a.up.sql", "CREATE TABLE a (id int);\n"), "changed,,", "1",
			[]string{"error edited: 0001_a: its up is not the one that is published (main)\n0001_a.up.sql\n-CREATE INDEX ix_a ON a (id);"},
			"fail 0001_a: its up is not the one that is published (main)", "changed: 0001_a",
		},
		{
			"gone and with another name", "neither is left out", was,
			with(was, "0002_b.up.sql", "", "0002_b.down.sql", "", "0002_b.seed.sql", "", "0004_d.up.sql", "", "0004_x.up.sql", "CREATE TABLE d (id int)", "0004_d.assert.sql", ""),
			",changed", "4",
			[]string{
				"error edited: 0004_x is published as 0004_d (main)",
				"error edited: 0002_b is published (main) and its files are gone",
			},
			"fail 0004_x is published as 0004_d (main)", "changed: 0004_x",
		},
		{
			"both say so", "the lock and the state are of one opinion, which is said once", locked(t, was), with(locked(t, was), edited...), "changed,,", "1",
			[]string{"error baseline-changed: the baseline 0001_a: its up is not the one that is published (main)\n0001_a.up.sql:2\n-CREATE INDEX ix_a ON a (id)\n+CREATE UNIQUE INDEX ix_a ON a (id)"},
			"fail the baseline 0001_a: its up is not the one that is published (main)", "changed: 0001_a",
		},
		{
			"rewritten", "the lock says why, since then", locked(t, was), relocked(t, with(locked(t, was), edited...)), "changed,,", "1",
			[]string{"waived baseline-changed: the baseline 0001_a: its up is not the one that is published (main)\n0001_a.up.sql:2\n-CREATE INDEX ix_a ON a (id)\n+CREATE UNIQUE INDEX ix_a ON a (id)"},
			"waived nobody had it", "changed: 0001_a",
		},
		{
			"rewritten before", "an old reason is none for a new edit", relocked(t, with(locked(t, with(was, edited...)), edited[0], "CREATE TABLE a (id bigint)")),
			with(relocked(t, with(locked(t, with(was, edited...)), edited[0], "CREATE TABLE a (id bigint)")), edited[0], "CREATE TABLE a (id text)"), "changed,,", "1",
			[]string{"error baseline-changed: the baseline 0001_a: its up is not the one that is published (main)\n0001_a.up.sql:1\n-CREATE TABLE a (id bigint)\n+CREATE TABLE a (id text)"},
			"fail the baseline 0001_a: its up is not the one that is published (main)", "changed: 0001_a",
		},
		{
			"migrations in TOML", "what had no ordinal was not published; a new one first by name moves the others and changes none", rove,
			with(rove, "a.toml", toml("a"), "b.toml", toml("b")+"# a comment\n", "c.toml", strings.Replace(toml("c", "b"), "id int", "id bigint", 1)),
			"new,,changed", "1 3", nil, "not applicable none is in main", "new: 0001_a; changed: 0003_c",
		},
		{
			"locked migrations", "they were published", locked(t, rove), locked(t, with(locked(t, rove), "a.toml", toml("a"), "c.toml", strings.Replace(toml("c", "b"), "id int", "id bigint", 1))),
			",changed,new", "2 3",
			[]string{"error edited: 0002_c: its up is not the one that is published (main)\nc.toml:5\n-CREATE TABLE c (id int)\n+CREATE TABLE c (id bigint)"},
			"fail 0002_c: its up is not the one that is published (main)", "new: 0003_a; changed: 0002_c",
		},
		{
			"renumbered", "an ordinal is for good", locked(t, rove), locked(t, with(rove, "a.toml", toml("a"))), "new,,", "1",
			[]string{"error baseline-changed: the baseline 0002_b is published as 0001_b (main)", "error edited: 0003_c is published as 0002_c (main)"},
			"fail the baseline 0002_b is published as 0001_b (main)", "new: 0001_a",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			since := &verify.Since{Ref: "main"}
			if c.then != nil {
				since.Published = map[dialect.Dialect]fs.FS{dialect.SQLite: c.then}
			}
			report, err := verify.Check(t.Context(), []engine.Engine{fixtures.SQLiteMemory}, history.Subject{SQLite: c.now}, verify.Options{Since: since})
			require.NoError(t, err)
			require.Equal(t, "main", report.Since)
			run := report.Runs[0]
			var changes, looked, findings []string
			for _, v := range run.Revisions {
				changes = append(changes, string(v.Change))
				if v.Verdict != finding.Unverified {
					looked = append(looked, strings.TrimLeft(v.Label[:4], "0"))
				}
				require.NotZero(t, v.Timings.Up, "all are climbed")
			}
			for _, f := range run.All() {
				if f.Rule == finding.Edited || f.Rule == finding.BaselineChanged || f.Rule == finding.NotLast {
					findings = append(findings, told(f))
				}
			}
			require.Equal(t, c.changes, strings.Join(changes, ","), c.reason)
			require.Equal(t, c.looked, strings.Join(looked, " "), c.reason)
			require.Equal(t, c.findings, findings, c.reason)
			n := slices.IndexFunc(run.Checklist, func(i finding.Item) bool { return i.Promise == "published revisions are unchanged" })
			require.GreaterOrEqual(t, n, 0)
			require.Equal(t, c.item, string(run.Checklist[n].Status)+" "+run.Checklist[n].Evidence)
			require.Equal(t, finding.Item{Promise: "what is new or changed since main is looked at", Status: finding.Pass, Evidence: c.counted}, run.Checklist[n+1])
		})
	}
}

// told is a finding in short.
func told(f finding.Finding) string {
	severity := string(f.Severity)
	if f.Waived != "" {
		severity = "waived"
	}
	text := severity + " " + string(f.Rule) + ": " + f.Message
	if f.Want == "" && f.Got == "" {
		return text
	}
	line := ""
	if f.Line > 0 {
		line = ":" + strconv.Itoa(f.Line)
	}
	text += "\n" + f.File + line
	if f.Want != "" {
		text += "\n-" + f.Want
	}
	if f.Got != "" {
		text += "\n+" + f.Got
	}
	return text
}

// TestSinceUnreadable: a state that cannot be read ends the check before anything
// runs.
func TestSinceUnreadable(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, file, text, want string }{
		{"a version twice", "2_x.up.sql", "SELECT 1", "the revisions of main: version 2 twice: 0002_b.up.sql and 2_x.up.sql; golang-migrate refuses the folder; renumber one of them"},
		{"a conflict", history.LockFile, "handrail.lock 2\n<<<<<<< ours\n", "the revisions of main: handrail.lock:2: a merge conflict: two branches have each added a migration; keep the lines that are published, remove the others and the marks, and run handrail lock"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			since := &verify.Since{Ref: "main", Published: map[dialect.Dialect]fs.FS{dialect.SQLite: with(published(), c.file, c.text)}}
			report, err := verify.Check(t.Context(), []engine.Engine{fixtures.SQLiteMemory}, history.Subject{SQLite: published()}, verify.Options{Since: since})
			require.EqualError(t, err, c.want)
			require.Empty(t, report.Runs)
		})
	}
}
