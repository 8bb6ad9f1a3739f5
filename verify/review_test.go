package verify_test

import (
	"context"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/verify"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
)

// TestEveryRuleIsReviewed: a finding that nobody sees in the review would be missed
// by a person who reads that alone, and one that breaks two lines counts twice.
func TestEveryRuleIsReviewed(t *testing.T) {
	t.Parallel()
	breaks := map[finding.Rule][]string{}
	for item, rules := range verify.Reviewed() {
		for _, rule := range rules {
			breaks[rule] = append(breaks[rule], item)
		}
	}
	for _, doc := range verify.Rules {
		reason := verify.Unreviewed()[doc.Rule]
		if reason != "" {
			require.Empty(t, breaks[doc.Rule], "%s breaks no line because %s", doc.Rule, reason)
			continue
		}
		require.Len(t, breaks[doc.Rule], 1, "%s must break one line of the review, or be in unreviewed with a reason", doc.Rule)
	}
}

// TestReviewList: the list is that of the policy, in its order, and the lines of the
// policy that are not in it stand behind.
func TestReviewList(t *testing.T) {
	t.Parallel()
	const policy = "up and down on both engines · round trips · append-only where promised · Postgres-only code guarded · names follow the convention and match tests and documents · " +
		"reversible, or rationale and a safe fallback · no unintended table recreation on SQLite · no data loss without a reviewed data migration · " +
		"the diff against the declared model reviewed · revision order correct, published revisions never rewritten"
	var items []string
	for _, item := range reviewed(t, reviewedFolder(clean), fixtures.SQLiteMemory) {
		items = append(items, item.Item)
		require.NotEmpty(t, item.Evidence, item.Item)
		require.NotContains(t, item.Evidence, "\n", item.Item)
	}
	want := strings.Split(policy, " · ")
	require.Equal(t, want, items[:len(want)])
}

const clean = `
-- sqlite/0001_a.up.sql --
CREATE TABLE a (id INTEGER PRIMARY KEY, name TEXT);
-- sqlite/0001_a.down.sql --
DROP TABLE a;
-- sqlite/0002_b.up.sql --
ALTER TABLE a ADD COLUMN note TEXT;
-- sqlite/0002_b.down.sql --
ALTER TABLE a DROP COLUMN note;
-- sqlite/0002_b.seed.sql --
INSERT INTO a (id, name) VALUES (1, 'one'), (2, 'two');
-- sqlite/0003_fill.up.sql --
UPDATE a SET note = 'none' WHERE note IS NULL;
-- sqlite/0003_fill.down.sql --
UPDATE a SET note = NULL WHERE note = 'none';
-- sqlite/0003_fill.assert.sql --
SELECT id FROM a WHERE note IS NULL;
`

