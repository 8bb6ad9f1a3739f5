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

// A progress says what is being done. At a terminal that is one line, which is written
// anew with each step. Elsewhere it is a line every [plainEvery], so that a log shows that
// something moves and stays short.
type progress struct {
	out    io.Writer
	width  int // 0: not a terminal
	now    func() time.Time
	engine string
	began  time.Time // the walk on the engine
	first  int       // the step that it began with
	last   time.Time // a plain line was written
}

// plainEvery is how much time passes between two lines where there is no terminal.
const plainEvery = 10 * time.Second

func newProgress(out io.Writer) *progress {
	return &progress{out: out, width: terminalWidth(out), now: time.Now}
}

// show writes the line anew at a terminal, and elsewhere a line if it is time for one.
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

// plainWidth is how many cells a line has at most where there is no terminal.
const plainWidth = 200

// line says where the walk is. How fast it is and how long it will take is said from the
// second step on, when a second has passed.
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

// clear overwrites the line of a terminal with spaces: every terminal understands those.
// The last cell stays free, since writing there might move on to the next line.
func (p *progress) clear() {
	if p.width > 0 {
		fmt.Fprint(p.out, "\r"+strings.Repeat(" ", p.width-1)+"\r")
	}
}
