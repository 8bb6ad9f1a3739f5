package report

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/finding"
)

// merged are the findings of a report in their order, those that are waived behind all
// others. Findings that differ in nothing but the engine are one, which names all of
// their engines.
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

// identity is the same for two findings that differ in nothing but the engine.
func identity(f finding.Finding) string {
	f.Engine = ""
	text, err := json.Marshal(f)
	if err != nil {
		panic(err) // plain data always can be written
	}
	return string(text)
}

// worstFirst are the findings of a report as [merged] has them, the errors first and
// what is waived last.
func worstFirst(r finding.Report) []finding.Finding {
	all := merged(r)
	rank := []finding.Severity{finding.Error, finding.Warning, finding.Note}
	slices.SortStableFunc(all, func(a, b finding.Finding) int {
		return cmp.Or(
			cmp.Compare(min(1, len(a.Waived)), min(1, len(b.Waived))),
			cmp.Compare(slices.Index(rank, a.Severity), slices.Index(rank, b.Severity)),
		)
	})
	return all
}

// place is the file of a finding, with the line where it is known.
func place(f finding.Finding) string {
	if f.Line > 0 {
		return fmt.Sprintf("%s:%d", f.File, f.Line)
	}
	return f.File
}

// longestSide is how many lines of one side of a difference are shown: enough
// for any change, and the beginning of an object that came or went.
const longestSide = 40

// side is one side of a difference, cut to [longestSide] and without what a terminal
// would obey.
func side(text string) string {
	lines := strings.Split(Lines(text), "\n")
	if more := len(lines) - longestSide; more > 1 {
		lines = append(lines[:longestSide], fmt.Sprintf("… %d more lines", more))
	}
	return strings.Join(lines, "\n")
}

// longestEvidence is how much of an item's evidence is shown where a finding
// says it in full.
const longestEvidence = 240

// mostWorst is how many of the worst findings stand beside a verdict.
const mostWorst = 5
