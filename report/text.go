package report

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/handrail-db/handrail/verify/finding"
)

// Text writes a report for a person at a terminal: engine by engine and
// revision by revision what was promised and what was seen, then what is wrong
// and what to do about it, then the engines that did not run and how to get
// them, then the review, of which the lines that simply pass are counted, then the
// verdict. Lines are broken to fit the screen. The error is that of w.
func Text(w io.Writer, r finding.Report, s Screen) error {
	out := bufio.NewWriter(w)
	p := page{out, s}
	for _, run := range r.Runs {
		if run.NotRun == "" {
			p.run(run)
		}
	}
	p.findings(r)
	for _, run := range r.Runs {
		if run.NotRun != "" {
			p.line("", printable(run.Engine)+": not run")
			p.paragraph("    ", run.NotRun)
			p.line("", "")
		}
	}
	p.review(r.Review)
	p.wrapped("", 4, p.paint(outcome(r), strings.TrimSpace(Verdict(r))))
	return out.Flush()
}

// itemMarks and revisionMarks are what stands in front of a line, all of one
// width.
var (
	itemMarks = map[finding.Status]string{
		finding.Pass: "pass", finding.Warns: "warn", finding.Fail: "FAIL", finding.NotApplicable: "n/a ", finding.Waived: "waiv", finding.NotRun: "----",
	}
	revisionMarks = map[finding.Standing]string{
		finding.Clean: "pass", finding.Noted: "note", finding.Excepted: "waiv", finding.Defective: "FAIL", finding.Unverified: "----",
	}
)

// statusColours, standingColours, severityColours and sideColours say what is coloured,
// and how. What they do not have is not coloured.
var (
	statusColours = map[finding.Status]colour{
		finding.Pass: green, finding.Warns: yellow, finding.Fail: red, finding.NotApplicable: faint, finding.Waived: yellow, finding.NotRun: yellow,
	}
	standingColours = map[finding.Standing]colour{
		finding.Clean: green, finding.Noted: yellow, finding.Excepted: yellow, finding.Defective: red, finding.Unverified: yellow,
	}
	severityColours = map[string]colour{string(finding.Error): red, string(finding.Warning): yellow, "waived": yellow}
	sideColours     = map[string]colour{"- ": red[2:], "+ ": green}
)

// mark is what stands in front of a promise, in its colour.
func (p page) mark(s finding.Status) string { return p.paint(statusColours[s], itemMarks[s]) }

// outcome is the colour of a verdict.
func outcome(r finding.Report) colour {
	switch s := r.Summary; {
	case s.Errors > 0 || fails(r):
		return red
	case s.Warnings+s.Missing > 0 || s.Engines == 0:
		return yellow
	}
	return green
}

// run writes a line for the engine, one for what every revision promises, one or
// more for each revision, and one for each promise about the whole history.
func (p page) run(run finding.Run) {
	p.line("", printable(run.Engine+": "+run.Server+", "+run.Source))
	items := map[string][]finding.Item{}
	for _, item := range run.Checklist {
		items[item.Revision] = append(items[item.Revision], item)
	}
	c := p.columns(run.Revisions, items)
	if len(c.kept) > 0 {
		p.line("  each revision: ", printable(strings.Join(c.kept, "; ")))
	}
	for _, v := range run.Revisions {
		p.revision(v, items[v.String()], c)
	}
	for _, item := range items[""] {
		p.item("  ", item, item.Evidence)
	}
	for _, kept := range run.Kept {
		p.line("  kept  ", printable(fmt.Sprintf("database %s, %s, until %s; open it with:", kept.Name, kept.Stands, kept.Until)))
		fmt.Fprintln(p.out, "          "+printable(kept.Command)) // whole, to be copied
	}
	p.line("", "")
}

// columns hold what the lines of an engine's revisions have in common.
type columns struct {
	name, took int      // widths
	kept       []string // what every revision promises, in a line of its own above them
}

// widestName is how wide the column of names is at most. A longer name pushes the rest
// of its line to the right.
const widestName = 44

