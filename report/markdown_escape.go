package report

import (
	"regexp"
	"strings"
)

// What GitHub's Markdown makes something of is written as a character reference:
// unlike a backslash that is nothing of its own in a table, in HTML and in math.
var inlineEscapes = strings.NewReplacer(
	"&", "&amp;", "<", "&lt;", ">", "&gt;", `\`, "&#92;", "`", "&#96;", "*", "&#42;", "_", "&#95;", "~", "&#126;",
	"[", "&#91;", "]", "&#93;", "|", "&#124;", "$", "<span>$</span>",
)

// What GitHub looks for in text that is rendered already, whatever it was escaped
// with, is cut in two by a space without a width: mentions, addresses, numbers of
// issues, emoji.
var (
	nothing  = "&#8203;"
	mentions = regexp.MustCompile(`(@|#)()`)
	numbers  = regexp.MustCompile(`(?i)(\bgh-)(\d)`)
	links    = regexp.MustCompile(`(?i)(www|https?:|ftp:)([./])`)
	emoji    = regexp.MustCompile(`(:)([a-zA-Z0-9_+-]+:)`)
	// A name in snake case is no emphasis, and is read by people.
	snake = regexp.MustCompile(`([\pL\pN])&#95;([\pL\pN])`)
)

// inline is a text within a line of Markdown that shows as it is and does nothing:
// no markup, no mention, no cell of a table, no end of a line.
func inline(text string) string {
	text = printable(text)
	cut := func(pattern *regexp.Regexp) { text = pattern.ReplaceAllString(text, "$1\x00$2") }
	cut(mentions)
	cut(numbers)
	cut(links)
	cut(emoji)
	text = inlineEscapes.Replace(text)
	for range 2 { // a_b_c: the second pair begins where the first one ends
		text = snake.ReplaceAllString(text, "${1}_$2")
	}
	return strings.ReplaceAll(text, "\x00", nothing)
}

// longestInline and largestInline are how many cells of a text, and how many bytes
// of it with all its escapes, stand in a line of Markdown.
const (
	longestInline = 400
	largestInline = 1200
)

// brief is inline of a text that may be long.
func brief(text string) string {
	text = Line(text, longestInline)
	for len(inline(text)) > largestInline {
		runes := []rune(text)
		text = string(runes[:len(runes)/2]) + "…"
	}
	return inline(text)
}

// opensBlock is how a heading, a list, a quotation or code begins.
var opensBlock = regexp.MustCompile(`^(?:[\s#>+=-]|\d+[.)])`)

// first is brief where the text is the first in its line, or behind the mark of a
// list: there it might begin something.
func first(text string) string {
	if opensBlock.MatchString(printable(text)) {
		return nothing + brief(text)
	}
	return brief(text)
}

// flat is a text of several lines that mean nothing, in one.
func flat(text string) string { return strings.Join(strings.Fields(text), " ") }

// code is a name in the type of code.
func code(text string) string { return "<code>" + brief(text) + "</code>" }

// longestFenced is how many cells of a line stand in a block.
const longestFenced = 300

// fenced is a block of lines that show as they are. The fence is longer than any
// that stands in them.
func fenced(language, text string) string {
	var lines []string
	longest := 2
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		line = Line(strings.ReplaceAll(line, "\t", "    "), longestFenced)
		lines = append(lines, line)
		for run := range strings.FieldsFuncSeq(line, func(r rune) bool { return r != '`' }) {
			longest = max(longest, len(run))
		}
	}
	fence := strings.Repeat("`", longest+1)
	return fence + language + "\n" + strings.Join(lines, "\n") + "\n" + fence + "\n"
}

// shortest is how many lines of a block are shown unfolded.
const shortest = 24

// folded is a block behind a line to click on where it has many lines.
func folded(title, block string) string {
	if strings.Count(block, "\n") <= shortest {
		return block
	}
	return "<details><summary>" + title + "</summary>\n\n" + block + "\n</details>\n"
}
