package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/internal/words"
	"github.com/handrail-db/handrail/verify/finding"
)

// head is the verdict, and the worst of what stands against it.
func head(r finding.Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n\n**Verdict** %s\n\n", title(r), brief(Verdict(r)))
	standing := slices.DeleteFunc(worstFirst(r), func(f finding.Finding) bool { return !f.Counts(finding.Warning) })
	for _, f := range standing[:min(mostWorst, len(standing))] {
		fmt.Fprintf(&b, "- **%s %s** %s%s\n", f.Severity, brief(string(f.Rule)), brief(f.Message), inFile(f))
	}
	if more := len(standing) - mostWorst; more > 0 {
		fmt.Fprintf(&b, "- and %d more, below\n", more)
	}
	if len(standing) > 0 {
		b.WriteByte('\n')
	}
	return b.String()
}

// title is the verdict in a few words.
func title(r finding.Report) string {
	sum, seen := r.Summary, standings(r)
	mark, says := "✓", "nothing found"
	undone := 0
	for _, item := range r.Review {
		if item.Status == finding.NotRun {
			undone++
		}
	}
	switch {
	case sum.Errors > 0:
		mark, says = "✗", words.Plural(sum.Errors, "error")
	case fails(r):
		mark, says = "✗", cmp.Or(some(sum.Warnings, "warning"), words.Plural(sum.Notes, "note"))
	case r.Excused():
		mark, says = "–", "0 engines verified, by HANDRAIL_WITHOUT"
	case sum.Missing > 0 || sum.Engines == 0:
		mark, says = "–", fmt.Sprintf("verified on %d of %d engines only", sum.Engines, sum.Engines+sum.Missing)
	case seen.all > 0 && seen.judged() == 0:
		mark, says = "–", "no revision judged"
	case sum.Warnings > 0:
		mark, says = "!", words.Plural(sum.Warnings, "warning")
	default:
		if sum.Notes+sum.Waived > 0 {
			says = "no error, no warning"
		}
		if undone > 0 {
			says += fmt.Sprintf(", and %s of the review not run", words.Plural(undone, "line"))
		}
	}
	return fmt.Sprintf("%s %s: %s", mark, brief(r.Subject), says)
}

// some is a count, "" of none.
func some(n int, what string) string {
	if n == 0 {
		return ""
	}
	return words.Plural(n, what)
}

// inFile says where a finding is, in brackets; "" where that is not known.
func inFile(f finding.Finding) string {
	if f.File == "" {
		return ""
	}
	return " (" + code(place(f)) + ")"
}

var reviewMarks = map[finding.Status]string{
	finding.Pass: "✓", finding.Warns: "!", finding.Fail: "✗", finding.NotApplicable: "n/a", finding.Waived: "waived", finding.NotRun: "not run",
}

// shortEvidence is how many cells of the evidence stand in a line of the review that
// is shortened.
const shortEvidence = 80

// reviewBlocks are a row of a table for each line of the review.
func reviewBlocks(r finding.Report) []block {
	var blocks []block
	for _, item := range r.Review {
		row := func(evidence string) string {
			return fmt.Sprintf("| %s | %s | %s |\n", strings.ReplaceAll(reviewMarks[item.Status], " ", "&nbsp;"), brief(item.Item), brief(evidence))
		}
		blocks = append(blocks, block{whole: row(item.Evidence), short: row(Line(item.Evidence, shortEvidence))})
	}
	return blocks
}

// engineBlocks are an entry of a list for each engine, with the reason where it did not run.
func engineBlocks(r finding.Report) []block {
	var blocks []block
	for _, run := range r.Runs {
		line := "- " + first(run.Engine)
		switch {
		case run.NotRun != "":
			line += ": not run"
		default:
			line += ": " + brief(run.Server+", "+run.Source)
		}
		if run.Unfinished != "" {
			line += "; not to the end: " + brief(flat(run.Unfinished))
		}
		for _, kept := range run.Kept {
			line += fmt.Sprintf("; kept database %s, %s, until %s: %s", code(kept.Name), brief(kept.Stands), brief(kept.Until), code(kept.Command))
		}
		b := block{whole: line + "\n", short: line + "\n"}
		if run.NotRun != "" {
			b.whole = line + "\n\n" + fenced("", signed("  ", side(run.NotRun))) + "\n"
		}
		blocks = append(blocks, b)
	}
	return blocks
}
