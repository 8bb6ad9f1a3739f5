package main

import (
	"fmt"
	"io"
	"strings"

	"golang.org/x/term"

	"github.com/handrail-db/handrail/report"
	"github.com/handrail-db/handrail/verify"
)

// A progress is one line of a terminal that says what is being done. It shows
// nothing where the output is not a terminal.
type progress struct {
	out   io.Writer
	width int // 0: not a terminal
}

func newProgress(out io.Writer) *progress {
	return &progress{out, terminalWidth(out)}
}

// terminalWidth is how many cells a line of the terminal behind w has, 0 where
// there is none.
func terminalWidth(w io.Writer) int {
	f, ok := w.(interface{ Fd() uintptr })
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil || width <= 0 {
		return 80 // a terminal that does not know
	}
	return width
}

// show replaces the line.
func (p *progress) show(s verify.Progress) {
	line := s.Engine + ": looking for it; a server may have to be started"
	if s.Steps > 0 {
		line = fmt.Sprintf("%s: %d/%d %s %s", s.Engine, s.Step, s.Steps, s.Revision, s.Direction)
	}
	p.clear()
	if p.width > 0 {
		fmt.Fprint(p.out, report.Line(line, p.width-1))
	}
}

// clear overwrites the line with spaces, which every terminal understands. The
// last cell stays free: to write there might move on to the next line.
func (p *progress) clear() {
	if p.width > 0 {
		fmt.Fprint(p.out, "\r"+strings.Repeat(" ", p.width-1)+"\r")
	}
}
