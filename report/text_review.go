package report

import (
	"fmt"

	"github.com/handrail-db/handrail/verify/finding"
)

// review writes the lines of the review that a person has to look at, those that
// could not be run for one reason as one. The others are counted.
func (p page) review(items []finding.ReviewItem) {
	if len(items) == 0 {
		return
	}
	p.line("", tally(items))
	for _, item := range grouped(items) {
		evidence := item.Evidence
		if item.Status == finding.Fail || item.Status == finding.Warns { // a finding above says it in full
			evidence = Line(evidence, longestEvidence)
		}
		p.item("  ", finding.Item{Promise: item.Item, Status: item.Status, Evidence: evidence}, evidence)
	}
	p.line("", "")
}

// tally counts the lines of a review that are simply so.
func tally(items []finding.ReviewItem) string {
	of := map[finding.Status]int{}
	for _, item := range items {
		of[item.Status]++
	}
	line := fmt.Sprintf("review: %d of %d pass", of[finding.Pass], len(items))
	for _, s := range []struct {
		status finding.Status
		word   string
	}{{finding.Fail, "fail"}, {finding.Warns, "with a warning"}, {finding.Waived, "waived"}, {finding.NotRun, "not run"}, {finding.NotApplicable, "not applicable"}} {
		if n := of[s.status]; n > 0 {
			line += fmt.Sprintf(", %d %s", n, s.word)
		}
	}
	return line
}

// mostGrouped is how many lines are named that were not run for one reason; of more
// only their number is said.
const mostGrouped = 4

// grouped are the lines that neither pass nor do not apply.
func grouped(items []finding.ReviewItem) []finding.ReviewItem {
	var lines []finding.ReviewItem
	places, counts := map[string]int{}, map[int]int{}
	for _, item := range items {
		if item.Status == finding.Pass || item.Status == finding.NotApplicable {
			continue
		}
		i, said := places[item.Evidence]
		if said && item.Status == finding.NotRun && lines[i].Status == finding.NotRun {
			counts[i]++
			lines[i].Item += "; " + item.Item
			if n := 1 + counts[i]; n > mostGrouped {
				lines[i].Item = fmt.Sprintf("%d lines", n)
			}
			continue
		}
		places[item.Evidence] = len(lines)
		lines = append(lines, item)
	}
	return lines
}
