package report_test

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/handrail-db/handrail/verify/finding"
)

// evil is a name that a terminal should not be shown as it is: it would begin a
// line of its own, clear the screen and turn the rest of it around.
const evil = "evil\nerror forged: all is well\x1b[2J\u009b\x7f\u202e\xff"

// everything is a report with one of everything: findings of every severity,
// revisions of every standing, promises of every status, an engine that is not
// there, one that did not get to its end, and names from hell.
func everything() finding.Report {
	r := finding.Report{
		Version: 1, Subject: "db/migrations", Since: "main\x1b[2J",
		Against: "old", // of another command than Since; both, so that each is shown
		Runs:    []finding.Run{missingRun(), postgresRun(), sqliteRun("sqlite-file"), sqliteRun("sqlite-memory")},
	}
	r.Runs[3].Unfinished = "disk full"
	r.Runs[3].Kept = []finding.KeptDatabase{{
		Name: "handrail_1", Stands: "where the walk was broken off", Until: "the server has had no client for 10m0s",
		Command: "psql -h localhost -p 5432 -U somebody_with_a_long_name -d handrail_1 --a-command-that-is-never-broken",
	}}
	r.Runs[3].Checklist = append(r.Runs[3].Checklist, finding.Item{
		Promise: "the whole history is walked", Status: finding.NotRun, Evidence: "revision 0003_" + evil + ": disk full",
	})
	r.Runs[3].Failed = true
	r.Review = review()
	r.FailOn = finding.Warning
	r.Summary = finding.Summary{Engines: 2, Missing: 2, Errors: 7, Notes: 1, Waived: 2, NotRun: 8}
	return r
}

// review has a line of each status, three of them for one reason.
func review() []finding.ReviewItem {
	missing := "not on postgres-15, which handrail engines says how to get"
	return []finding.ReviewItem{
		{Item: "up and down on both engines", Status: finding.Fail, Evidence: `0002_typo: up fails: SQL logic error: near "TABEL": syntax error (1) (on sqlite-file and sqlite-memory)`},
		{Item: "round trips", Status: finding.Fail, Evidence: "0004_evil: down leaves function " + evil + " behind; and 1 more"},
		{Item: "append-only where promised", Status: finding.NotRun, Evidence: missing},
		{Item: "Postgres-only code guarded", Status: finding.NotRun, Evidence: missing},
		{Item: "names follow the convention and match tests and documents", Status: finding.NotApplicable, Evidence: "handrail.toml has no patterns for names"},
		{Item: "reversible, or rationale and a safe fallback", Status: finding.Waived, Evidence: "nobody goes back | " + evil},
		{Item: "no unintended table rewrite on Postgres", Status: finding.Warns, Evidence: "0003: rewrites table public.author"},
		{Item: "assertions hold", Status: finding.Pass, Evidence: "after 2 of 6 revisions on 2 engines"},
		{Item: "no URL or password in a file", Status: finding.NotRun, Evidence: missing},
	}
}

func missingRun() finding.Run {
	reason := `engine postgres-15 is not available
  HANDRAIL_SCRATCH_URL: not set
      remedy: export HANDRAIL_SCRATCH_URL=postgres://user@host:5432/postgres, a server on which databases called handrail_… may be made and dropped
  Docker, image postgres:15: no Docker: ` + evil + `
      remedy: start Docker`
	return finding.Run{
		Engine: "postgres-15", NotRun: reason, Excused: "HANDRAIL_WITHOUT names it",
		Checklist: []finding.Item{{Promise: "the history is verified on postgres-15", Status: finding.NotRun, Evidence: reason}},
	}
}

