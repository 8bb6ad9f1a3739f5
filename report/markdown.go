package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/finding"
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
func Markdown(w io.Writer, r finding.Report) error {
	s := newSheet(r)
	head := s.head()
	sections := s.sections()
	room := MarkdownLimit - len(head) - largestNotice
	for _, section := range sections {
		room -= len(section.opening) + len(section.closing)
	}
	for _, blocks := range byWeight(sections) {
		room = admit(blocks, room)
	}
	for _, blocks := range byWeight(sections) {
		room = unfold(blocks, room)
	}
	var page strings.Builder
	page.WriteString(head)
	page.WriteString(notice(sections))
	for _, section := range sections {
		page.WriteString(section.opening)
		for _, b := range section.blocks {
			page.WriteString(b.shown())
		}
		page.WriteString(section.closing)
	}
	_, err := io.WriteString(w, strings.TrimRight(page.String(), "\n")+"\n")
	return err
}

// A section is a part of the page below the verdict. The page is never longer than
// its limit because each byte of it is in a section, in the head or in the notice.
type section struct {
	opening, closing string
	blocks           []block
	whole            string // what a block is, for the notice
	detail           string // what a block has more than its short form
	weight           int    // the lightest are shown first
}

// sections are those that have something in them, in the order of the page.
func (s sheet) sections() []section {
	all := []section{
		{"| | Review | Evidence |\n|---|---|---|\n", "\n", s.review(), "%d lines of the review", "the evidence of %d lines of the review", 0},
		{"### Engines\n\n", "\n", s.engines(), "%d engines", "what was tried for %d engines", 1},
		{"### Revisions\n\n", "", s.revisions(), "%d revisions", "what %d revisions do", 3},
		{"### Findings\n\n", "", s.findings(), "%d findings", "what was found and wanted in %d findings", 2},
	}
	return slices.DeleteFunc(all, func(s section) bool { return len(s.blocks) == 0 })
}

// byWeight are the blocks of the sections, those first that have to be there first.
func byWeight(sections []section) (all [][]block) {
	for _, s := range sorted(sections) {
		all = append(all, s.blocks)
	}
	return all
}

func sorted(sections []section) []section {
	return slices.SortedStableFunc(slices.Values(sections), func(a, b section) int { return a.weight - b.weight })
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
const largestNotice = 800

// notice says what is left out, "" where nothing is.
func notice(sections []section) string {
	var left, less []string
	for _, s := range sorted(sections) {
		out, short := 0, 0
		for _, b := range s.blocks {
			switch {
			case b.depth == leftOut:
				out++
			case b.depth == shortened && b.short != b.whole:
				short++
			}
		}
		if out > 0 {
			left = append(left, fmt.Sprintf(s.whole, out))
		}
		if short > 0 {
			less = append(less, fmt.Sprintf(s.detail, short))
		}
	}
	parts := slices.Concat(left, less)
	if len(parts) == 0 {
		return ""
	}
	return "> **Left out**, because a comment on GitHub holds 65,536 characters: " + strings.Join(parts, "; ") +
		". All of it is in the report as text or JSON: `handrail check --report json=FILE`.\n\n"
}
