package verify

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/dialect"
)

const nothingLookedAt = "no revision was looked at"

// verdicts are those of the revisions that were looked at, on all engines, of
// which something holds.
func (v *review) verdicts(holds func(Verdict) bool) (found []Verdict) {
	for _, run := range v.runs {
		for _, r := range run.Revisions {
			if r.Rows != nil && holds(r) {
				found = append(found, r)
			}
		}
	}
	return found
}

func whatever(Verdict) bool { return true }

// extent counts revisions, each once and of all that there are, and engines.
func (v *review) extent(of []Verdict) string {
	var all []Verdict
	for _, run := range v.runs {
		all = append(all, run.Revisions...)
	}
	some, n := len(labelsOf(of)), len(labelsOf(all))
	count := plural(n, "revision")
	if some < n {
		count = fmt.Sprintf("%d of %s", some, count)
	}
	return count + " on " + plural(len(v.runs), "engine")
}

// labelsOf are the labels of revisions, each once.
func labelsOf(of []Verdict) []string {
	said := map[string]bool{}
	var names []string
	for _, r := range of {
		if !said[r.Label] {
			said[r.Label] = true
			names = append(names, r.Label)
		}
	}
	return names
}

// looked is for rules that judge each revision.
func (v *review) looked() (Status, string) {
	of := v.verdicts(whatever)
	if len(of) == 0 {
		return NotApplicable, nothingLookedAt
	}
	return Pass, v.extent(of)
}

func (v *review) wentBoth() (Status, string) {
	status, evidence := v.looked()
	if of := v.verdicts(withoutDown); len(of) > 0 {
		evidence += "; no down file: " + v.extent(of)
	}
	for _, d := range dialect.All() {
		if !v.subject.Ships(d) {
			evidence += fmt.Sprintf("; there are no revisions for %s", d)
		}
	}
	return status, evidence
}

// withoutDown reports whether there is no down to make.
func withoutDown(v Verdict) bool { return v.NotMade[Down] == noDownFile }

func (v *review) roundTrips() (Status, string) {
	for _, r := range v.verdicts(whatever) {
		if why := r.NotMade[Again]; why != "" && !withoutDown(r) {
			return NotRun, fmt.Sprintf("%s was not taken up again: %s", r, why)
		}
	}
	of := v.verdicts(func(r Verdict) bool { return !withoutDown(r) })
	if len(of) == 0 {
		return NotApplicable, "no revision that was looked at has a way down"
	}
	whole := "head to base to head"
	if status, why := promised(NotRun, "the walk did not get there", roundPromise)(v); status != Pass {
		whole = "not " + whole + ": " + why
	}
	return Pass, v.extent(of) + ", up, down and up again; " + whole
}

// reversible leaves what lacks a down to the findings; a down that fails is none.
func (v *review) reversible() (Status, string) {
	accepted := ""
	for _, r := range v.verdicts(func(r Verdict) bool { return r.Facts.DownFails }) {
		status, waived := fate(r.Findings, []Rule{DownFails, DownNeedsEmpty})
		if status != Waived {
			return cmp.Or(status, Fail), fmt.Sprintf("the down of %s fails", r)
		}
		accepted = waived
	}
	if accepted != "" {
		return Waived, accepted
	}
	oneWay := v.verdicts(Verdict.oneWay)
	of := v.verdicts(func(r Verdict) bool { return !withoutDown(r) && !r.oneWay() })
	if len(of)+len(oneWay) == 0 {
		return NotApplicable, nothingLookedAt
	}
	evidence := v.extent(of) + " have a down that runs"
	if len(oneWay) > 0 {
		evidence += fmt.Sprintf("; %s says that there is no way back", strings.Join(labelsOf(oneWay), ", "))
	}
	return Pass, evidence
}

func (v *review) recreated() (Status, string) {
	status, evidence := v.looked()
	of := v.verdicts(func(r Verdict) bool { return len(r.Facts.Rebuilt) > 0 })
	switch {
	case status != Pass:
	case len(of) == 0:
		evidence += ", none of which makes a table anew"
	default:
		evidence += fmt.Sprintf("; %s makes %s anew, and nothing is lost by it", of[0], strings.Join(of[0].Facts.Rebuilt, ", "))
	}
	return status, evidence
}