func postgresRun() finding.Run {
	run := finding.Run{Engine: "postgres", Server: "Postgres 17.6", Source: "Docker, image postgres:17"}
	steps := finding.Timings{Up: 0.0101, Down: 0.0202, Again: 0.0005}
	clean := finding.Verdict{
		Version: 1, Name: "author", Label: "0001_author", Verdict: finding.Clean, Timings: steps,
		Changes: "+ table public.author\n+     column order: id, name\n" + strings.Repeat("+ column public.author.name\n+     type: text\n", 15),
		Rows:    &finding.RowEffects{}, Back: "the schema as it was; no row was there",
	}
	noted := finding.Verdict{Version: 2, Name: "label", Label: "0002_label", Verdict: finding.Noted, Timings: steps, Findings: []finding.Finding{{
		Rule: "enum-label-stays", Severity: finding.Note, Engine: run.Engine, Server: run.Server,
		Version: new(int64(2)), Name: "label", Direction: finding.Down, Object: &finding.ObjectRef{Kind: "enum", Name: "public.mood"},
		File: "db/migrations/postgres/0002_label.down.sql", Message: "0002_label: the label 'meh' of enum public.mood stays: Postgres cannot remove one",
	}}}
	slow := finding.Verdict{
		Version: 3, Name: "a_revision_with_a_name_that_is_longer_than_any_column", Label: "0003_a_revision_with_a_name_that_is_longer_than_any_column",
		Verdict: finding.Clean, Timings: finding.Timings{Up: 61.5},
		Rows: &finding.RowEffects{Before: 9, Tables: 2, Touched: []finding.TableEffect{
			{Table: "public.author", Inserted: 1, Changed: 2, Deleted: 3, Kept: 4},
			{Table: evil, Unread: "no SELECT on " + evil},
		}},
		Back: "the schema as it was; 4 of 9 rows in 2 tables kept, 3 lost, 2 changed",
	}
	run.Revisions = []finding.Verdict{clean, noted, slow, defect(run)}
	for _, v := range run.Revisions[:3] {
		run.Checklist = append(run.Checklist, kept(v)...)
	}
	run.Checklist = append(run.Checklist, broken(run.Revisions[3])...)
	run.Findings = []finding.Finding{{
		Rule: finding.Drift, Severity: finding.Error, Engine: run.Engine, Server: run.Server,
		Object: &finding.ObjectRef{Kind: "table", Name: "public.whole"}, File: "db/migrations/schema.postgres.sql",
		Want:    "table public.whole\n" + numbered(60),
		Message: "table public.whole is declared and not made by any revision",
		Hint:    "run that in a new revision, or bring the model up to date with handrail schema --write",

		Statements: "CREATE TABLE whole (\n" + numbered(60) + "\n);\nCOMMENT ON TABLE whole IS '\x1b[2J';",
	}}
	run.Checklist = append(run.Checklist,
		finding.Item{Promise: "the schema at head is the declared one", Status: finding.Fail, Evidence: run.Findings[0].Message + strings.Repeat(", and on and on", 30)},
		finding.Item{Promise: "event_store is append-only", Status: finding.NotApplicable, Evidence: "there is no such table"},
		finding.Item{Promise: evil, Status: finding.Pass, Evidence: evil},
		finding.Item{Promise: "names follow the convention", Status: finding.Warns, Evidence: "ix_a does not"},
		finding.Item{Promise: "nothing to say about it", Status: finding.Pass},
	)
	return run
}

// defect is a revision whose objects have names from hell.
func defect(run finding.Run) finding.Verdict {
	f := finding.Finding{
		Rule: finding.Residue, Severity: finding.Error, Engine: run.Engine, Server: run.Server,
		Version: new(int64(4)), Name: evil, Direction: finding.Down, Object: &finding.ObjectRef{Kind: "function", Name: evil},
		File: "db/migrations/postgres/0004_" + evil + ".down.sql", Line: 12,
		Got:       "function " + evil + "\n    definition:\n      | BEGIN\n      | \tRAISE 'tab';\n      | END",
		Message:   "0004_evil: down leaves function " + evil + " behind",
		Hint:      "drop it in " + evil,
		Statement: "SELECT '" + evil + "' -- a comment\nWHERE a = 1" + strings.Repeat("\n   OR a = 1", 20),
		Masked:    true,
		Rows:      "INSERT INTO public.\"order\" (id, name) VALUES (7, 'evil');\nINSERT INTO public.\"order\" (id, name) VALUES (8, '\x1b[2J');",
	}
	change := f
	change.Rule, change.Object = finding.Changed, &finding.ObjectRef{Kind: "table", Name: "書籍"}
	change.Want, change.Got = "    title: 書籍", "    title: 書"
	change.Message = "0004_evil: down brings table 書籍 back different"
	return finding.Verdict{
		Version: 4, Name: evil, Label: "0004_" + evil, Change: finding.New, Verdict: finding.Defective,
		Findings: []finding.Finding{f, change}, Timings: finding.Timings{Up: 0.1, Down: 0.1},
		Went:    "went on in a new database, because the down fails on " + evil,
		Changes: "+ function evil\n+ error forged: all is well\x1b[2J\n+     definition:\n+       | BEGIN\n+       | ```\n+       | END -- ````\n",
		Rows:    &finding.RowEffects{Before: 1, Tables: 1}, Back: "the schema but for function " + evil + " (left behind); 1 row in 1 table kept",
	}
}

