package report

import (
	"fmt"

	"github.com/handrail-db/handrail/verify"
)

// review writes the lines of the review that a person has to look at, those that
// could not be run for one reason as one. The others are counted.
func (p page) review(items []verify.ReviewItem) {
	if len(items) == 0 {
		return
	}
	p.line("", tally(items))
	for _, item := range grouped(items) {
		evidence := item.Evidence
		if item.Status == verify.Fail || item.Status == verify.Warns { // a finding above says it in full
			evidence = Line(evidence, longestEvidence)
		}
		p.item("  ", verify.Item{Promise: item.Item, Status: item.Status, Evidence: evidence}, evidence)
	}
	p.line("", "")
}

// tally counts the lines of a review that are simply so.
func tally(items []verify.ReviewItem) string {
	of := map[verify.Status]int{}
	for _, item := range items {
		of[item.Status]++
	}
	line := fmt.Sprintf("review: %d of %d pass", of[verify.Pass], len(items))
	for _, s := range []struct {
		status verify.Status
		word   string
	}{{verify.Fail, "fail"}, {verify.Warns, "with a warning"}, {verify.Waived, "waived"}, {verify.NotRun, "not run"}, {verify.NotApplicable, "not applicable"}} {
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
func grouped(items []verify.ReviewItem) []verify.ReviewItem {
	var lines []verify.ReviewItem
	places, counts := map[string]int{}, map[int]int{}
	for _, item := range items {
		if item.Status == verify.Pass || item.Status == verify.NotApplicable {
			continue
		}
		i, said := places[item.Evidence]
		if said && item.Status == verify.NotRun && lines[i].Status == verify.NotRun {
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
