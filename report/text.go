// Package report prints what package verify found: one function an outlet.
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

// run is a line for the engine, one for what every revision promises, one or
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

// columns are what the lines of an engine's revisions have in common.
type columns struct {
	name, took int      // widths
	kept       []string // the promises of every revision, not said again where they were kept
}

// widestName is where the column of names ends for the longest of them, on a
// narrow page before that; they push the rest of their lines to the right.
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

// revision is one line where all promises fared alike, or all but one that was
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

// notRunBeside is the item that alone was not run, where all others are what was
// kept everywhere; else nil.
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

// onlyClimbed is why nothing but the up was made of a revision, "" of others: in a
// long history most are of this kind when a few are asked for.
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

// beyond is what was kept and is not among the promises that were said already,
// each with its evidence.
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

// items are the promises of a revision, a reason that was given already not
// given again.
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

// longestEvidence is how much of an item's evidence is shown where a finding
// says it in full.
const longestEvidence = 240

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
