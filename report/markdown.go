package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/handrail-db/handrail/verify"
)

// MarkdownLimit is how many bytes [Markdown] writes at most: GitHub takes no comment
// of more than 65,536 characters.
const MarkdownLimit = 65_536

// Markdown writes a report as a page for a pull request, in the Markdown of GitHub:
// the verdict and the worst findings, the review list, the engines, then what each
// revision does, then all findings with their remedies. What engines have in common
// is written once. Where the page would be longer than [MarkdownLimit] details are
// left out, of revisions before those of findings, and a sentence below the verdict
// says how many. The error is that of w.
func Markdown(w io.Writer, r verify.Report) error {
	s := newSheet(r)
	head := s.head()
	engines, revisions, findings := s.engines(), s.revisions(), s.findings()
	room := MarkdownLimit - len(head) - largestNotice
	for _, blocks := range [][]block{engines, findings, revisions} {
		room = admit(blocks, room)
	}
	for _, blocks := range [][]block{engines, findings, revisions} {
		room = unfold(blocks, room)
	}
	var page strings.Builder
	page.WriteString(head)
	page.WriteString(notice(findings, revisions))
	page.WriteString(s.review())
	for _, section := range []struct {
		title  string
		blocks []block
	}{{"Engines", engines}, {"Revisions", revisions}, {"Findings", findings}} {
		if len(section.blocks) > 0 {
			fmt.Fprintf(&page, "### %s\n\n", section.title)
		}
		for _, b := range section.blocks {
			page.WriteString(b.shown())
		}
	}
	_, err := io.WriteString(w, strings.TrimRight(page.String(), "\n")+"\n")
	return err
}

// A block is a part of the page that can be shown with less.
type block struct {
	whole, short string
	depth        depth
}

// A depth is how much of a block is shown.
type depth int

const (
	leftOut depth = iota
	shortened
	complete
)

func (b block) shown() string { return []string{"", b.short, b.whole}[b.depth] }

// admit shows blocks shortened as far as there is room for them, and says how much is
// left for others: nothing behind one that was not admitted.
func admit(blocks []block, room int) int {
	for i, b := range blocks {
		if len(b.short) > room {
			return 0
		}
		blocks[i].depth = shortened
		room -= len(b.short)
	}
	return room
}

// unfold shows blocks completely while there is room for that.
func unfold(blocks []block, room int) int {
	for i, b := range blocks {
		if more := len(b.whole) - len(b.short); b.depth == shortened && more <= room {
			blocks[i].depth = complete
			room -= more
		}
	}
	return room
}

// largestNotice is more than notice ever takes.
const largestNotice = 400

// notice says what is left out, "" where nothing is.
func notice(findings, revisions []block) string {
	count := func(blocks []block, d depth) (n int) {
		for _, b := range blocks {
			if b.depth == d && (d != shortened || b.short != b.whole) {
				n++
			}
		}
		return n
	}
	var parts []string
	for _, p := range []struct {
		n    int
		what string
	}{
		{count(findings, leftOut), "%d findings"},
		{count(revisions, leftOut), "%d revisions"},
		{count(findings, shortened), "what was found and wanted in %d findings"},
		{count(revisions, shortened), "what %d revisions do"},
	} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf(p.what, p.n))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "> **Left out**, because a comment on GitHub holds 65,536 characters: " + strings.Join(parts, "; ") +
		". All of it is in the report as text or JSON: `handrail check --report json=FILE`.\n\n"
}
