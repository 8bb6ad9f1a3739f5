package report

import (
	"regexp"
	"strings"
)

// inlineEscapes write what GitHub's Markdown gives a meaning as a character reference.
// A backslash would not do: it has a meaning of its own in a table, in HTML and in math.
var inlineEscapes = strings.NewReplacer(
	"&", "&amp;", "<", "&lt;", ">", "&gt;", `\`, "&#92;", "`", "&#96;", "*", "&#42;", "_", "&#95;", "~", "&#126;",
	"[", "&#91;", "]", "&#93;", "|", "&#124;", "$", "<span>$</span>",
)

// GitHub looks for mentions, addresses, numbers of issues and emoji in text that is
// rendered already, however it was escaped. A space without a width cuts them in two.
var (
	nothing  = "&#8203;"
	mentions = regexp.MustCompile(`(@|#)()`)
	numbers  = regexp.MustCompile(`(?i)(\bgh-)(\d)`)
	links    = regexp.MustCompile(`(?i)(www|https?:|ftp:)([./])`)
	emoji    = regexp.MustCompile(`(:)([a-zA-Z0-9_+-]+:)`)
	// A name in snake case is read by people, and is no emphasis.
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

// longestInline and largestInline are how many cells a text may have in a line of
// Markdown, and how many bytes with all its escapes.
const (
	longestInline = 400
	largestInline = 1200
)

// brief is [inline] of a text that may be long: it is cut.
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

// first is [brief] of a text at the beginning of a line or of an entry of a list, where
// it might begin a block.
func first(text string) string {
	if opensBlock.MatchString(printable(text)) {
		return nothing + brief(text)
	}
	return brief(text)
}

// code is a name in the type of code.
func code(text string) string { return "<code>" + brief(text) + "</code>" }

// longestFenced is how many cells of a line stand in a block.
const longestFenced = 300

// fenced is a block of lines that show as they are. Its fence is longer than any in the
// lines.
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

// folded is a block behind a title to click on, where it has more lines than
// [shortest].
func folded(title, block string) string {
	if strings.Count(block, "\n") <= shortest {
		return block
	}
	return "<details><summary>" + title + "</summary>\n\n" + block + "\n</details>\n"
}
