package report

import (
	"fmt"
	"io"
	"strings"
)

// A page is what a text is written on.
type page struct {
	out   io.Writer
	width int // 0: lines are as long as they are
}

// narrowHang is how far to the right a text begins that is on a line of its own,
// because the prefix takes more than half of the page.
const narrowHang = 10

// line writes a printable text behind a prefix. What does not fit goes on
// below, under the beginning of the text.
func (p page) line(prefix, text string) {
	hang := cells(prefix)
	if p.width == 0 || text == "" || hang+cells(text) <= p.width {
		fmt.Fprintf(p.out, "%s\n", strings.TrimRight(prefix+text, " "))
		return
	}
	if hang > p.width/2 {
		fmt.Fprintf(p.out, "%s\n", strings.TrimRight(prefix, " "))
		hang = narrowHang
		prefix = strings.Repeat(" ", hang)
	}
	p.wrapped(prefix, hang, text)
}

// wrapped writes a printable text in lines that fit, all but the first behind
// hang spaces.
func (p page) wrapped(prefix string, hang int, text string) {
	if p.width == 0 {
		fmt.Fprintf(p.out, "%s%s\n", prefix, text)
		return
	}
	for _, line := range wrap(text, p.width-cells(prefix), p.width-hang) {
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
