package report

import (
	"github.com/handrail-db/handrail/verify/finding"
)

// A colour is the parameters of the code that a terminal obeys to change to it; ""
// changes nothing.
type colour string

const (
	green  colour = "32"
	yellow colour = "33"
	red    colour = "1;31" // bold too: who does not see colours sees that
	faint  colour = "2"
)

// escape begins a code.
const escape = '\x1b'

var (
	statusColours = map[finding.Status]colour{
		finding.Pass: green, finding.Warns: yellow, finding.Fail: red, finding.NotApplicable: faint, finding.Waived: yellow, finding.NotRun: yellow,
	}
	standingColours = map[finding.Standing]colour{
		finding.Clean: green, finding.Noted: yellow, finding.Excepted: yellow, finding.Defective: red, finding.Unverified: yellow,
	}
	severityColours = map[string]colour{string(finding.Error): red, string(finding.Warning): yellow, "waived": yellow}
	sideColours     = map[string]colour{"- ": red[2:], "+ ": green}
)

// paint is a printable text in a colour, where the page has colours.
func (p page) paint(c colour, text string) string {
	if !p.Colour || c == "" || text == "" {
		return text
	}
	return string(escape) + "[" + string(c) + "m" + text + string(escape) + "[0m"
}

// mark is what stands in front of a promise.
func (p page) mark(s finding.Status) string { return p.paint(statusColours[s], itemMarks[s]) }

// outcome is the colour of a verdict.
func outcome(r finding.Report) colour {
	switch s := r.Summary; {
	case s.Errors > 0 || fails(r):
		return red
	case s.Warnings+s.Missing > 0 || s.Engines == 0:
		return yellow
	}
	return green
}
