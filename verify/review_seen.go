package verify

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/internal/words"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
)

const nothingLookedAt = "no revision was looked at"

// verdicts are those of the revisions that were looked at, on all engines, of
// which something holds.
func (v *review) verdicts(holds func(finding.Verdict) bool) (found []finding.Verdict) {
	for _, run := range v.runs {
		for _, r := range run.Revisions {
			if r.Rows != nil && holds(r) {
				found = append(found, r)
			}
		}
	}
	return found
}

func whatever(finding.Verdict) bool { return true }

// extent counts revisions, each once and of all that there are, and engines.
func (v *review) extent(of []finding.Verdict) string {
	var all []finding.Verdict
	for _, run := range v.runs {
		all = append(all, run.Revisions...)
	}
	some, n := len(labelsOf(of)), len(labelsOf(all))
	count := words.Plural(n, "revision")
	if some < n {
		count = fmt.Sprintf("%d of %s", some, count)
	}
	return count + " on " + words.Plural(len(v.runs), "engine")
}

// labelsOf are the labels of revisions, each once.
func labelsOf(of []finding.Verdict) []string {
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
func (v *review) looked() (finding.Status, string) {
	of := v.verdicts(whatever)
	if len(of) == 0 {
		return finding.NotApplicable, nothingLookedAt
	}
	return finding.Pass, v.extent(of)
}

func (v *review) wentBoth() (finding.Status, string) {
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
func withoutDown(v finding.Verdict) bool { return v.NotMade[finding.Down] == noDownFile }

func (v *review) roundTrips() (finding.Status, string) {
	for _, r := range v.verdicts(whatever) {
		if why := r.NotMade[finding.Again]; why != "" && !withoutDown(r) {
			return finding.NotRun, fmt.Sprintf("%s was not taken up again: %s", r, why)
		}
	}
	of := v.verdicts(func(r finding.Verdict) bool { return !withoutDown(r) })
	if len(of) == 0 {
		return finding.NotApplicable, "no revision that was looked at has a way down"
	}
	whole := "head to base to head"
	if status, why := promised(finding.NotRun, "the walk did not get there", roundPromise)(v); status != finding.Pass {
		whole = "not " + whole + ": " + why
	}
	return finding.Pass, v.extent(of) + ", up, down and up again; " + whole
}

// reversible leaves what lacks a down to the findings; a down that fails is none.
func (v *review) reversible() (finding.Status, string) {
	accepted := ""
	for _, r := range v.verdicts(func(r finding.Verdict) bool { return r.Facts.DownFails }) {
		status, waived := fate(r.Findings, []finding.Rule{finding.DownFails, finding.DownNeedsEmpty})
		if status != finding.Waived {
			return cmp.Or(status, finding.Fail), fmt.Sprintf("the down of %s fails", r)
		}
		accepted = waived
	}
	if accepted != "" {
		return finding.Waived, accepted
	}
	oneWay := v.verdicts(finding.Verdict.OneWay)
	of := v.verdicts(func(r finding.Verdict) bool { return !withoutDown(r) && !r.OneWay() })
	if len(of)+len(oneWay) == 0 {
		return finding.NotApplicable, nothingLookedAt
	}
	evidence := v.extent(of) + " have a down that runs"
	if len(oneWay) > 0 {
		evidence += fmt.Sprintf("; %s says that there is no way back", strings.Join(labelsOf(oneWay), ", "))
	}
	return finding.Pass, evidence
}

func (v *review) recreated() (finding.Status, string) {
	status, evidence := v.looked()
	of := v.verdicts(func(r finding.Verdict) bool { return len(r.Facts.Rebuilt) > 0 })
	switch {
	case status != finding.Pass:
	case len(of) == 0:
		evidence += ", none of which makes a table anew"
	default:
		evidence += fmt.Sprintf("; %s makes %s anew, and nothing is lost by it", of[0], strings.Join(of[0].Facts.Rebuilt, ", "))
	}
	return status, evidence
}

func (v *review) rowsKept() (finding.Status, string) {
	of := v.verdicts(func(r finding.Verdict) bool { return r.Rows.Before > 0 })
	status, why := promised(finding.Pass, "", rowsPromise)(v)
	switch {
	case status != finding.Pass:
		return status, why
	case len(of) == 0:
		return finding.NotApplicable, "no revision that was looked at changes a table that was there"
	}
	most := slices.MaxFunc(of, func(a, b finding.Verdict) int { return int(a.Rows.Before - b.Rows.Before) })
	return finding.Pass, fmt.Sprintf("up to %s in %s, each accounted for at %s", words.Plural64(most.Rows.Before, "row"), words.Plural(most.Rows.Tables, "table"), v.extent(of))
}

func (v *review) repeated() (finding.Status, string) {
	of := v.verdicts(func(r finding.Verdict) bool { return r.Facts.Data })
	if len(of) == 0 {
		return finding.NotApplicable, "no revision that was looked at is about rows alone"
	}
	for _, r := range of {
		if !r.Facts.Repeated {
			return finding.NotRun, fmt.Sprintf("%s was not run once more: no seed has written rows, or it has a transaction of its own", r)
		}
	}
	return finding.Pass, v.extent(of) + ", run once more, changed nothing"
}

func (v *review) asserted() (finding.Status, string) {
	if status, why := promised(finding.NotApplicable, "no assertion had to hold at a revision that was looked at", assertPromise)(v); status != finding.Pass {
		return status, why
	}
	said := map[string]bool{}
	for _, item := range v.items([]string{assertPromise}) {
		said[item.Revision] = true
	}
	return finding.Pass, "after " + v.extent(v.verdicts(func(r finding.Verdict) bool { return said[r.Label] }))
}

// waivers counts what is waived: without a reason nothing is.
func (v *review) waivers() (finding.Status, string) {
	var waived []string
	for _, run := range v.runs {
		for _, f := range run.All() {
			if f.Waived != "" && !slices.Contains(waived, f.Message) {
				waived = append(waived, f.Message)
			}
		}
	}
	if len(waived) == 0 {
		return finding.NotApplicable, "nothing is waived"
	}
	return finding.Pass, words.Plural(len(waived), "finding") + " waived, each with its reason"
}

// items are those of some promises, on all engines. A promise that begins with a
// space has the name of a table before it.
func (v *review) items(promises []string) (found []finding.Item) {
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
func promised(none finding.Status, reason string, promises ...string) func(*review) (finding.Status, string) {
	return func(v *review) (finding.Status, string) {
		items := v.items(promises)
		if len(items) == 0 {
			return none, reason
		}
		rank := []finding.Status{finding.NotApplicable, finding.Pass, finding.Waived, finding.NotRun, finding.Warns, finding.Fail}
		worst := slices.MaxFunc(items, func(a, b finding.Item) int { return slices.Index(rank, a.Status) - slices.Index(rank, b.Status) }).Status
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
func (v *review) pinned() (finding.Status, string) {
	status, evidence := promised(finding.NotRun, "without "+history.LockFile+" nothing is pinned: run handrail lock", publishedPromise)(v)
	if status == finding.Fail || status == finding.Warns || status == finding.Waived {
		return finding.Pass, "the baseline is as it was published, whatever became of others"
	}
	return status, evidence
}