func (v *review) rowsKept() (Status, string) {
	of := v.verdicts(func(r Verdict) bool { return r.Rows.Before > 0 })
	status, why := promised(Pass, "", rowsPromise)(v)
	switch {
	case status != Pass:
		return status, why
	case len(of) == 0:
		return NotApplicable, "no revision that was looked at changes a table that was there"
	}
	most := slices.MaxFunc(of, func(a, b Verdict) int { return int(a.Rows.Before - b.Rows.Before) })
	return Pass, fmt.Sprintf("up to %s in %s, each accounted for at %s", plural64(most.Rows.Before, "row"), plural(most.Rows.Tables, "table"), v.extent(of))
}

func (v *review) repeated() (Status, string) {
	of := v.verdicts(func(r Verdict) bool { return r.Facts.Data })
	if len(of) == 0 {
		return NotApplicable, "no revision that was looked at is about rows alone"
	}
	for _, r := range of {
		if !r.Facts.Repeated {
			return NotRun, fmt.Sprintf("%s was not run once more: no seed has written rows, or it has a transaction of its own", r)
		}
	}
	return Pass, v.extent(of) + ", run once more, changed nothing"
}

func (v *review) asserted() (Status, string) {
	if status, why := promised(NotApplicable, "no assertion had to hold at a revision that was looked at", assertPromise)(v); status != Pass {
		return status, why
	}
	said := map[string]bool{}
	for _, item := range v.items([]string{assertPromise}) {
		said[item.Revision] = true
	}
	return Pass, "after " + v.extent(v.verdicts(func(r Verdict) bool { return said[r.Label] }))
}

// waivers counts what is waived: without a reason nothing is.
func (v *review) waivers() (Status, string) {
	var waived []string
	for _, run := range v.runs {
		for _, f := range run.All() {
			if f.Waived != "" && !slices.Contains(waived, f.Message) {
				waived = append(waived, f.Message)
			}
		}
	}
	if len(waived) == 0 {
		return NotApplicable, "nothing is waived"
	}
	return Pass, plural(len(waived), "finding") + " waived, each with its reason"
}

// items are those of some promises, on all engines. A promise that begins with a
// space has the name of a table before it.
func (v *review) items(promises []string) (found []Item) {
	for _, run := range v.runs {
		for _, item := range run.Checklist {
			if slices.ContainsFunc(promises, func(promise string) bool {
				return item.Promise == promise || promise[0] == ' ' && strings.HasSuffix(item.Promise, promise)
			}) {
				found = append(found, item)
			}
		}
	}
	return found
}

// mostEvidence is how many pieces of evidence stand in a line.
const mostEvidence = 3

// promised supports a line by the items of promises: by the worst of them. Where
// there are none the line has another status, for a reason.
func promised(none Status, reason string, promises ...string) func(*review) (Status, string) {
	return func(v *review) (Status, string) {
		items := v.items(promises)
		if len(items) == 0 {
			return none, reason
		}
		rank := []Status{NotApplicable, Pass, Waived, NotRun, Warns, Fail}
		worst := slices.MaxFunc(items, func(a, b Item) int { return slices.Index(rank, a.Status) - slices.Index(rank, b.Status) }).Status
		var evidence []string
		for _, item := range items {
			text := item.Evidence
			if item.Revision != "" {
				text = item.Revision + ": " + text
			} else if !slices.Contains(promises, item.Promise) {
				text = item.Promise + ": " + text
			}
			if item.Status == worst && !slices.Contains(evidence, text) {
				evidence = append(evidence, text)
			}
		}
		if more := len(evidence) - mostEvidence; more > 0 {
			evidence = append(evidence[:mostEvidence], fmt.Sprintf("and %d more", more))
		}
		return worst, strings.Join(evidence, "; ")
	}
}

// pinned supports the line about the baseline, which an edit of another revision
// does not touch.
func (v *review) pinned() (Status, string) {
	status, evidence := promised(NotRun, "without "+LockFile+" nothing is pinned: run handrail lock", publishedPromise)(v)
	if status == Fail || status == Warns || status == Waived {
		return Pass, "the baseline is as it was published, whatever became of others"
	}
	return status, evidence
}
