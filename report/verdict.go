package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/internal/words"
	"github.com/handrail-db/handrail/verify/finding"
)

// Verdict is a report in one sentence: what was judged and on which engines, what
// was not and why, what was found, and whether it passes.
func Verdict(r finding.Report) string {
	s := r.Summary
	line := printable(r.Subject)
	if r.Since != "" {
		line += " since " + printable(r.Since)
	}
	if r.Against != "" {
		line += " against " + printable(r.Against)
	}
	if r.Excused() {
		return line + ": 0 engines verified, by HANDRAIL_WITHOUT"
	}
	seen := standings(r)
	line += fmt.Sprintf(": %s on %d of %d engines", done(r, seen), s.Engines, s.Engines+s.Missing)
	for _, run := range r.Runs {
		switch {
		case run.Excused != "":
			line += ", not on " + printable(run.Engine) + " by HANDRAIL_WITHOUT"
		case run.NotRun != "":
			line += ", not on " + printable(run.Engine)
		case run.Unfinished != "":
			line += ", not to the end on " + printable(run.Engine)
		}
	}
	if r.Against == "" || seen.all > 0 { // a squash walks none
		line += ": " + seen.String()
	}
	if r.Since != "" {
		line += ", " + changes(r)
	}
	line += "; " + found(r)
	if s.NotRun > 0 {
		line += "; " + words.Plural(s.NotRun, "promise") + " not run"
	}
	return line + "; " + passes(r)
}

// done is what was done on the engines.
func done(r finding.Report, seen tallied) string {
	switch {
	case r.Against != "":
		return "compared"
	case seen.all > 0 && seen.judged() == 0:
		return "climbed"
	}
	return "verified"
}

// found counts the findings by severity, and says how many are about no revision.
func found(r finding.Report) string {
	s := r.Summary
	parts := []string{counted(r, s.Errors, finding.Error), counted(r, s.Warnings, finding.Warning)}
	if s.Notes > 0 {
		parts = append(parts, words.Plural(s.Notes, "note"))
	}
	if s.Waived > 0 {
		parts = append(parts, fmt.Sprintf("%d waived", s.Waived))
	}
	return strings.Join(parts, ", ")
}

// counted says how many findings of a severity there are, and how many of them are about
// the history as a whole: beside clean revisions an error must have a place.
func counted(r finding.Report, n int, severity finding.Severity) string {
	whole := 0
	for _, run := range r.Runs {
		for _, f := range run.Findings {
			if f.Waived == "" && f.Severity == severity {
				whole++
			}
		}
	}
	text := words.Plural(n, string(severity))
	switch {
	case r.Against != "" || whole == 0:
		return text
	case whole == n:
		return text + " about the history as a whole"
	}
	return fmt.Sprintf("%s (%d about the history as a whole)", text, whole)
}

// fails reports whether there is a finding of the severity from which a report fails.
func fails(r finding.Report) bool {
	s := r.Summary
	return s.Errors > 0 || r.FailOn == finding.Warning && s.Warnings > 0 || r.FailOn == finding.Note && s.Warnings+s.Notes > 0
}

// passes says whether the report passes, and if not, why: the exit status in words. A
// report that did not get to its end does not pass, whatever it found.
func passes(r finding.Report) string {
	at := ""
	if r.Summary.Errors == 0 {
		at = ", by --fail-on " + string(r.FailOn)
	}
	failed := slices.IndexFunc(r.Runs, func(run finding.Run) bool { return run.Failed || run.Unfinished != "" })
	switch {
	case fails(r):
		return "it fails" + at
	case failed >= 0 && r.Runs[failed].NotRun != "":
		return "it does not pass without " + printable(r.Runs[failed].Engine)
	case failed >= 0:
		return "it does not pass, because it did not get to its end"
	case r.Summary.Engines == 0:
		return "it does not pass, because no engine ran"
	}
	return "it passes"
}

