package report_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/report"
	"github.com/handrail-db/handrail/verify/finding"
)

var update = flag.Bool("update", false, "rewrite testdata")

// outlets are all ways in which [everything] is printed, each with the file
// that says how.
var outlets = []struct {
	name, file, why string
	write           func(io.Writer, finding.Report) error
}{
	{"text", "text", "in a file or a pipe lines are as long as they are", atWidth(0)},
	{"text at 80", "text-80", "the usual terminal", atWidth(80)},
	{"text at 40", "text-40", "half a terminal: nothing is cut, and nothing stands in a column of one word", atWidth(40)},
	{"text at 200", "text-200", "a wide terminal", atWidth(200)},
	{"text in colour", "text-colour", "at a terminal: a colour takes no cell", inColour},
	{"JSON", "json", "the contract that programs read", report.JSON},
	{"Markdown", "markdown", "a page for a pull request", report.Markdown},
	{"GitHub", "github", "annotations of a workflow", report.GitHub},
}

func atWidth(width int) func(io.Writer, finding.Report) error {
	return func(w io.Writer, r finding.Report) error { return report.Text(w, r, report.Screen{Width: width}) }
}

// colours are the codes that a text in colour has.
var colours = regexp.MustCompile("\x1b\\[(?:1;31|31|32|33|2|0)m")

func inColour(w io.Writer, r finding.Report) error {
	return report.Text(w, r, report.Screen{Width: 80, Colour: true})
}

// TestOutlets compares what each outlet makes of one report that has everything
// with a file in testdata.
func TestOutlets(t *testing.T) {
	t.Parallel()
	for _, o := range outlets {
		t.Run(o.name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			require.NoError(t, o.write(&out, everything()))
			file := filepath.Join("testdata", o.file+".golden")
			if *update {
				require.NoError(t, os.WriteFile(file, out.Bytes(), 0o644))
			}
			want, err := os.ReadFile(file)
			require.NoError(t, err)
			require.Equal(t, string(want), out.String(), o.why)
		})
	}
}

// TestFormats: what the table writes under a name is that format.
func TestFormats(t *testing.T) {
	t.Parallel()
	for _, f := range report.Formats() {
		var out bytes.Buffer
		require.NoError(t, f.Write(&out, everything(), report.Screen{}))
		want, err := os.ReadFile(filepath.Join("testdata", f.Name+".golden"))
		require.NoError(t, err)
		require.Equal(t, string(want), out.String(), f.Name)
	}
}

