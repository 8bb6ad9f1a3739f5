package report_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/report"
	"github.com/handrail-db/handrail/verify/finding"
)

// A dice makes reports of any size, in which all that may be long sometimes is.
type dice struct {
	*rand.Rand
	words []string
	room  *int // bytes of text that are left for a report; then all is short
}

func newDice(seed uint64, words []string) dice {
	room := 400_000
	return dice{rand.New(rand.NewPCG(12, seed)), words, &room}
}

// oneIn says yes once in n times.
func (d dice) oneIn(n int) bool { return d.IntN(n) == 0 }

// many is a number from 0 to n, mostly a small one.
func (d dice) many(n int) int {
	if d.oneIn(3) {
		return d.IntN(n + 1)
	}
	return d.IntN(min(n, 4) + 1)
}

// text is a word, or many of them, on as many lines as it likes.
func (d dice) text() string {
	if *d.room <= 0 {
		return "w"
	}
	times := 1
	if d.oneIn(4) {
		times = 1 + d.IntN(2000)
	}
	word := pick(d, d.words...) + pick(d, "", " ", "\n")
	text := strings.Repeat(word, min(times, 1+20_000/(1+len(word))))
	*d.room -= len(text)
	return text
}

func pick[T any](d dice, from ...T) T { return from[d.IntN(len(from))] }

func (d dice) finding(run finding.Run) finding.Finding {
	f := finding.Finding{
		Rule: finding.Residue, Severity: finding.Error, Engine: run.Engine, Server: run.Server, Message: fmt.Sprint(d.Uint64()) + d.text(),
		File: d.text(), Line: d.IntN(3), Got: d.text(), Want: d.text(), Hint: d.text(), Rows: d.text(), Masked: d.oneIn(2),
	}
	if d.oneIn(3) {
		f.Waived = d.text()
	}
	return f
}

func (d dice) item(revision string) finding.Item {
	return finding.Item{
		Revision: revision, Promise: d.text(), Evidence: d.text(),
		Status: pick(d, finding.Pass, finding.Fail, finding.NotRun, finding.NotApplicable, finding.Waived),
	}
}

func (d dice) verdict(run finding.Run, n int) finding.Verdict {
	v := finding.Verdict{Version: int64(n), Label: fmt.Sprintf("%04d%s", n, d.text()), Changes: d.text(), Back: d.text(), Went: d.text(), Verdict: finding.Clean}
	if d.oneIn(2) {
		v.Climbed = d.text()
	} else {
		v.Rows = &finding.RowEffects{Before: 1, Tables: 1}
		for range d.many(40) {
			v.Rows.Touched = append(v.Rows.Touched, finding.TableEffect{Table: d.text(), Unread: d.text()})
		}
	}
	for range d.many(5) {
		v.Findings = append(v.Findings, d.finding(run))
		v.Verdict = finding.Defective
	}
	return v
}

func (d dice) run(n int) finding.Run {
	run := finding.Run{Engine: fmt.Sprintf("e%d", n), Server: d.text(), Source: d.text()}
	if d.oneIn(4) {
		run.NotRun = d.text()
		return run
	}
	for i := range d.many(200) {
		run.Revisions = append(run.Revisions, d.verdict(run, i))
		for range d.many(4) {
			run.Checklist = append(run.Checklist, d.item(run.Revisions[i].Label))
		}
	}
	for range d.many(300) {
		run.Findings = append(run.Findings, d.finding(run))
	}
	if d.oneIn(4) {
		run.Unfinished = d.text()
		run.Kept = []finding.KeptDatabase{{Name: d.text(), Stands: d.text(), Until: d.text(), Command: d.text()}}
	}
	return run
}

func (d dice) report() finding.Report {
	r := finding.Report{Subject: d.text(), Since: d.text(), Summary: finding.Summary{Errors: d.IntN(3), Engines: d.IntN(3)}}
	for i := range d.many(12) {
		r.Runs = append(r.Runs, d.run(i))
	}
	for range d.many(80) {
		item := d.item("")
		r.Review = append(r.Review, finding.ReviewItem{Item: item.Promise, Status: item.Status, Evidence: item.Evidence})
	}
	return r
}

// keepsLimit: whatever the report, its page keeps the limit, shows as it should, and
// counts each line of the review, each engine and each finding that is not on it.
func keepsLimit(t *testing.T, r finding.Report) (page string) {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, report.Markdown(&out, r))
	require.LessOrEqual(t, out.Len(), report.MarkdownLimit)
	page = out.String()
	said := regexp.MustCompile(`(?m)^> \*\*Left out\*\*.*$`).FindString(page)
	left := func(what string) int {
		m := regexp.MustCompile(`[:;] (\d+) ` + what + `[;.]`).FindStringSubmatch(said)
		if m == nil {
			return 0
		}
		n, err := strconv.Atoi(m[1])
		require.NoError(t, err)
		return n
	}
	rows := 0
	if _, table, ok := strings.Cut(page, "| | Review | Evidence |\n|---|---|---|\n"); ok {
		table, _, _ = strings.Cut(table+"\n", "\n\n")
		rows = strings.Count(table, "\n") + 1
	}
	require.Equal(t, len(r.Review), rows+left("lines of the review"), "each line of the review is shown or counted")
	_, engines, _ := strings.Cut(page, "\n### Engines\n")
	engines, _, _ = strings.Cut(engines, "\n### ")
	require.Equal(t, len(r.Runs), strings.Count(engines, "\n- e")+left("engines"), "each engine is shown or counted")
	findings := 0
	for _, run := range r.Runs {
		findings += len(run.All())
	}
	require.Equal(t, findings, strings.Count(page, "\n**error residue**")+strings.Count(page, "\n**waived residue**")+left("findings"), "each finding is shown or counted")
	return page
}

// TestMarkdownLimitHolds tries reports of any size, and those in which one thing
// alone is long.
func TestMarkdownLimitHolds(t *testing.T) {
	t.Parallel()
	words := append([]string{"word", "書籍", "é", "🙂", "$", "_", "`", "a_b "}, hostile...)
	for seed := range uint64(25) {
		d := newDice(seed, words)
		holdsTogether(t, keepsLimit(t, d.report()))
	}
	long := strings.Repeat("$書 ", 5000)
	for n := 10; n < 100; n += 10 {
		r := finding.Report{Subject: long, Runs: []finding.Run{{Engine: "e0", Server: long}}, Summary: finding.Summary{Errors: n}}
		for i := range n {
			r.Review = append(r.Review, finding.ReviewItem{Item: long, Status: finding.Fail, Evidence: long})
			r.Runs[0].Findings = append(r.Runs[0].Findings, finding.Finding{Rule: finding.Residue, Severity: finding.Error, Message: fmt.Sprint(i, long), File: long, Got: long})
		}
		holdsTogether(t, keepsLimit(t, r))
	}
}

// FuzzMarkdownLimit is TestMarkdownLimitHolds with any word.
func FuzzMarkdownLimit(f *testing.F) {
	for i, name := range hostile {
		f.Add(uint64(i), name)
	}
	f.Fuzz(func(t *testing.T, seed uint64, word string) {
		d := newDice(seed, []string{word, "word"})
		holdsTogether(t, keepsLimit(t, d.report()))
	})
}
