package report_test

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/report"
	"github.com/handrail-db/handrail/verify/finding"
)

// hostile are names that mean something to a terminal, to Markdown, to GitHub or to
// HTML.
var hostile = []string{
	evil, "a|b", "`` ` ```", "<script>alert(1)</script>", "<!-- ", "[x](https://example.com)", "@somebody #12 GH-7 www.example.com",
	"::error file=x::forged", "a\r\n::warning::forged", "%0A::error::forged", "````\n```diff", "~~~", "</details>", "$a$ $$b$$", ":tada: **b** _i_ ~s~",
	"\\|", "\\", "| a | b |\n|---|---|", "# title\n- item\n> quote\n1. one", "a, b: c=%", "\u2028\u2029\u0085\u200b", "e\u0301" + strings.Repeat("\u0301", 5000), strings.Repeat("$", 3000),
	"&lt;b&gt; &#64;", "a_b_c_ _d", "\x00\x01\x7f", "-->", "<br>", "  indented\n\tcode",
}

// called is a report in which everything that can have a name of the user's has one.
func called(name string) finding.Report {
	f := finding.Finding{
		Rule: finding.Residue, Severity: finding.Error, Engine: name, Server: name, Version: new(int64(1)), Name: name, Direction: finding.Down,
		Object: &finding.ObjectRef{Kind: name, Name: name}, File: name, Line: 3, Got: name, Want: name, Message: name, Hint: name, Rows: name,
	}
	waived := f
	waived.Waived = name
	items := []finding.Item{
		{Revision: name, Promise: name, Status: finding.NotRun, Evidence: name},
		{Promise: name, Status: finding.Fail, Evidence: name},
		{Revision: name, Promise: name, Status: finding.Waived, Evidence: name},
		{Promise: name, Status: finding.Pass, Evidence: name},
	}
	return finding.Report{
		Version: 1, Subject: name,
		Runs: []finding.Run{
			{
				Engine: name, Server: name, Source: name, Unfinished: name, Findings: []finding.Finding{f}, Checklist: items,
				Kept: []finding.KeptDatabase{{Name: name, Stands: name, Until: name, Command: name}},
				Revisions: []finding.Verdict{
					{
						Version: 1, Name: name, Label: name, Verdict: finding.Defective, Findings: []finding.Finding{f, waived}, Went: name,
						Changes: "+ table " + name + "\n", Back: name,
						Rows: &finding.RowEffects{Before: 1, Tables: 1, Touched: []finding.TableEffect{{Table: name}, {Table: name, Unread: name}}},
					},
					{Version: 2, Name: name, Label: name + "2", Climbed: name},
				},
			},
			{Engine: name + "2", NotRun: name, Checklist: items[:1]},
		},
		Review: []finding.ReviewItem{
			{Item: name, Status: finding.Fail, Evidence: name}, {Item: name, Status: finding.NotRun, Evidence: name}, {Item: name, Status: finding.Waived, Evidence: name},
		},
		Summary: finding.Summary{Errors: 2, Waived: 1, Missing: 2},
	}
}

func FuzzText(f *testing.F) {
	seeded(f)
	f.Fuzz(func(t *testing.T, name string) {
		var plain, coloured bytes.Buffer
		require.NoError(t, report.Text(&plain, called(name), report.Screen{Width: 80}))
		require.NoError(t, report.Text(&coloured, called(name), report.Screen{Width: 80, Colour: true}))
		obeysNobody(t, plain.String())
		require.Equal(t, plain.String(), colours.ReplaceAllString(coloured.String(), ""), "a colour moves nothing")
	})
}

