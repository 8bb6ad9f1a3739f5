package report

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/finding"
)

// findings writes all findings of a report. One that several engines of one
// server version have in common is written once.
func (p page) findings(r finding.Report) {
	for _, f := range merged(r) {
		p.finding(f)
		p.line("", "")
	}
}

// merged are the findings in their order, those that somebody has accepted behind
// all others, with all engines that have them in the place of the engine.
func merged(r finding.Report) []finding.Finding {
	var all []finding.Finding
	place := map[string]int{}
	for _, run := range r.Runs {
		for _, f := range run.All() {
			key := identity(f)
			i, ok := place[key]
			if !ok {
				place[key] = len(all)
				all = append(all, f)
				continue
			}
			all[i].Engine += " and " + f.Engine
		}
	}
	slices.SortStableFunc(all, func(a, b finding.Finding) int {
		return cmp.Compare(min(1, len(a.Waived)), min(1, len(b.Waived)))
	})
	return all
}

// identity tells two findings apart that differ in more than the engine.
func identity(f finding.Finding) string {
	f.Engine = ""
	text, err := json.Marshal(f)
	if err != nil {
		panic(err) // plain data always can be written
	}
	return string(text)
}

// finding writes one finding as [verify.Finding.String] has it, what is no
// difference broken to fit.
func (p page) finding(f finding.Finding) {
	f.Message, f.Hint, f.File = printable(f.Message), printable(f.Hint), printable(f.File)
	f.Engine, f.Server, f.Waived = printable(f.Engine), printable(f.Server), printable(f.Waived)
	f.Statement = lines(strings.ReplaceAll(f.Statement, "\t", " "))
	f.Want, f.Got, _ = f.Sides()
	f.Want, f.Got, f.Rows = side(f.Want), side(f.Got), side(f.Rows)
	f.Statements = plain(f.Statements)
	for i, line := range strings.Split(f.String(), "\n") {
		words := strings.TrimLeft(line, " ")
		margin := line[:len(line)-len(words)]
		switch {
		case i == 0:
			severity, rest, _ := strings.Cut(line, " ")
			p.wrapped("", 8, p.paint(severityColours[severity], severity)+" "+rest)
		case len(margin) > 4: // the difference, in which a space has its meaning
			fmt.Fprintln(p.out, p.paint(sideColours[words[:min(2, len(words))]], line))
		default:
			p.wrapped(margin, 8, words)
		}
	}
}

// longestSide is how many lines of one side of a difference are shown: enough
// for any change, and the beginning of an object that came or went.
const longestSide = 40

// side is one side of a difference without what a terminal would obey.
func side(text string) string {
	lines := strings.Split(plain(text), "\n")
	if more := len(lines) - longestSide; more > 1 {
		lines = append(lines[:longestSide], fmt.Sprintf("… %d more lines", more))
	}
	return strings.Join(lines, "\n")
}

// plain is a text of several lines without what a terminal would obey.
func plain(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = printable(strings.ReplaceAll(line, "\t", "    "))
	}
	return strings.Join(lines, "\n")
}
