package report

import (
	"fmt"
	"io"
	"strings"
)

// A Screen is what a text is written on. The zero value is a file or a pipe: lines
// are as long as they are, and nothing is coloured.
type Screen struct {
	Width  int  // of a line, in cells; 0: there is no limit
	Colour bool // it obeys the codes of ECMA-48 for colours
}

// A page is a text on its way to a screen.
type page struct {
	out io.Writer
	Screen
}

// narrowHang is how far to the right a text begins on a line of its own, where its
// prefix takes more than half of the page.
const narrowHang = 10

// line writes a printable text behind a prefix. What does not fit goes on
// below, under the beginning of the text.
func (p page) line(prefix, text string) {
	hang := cells(prefix)
	if p.Width == 0 || text == "" || hang+cells(text) <= p.Width {
		fmt.Fprintf(p.out, "%s\n", strings.TrimRight(prefix+text, " "))
		return
	}
	if hang > p.Width/2 {
		fmt.Fprintf(p.out, "%s\n", strings.TrimRight(prefix, " "))
		hang = narrowHang
		prefix = strings.Repeat(" ", hang)
	}
	p.wrapped(prefix, hang, text)
}

// wrapped writes a printable text in lines that fit, all but the first behind
// hang spaces.
func (p page) wrapped(prefix string, hang int, text string) {
	if p.Width == 0 {
		fmt.Fprintf(p.out, "%s%s\n", prefix, text)
		return
	}
	for _, line := range wrap(text, p.Width-cells(prefix), p.Width-hang) {
		fmt.Fprintf(p.out, "%s%s\n", prefix, line)
		prefix = strings.Repeat(" ", hang)
	}
}

// paragraph writes a text whose line breaks mean something, each line behind a
// margin and with its own indentation.
func (p page) paragraph(margin, text string) {
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		line = strings.ReplaceAll(line, "\t", "    ")
		words := strings.TrimLeft(line, " ")
		prefix := margin + line[:len(line)-len(words)]
		p.wrapped(prefix, len(prefix)+4, printable(words))
	}
}

// A colour is the parameters of the ECMA-48 code that switches to it; "" is none.
type colour string

const (
	green  colour = "32"
	yellow colour = "33"
	red    colour = "1;31" // bold too: who does not see colours sees that
	faint  colour = "2"
)

// paint is a printable text in a colour, where the page has colours.
func (p page) paint(c colour, text string) string {
	if !p.Colour || c == "" || text == "" {
		return text
	}
	return string(escape) + "[" + string(c) + "m" + text + string(escape) + "[0m"
}
