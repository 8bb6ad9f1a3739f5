package report

import (
	"io"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/finding"
)

// Markdown writes a report as a page for a pull request, in the Markdown of GitHub:
// the verdict and the worst findings, the review list, the engines, then what each
// revision does, then all findings with their remedies. What engines have in common
// is written once. Where the page would be longer than [MarkdownLimit] details are
// left out, of revisions before those of findings, and a sentence below the verdict
// says how many. The error is that of w.
func Markdown(w io.Writer, r finding.Report) error {
	top, parts := head(r), sections(r)
	fit(parts, MarkdownLimit-len(top)-largestNotice)
	var page strings.Builder
	page.WriteString(top)
	page.WriteString(notice(parts))
	for _, section := range parts {
		page.WriteString(section.opening)
		for _, b := range section.blocks {
			page.WriteString(b.shown())
		}
		page.WriteString(section.closing)
	}
	_, err := io.WriteString(w, strings.TrimRight(page.String(), "\n")+"\n")
	return err
}

// sections are those that have something in them, in the order of the page.
func sections(r finding.Report) []section {
	all := []section{
		{"| | Review | Evidence |\n|---|---|---|\n", "\n", reviewBlocks(r), "%d lines of the review", "the evidence of %d lines of the review", 0},
		{"### Engines\n\n", "\n", engineBlocks(r), "%d engines", "what was tried for %d engines", 1},
		{"### Revisions\n\n", "", revisionBlocks(r), "%d revisions", "what %d revisions do", 3},
		{"### Findings\n\n", "", findingBlocks(r), "%d findings", "what was found and wanted in %d findings", 2},
	}
	return slices.DeleteFunc(all, func(s section) bool { return len(s.blocks) == 0 })
}