func (p page) columns(revisions []finding.Verdict, items map[string][]finding.Item) columns {
	var c columns
	for _, v := range revisions {
		c.name = max(c.name, min(widestName, cells(printable(v.String()))))
		c.took = max(c.took, len(took(v)))
		switch of := items[v.String()]; {
		case !allPass(of):
		case c.kept == nil:
			c.kept = promises(of)
		default:
			c.kept = slices.DeleteFunc(c.kept, func(promise string) bool { return !slices.Contains(promises(of), promise) })
		}
	}
	if p.Width > 0 {
		c.name = min(c.name, max(0, p.Width-c.took-len("  pass    ")))
	}
	return c
}

// took is the time of all steps, "" for a revision that the walk did not get to.
func took(v finding.Verdict) string {
	switch d := v.Timings.Took(); {
	case d == 0:
		return ""
	case d < 10*time.Second:
		return fmt.Sprintf("%.1fms", d.Seconds()*1000)
	default:
		return fmt.Sprintf("%.1fs", d.Seconds())
	}
}

// revision writes one line where all promises fared alike, or all but one that was
// not run, and one more for each promise otherwise.
func (p page) revision(v finding.Verdict, items []finding.Item, c columns) {
	spent := took(v)
	prefix := "  " + p.paint(standingColours[v.Verdict], revisionMarks[v.Verdict]) + "  " + pad(printable(v.String()), c.name) + "  " +
		strings.Repeat(" ", c.took-len(spent)) + spent + "  "
	switch {
	case allPass(items):
		p.line(prefix, printable(beyond(items, c.kept)))
	case alike(items):
		p.line(prefix, printable(string(v.Verdict)+": "+items[0].Evidence))
	case onlyClimbed(v, items) != "":
		p.line(prefix, printable(string(v.Verdict)+", only climbed: "+onlyClimbed(v, items)))
	case notRunBeside(items, c.kept) != nil:
		item := notRunBeside(items, c.kept)
		p.line(prefix, printable(string(v.Verdict)+"; "+item.Promise+": not run: "+item.Evidence))
	default:
		p.line(prefix, string(v.Verdict))
		p.items(items)
	}
	if v.Went != "" {
		p.line(strings.Repeat(" ", narrowHang)+"      ", printable(v.Went))
	}
}

func allPass(items []finding.Item) bool {
	for _, item := range items {
		if item.Status != finding.Pass {
			return false
		}
	}
	return len(items) > 0
}

// notRunBeside is the one item that was not run, where all others passed and were said
// already; else nil.
func notRunBeside(items []finding.Item, said []string) *finding.Item {
	var left *finding.Item
	for i, item := range items {
		switch {
		case item.Status == finding.Pass && slices.Contains(said, item.Promise):
		case item.Status == finding.NotRun && left == nil:
			left = &items[i]
		default:
			return nil
		}
	}
	return left
}

// alike reports whether nothing was run, for one and the same reason.
func alike(items []finding.Item) bool {
	for _, item := range items {
		if item.Status != finding.NotRun || item.Evidence != items[0].Evidence {
			return false
		}
	}
	return len(items) > 0
}

// onlyClimbed is why a revision was only climbed, "" where it was more than that. When
// a few revisions of a long history are asked for, most of the others are so.
func onlyClimbed(v finding.Verdict, items []finding.Item) string {
	if v.Verdict != finding.Unverified || len(items) < 2 || items[0].Status != finding.Pass || !alike(items[1:]) {
		return ""
	}
	return items[1].Evidence
}

func promises(items []finding.Item) []string {
	var kept []string
	for _, item := range items {
		kept = append(kept, item.Promise)
	}
	return kept
}

// beyond is the promises of these items that were not said already, each with its
// evidence.
func beyond(items []finding.Item, said []string) string {
	var more []string
	for _, item := range items {
		switch {
		case slices.Contains(said, item.Promise):
		case item.Evidence == "":
			more = append(more, item.Promise)
		default:
			more = append(more, item.Promise+": "+item.Evidence)
		}
	}
	return strings.Join(more, "; ")
}

// items writes a line for each promise of a revision. A reason is written once.
func (p page) items(items []finding.Item) {
	given := map[string]bool{}
	for _, item := range items {
		evidence := item.Evidence
		if item.Status != finding.Pass && evidence != "" && given[evidence] {
			evidence = "for the same reason"
		}
		given[item.Evidence] = true
		p.item(strings.Repeat(" ", narrowHang), item, evidence)
	}
}