func FuzzJSON(f *testing.F) {
	seeded(f)
	f.Fuzz(func(t *testing.T, name string) {
		var out bytes.Buffer
		require.NoError(t, report.JSON(&out, called(name)))
		obeysNobody(t, out.String())
		var read finding.Report
		require.NoError(t, json.Unmarshal(out.Bytes(), &read))
		valid := func(text string) string { return strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\ufffd", "") }
		require.Equal(t, valid(name), valid(read.Subject), "nothing is lost but what is no text")
	})
}

func FuzzGitHub(f *testing.F) {
	seeded(f)
	command := regexp.MustCompile(`^::error (?:file=[^,:\r\n]+,)?line=3,title=handrail residue::[^\r\n]+$`)
	f.Fuzz(func(t *testing.T, name string) {
		var out bytes.Buffer
		require.NoError(t, report.GitHub(&out, called(name)))
		obeysNobody(t, out.String())
		lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
		require.Len(t, lines, 1, "the finding that stands, and nothing else")
		for _, line := range lines {
			require.Regexp(t, command, line)
			require.Empty(t, regexp.MustCompile(`%([^20]|2[^5C]|0[^AD]|$)`).FindString(strings.ReplaceAll(line, "%3A", "")), "every %% is one of our own")
		}
	})
}

func FuzzMarkdown(f *testing.F) {
	seeded(f)
	f.Fuzz(func(t *testing.T, name string) {
		var out bytes.Buffer
		require.NoError(t, report.Markdown(&out, called(name)))
		obeysNobody(t, out.String())
		require.LessOrEqual(t, out.Len(), report.MarkdownLimit)
		holdsTogether(t, out.String())
	})
}

func seeded(f *testing.F) {
	for _, name := range hostile {
		f.Add(name)
	}
}

// obeysNobody looks for what a terminal or a viewer of logs would obey.
func obeysNobody(t *testing.T, text string) {
	t.Helper()
	for _, r := range text {
		require.True(t, r == '\n' || unicode.IsPrint(r), "%q", r)
	}
}

var (
	fence   = regexp.MustCompile("^(`{3,})(\\w*)$")
	markup  = regexp.MustCompile(`</?(?:code|span|br|details|summary)>`)
	heading = regexp.MustCompile(`^(##|###|####) `)
	lead    = regexp.MustCompile(`^(?:## |\*\*Verdict\*\* |### |#### |- |  - |\| |\|---|> \*\*Left out|\*\*(?:error|waived) |Not looked at: |Changes|Remedy: |Waived because |On these rows:|A second up runs |<details><summary>|</details>|$)`)
)

// holdsTogether reads a page as GitHub does: what is not in a fence has no markup
// but our own, each table keeps its columns, and each fence is closed by its own.
func holdsTogether(t *testing.T, page string) {
	t.Helper()
	open, columns, folds := "", 0, 0
	for i, line := range strings.Split(page, "\n") {
		if m := fence.FindStringSubmatch(line); m != nil && (open == "" || m[1] == open) {
			require.True(t, open == "" || m[2] == "", "line %d opens a fence in a fence: %q", i+1, line)
			if open == "" {
				open = m[1]
			} else {
				open = ""
			}
			continue
		}
		if open != "" {
			require.False(t, strings.HasPrefix(strings.TrimLeft(line, " "), open), "line %d closes the fence: %q", i+1, line)
			continue
		}
		switch n := strings.Count(line, "|"); {
		case !strings.HasPrefix(line, "|"):
			require.Zero(t, n, "line %d: %q", i+1, line)
			columns = 0
		case columns == 0:
			columns = n
		default:
			require.Equal(t, columns, n, "line %d has other columns: %q", i+1, line)
		}
		require.Regexp(t, lead, line, "line %d begins as nothing that a page has", i+1)
		require.NotRegexp(t, `^ *- (?:[\s#>+=-]|\d+[.)])`, line, "line %d begins something in a list", i+1)
		folds += strings.Count(line, "<details>") - strings.Count(line, "</details>")
		rest := markup.ReplaceAllString(line, " ")
		require.NotContains(t, rest, "<", "line %d: markup that is not ours", i+1)
		require.NotRegexp(t, "[`\\[\\]\\\\]", strings.ReplaceAll(rest, "`handrail check --report json=FILE`", ""), "line %d", i+1)
		require.NotRegexp(t, `@\w|#\d|(?i)https?://|www\.\w`, heading.ReplaceAllString(regexp.MustCompile(`&#\d+;`).ReplaceAllString(rest, "·"), ""), "line %d does something on GitHub", i+1)
	}
	require.Empty(t, open, "a fence stays open")
	require.Zero(t, folds, "what is folded is closed")
}
