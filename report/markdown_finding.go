package report

import (
	"fmt"
	"strings"

	"github.com/handrail-db/handrail/verify/finding"
)

// findingBlocks are a block for each finding, the worst first.
func findingBlocks(r finding.Report) []block {
	var blocks []block
	for _, f := range worstFirst(r) {
		lead := findingLead(f)
		blocks = append(blocks, block{whole: lead + findingBody(f), short: lead + findingEnd(f)})
	}
	return blocks
}

// findingLead says what and where.
func findingLead(f finding.Finding) string {
	severity := string(f.Severity)
	if f.Waived != "" {
		severity = "waived"
	}
	where := fmt.Sprintf("On %s (%s)", brief(f.Engine), brief(f.Server))
	if f.File != "" {
		where += ", in " + code(place(f))
	}
	return fmt.Sprintf("**%s %s** %s<br>%s.\n\n", severity, brief(string(f.Rule)), brief(f.Message), where)
}

// findingBody is the difference, the rows on which it shows, and the end.
func findingBody(f finding.Finding) string {
	var b strings.Builder
	want, got, whole := f.Sides()
	if want != "" || got != "" {
		text := signed("- ", side(want)) + signed("+ ", side(got))
		if !whole {
			text += "  values of more than 200 characters are cut here and whole in the report as JSON\n"
		}
		b.WriteString(folded("wanted and found", fenced("diff", text)) + "\n")
	}
	if f.Rows != "" {
		b.WriteString("On these rows:\n\n" + folded("rows", fenced("sql", side(f.Rows))) + "\n")
	}
	return b.String() + findingEnd(f)
}

// signed is a text with a mark in front of each line.
func signed(mark, text string) string {
	var b strings.Builder
	for line := range strings.SplitSeq(text, "\n") {
		if line != "" {
			b.WriteString(mark + line + "\n")
		}
	}
	return b.String()
}

// findingEnd is what to do about a finding, or why nothing is done.
func findingEnd(f finding.Finding) string {
	var b strings.Builder
	if f.Masked {
		b.WriteString("A second up runs without an error and hides it.\n\n")
	}
	switch {
	case f.Waived != "":
		b.WriteString("Waived because " + brief(f.Waived) + "\n\n")
	case f.Hint != "":
		b.WriteString("Remedy: " + brief(flat(f.Hint)) + "\n\n")
	}
	return b.String()
}
