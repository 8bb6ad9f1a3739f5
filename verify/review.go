package verify

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
)

// A reviewLine is a line before it is filled in.
type reviewLine struct {
	item  string
	rules []finding.Rule  // whose findings break it
	on    dialect.Dialect // "": on all that the subject ships on
	// without says why the line is not applicable to a subject, "" where it is.
	without func(history.Subject) string
	// seen is what supports the line where no finding breaks it and no engine is
	// missing.
	seen func(*review) (finding.Status, string)
}

// reviewLines are the review list of the policy in its order, and what else the
// policy asks for. A rule breaks one line, or is in unreviewed with the reason.
var reviewLines = []reviewLine{
	{
		item:  "up and down on both engines",
		rules: []finding.Rule{finding.UpFails, finding.DownFails, finding.UpNeedsEmpty, finding.DownNeedsEmpty, finding.InvalidIndex, finding.SessionLeak},
		seen:  (*review).wentBoth,
	},
	{
		item:  "round trips",
		rules: []finding.Rule{finding.Residue, finding.Loss, finding.Changed, finding.ReupFails, finding.ReupDiffers, finding.RoundTrip},
		seen:  (*review).roundTrips,
	},
	{
		item:  "append-only where promised",
		rules: []finding.Rule{finding.AppendOnly},
		without: func(s history.Subject) string {
			return unless(len(s.AppendOnly) > 0, "append_only of handrail.toml names no table")
		},
		seen: promised(finding.NotRun, "no table was attacked", appendPromise),
	},
	{
		item:  "Postgres-only code guarded",
		rules: []finding.Rule{finding.Guard, finding.Parity},
		without: func(s history.Subject) string {
			return unless(s.Ships(dialect.Postgres) && s.Ships(dialect.SQLite), "there is one dialect")
		},
		seen: promised(finding.NotRun, "the two dialects were not compared", parityPromise, guardPromise),
	},
	{
		item:  "names follow the convention and match tests and documents",
		rules: []finding.Rule{finding.Naming, finding.NameMismatch},
		seen:  promised(finding.NotApplicable, "handrail.toml has no patterns for names", namingPromise),
	},
	{
		item:  "reversible, or rationale and a safe fallback",
		rules: []finding.Rule{finding.NoDown, finding.NoUp, finding.EmptyDown},
		seen:  (*review).reversible,
	},
	{
		item:  "no unintended table recreation on SQLite",
		rules: []finding.Rule{finding.Recreate, finding.RebuildCascade, finding.RebuildLostObject, finding.RebuildBrokenView, finding.ForeignKeys},
		on:    dialect.SQLite,
		seen:  (*review).recreated,
	},
	{
		item:  "no data loss without a reviewed data migration",
		rules: []finding.Rule{finding.RowsLost, finding.RowsChanged, finding.Truncated, finding.DataLoss},
		seen:  (*review).rowsKept,
	},
	{
		item:  "the diff against the declared model reviewed",
		rules: []finding.Rule{finding.Drift},
		without: func(s history.Subject) string {
			return unless(len(s.Declared) > 0, "there is no declared model: schema.postgres.sql and schema.sqlite.sql beside the revisions would be it")
		},
		seen: promised(finding.NotRun, "the walk did not get to head", declaredPromise),
	},
	{
		item:  "revision order correct, published revisions never rewritten",
		rules: []finding.Rule{finding.Edited, finding.NotLast, finding.VersionDuplicate, finding.VersionGap, finding.IgnoredFile, finding.ProvisionalOrdinal, finding.OrderMatters},
		seen:  promised(finding.NotRun, "without handrail.lock nobody knows what was published: run handrail lock", publishedPromise),
	},
	{
		item:  "baseline pinned",
		rules: []finding.Rule{finding.BaselineChanged},
		seen:  (*review).pinned,
	},
	{
		item:  "DDL and data in separate revisions",
		rules: []finding.Rule{finding.Mixed, finding.RowsAdded},
		seen:  (*review).looked,
	},
	{
		item:  "data steps idempotent",
		rules: []finding.Rule{finding.NotIdempotent},
		seen:  (*review).repeated,
	},
	{
		item:  "destructive changes waived with a reason",
		rules: []finding.Rule{finding.Destructive},
		seen:  (*review).looked,
	},
	{
		item:  "no unintended table rewrite on Postgres",
		rules: []finding.Rule{finding.Rewrite},
		on:    dialect.Postgres,
		seen:  (*review).looked,
	},
	{
		item:  "no URL or password in a file",
		rules: []finding.Rule{finding.HardcodedURL},
		seen:  (*review).looked,
	},
	{
		item:  "nothing changed outside the database",
		rules: []finding.Rule{finding.ClusterChanged},
		on:    dialect.Postgres,
		seen:  (*review).looked,
	},
	{
		item:  "assertions hold",
		rules: []finding.Rule{finding.AssertionFailed, finding.AssertionDependsOnData, finding.AssertionResidue},
		seen:  (*review).asserted,
	},
	{
		item:  "waivers give a reason and match something",
		rules: []finding.Rule{finding.WaiverIncomplete, finding.WaiverUnused},
		seen:  (*review).waivers,
	},
}

