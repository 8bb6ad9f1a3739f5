package verify_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/report"
	"github.com/handrail-db/handrail/verify"
	"github.com/handrail-db/handrail/verify/finding"
)

// agrees: the verdict, the title of the page, the marks of promises, of the review and of
// revisions, and the exit status say the same.
func agrees(t *testing.T, r finding.Report, err error) {
	t.Helper()
	fails := r.Failed(finding.Error)
	verdict := report.Verdict(r)
	switch {
	case fails:
		require.True(t, strings.HasSuffix(verdict, "; it fails"), verdict)
	case err != nil:
		require.Contains(t, verdict, "; it does not pass", "%v", err)
	default:
		require.True(t, strings.HasSuffix(verdict, "; it passes"), verdict)
	}
	marks := func(status finding.Status) (lines []string) {
		for _, item := range r.Review {
			if item.Status == status {
				lines = append(lines, item.Item)
			}
		}
		for _, run := range r.Runs {
			for _, item := range run.Checklist {
				if item.Status == status {
					lines = append(lines, item.Revision+" "+item.Promise+": "+item.Evidence)
				}
			}
		}
		return lines
	}
	if !fails {
		require.Empty(t, marks(finding.Fail), "a promise fails beside: %s", verdict)
	}
	if !r.Failed(finding.Warning) {
		require.Empty(t, marks(finding.Warns), "a warning beside: %s", verdict)
	}
	defective := false
	for _, run := range r.Runs {
		for _, v := range run.Revisions {
			stands := slices.ContainsFunc(v.Findings, func(f finding.Finding) bool { return f.Counts(finding.Error) })
			require.False(t, v.Verdict == finding.Defective && !stands, "%s is defective without an error", v)
			require.False(t, stands && v.Verdict != finding.Defective && v.Verdict != finding.Unverified, "%s is %s with an error", v, v.Verdict)
			defective = defective || v.Verdict == finding.Defective
		}
	}
	for _, run := range r.Runs {
		unbroken(t, run)
	}
	if fails && !defective {
		require.Contains(t, verdict, " about the history as a whole", "nothing in the verdict says what fails")
	}
}

// unbroken: no line of a checklist passes, or does not apply, beside a finding that
// breaks its promise.
func unbroken(t *testing.T, run finding.Run) {
	t.Helper()
	of := map[string][]finding.Finding{"": run.All()}
	for _, v := range run.Revisions {
		of[v.Label] = v.Findings
	}
	for _, item := range run.Checklist {
		if item.Status == finding.NotRun {
			continue // says why; and a check that was not finished promises nothing
		}
		promise := item.Promise
		table, isTable := strings.CutSuffix(promise, verify.AppendPromise)
		if isTable {
			promise = verify.AppendPromise
		}
		rules, known := verify.Promised()[promise]
		require.True(t, known, "%q is in no promiseRules", item.Promise)
		if item.Status != finding.Pass && item.Status != finding.NotApplicable {
			continue
		}
		for _, f := range of[item.Revision] {
			about := slices.Contains(rules, f.Rule) && (!isTable || f.Object == nil || f.Object.Name == table || strings.HasSuffix(f.Object.Name, "."+table))
			require.False(t, about && f.Counts(finding.Warning), "%s %s: %s (%s) beside:\n%s", item.Revision, item.Promise, item.Status, item.Evidence, f)
		}
	}
}

// TestEveryRuleIsPromised: what no promise knows of, its line passes over.
func TestEveryRuleIsPromised(t *testing.T) {
	t.Parallel()
	breaks := map[finding.Rule][]string{}
	for promise, rules := range verify.Promised() {
		for _, rule := range rules {
			breaks[rule] = append(breaks[rule], promise)
		}
	}
	for _, doc := range verify.Rules {
		if reason := verify.Unpromised()[doc.Rule]; reason != "" {
			require.Empty(t, breaks[doc.Rule], "%s breaks no promise because %s", doc.Rule, reason)
			continue
		}
		require.Len(t, breaks[doc.Rule], 1, "%s must break one promise of the checklist, or be in unpromised with a reason", doc.Rule)
	}
}
