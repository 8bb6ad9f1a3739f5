package report

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Line is a text as one line of a terminal, cut to a width in cells. What a terminal
// would obey and not show, a line break for one, is escaped.
func Line(text string, width int) string {
	text = printable(text)
	if cells(text) <= width {
		return text
	}
	var b strings.Builder
	room := width - 1 // for the mark that something is missing
	for _, r := range text {
		if room -= runeCells(r); room < 0 {
			break
		}
		b.WriteRune(r)
	}
	return b.String() + "…"
}

// printable escapes what a terminal would obey and not show. Names in a database, and
// what a server says, can hold anything.
func printable(text string) string {
	var b strings.Builder
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		switch {
		case r == utf8.RuneError && size == 1:
			b.WriteString(`\x` + strconv.FormatUint(uint64(text[0]), 16))
		case unicode.IsPrint(r):
			b.WriteRune(r)
		default:
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		}
		text = text[size:]
	}
	return b.String()
}

// escape begins what a terminal obeys, the code of a colour for one.
const escape = '\x1b'

// cells is how many cells of a terminal a printable text takes. A colour takes
// none: no other text has an escape in it.
func cells(text string) int {
	n, code := 0, false
	for _, r := range text {
		switch {
		case r == escape:
			code = true
		case code:
			code = r != 'm'
		default:
			n += runeCells(r)
		}
	}
	return n
}

// wide are the blocks of characters that take two cells. They are enough not to write
// past the end of a line.
var wide = &unicode.RangeTable{
	R16: []unicode.Range16{
		{0x1100, 0x115f, 1},
		{0x2e80, 0xa4cf, 1},
		{0xac00, 0xd7a3, 1},
		{0xf900, 0xfaff, 1},
		{0xfe30, 0xfe6f, 1},
		{0xff00, 0xff60, 1},
		{0xffe0, 0xffe6, 1},
	},
	R32: []unicode.Range32{{0x1f300, 0x1faff, 1}, {0x20000, 0x3fffd, 1}},
}

// runeCells is how many cells of a terminal a printable character takes.
func runeCells(r rune) int {
	switch {
	case unicode.In(r, unicode.Mn, unicode.Me):
		return 0
	case unicode.Is(wide, r):
		return 2
	}
	return 1
}

// pad fills a printable text up to a width.
func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-cells(text)))
}

// wrap breaks a printable text between words into a line of at most first cells
// and others of at most rest cells. A word that is longer has a line of its own:
// a path or a command that is broken cannot be copied.
func wrap(text string, first, rest int) []string {
	var lines []string
	line, room := "", first
	for word := range strings.FieldsSeq(text) {
		switch {
		case line == "":
			line = word
		case cells(line)+1+cells(word) <= room:
			line += " " + word
		default:
			lines = append(lines, line)
			line, room = word, rest
		}
	}
	return append(lines, line)
}

// Lines is a text of several lines for a terminal, without what it would obey. A tab is
// four spaces.
func Lines(text string) string { return lines(strings.ReplaceAll(text, "\t", "    ")) }

// lines is [Lines] of a text in which a tab is escaped.
func lines(text string) string {
	all := strings.Split(text, "\n")
	for i := range all {
		all[i] = printable(all[i])
	}
	return strings.Join(all, "\n")
}

// flat is a text in one line: all white space is a space.
func flat(text string) string { return strings.Join(strings.Fields(text), " ") }