// item writes a promise with what became of it, and the evidence where there is some.
func (p page) item(margin string, item finding.Item, evidence string) {
	line := printable(item.Promise)
	switch item.Status {
	case finding.NotRun:
		line += ": not run"
		evidence = flat(evidence) // an error, of as many lines as it likes
	case finding.NotApplicable:
		line += ": not applicable"
	case finding.Waived:
		line += ": waived because"
	case finding.Fail, finding.Warns:
		evidence = Line(evidence, longestEvidence)
	}
	switch {
	case evidence != "" && item.Status == finding.Waived:
		line += " " + printable(evidence)
	case evidence != "":
		line += ": " + printable(evidence)
	}
	p.line(margin+p.mark(item.Status)+"  ", line)
}

// findings writes all findings of a report, each once, with all engines that have it.
func (p page) findings(r finding.Report) {
	for _, f := range merged(r) {
		p.finding(f)
		p.line("", "")
	}
}

// finding writes a finding as [finding.Finding.String] has it. Lines are broken to fit,
// those of a difference are not.
func (p page) finding(f finding.Finding) {
	f.Message, f.Hint, f.File = printable(f.Message), printable(f.Hint), printable(f.File)
	f.Engine, f.Server, f.Waived = printable(f.Engine), printable(f.Server), printable(f.Waived)
	f.Statement = lines(strings.ReplaceAll(f.Statement, "\t", " "))
	f.Want, f.Got, _ = f.Sides()
	f.Want, f.Got, f.Rows = side(f.Want), side(f.Got), side(f.Rows)
	f.Statements = Lines(f.Statements)
	for i, line := range strings.Split(f.String(), "\n") {
		words := strings.TrimLeft(line, " ")
		margin := line[:len(line)-len(words)]
		switch {
		case i == 0:
			severity, rest, _ := strings.Cut(line, " ")
			p.wrapped("", 8, p.paint(severityColours[severity], severity)+" "+rest)
		case len(margin) > 4: // the difference, in which a space has its meaning
			fmt.Fprintln(p.out, p.paint(sideColours[words[:min(2, len(words))]], line))
		default:
			p.wrapped(margin, 8, words)
		}
	}
}

// review counts the lines of the review, and writes those that a person has to look at.
// Lines that were not run for one and the same reason are written as one.
func (p page) review(items []finding.ReviewItem) {
	if len(items) == 0 {
		return
	}
	p.line("", tally(items))
	for _, item := range grouped(items) {
		evidence := item.Evidence
		if item.Status == finding.Fail || item.Status == finding.Warns { // a finding above says it in full
			evidence = Line(evidence, longestEvidence)
		}
		p.item("  ", finding.Item{Promise: item.Item, Status: item.Status, Evidence: evidence}, evidence)
	}
	p.line("", "")
}

// tally says how many lines of a review pass, fail, and so on.
func tally(items []finding.ReviewItem) string {
	of := map[finding.Status]int{}
	for _, item := range items {
		of[item.Status]++
	}
	line := fmt.Sprintf("review: %d of %d pass", of[finding.Pass], len(items))
	for _, s := range []struct {
		status finding.Status
		word   string
	}{{finding.Fail, "fail"}, {finding.Warns, "with a warning"}, {finding.Waived, "waived"}, {finding.NotRun, "not run"}, {finding.NotApplicable, "not applicable"}} {
		if n := of[s.status]; n > 0 {
			line += fmt.Sprintf(", %d %s", n, s.word)
		}
	}
	return line
}

// mostGrouped is how many lines of one reason are named. Of more the number is said.
const mostGrouped = 4

// grouped are the lines that neither pass nor are not applicable, in their order. The
// first that was not run for a reason stands for all that were not run for it.
func grouped(items []finding.ReviewItem) []finding.ReviewItem {
	var lines []finding.ReviewItem
	places, counts := map[string]int{}, map[int]int{}
	for _, item := range items {
		if item.Status == finding.Pass || item.Status == finding.NotApplicable {
			continue
		}
		i, said := places[item.Evidence]
		if said && item.Status == finding.NotRun && lines[i].Status == finding.NotRun {
			counts[i]++
			lines[i].Item += "; " + item.Item
			if n := 1 + counts[i]; n > mostGrouped {
				lines[i].Item = fmt.Sprintf("%d lines", n)
			}
			continue
		}
		places[item.Evidence] = len(lines)
		lines = append(lines, item)
	}
	return lines
}
