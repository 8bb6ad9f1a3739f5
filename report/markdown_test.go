package report_test

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/report"
	"github.com/handrail-db/handrail/verify/finding"
)

// long is a report of n revisions that change something, of which some have a finding.
func long(n, findings int) finding.Report {
	run := finding.Run{Engine: "sqlite-file", Server: "SQLite 3.53.4"}
	for i := range n {
		v := finding.Verdict{
			Version: int64(i + 1), Name: "r", Label: fmt.Sprintf("%04d_r", i+1), Verdict: finding.Clean, Back: "the schema as it was; no row was there",
			Changes: fmt.Sprintf("+ table t%d\n", i+1) + strings.Repeat("+     a line of what there is to say\n", 30), Rows: &finding.RowEffects{},
		}
		if i < findings {
			v.Verdict = finding.Defective
			v.Findings = []finding.Finding{{
				Rule: finding.Residue, Severity: finding.Error, Engine: run.Engine, Server: run.Server, Version: &v.Version, Name: "r",
				Message: v.Label + ": down leaves something behind", Got: strings.Repeat("a line of what was found\n", 30), Hint: "drop it",
			}}
		}
		run.Revisions = append(run.Revisions, v)
	}
	return finding.Report{Subject: "migrations", Runs: []finding.Run{run}, Summary: finding.Summary{Engines: 1, Errors: findings}}
}

// TestMarkdownLimit: a page that would be too long for a comment says what it leaves
// out, and each revision and finding is on it or counted.
func TestMarkdownLimit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		revisions, findings int
		says                string
	}{
		{3, 2, ""},
		{100, 0, `; what \d+ revisions do|: what \d+ revisions do`},
		{100, 10, `: what \d+ revisions do`},
		{400, 200, `: what was found and wanted in \d+ findings; what 400 revisions do`},
		{3000, 1500, `: \d+ findings; 3000 revisions; what was found and wanted in \d+ findings`},
	} {
		t.Run(fmt.Sprint(c.revisions, " ", c.findings), func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			require.NoError(t, report.Markdown(&out, long(c.revisions, c.findings)))
			page := out.String()
			holdsTogether(t, page)
			require.LessOrEqual(t, len(page), report.MarkdownLimit)
			said := regexp.MustCompile(`(?m)^> \*\*Left out\*\*.*$`).FindString(page)
			if c.says == "" {
				require.Empty(t, said)
			} else {
				require.Regexp(t, c.says, said)
				require.Greater(t, len(page), report.MarkdownLimit*9/10, "there is room for more")
			}
			left := func(pattern string) int {
				m := regexp.MustCompile(pattern).FindStringSubmatch(said)
				if m == nil {
					return 0
				}
				n, err := strconv.Atoi(m[1])
				require.NoError(t, err)
				return n
			}
			require.Equal(t, c.revisions, strings.Count(page, "\n#### ")+left(`[:;] (\d+) revisions`), "each revision is shown or counted")
			require.Equal(t, c.findings, strings.Count(page, "\n**error residue**")+left(`: (\d+) findings`), "each finding is shown or counted")
			require.Equal(t, c.revisions-left(`[:;] (\d+) revisions`)-left(`what (\d+) revisions do`), strings.Count(page, "+ table t"), "what a revision does is shown or counted")
			require.Equal(t, c.findings-left(`: (\d+) findings`)-left(`wanted in (\d+) findings`), strings.Count(page, "<summary>wanted and found"), "what was found is shown or counted")
		})
	}
}

// TestMarkdownTitle: the first line says how it went, in a few words.
func TestMarkdownTitle(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		want   string
		report finding.Report
	}{
		{"## ✓ s: nothing found", finding.Report{Summary: finding.Summary{Engines: 2}}},
		{"## ✓ s: no error, no warning", finding.Report{Summary: finding.Summary{Engines: 2, Notes: 1, Waived: 1}}},
		{"## ✗ s: 1 error", finding.Report{Summary: finding.Summary{Engines: 2, Errors: 1, Warnings: 3, Missing: 1}}},
		{"## – s: verified on 1 of 2 engines only", finding.Report{Summary: finding.Summary{Engines: 1, Missing: 1, Warnings: 1}}},
		{"## – s: verified on 0 of 0 engines only", finding.Report{}},
		{"## ! s: 2 warnings", finding.Report{Summary: finding.Summary{Engines: 1, Warnings: 2}}},
		{"## ✗ s: 2 warnings", finding.Report{FailOn: finding.Warning, Summary: finding.Summary{Engines: 1, Warnings: 2}}},
		{"## ✗ s: 1 note", finding.Report{FailOn: finding.Note, Summary: finding.Summary{Engines: 1, Notes: 1}}},
		{"## – s: no revision judged", finding.Report{Runs: []finding.Run{{Revisions: []finding.Verdict{{Label: "1", Verdict: finding.Unverified}}}}, Summary: finding.Summary{Engines: 1}}},
		{
			"## ✓ s: nothing found, and 1 line of the review not run",
			finding.Report{Summary: finding.Summary{Engines: 1}, Review: []finding.ReviewItem{{Item: "a", Status: finding.NotRun, Evidence: "b"}}},
		},
	} {
		c.report.Subject = "s"
		var out bytes.Buffer
		require.NoError(t, report.Markdown(&out, c.report))
		line, _, _ := strings.Cut(out.String(), "\n")
		require.Equal(t, c.want, line)
	}
}

// TestMarkdownWorst: errors stand on the first screen before warnings, wherever they
// come from, and not more than a few.
func TestMarkdownWorst(t *testing.T) {
	t.Parallel()
	r := long(10, 10)
	for i := range r.Runs[0].Revisions[:8] {
		r.Runs[0].Revisions[i].Findings[0].Severity = finding.Warning
	}
	r.Runs[0].Revisions[9].Findings[0].Waived = "it is known"
	var out bytes.Buffer
	require.NoError(t, report.Markdown(&out, r))
	head, _, _ := strings.Cut(out.String(), "### ")
	require.Contains(t, head, "\n\n- **error residue** 0009_r: down leaves something behind\n- **warning residue** 0001_r: ")
	require.Contains(t, head, "\n- and 4 more, below\n")
	require.NotContains(t, head, "0010_r")
}

// TestGitHubSaysNothing where nothing was found, or all is waived.
func TestGitHubSaysNothing(t *testing.T) {
	t.Parallel()
	r := long(3, 1)
	r.Runs[0].Revisions[0].Findings[0].Waived = "it is known"
	var out bytes.Buffer
	require.NoError(t, report.GitHub(&out, r))
	require.Empty(t, out.String())
}
