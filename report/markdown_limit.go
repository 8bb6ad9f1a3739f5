package report

import (
	"fmt"
	"slices"
	"strings"
)

// MarkdownLimit is how many bytes [Markdown] writes at most: GitHub takes no comment
// of more than 65,536 characters.
const MarkdownLimit = 65_536

// A section is a part of the page below the verdict. Each byte of the page is in the
// head, in the notice or in a section: so the limit holds.
type section struct {
	opening, closing string
	blocks           []block
	whole            string // what a block is, for the notice
	detail           string // what the short form of a block lacks, for the notice
	weight           int    // the lightest has room first
}

// fit decides how much is shown of each block, so that the sections have no more than
// room bytes: first each block shortened, then those complete for which there is room.
func fit(sections []section, room int) {
	for _, section := range sections {
		room -= len(section.opening) + len(section.closing)
	}
	for _, blocks := range byWeight(sections) {
		room = admit(blocks, room)
	}
	for _, blocks := range byWeight(sections) {
		room = unfold(blocks, room)
	}
}

// byWeight are the blocks of each section, the lightest section first.
func byWeight(sections []section) (all [][]block) {
	for _, s := range sorted(sections) {
		all = append(all, s.blocks)
	}
	return all
}

func sorted(sections []section) []section {
	return slices.SortedStableFunc(slices.Values(sections), func(a, b section) int { return a.weight - b.weight })
}

// A block is a part of a section that has a short form.
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

// admit shows blocks shortened, in their order and as far as there is room, and is what
// room is left: none where a block had to be left out.
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

// unfold shows completely each shortened block that there is room for, and is what room
// is left.
func unfold(blocks []block, room int) int {
	for i, b := range blocks {
		if more := len(b.whole) - len(b.short); b.depth == shortened && more <= room {
			blocks[i].depth = complete
			room -= more
		}
	}
	return room
}

// largestNotice is more bytes than [notice] ever has.
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
