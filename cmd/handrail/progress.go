package main

import (
	"fmt"
	"io"
	"os"

	"golang.org/x/term"

	"github.com/handrail-db/handrail/verify"
)

// A progress is one line of a terminal that says what the walk is doing. It
// shows nothing where the output is not a terminal.
type progress struct {
	out   io.Writer // nil: not a terminal
	width int
}

func newProgress(out io.Writer) *progress {
	f, ok := out.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return &progress{}
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil || width < 20 {
		width = 80
	}
	return &progress{out, width}
}

// eraseLine returns to the start of the line and clears it.
const eraseLine = "\r\x1b[K"

func (p *progress) show(s verify.Progress) {
	if p.out == nil {
		return
	}
	line := fmt.Sprintf("%s: starting", s.Engine)
	if s.Steps > 0 {
		line = fmt.Sprintf("%s: %d/%d %s %s", s.Engine, s.Step, s.Steps, s.Revision, s.Direction)
	}
	fmt.Fprint(p.out, eraseLine+line[:min(len(line), p.width-1)])
}

func (p *progress) clear() {
	if p.out != nil {
		fmt.Fprint(p.out, eraseLine)
	}
}
