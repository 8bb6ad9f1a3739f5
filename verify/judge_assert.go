package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/internal/words"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
	"github.com/handrail-db/handrail/verify/internal/walk"
)

// promiseFindings judges what the assertions said at one stair. An assertion that
// did not hold at the stair before is reported there.
func (c *Ledger) promiseFindings(s walk.Stair) []finding.Finding {
	if c.broken == nil {
		c.broken = map[*history.File]bool{}
	}
	var findings []finding.Finding
	p := s.Promises
	for _, step := range []struct {
		direction finding.Direction
		broken    []walk.BrokenPromise
	}{{finding.Up, p.Up}, {finding.Down, p.Down}, {finding.Again, p.Again}} {
		for _, b := range step.broken {
			if key := b.Assertion.File; !c.broken[key] {
				c.broken[key] = true
				findings = append(findings, c.brokenPromise(s, step.direction, b, p))
			}
		}
	}
	for _, b := range p.Empty {
		if key := b.Assertion.File; !c.broken[key] {
			c.broken[key] = true
			f := c.brokenPromise(s, finding.Up, b, walk.Promises{})
			f.Message += " (on empty tables; it holds on the rows of the seeds)"
			findings = append(findings, f)
		}
	}
	begin := func() finding.Finding {
		f := c.finding(finding.AssertionResidue, s.Revision, finding.Up)
		f.File, f.Line = c.subject.Place(c.dialect, s.Revision.Asserts[0], 0)
		f.Hint = "an assertion must change nothing that a rollback does not take back"
		return f
	}
	if len(s.Revision.Asserts) == 0 {
		return findings
	}
	for _, change := range p.Residue {
		f := aboutChange(begin(), change)
		f.Message = fmt.Sprintf("%s: its assertions change %s in spite of the rollback", s.Revision, change.Object())
		findings = append(findings, f)
	}
	for _, d := range p.ResidueRows {
		f := begin()
		f.Object = &finding.ObjectRef{Kind: "table", Name: d.Table.Name}
		f.Message = fmt.Sprintf("%s: its assertions change rows of %s in spite of the rollback", s.Revision, d.Table.Name)
		f.Want, f.Got = rowSides(d)
		findings = append(findings, f)
	}
	return findings
}

func (c *Pass) brokenPromise(s walk.Stair, d finding.Direction, b walk.BrokenPromise, p walk.Promises) finding.Finding {
	f := c.finding(finding.AssertionFailed, s.Revision, d)
	f.File, f.Line = c.subject.Place(c.dialect, b.Assertion.File, b.Line)
	f.Got, f.Statement = b.Rows, b.Statement
	f.Hint = "mend the revision"
	what := "its assertion does not hold"
	if of := b.Assertion.Revision; of.Version != s.Revision.Version {
		what = fmt.Sprintf("the promise of %s does not hold any more", of)
		f.Hint = fmt.Sprintf("mend the revision, or retire the assertion: -- handrail:until %s", s.Revision.Ref())
	}
	if b.Late {
		f.Hint = history.LateHint
	}
	when := ""
	if d != finding.Up {
		when = "after the " + string(d) + " "
	}
	f.Message = fmt.Sprintf("%s: %s%s: %s", s.Revision, when, what, b.Why)
	same := func(e walk.BrokenPromise) bool { return e.Assertion.File == b.Assertion.File }
	if d == finding.Up && p.Twice && !slices.ContainsFunc(p.Empty, same) {
		f.Rule, f.Severity = finding.AssertionDependsOnData, finding.Warning
		f.Message += " (on the rows of the seeds; it holds on empty tables)"
		f.Hint = "an assertion that brings rows of its own holds in every database; or the rows are wrong"
	}
	return f
}

// promiseItems are the lines about assertions in the checklist of a revision.
func promiseItems(s walk.Stair, findings []finding.Finding) []finding.Item {
	if s.Promises.Made == 0 {
		return nil
	}
	item := finding.Item{Revision: s.Revision.String(), Promise: assertPromise, Status: finding.Pass, Evidence: words.Plural(s.Promises.Made, "assertion")}
	switch status, said := fate(findings, promiseRules[assertPromise]); {
	case status != "":
		item.Status, item.Evidence = status, said
	case len(s.Promises.Up) > 0:
		item.Status, item.Evidence = finding.Fail, "broken by an earlier revision: "+strings.TrimSpace(s.Promises.Up[0].Why)
	}
	return []finding.Item{item}
}