// sqliteRun is the same on both SQLite engines.
func sqliteRun(engine string) finding.Run {
	run := finding.Run{Engine: engine, Server: "SQLite 3.53.4", Source: "modernc.org/sqlite, linked in"}
	f := finding.Finding{
		Rule: finding.UpFails, Severity: finding.Error, Engine: engine, Server: run.Server, Version: new(int64(2)), Name: "typo", Direction: finding.Up,
		File: "db/migrations/sqlite/0002_typo.up.sql", Message: `0002_typo: up fails: SQL logic error: near "TABEL": syntax error (1)`,
		Hint: "the revision cannot be applied; revisions behind it are not verified",
	}
	noDown := finding.Finding{
		Rule: finding.NoDown, Severity: finding.Warning, Engine: engine, Server: run.Server, Version: new(int64(1)), Name: "author", Direction: finding.Down,
		Message: "0001_author has no way down: 0001_author.down.sql does not exist", Hint: "write it", Waived: "nobody goes back",
	}
	run.Revisions = []finding.Verdict{
		{Version: 1, Name: "author", Label: "0001_author", Verdict: finding.Noted, Findings: []finding.Finding{noDown}, Timings: finding.Timings{Up: 0.001}},
		{Version: 2, Name: "typo", Label: "0002_typo", Verdict: finding.Defective, Findings: []finding.Finding{f}, Timings: finding.Timings{Up: 0.0002}},
		{Version: 3, Name: "behind", Label: "0003_behind", Verdict: finding.Unverified},
		{Version: 8, Name: "old", Label: "0008_old", Verdict: finding.Unverified, Climbed: "it was not asked for", Timings: finding.Timings{Up: 0.001}},
		{Version: 9, Name: evil, Label: "0009_" + evil, Verdict: finding.Unverified, Climbed: "it was not asked for", Timings: finding.Timings{Up: 0.001}},
	}
	items := kept(run.Revisions[0])
	for i := range items[1:] {
		items[i+1].Status, items[i+1].Evidence = finding.NotApplicable, "the revision has no down file"
	}
	run.Checklist = append(run.Checklist, items...)
	items = kept(run.Revisions[1])
	items[0].Status, items[0].Evidence = finding.Fail, f.Message
	for i := range items[1:] {
		items[i+1].Status, items[i+1].Evidence = finding.NotRun, f.Message
	}
	run.Checklist = append(run.Checklist, items...)
	for _, v := range run.Revisions[2:] {
		for _, item := range kept(v) {
			item.Status, item.Evidence = finding.NotRun, cmp.Or(v.Climbed, "the up of 0002_typo fails")
			run.Checklist = append(run.Checklist, item)
		}
	}
	return run
}

// kept are the promises of a revision that kept them.
func kept(v finding.Verdict) []finding.Item {
	var items []finding.Item
	for _, promise := range []string{"up applies", "down restores the schema", "up again gives the same schema"} {
		items = append(items, finding.Item{Revision: v.String(), Promise: promise, Status: finding.Pass, Evidence: "4 objects in the catalogue"})
	}
	return items
}

func broken(v finding.Verdict) []finding.Item {
	items := kept(v)
	items[1].Status, items[1].Evidence = finding.Fail, v.Findings[0].Message
	items[2].Status, items[2].Evidence = finding.NotRun, "server said:\n\tline one\n\tline two"
	return items
}

func numbered(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "    line %d\n", i+1)
	}
	return b.String()
}