// ranks are the standings, the worst last.
var ranks = []finding.Standing{finding.Clean, finding.Noted, finding.Excepted, finding.Unverified, finding.Defective}

// tallied counts the revisions of a report, each once, by the worst standing that it has
// on any engine.
type tallied struct {
	all int
	of  []int  // by rank
	why string // why a revision was not judged, the first reason that is given
}

// standings are the revisions of a report, counted.
func standings(r finding.Report) tallied {
	worst := map[string]int{}
	t := tallied{of: make([]int, len(ranks))}
	for _, run := range r.Runs {
		why := map[string]string{}
		for _, item := range run.Checklist {
			if item.Status == finding.NotRun && why[item.Revision] == "" {
				why[item.Revision] = item.Evidence
			}
		}
		for _, v := range run.Revisions {
			worst[v.Label] = max(worst[v.Label], slices.Index(ranks, v.Verdict))
			if reason := cmp.Or(v.Climbed, why[v.Label]); v.Verdict == finding.Unverified && t.why == "" {
				t.why = Line(flat(reason), longestWhy)
			}
		}
	}
	for _, rank := range worst {
		t.of[rank]++
	}
	t.all = len(worst)
	return t
}

// longestWhy is how many cells of a reason stand in the verdict.
const longestWhy = 100

func (t tallied) unjudged() int { return t.of[slices.Index(ranks, finding.Unverified)] }

func (t tallied) judged() int { return t.all - t.unjudged() }

// String says how many were judged, with what result, and how many were not.
func (t tallied) String() string {
	var parts []string
	for rank, n := range t.of {
		if n > 0 && ranks[rank] != finding.Unverified {
			parts = append(parts, fmt.Sprintf("%d %s", n, ranks[rank]))
		}
	}
	n := t.judged()
	text := words.Plural(n, "revision")
	if t.unjudged() > 0 {
		text = fmt.Sprintf("%d of %s judged", n, words.Plural(t.all, "revision"))
	}
	switch {
	case t.all == 0:
		return "no revision walked"
	case n == 0:
	case n == 1:
		text += ", " + strings.TrimPrefix(parts[0], "1 ")
	case len(parts) == 1:
		text += ", all " + strings.TrimPrefix(parts[0], fmt.Sprint(n, " "))
	default:
		text += " (" + strings.Join(parts, ", ") + ")"
	}
	if u := t.unjudged(); u > 0 {
		text += fmt.Sprintf(", %d not", u)
		if t.why != "" {
			text += " (" + t.why + ")"
		}
	}
	return text
}

// changes says how many revisions are new or changed.
func changes(r finding.Report) string {
	of := map[string]finding.Change{}
	for _, run := range r.Runs {
		for _, v := range run.Revisions {
			if v.Change != "" {
				of[v.String()] = v.Change
			}
		}
	}
	fresh := 0
	for _, c := range of {
		if c == finding.New {
			fresh++
		}
	}
	if len(of) == 0 {
		return "no revision new or changed"
	}
	return fmt.Sprintf("%d new, %d changed", fresh, len(of)-fresh)
}

// Ending is a report in a few lines, for the end of a log: the verdict and, where
// something stands against it, the worst findings with file and line.
func Ending(r finding.Report) string {
	lines := []string{Verdict(r)}
	var standing []finding.Finding
	for _, f := range worstFirst(r) {
		if f.Counts(finding.Warning) || f.Counts(cmp.Or(r.FailOn, finding.Error)) {
			standing = append(standing, f)
		}
	}
	for _, f := range standing[:min(mostWorst, len(standing))] {
		line := fmt.Sprintf("  %s %s: %s", f.Severity, f.Rule, Line(f.Message, longestEvidence))
		if f.File != "" {
			line += " (" + printable(place(f)) + ")"
		}
		lines = append(lines, line)
	}
	if more := len(standing) - mostWorst; more > 0 {
		lines = append(lines, fmt.Sprintf("  and %d more, above", more))
	}
	return strings.Join(lines, "\n")
}