// TestNothingIsObeyed looks for what a terminal, or a viewer of logs, would obey
// in what each outlet prints, whatever else changes in it.
func TestNothingIsObeyed(t *testing.T) {
	t.Parallel()
	for _, o := range outlets {
		var out bytes.Buffer
		require.NoError(t, o.write(&out, everything()))
		for _, r := range colours.ReplaceAllString(out.String(), "") {
			require.False(t, r != '\n' && (r < ' ' || 0x7f <= r && r < 0xa0 || r == '\u202e'), "%s: %q would be obeyed", o.name, r)
		}
		require.NotContains(t, out.String(), "\nerror forged", "%s: a line break in a name must not begin a line", o.name)
		require.Contains(t, strings.ReplaceAll(out.String(), "&#92;", `\`), `evil\nerror`, "%s: the name is still there to be seen", o.name)
	}
}

// TestWidth measures every line. Only the sides of a difference, names of
// revisions, commands to copy and words that are longer than the line may go beyond the end of it.
func TestWidth(t *testing.T) {
	t.Parallel()
	for width := 30; width <= 120; width++ {
		var out bytes.Buffer
		require.NoError(t, report.Text(&out, everything(), report.Screen{Width: width}))
		for line := range strings.SplitSeq(out.String(), "\n") {
			words := strings.Fields(line)
			difference := strings.HasPrefix(line, "      - ") || strings.HasPrefix(line, "      + ") || strings.HasPrefix(line, "      INSERT ") // to paste
			named := strings.Contains(line, "longer_than_any_column") || strings.Contains(line, "  0004_evil") || strings.Contains(line, "  0009_evil")
			command := strings.HasPrefix(line, "          psql ")
			if difference || named || command || len(words) < 2 {
				continue
			}
			longest := 0
			for _, word := range words {
				longest = max(longest, len([]rune(word)))
			}
			require.LessOrEqual(t, len([]rune(line)), max(width, longest+16), "at width %d: %q", width, line)
		}
	}
}

// TestReasonIsNoPass looks at a promise that is kept beside one that is not: what
// was seen of the one gives no reason for it, though both saw the same.
func TestReasonIsNoPass(t *testing.T) {
	t.Parallel()
	seen := "4 objects in the catalogue"
	r := finding.Report{Runs: []finding.Run{{
		Engine:    "sqlite-file",
		Revisions: []finding.Verdict{{Version: 1, Name: "t", Label: "0001_t", Verdict: finding.Defective}},
		Checklist: []finding.Item{
			{Revision: "0001_t", Promise: "up applies", Status: finding.Pass, Evidence: seen},
			{Revision: "0001_t", Promise: "down restores the schema", Status: finding.Fail, Evidence: "it leaves t"},
			{Revision: "0001_t", Promise: "up again gives the same schema", Status: finding.Pass, Evidence: seen},
		},
	}}}
	var out bytes.Buffer
	require.NoError(t, report.Text(&out, r, report.Screen{}))
	require.Contains(t, out.String(), "up again gives the same schema: "+seen)
}

// TestJSONHasNoNull reads what JSON writes of a report without anything in it:
// a program should not have to tell no list from an empty one.
func TestJSONHasNoNull(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, report.JSON(&out, finding.Report{}))
	require.JSONEq(t, `{"version": 0, "subject": "", "runs": [], "review": [],
		"summary": {"engines": 0, "missing": 0, "errors": 0, "warnings": 0, "notes": 0, "waived": 0, "not_run": 0}}`, out.String())
	out.Reset()
	require.NoError(t, report.JSON(&out, finding.Report{Runs: []finding.Run{{Revisions: []finding.Verdict{{}}}, {}}}))
	require.NotContains(t, out.String(), "null")
}

// TestLongValues: a person reads where two values part, a program all of them.
func TestLongValues(t *testing.T) {
	t.Parallel()
	insert := func(text string) string { return "INSERT INTO t (a) VALUES ('" + text + "');" }
	was := strings.Repeat("x", 500) + "\n" + strings.Repeat("y", 500)
	r := finding.Report{Runs: []finding.Run{{Engine: "sqlite-file", Findings: []finding.Finding{{
		Rule: finding.RowsChanged, Severity: finding.Error, Engine: "sqlite-file", Message: "changed", Want: insert(was), Got: insert(was + "z"),
	}}}}}
	var text, program bytes.Buffer
	require.NoError(t, report.Text(&text, r, report.Screen{}))
	shown := "[… 981 characters …]" + strings.Repeat("y", 20)
	require.Contains(t, text.String(), "  - "+insert(shown)+"\n      + "+insert(shown+"z")+"\n")
	require.Contains(t, text.String(), "values of more than 200 characters are cut here and whole in the report as JSON\n")
	require.NoError(t, report.JSON(&program, r))
	var back finding.Report
	require.NoError(t, json.Unmarshal(program.Bytes(), &back))
	require.Equal(t, r.Runs[0].Findings[0].Want, back.Runs[0].Findings[0].Want)
}

// TestJSONReadsBack decodes what JSON writes: nothing is lost on the way but
// what is no text.
func TestJSONReadsBack(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, report.JSON(&out, everything()))
	var read finding.Report
	require.NoError(t, json.Unmarshal(out.Bytes(), &read))
	require.Equal(t, "0004_"+strings.ToValidUTF8(evil, "\ufffd"), read.Runs[1].Revisions[3].String())
	out.Reset()
	require.NoError(t, report.JSON(&out, read))
	var again finding.Report
	require.NoError(t, json.Unmarshal(out.Bytes(), &again))
	require.Equal(t, read, again)
	require.Equal(t, report.Verdict(everything()), report.Verdict(read))
}

// TestWriteError checks that an outlet does not keep an error of its writer to
// itself: a report on a full disk is no report.
func TestWriteError(t *testing.T) {
	t.Parallel()
	full := errors.New("no space left")
	for _, o := range outlets {
		require.ErrorIs(t, o.write(failing{full}, everything()), full, o.name)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestVerdict(t *testing.T) {
	t.Parallel()
	ran := func(standings ...finding.Standing) finding.Run {
		run := finding.Run{Engine: "sqlite-file"}
		for i, s := range standings {
			run.Revisions = append(run.Revisions, finding.Verdict{Label: fmt.Sprintf("%04d_r", i+1), Verdict: s})
		}
		return run
	}
	cases := []struct {
		name, want string
		report     finding.Report
	}{
		{
			"clean", "s: verified on 1 of 1 engines: 2 revisions, all clean; 0 errors, 0 warnings; it passes",
			finding.Report{Subject: "s", Runs: []finding.Run{ran(finding.Clean, finding.Clean)}, Summary: finding.Summary{Engines: 1}},
		},
		{
			"one of each standing", "s: verified on 1 of 1 engines: 3 of 4 revisions judged (1 clean, 1 noted, 1 defective), 1 not; 1 error, 1 warning, 2 notes; 3 promises not run; it fails",
			finding.Report{
				Subject: "s", Runs: []finding.Run{ran(finding.Unverified, finding.Defective, finding.Noted, finding.Clean)},
				Summary: finding.Summary{Engines: 1, Errors: 1, Warnings: 1, Notes: 2, NotRun: 3},
			},
		},
		{
			"a revision counts once, by the worst", "s: verified on 2 of 2 engines: 1 revision, defective; 1 error, 0 warnings; it fails",
			finding.Report{Subject: "s", Runs: []finding.Run{ran(finding.Defective), ran(finding.Clean)}, Summary: finding.Summary{Engines: 2, Errors: 1}},
		},
		{
			"engines that did not run, or not to the end",
			"s: verified on 0 of 2 engines, not on postgres, not to the end on sqlite-file: 1 revision, clean; 0 errors, 0 warnings; 1 promise not run; it does not pass, because it did not get to its end",
			finding.Report{
				Subject: "s", Summary: finding.Summary{Missing: 2, NotRun: 1},
				Runs: []finding.Run{
					{Engine: "postgres", NotRun: "no"},
					{Engine: "sqlite-file", Unfinished: "disk full", Revisions: ran(finding.Clean).Revisions},
				},
			},
		},
		{
			"all climbed, and why", "s since v1: climbed on 1 of 1 engines: 0 of 2 revisions judged, 2 not (as it was at v1), no revision new or changed; 0 errors, 0 warnings; it passes",
			finding.Report{
				Subject: "s", Since: "v1", Summary: finding.Summary{Engines: 1},
				Runs: []finding.Run{{Engine: "sqlite-file", Revisions: []finding.Verdict{
					{Label: "1_a", Verdict: finding.Unverified, Climbed: "as it was at v1"}, {Label: "2_b", Verdict: finding.Unverified, Climbed: "as it was at v1"},
				}}},
			},
		},
		{
			"one judged, one not reached", "s: verified on 1 of 1 engines: 1 of 2 revisions judged, defective, 1 not (the up of 1_a fails); 1 error, 0 warnings; 1 promise not run; it fails",
			finding.Report{Subject: "s", Summary: finding.Summary{Engines: 1, Errors: 1, NotRun: 1}, Runs: []finding.Run{{
				Engine: "sqlite-file", Revisions: []finding.Verdict{{Label: "1_a", Verdict: finding.Defective}, {Label: "2_b", Verdict: finding.Unverified}},
				Checklist: []finding.Item{{Revision: "2_b", Status: finding.NotRun, Evidence: "the up of 1_a fails"}},
			}}},
		},
		{
			"clean revisions and an error about all of them", "s: verified on 1 of 1 engines: 1 revision, clean; 1 error about the history as a whole, 0 warnings; it fails",
			finding.Report{Subject: "s", Summary: finding.Summary{Engines: 1, Errors: 1}, Runs: []finding.Run{{
				Engine: "sqlite-file", Revisions: ran(finding.Clean).Revisions, Findings: []finding.Finding{{Severity: finding.Error}, {Severity: finding.Error, Waived: "x"}},
			}}},
		},
		{
			"errors of both kinds", "s: verified on 1 of 1 engines: 1 revision, defective; 3 errors (1 about the history as a whole), 0 warnings; it fails",
			finding.Report{Subject: "s", Summary: finding.Summary{Engines: 1, Errors: 3}, Runs: []finding.Run{{
				Engine: "sqlite-file", Revisions: ran(finding.Defective).Revisions, Findings: []finding.Finding{{Severity: finding.Error}},
			}}},
		},
		{
			"a warning passes", "s: verified on 1 of 1 engines: 1 revision, noted; 0 errors, 1 warning; it passes",
			finding.Report{Subject: "s", FailOn: finding.Error, Summary: finding.Summary{Engines: 1, Warnings: 1}, Runs: []finding.Run{ran(finding.Noted)}},
		},
		{
			"unless somebody says otherwise", "s: verified on 1 of 1 engines: 1 revision, noted; 0 errors, 1 warning; it fails, by --fail-on warning",
			finding.Report{Subject: "s", FailOn: finding.Warning, Summary: finding.Summary{Engines: 1, Warnings: 1}, Runs: []finding.Run{ran(finding.Noted)}},
		},
		{
			"a note", "s: verified on 1 of 1 engines: 1 revision, noted; 0 errors, 0 warnings, 1 note; it fails, by --fail-on note",
			finding.Report{Subject: "s", FailOn: finding.Note, Summary: finding.Summary{Engines: 1, Notes: 1}, Runs: []finding.Run{ran(finding.Noted)}},
		},
		{
			"an engine is taken out", "s: verified on 1 of 2 engines, not on postgres by HANDRAIL_WITHOUT: 1 revision, clean; 0 errors, 0 warnings; it passes",
			finding.Report{Subject: "s", Summary: finding.Summary{Engines: 1, Missing: 1}, Runs: []finding.Run{{Engine: "postgres", NotRun: "no", Excused: "it"}, ran(finding.Clean)}},
		},
		{
			"all are taken out", "s: 0 engines verified, by HANDRAIL_WITHOUT",
			finding.Report{Subject: "s", Summary: finding.Summary{Missing: 1}, Runs: []finding.Run{{Engine: "postgres", NotRun: "no", Excused: "it"}}},
		},
		{
			"one is required", "s: verified on 1 of 2 engines, not on postgres: 1 revision, clean; 0 errors, 0 warnings; it does not pass without postgres",
			finding.Report{Subject: "s", Summary: finding.Summary{Engines: 1, Missing: 1}, Runs: []finding.Run{{Engine: "postgres", NotRun: "no", Failed: true}, ran(finding.Clean)}},
		},
		{
			"nothing at all", "s: verified on 0 of 0 engines: no revision walked; 0 errors, 0 warnings; it does not pass, because no engine ran",
			finding.Report{Subject: "s"},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, report.Verdict(c.report))
		})
	}
}

func TestLine(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, text string
		width      int
		want       string
	}{
		{"fits", "postgres: 1/2", 13, "postgres: 1/2"},
		{"does not fit", "postgres: 1/2", 12, "postgres: 1…"},
		{"no room at all", "postgres", 1, "…"},
		{"an accent is no byte to cut through", "żółć", 3, "żó…"},
		{"two cells each, which leave one free", "書籍書籍", 6, "書籍…"},
		{"no cell of their own", "e\u0301e\u0301e\u0301", 3, "e\u0301e\u0301e\u0301"},
		{"what a terminal would obey", "a\nb\tc\x1b[2J", 40, `a\nb\tc\x1b[2J`},
		{"what is no text", "a\xffb\x00", 40, `a\xffb\x00`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, report.Line(c.text, c.width))
		})
	}
}