// unreviewed are the rules that break no line of the review.
var unreviewed = map[finding.Rule]string{
	finding.ScenarioFails: "a check has no scenario: Data and Rollback are runs of their own, without a review",
	finding.SquashDiffers: "a check compares no two histories: Squash is a run of its own, without a review",
}

// unless is a reason where something does not hold.
func unless(holds bool, reason string) string {
	if holds {
		return ""
	}
	return reason
}

// A review is what the lines are filled in from.
type review struct {
	subject history.Subject
	line    reviewLine
	runs    []finding.Run // those that the line is about
}

// reviewOf fills in the review list.
func reviewOf(s history.Subject, runs []finding.Run) []finding.ReviewItem {
	items := []finding.ReviewItem{}
	for _, line := range reviewLines {
		v := &review{subject: s, line: line}
		for _, run := range runs {
			if line.on == "" || run.Dialect == line.on {
				v.runs = append(v.runs, run)
			}
		}
		status, evidence := v.fill()
		items = append(items, finding.ReviewItem{Item: line.item, Status: status, Evidence: oneSpaced(evidence)})
	}
	return items
}

// oneSpaced is a text on one line.
func oneSpaced(text string) string { return strings.Join(strings.Fields(text), " ") }

// fill decides: what stands breaks a line; else what could not be looked at is
// said; else what was waived; else what was seen.
func (v *review) fill() (finding.Status, string) {
	standing, waived := v.findings()
	if len(standing) > 0 {
		slices.SortStableFunc(standing, func(a, b finding.Finding) int { return cmp.Compare(severity(a), severity(b)) })
		status, _ := standing[0].Against()
		return status, v.first(standing, func(f finding.Finding) string { return f.Message })
	}
	status, evidence := v.support()
	if len(waived) > 0 && (status == finding.Pass || status == finding.NotApplicable) {
		return finding.Waived, v.first(waived, func(f finding.Finding) string { return f.Waived })
	}
	return status, evidence
}

func (v *review) support() (finding.Status, string) {
	if v.line.on != "" && !v.subject.Ships(v.line.on) {
		return finding.NotApplicable, fmt.Sprintf("there are no revisions for %s", v.line.on)
	}
	if v.line.without != nil {
		if why := v.line.without(v.subject); why != "" {
			return finding.NotApplicable, why
		}
	}
	if why := v.missing(); why != "" {
		return finding.NotRun, why
	}
	return v.line.seen(v)
}

// findings are those that break the line, and those that would if nobody had
// waived them. A note does neither.
func (v *review) findings() (standing, waived []finding.Finding) {
	for _, run := range v.runs {
		for _, f := range run.All() {
			switch {
			case !slices.Contains(v.line.rules, f.Rule):
			case f.Waived != "":
				waived = append(waived, f)
			case f.Counts(finding.Warning):
				standing = append(standing, f)
			}
		}
	}
	return standing, waived
}

// severity is 0 for an error and 1 for what is less.
func severity(f finding.Finding) int {
	if f.Severity == finding.Error {
		return 0
	}
	return 1
}

// first is what the first of some findings says, on which engines, and how many
// others say something else.
func (v *review) first(findings []finding.Finding, says func(finding.Finding) string) string {
	var texts, engines []string
	for _, f := range findings {
		text := says(f)
		if !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
		if text == texts[0] && !slices.Contains(engines, f.Engine) {
			engines = append(engines, f.Engine)
		}
	}
	out := texts[0]
	if len(engines) < len(v.runs) {
		out += " (on " + strings.Join(engines, " and ") + ")"
	}
	if more := len(texts) - 1; more > 0 {
		out += fmt.Sprintf("; and %d more", more)
	}
	return out
}

// missing says which engines that the line is about did not run, or not to the
// end, and where the walk came to a halt.
func (v *review) missing() string {
	for _, d := range dialect.All() {
		concerned := v.subject.Ships(d) && (v.line.on == "" || v.line.on == d)
		if concerned && !slices.ContainsFunc(v.runs, func(r finding.Run) bool { return r.Dialect == d }) {
			return fmt.Sprintf("nothing was run on %s", d)
		}
	}
	var not []string
	for _, run := range v.runs {
		switch {
		case run.NotRun != "":
			not = append(not, "not on "+run.Engine+", which handrail engines says how to get")
		case run.Unfinished != "":
			not = append(not, "not to the end on "+run.Engine)
		}
	}
	if len(not) > 0 {
		return strings.Join(not, "; ")
	}
	for _, run := range v.runs {
		for _, r := range run.Revisions {
			switch {
			case r.Blocked != "":
				return fmt.Sprintf("%s was not reached on %s: %s", r, run.Engine, r.Blocked)
			case r.Rows == nil && r.Climbed == "":
				return fmt.Sprintf("the up of %s fails on %s", r, run.Engine)
			}
		}
	}
	return ""
}