// reviews are subjects, each clean but for some files that are others, and what one
// line of their review must be.
var reviews = []struct {
	name, why, files, item string
	status                 finding.Status
	evidence               string
}{
	{
		"up and down", "what was seen is counted, and what is not there is said", "",
		"up and down on both engines", finding.Pass, "3 revisions on 1 engine; there are no revisions for postgres",
	},
	{
		"round trips", "", "", "round trips", finding.Pass, "3 revisions on 1 engine, up, down and up again; head to base to head",
	},
	{
		"rows", "", "", "no data loss without a reviewed data migration", finding.Pass, "up to 2 rows in 1 table, each accounted for at 2 of 3 revisions on 1 engine",
	},
	{
		"data step", "", "", "data steps idempotent", finding.Pass, "1 of 3 revisions on 1 engine, run once more, changed nothing",
	},
	{
		"assertions", "only the last revision has one", "", "assertions hold", finding.Pass, "after 1 of 3 revisions on 1 engine",
	},
	{
		"no model", "", "", "the diff against the declared model reviewed", finding.NotApplicable,
		"there is no declared model: schema.postgres.sql and schema.sqlite.sql beside the revisions would be it",
	},
	{
		"model", "", "-- schema.sqlite.sql --\nCREATE TABLE a (id INTEGER PRIMARY KEY, name TEXT, note TEXT);\n",
		"the diff against the declared model reviewed", finding.Pass, "5 objects compared with schema.sqlite.sql",
	},
	{
		"drift", "", "-- schema.sqlite.sql --\nCREATE TABLE a (id INTEGER PRIMARY KEY, name TEXT, note INTEGER);\n",
		"the diff against the declared model reviewed", finding.Fail, "column a.note is declared otherwise than the revisions make it",
	},
	{
		"residue", "the first of two findings, and that there are more", "-- sqlite/0001_a.down.sql --\nSELECT 1;\n-- sqlite/0002_b.down.sql --\nSELECT 1;\n",
		"round trips", finding.Fail, "0001_a: down leaves table a behind; and 3 more",
	},
	{
		"a warning", "breaks a line though the exit status is 0: it is a review", "-- sqlite/0003_fill.down.sql --\n@removed@\n",
		"reversible, or rationale and a safe fallback", finding.Warns, "0003_fill has no way down: 0003_fill.down.sql does not exist",
	},
	{
		"waived", "with the reason, and nothing else", "-- sqlite/0003_fill.up.sql --\n-- handrail:allow no-down because nobody goes back\nUPDATE a SET note = 'none' WHERE note IS NULL;\n-- sqlite/0003_fill.down.sql --\n@removed@\n",
		"reversible, or rationale and a safe fallback", finding.Waived, "nobody goes back",
	},
	{
		"waivers", "", "-- sqlite/0003_fill.up.sql --\n-- handrail:allow no-down because nobody goes back\nUPDATE a SET note = 'none' WHERE note IS NULL;\n-- sqlite/0003_fill.down.sql --\n@removed@\n",
		"waivers give a reason and match something", finding.Pass, "1 finding waived, each with its reason",
	},
	{
		"a note", "breaks nothing, and is said", "-- sqlite/0002_b.down.sql --\n-- there is no way back\n",
		"reversible, or rationale and a safe fallback", finding.Pass, "2 of 3 revisions on 1 engine have a down that runs; 0002_b says that there is no way back",
	},
	{
		"a down that fails", "is in the way of other lines: what was not made is no pass", "-- sqlite/0002_b.down.sql --\nALTER TABLE a DROP COLUMN nowhere;\n",
		"reversible, or rationale and a safe fallback", finding.Fail, "the down of 0002_b fails",
	},
	{
		"a down that may fail", "is waived, and another that may not is not",
		"-- sqlite/0001_a.down.sql --\n-- handrail:allow down-fails because nobody goes back to nothing\nDROP TABLE nowhere;\n-- sqlite/0002_b.down.sql --\nALTER TABLE a DROP COLUMN nowhere;\n",
		"reversible, or rationale and a safe fallback", finding.Fail, "the down of 0002_b fails",
	},
	{
		"downs that may fail", "", "-- sqlite/0001_a.down.sql --\n-- handrail:allow down-fails because nobody goes back to nothing\nDROP TABLE nowhere;\n",
		"reversible, or rationale and a safe fallback", finding.Waived, "nobody goes back to nothing",
	},
	{
		"no second up", "", "-- sqlite/0002_b.down.sql --\nALTER TABLE a DROP COLUMN nowhere;\n",
		"round trips", finding.NotRun, "0002_b was not taken up again: 0002_b: down fails: SQL logic error: no such column: \"nowhere\" (1)",
	},
	{
		"an up that fails", "nothing behind it is known, nor what the revision itself does", "-- sqlite/0003_fill.up.sql --\nUPDATE nothing SET a = 1;\n",
		"no data loss without a reviewed data migration", finding.NotRun, "the up of 0003_fill fails on sqlite-memory",
	},
	{
		"no seed", "nobody knows what becomes of rows", "-- sqlite/0002_b.seed.sql --\n@removed@\n",
		"no data loss without a reviewed data migration", finding.NotRun,
		"no row was in what 2 revisions change: a by 0002_b; any of 1 table by 0003_fill; write rows into NNNN_name.seed.sql, or in Subject.Seed",
	},
	{
		"no second run", "", "-- sqlite/0002_b.seed.sql --\n@removed@\n",
		"data steps idempotent", finding.NotRun, "0003_fill was not run once more: no seed has written rows, or it has a transaction of its own",
	},
	{
		"below the floor", "what was climbed is no evidence", "-- handrail.toml --\nfloor = 3\n",
		"up and down on both engines", finding.NotApplicable, "no revision was looked at; there are no revisions for postgres",
	},
	{
		"append-only", "a table that nobody finds does not pass", "-- handrail.toml --\nappend_only = [\"b\"]\n",
		"append-only where promised", finding.Fail, "b is promised append-only, and at head there is no such table, or more than one",
	},
	{
		"no append-only", "", "", "append-only where promised", finding.NotApplicable, "append_only of handrail.toml names no table",
	},
}

