package verify_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/report"
	"github.com/handrail-db/handrail/verify"
)

// agrees: the verdict, the title of the page, the marks of promises, of the review and of
// revisions, and the exit status say the same.
func agrees(t *testing.T, r verify.Report, err error) {
	t.Helper()
	fails := r.Failed(verify.Error)
	verdict := report.Verdict(r)
	switch {
	case fails:
		require.True(t, strings.HasSuffix(verdict, "; it fails"), verdict)
	case err != nil:
		require.Contains(t, verdict, "; it does not pass", "%v", err)
	default:
		require.True(t, strings.HasSuffix(verdict, "; it passes"), verdict)
	}
	marks := func(status verify.Status) (lines []string) {
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
		require.Empty(t, marks(verify.Fail), "a promise fails beside: %s", verdict)
	}
	if !r.Failed(verify.Warning) {
		require.Empty(t, marks(verify.Warns), "a warning beside: %s", verdict)
	}
	defective := false
	for _, run := range r.Runs {
		for _, v := range run.Revisions {
			stands := slices.ContainsFunc(v.Findings, func(f verify.Finding) bool { return f.Counts(verify.Error) })
			require.False(t, v.Verdict == verify.Defective && !stands, "%s is defective without an error", v)
			require.False(t, stands && v.Verdict != verify.Defective && v.Verdict != verify.Unverified, "%s is %s with an error", v, v.Verdict)
			defective = defective || v.Verdict == verify.Defective
		}
	}
	if fails && !defective {
		require.Contains(t, verdict, " about the history as a whole", "nothing in the verdict says what fails")
	}
}
