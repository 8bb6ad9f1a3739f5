package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/handrail-db/handrail/report"
	"github.com/handrail-db/handrail/verify"
	"github.com/handrail-db/handrail/verify/finding"
)

// A progress says what is being done: in one line of a terminal that is written
// anew with each step, elsewhere in a line of its own when a while has passed, so
// that a log shows that something moves and stays short.
type progress struct {
	out    io.Writer
	width  int // 0: not a terminal
	now    func() time.Time
	engine string
	began  time.Time // the walk on the engine
	first  int       // the step that it began with
	last   time.Time // a plain line was written
}

// plainEvery is how much time passes between two lines that are not at a
// terminal.
const plainEvery = 10 * time.Second

func newProgress(out io.Writer) *progress {
	return &progress{out: out, width: terminalWidth(out), now: time.Now}
}

// show replaces the line, or writes one if it is time to.
func (p *progress) show(s verify.Progress) {
	now := p.now()
	if s.Steps == 0 || s.Engine != p.engine {
		p.engine, p.began, p.first, p.last = s.Engine, now, s.Step, now
	}
	if s.Steps > 0 && p.first == 0 {
		p.began, p.first = now, s.Step
	}
	if p.width > 0 {
		p.clear()
		fmt.Fprint(p.out, report.Line(p.line(s, now), p.width-1))
	} else if now.Sub(p.last) >= plainEvery {
		p.last = now
		fmt.Fprintln(p.out, report.Line(p.line(s, now), plainWidth))
	}
}

// plainWidth cuts a line that is not at a terminal.
const plainWidth = 200

// line says where the walk is and, when that can be told, how fast it is and how
// long it will take.
func (p *progress) line(s verify.Progress, now time.Time) string {
	switch {
	case s.Steps == 0:
		return s.Engine + ": looking for it; a server may have to be started"
	case s.Round && s.Direction == finding.Down:
		return fmt.Sprintf("%s: %d/%d, from head to base", s.Engine, s.Step, s.Steps)
	case s.Round:
		return fmt.Sprintf("%s: %d/%d, from base to head", s.Engine, s.Step, s.Steps)
	}
	line := fmt.Sprintf("%s: %d/%d ", s.Engine, s.Step, s.Steps)
	if done, took := s.Step-p.first, now.Sub(p.began); done > 0 && took >= time.Second {
		rate := float64(done) / took.Seconds()
		left := time.Duration(float64(s.Steps-s.Step+1) / rate * float64(time.Second))
		line += fmt.Sprintf("%.1f/s, %s left ", rate, left.Round(time.Second))
	}
	return line + fmt.Sprintf("%s %s", s.Revision, s.Direction)
}

// clear overwrites the line with spaces, which every terminal understands. The
// last cell stays free: to write there might move on to the next line.
func (p *progress) clear() {
	if p.width > 0 {
		fmt.Fprint(p.out, "\r"+strings.Repeat(" ", p.width-1)+"\r")
	}
}