func TestReview(t *testing.T) {
	t.Parallel()
	for _, c := range reviews {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			items := reviewed(t, reviewedFolder(clean, c.files), fixtures.SQLiteMemory)
			i := slices.IndexFunc(items, func(item finding.ReviewItem) bool { return item.Item == c.item })
			require.GreaterOrEqual(t, i, 0, c.item)
			require.Equal(t, finding.ReviewItem{Item: c.item, Status: c.status, Evidence: c.evidence}, items[i], c.why)
		})
	}
}

// TestReviewOfMissingEngine: a line that is about an engine that did not run, or on
// which nobody asked to run, does not pass.
func TestReviewOfMissingEngine(t *testing.T) {
	t.Parallel()
	both := reviewedFolder(clean, strings.ReplaceAll(clean, "sqlite/", "postgres/"))
	for name, c := range map[string]struct {
		engines  []engine.Engine
		evidence string
	}{
		"missing":       {[]engine.Engine{absent{}, fixtures.SQLiteMemory}, "not on postgres, which handrail engines says how to get"},
		"not asked for": {[]engine.Engine{fixtures.SQLiteMemory}, "nothing was run on postgres"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			items := reviewed(t, both, c.engines...)
			require.Equal(t, finding.ReviewItem{Item: "round trips", Status: finding.NotRun, Evidence: c.evidence}, items[1])
			for _, item := range items {
				require.NotEqual(t, finding.Fail, item.Status, "%s: %s", item.Item, item.Evidence)
			}
		})
	}
}

// absent is Postgres on a machine that has none.
type absent struct{ engine.Engine }

func (absent) Name() string { return "postgres" }

func (absent) Dialect() dialect.Dialect { return dialect.Postgres }

func (absent) Server(context.Context) (engine.Server, error) {
	return engine.Server{}, &engine.Unavailable{Engine: "postgres"}
}

// TestReviewOfEngines: what only one engine finds is said to be on that one.
func TestReviewOfEngines(t *testing.T) {
	t.Parallel()
	folder := reviewedFolder(clean, strings.ReplaceAll(clean, "sqlite/", "postgres/"), "-- postgres/0001_a.down.sql --\nDROP TABLE a; CREATE TABLE left_behind (id int);\n")
	server, err := fixtures.Postgres.Server(t.Context())
	ran(t, finding.Run{Server: server.String()}, err)
	for _, item := range reviewed(t, folder, fixtures.Postgres, fixtures.SQLiteMemory) {
		if item.Item == "round trips" {
			require.Contains(t, item.Evidence, "(on postgres)")
			require.Equal(t, finding.Fail, item.Status)
		}
	}
}

// reviewedFolder is the folder of one archive with those behind it on top; a file that
// holds @removed@ is taken away.
func reviewedFolder(archives ...string) fs.FS {
	folder := fstest.MapFS{}
	for _, text := range archives {
		for _, f := range txtar.Parse([]byte(text)).Files {
			if string(f.Data) == "@removed@\n" {
				delete(folder, f.Name)
			} else {
				folder[f.Name] = &fstest.MapFile{Data: f.Data}
			}
		}
	}
	return folder
}

func reviewed(t *testing.T, folder fs.FS, engines ...engine.Engine) []finding.ReviewItem {
	t.Helper()
	subject, err := history.Load(folder, "")
	require.NoError(t, err)
	report, err := verify.Check(t.Context(), engines, subject, verify.Options{})
	require.NoError(t, err)
	return report.Review
}
