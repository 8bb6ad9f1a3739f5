package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/internal/words"
	"github.com/handrail-db/handrail/verify/finding"
)

// A sheet is a report with what its revisions are written from.
type sheet struct {
	report  finding.Report
	servers map[string]string // by engine
}

func newSheet(r finding.Report) sheet {
	s := sheet{r, map[string]string{}}
	for _, run := range r.Runs {
		s.servers[run.Engine] = run.Server
	}
	return s
}

// on names engines with the version of their server, those of one server together.
func (s sheet) on(engines []string) string {
	var servers []string
	of := map[string][]string{}
	for _, e := range engines {
		server := s.servers[e]
		if of[server] == nil {
			servers = append(servers, server)
		}
		of[server] = append(of[server], brief(e))
	}
	var parts []string
	for _, server := range servers {
		text := strings.Join(of[server], " and ")
		if server != "" {
			text += " (" + brief(server) + ")"
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, " and ")
}

// A sight is what one engine says of a revision.
type sight struct {
	engine  string
	verdict finding.Verdict
	items   []finding.Item
}

// idle is why nothing is known of the revision, "" where something is.
func (g sight) idle() string {
	if g.verdict.Rows != nil || len(g.verdict.Findings) > 0 {
		return ""
	}
	for _, item := range g.items {
		if item.Status == finding.NotRun {
			return cmp.Or(g.verdict.Climbed, item.Evidence)
		}
	}
	return g.verdict.Climbed
}

// sights are the revisions in the order of their versions, each with what the
// engines say of it.
func (s sheet) sights() [][]sight {
	var all [][]sight
	places := map[string]int{}
	for _, run := range s.report.Runs {
		items := map[string][]finding.Item{}
		for _, item := range run.Checklist {
			items[item.Revision] = append(items[item.Revision], item)
		}
		for _, v := range run.Revisions {
			i, ok := places[v.Label]
			if !ok {
				i = len(all)
				places[v.Label] = i
				all = append(all, nil)
			}
			all[i] = append(all[i], sight{run.Engine, v, items[v.Label]})
		}
	}
	slices.SortStableFunc(all, func(a, b []sight) int { return cmp.Compare(a[0].verdict.Version, b[0].verdict.Version) })
	return all
}

// revisionBlocks are a block for each revision that was looked at. Before them is a line
// for each reason why others were not.
func revisionBlocks(r finding.Report) []block {
	s := newSheet(r)
	var blocks []block
	var reasons []string
	passed := map[string][]string{} // labels, by reason
	for _, of := range s.sights() {
		why := of[0].idle()
		if slices.ContainsFunc(of, func(g sight) bool { return g.idle() != why }) {
			why = ""
		}
		if why == "" {
			blocks = append(blocks, s.revision(of))
			continue
		}
		if passed[why] == nil {
			reasons = append(reasons, why)
		}
		passed[why] = append(passed[why], of[0].verdict.Label)
	}
	var lines []block
	for _, why := range reasons {
		line := fmt.Sprintf("Not looked at: %s: %s.\n\n", span(passed[why]), brief(flat(why)))
		lines = append(lines, block{whole: line, short: line})
	}
	return append(lines, blocks...)
}

// span names a few revisions, or the first and the last of many.
func span(labels []string) string {
	const few = 3
	if n := len(labels); n > few {
		return fmt.Sprintf("%s … %s (%s)", code(labels[0]), code(labels[n-1]), words.Plural(n, "revision"))
	}
	var names []string
	for _, label := range labels {
		names = append(names, code(label))
	}
	return strings.Join(names, ", ")
}

var standingMarks = map[finding.Standing]string{
	finding.Clean: "✓", finding.Noted: "!", finding.Excepted: "✓", finding.Defective: "✗", finding.Unverified: "–",
}

// revision is what a revision does, by its engines.
func (s sheet) revision(of []sight) block {
	worst := slices.MaxFunc(of, func(a, b sight) int {
		return slices.Index(ranks, a.verdict.Verdict) - slices.Index(ranks, b.verdict.Verdict)
	}).verdict.Verdict
	head := fmt.Sprintf("#### %s %s: %s\n\n", standingMarks[worst], brief(of[0].verdict.Label), worst)
	var b strings.Builder
	b.WriteString(head)
	for _, t := range s.told(of, changesOf) {
		b.WriteString(t.block("Changes", "diff"))
	}
	for _, line := range []struct {
		title string
		says  func(sight) string
	}{{"Schema", unchanged}, {"Rows", rowsOf}, {"Back", func(g sight) string { return printable(g.verdict.Back) }}, {"Promises", otherwise}} {
		for _, t := range s.told(of, line.says) {
			b.WriteString(t.entry(line.title))
		}
	}
	b.WriteString("\n" + s.durations(of))
	return block{whole: b.String(), short: head}
}

// A saying is a text with the engines that say it; on is "" where all engines do.
type saying struct{ on, text string }

// told merges what engines say: a saying for each text, none for an empty one.
func (s sheet) told(of []sight, says func(sight) string) []saying {
	var texts []string
	engines := map[string][]string{}
	for _, g := range of {
		text := says(g)
		if engines[text] == nil {
			texts = append(texts, text)
		}
		engines[text] = append(engines[text], g.engine)
	}
	var all []saying
	for _, text := range texts {
		t := saying{text: text}
		if len(texts) > 1 || len(of) < len(s.report.Runs) {
			t.on = s.on(engines[text])
		}
		if text != "" {
			all = append(all, t)
		}
	}
	return all
}

// block is a saying as a block of lines, folded where it has many.
func (t saying) block(title, language string) string {
	if t.on != "" {
		title += " on " + t.on
	}
	lines := strings.Count(t.text, "\n")
	if lines > shortest {
		return folded(fmt.Sprintf("%s: %d lines", title, lines), fenced(language, t.text)) + "\n"
	}
	return title + ":\n\n" + fenced(language, t.text) + "\n"
}

// entry is a saying as an entry of a list: its first line, and below it an entry for
// each other line.
func (t saying) entry(title string) string {
	if t.on != "" {
		title += " on " + t.on
	}
	var b strings.Builder
	for i, line := range strings.Split(strings.TrimRight(t.text, "\n"), "\n") {
		if i == 0 {
			fmt.Fprintf(&b, "- %s: %s\n", title, brief(line))
		} else {
			fmt.Fprintf(&b, "  - %s\n", first(line))
		}
	}
	return b.String()
}

// longestChanges is how many lines of a revision's changes stand on a page.
const longestChanges = 400

// changesOf is the difference that a revision makes in the catalogue, cut to
// [longestChanges].
func changesOf(g sight) string {
	lines := strings.SplitAfter(g.verdict.Changes, "\n")
	if more := len(lines) - longestChanges; more > 1 {
		lines = append(lines[:longestChanges], fmt.Sprintf("  … %d more lines\n", more-1))
	}
	return strings.Join(lines, "")
}

// unchanged says that a revision leaves the catalogue as it is, where that is known.
func unchanged(g sight) string {
	if g.verdict.Rows == nil || g.verdict.Changes != "" {
		return ""
	}
	return "unchanged"
}

// otherwise is what did not go as promised and is no finding, a line each.
func otherwise(g sight) string {
	var b strings.Builder
	for _, item := range g.items {
		if item.Status == finding.NotRun || item.Status == finding.NotApplicable || item.Status == finding.Waived {
			fmt.Fprintf(&b, "%s: %s: %s\n", printable(item.Promise), reviewMarks[item.Status], printable(flat(item.Evidence)))
		}
	}
	if g.verdict.Went != "" {
		b.WriteString("the walk " + printable(g.verdict.Went) + "\n")
	}
	return b.String()
}

// mostTables is how many of the tables are named in which a revision touches rows.
const mostTables = 20

// rowsOf is what a revision does to rows: a line for all that were there, and one for
// each table in which it touches some.
func rowsOf(g sight) string {
	rows := g.verdict.Rows
	switch {
	case rows == nil:
		return ""
	case rows.Before == 0 && len(rows.Touched) == 0:
		return "none was there"
	}
	there := fmt.Sprintf("%s in %s", words.Plural(int(rows.Before), "row"), words.Plural(rows.Tables, "table"))
	if len(rows.Touched) == 0 {
		return there + ", none touched"
	}
	var b strings.Builder
	b.WriteString(there + " before\n")
	for _, t := range rows.Touched[:min(mostTables, len(rows.Touched))] {
		b.WriteString(printable(t.Table) + ": " + tableEffect(t) + "\n")
	}
	if more := len(rows.Touched) - mostTables; more > 0 {
		b.WriteString(words.Plural(more, "more table") + "\n")
	}
	return b.String()
}

// tableEffect is what a revision does to the rows of one table.
func tableEffect(t finding.TableEffect) string {
	if t.Unread != "" {
		return "nobody knows: " + printable(t.Unread)
	}
	return fmt.Sprintf("%d inserted, %d changed, %d deleted, %d kept", t.Inserted, t.Changed, t.Deleted, t.Kept)
}

// durations is a table of how long the steps took on each engine.
func (s sheet) durations(of []sight) string {
	var b strings.Builder
	b.WriteString("| took | up | down | up again |\n|---|--:|--:|--:|\n")
	for _, g := range of {
		t := g.verdict.Timings
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", s.on([]string{g.engine}), step(t.Up), step(t.Down), step(t.Again))
	}
	return b.String() + "\n"
}

// step is the duration of one step.
func step(seconds float64) string {
	switch {
	case seconds == 0:
		return "–"
	case seconds < 10:
		return fmt.Sprintf("%.1f ms", seconds*1000)
	}
	return fmt.Sprintf("%.1f s", seconds)
}
