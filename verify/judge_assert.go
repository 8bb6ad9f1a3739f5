package verify

import (
	"fmt"
	"slices"
	"strings"
)

// promiseFindings judges what the assertions said at one stair. An assertion that
// did not hold at the stair before is reported there.
func (c *course) promiseFindings(s Stair) []Finding {
	if c.broken == nil {
		c.broken = map[*File]bool{}
	}
	var findings []Finding
	p := s.Promises
	for _, step := range []struct {
		direction Direction
		broken    []BrokenPromise
	}{{Up, p.Up}, {Down, p.Down}, {Again, p.Again}} {
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
			f := c.brokenPromise(s, Up, b, Promises{})
			f.Message += " (on empty tables; it holds on the rows of the seeds)"
			findings = append(findings, f)
		}
	}
	begin := func() Finding {
		f := c.finding(AssertionResidue, s.Revision, Up)
		f.File, f.Line = c.subject.at(c.dialect, s.Revision.Asserts[0], 0)
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
		f.Object = &ObjectRef{"table", d.Table.Name}
		f.Message = fmt.Sprintf("%s: its assertions change rows of %s in spite of the rollback", s.Revision, d.Table.Name)
		f.Want, f.Got = rowSides(d)
		findings = append(findings, f)
	}
	return findings
}

func (c *course) brokenPromise(s Stair, d Direction, b BrokenPromise, p Promises) Finding {
	f := c.finding(AssertionFailed, s.Revision, d)
	f.File, f.Line = c.subject.at(c.dialect, b.Assertion.File, b.Line)
	f.Got, f.Statement = b.Rows, b.Statement
	f.Hint = "mend the revision"
	what := "its assertion does not hold"
	if of := b.Assertion.Revision; of.Version != s.Revision.Version {
		what = fmt.Sprintf("the promise of %s does not hold any more", of)
		f.Hint = fmt.Sprintf("mend the revision, or retire the assertion: -- handrail:until %s", s.Revision.ref())
	}
	if b.Late {
		f.Hint = lateHint
	}
	when := ""
	if d != Up {
		when = "after the " + string(d) + " "
	}
	f.Message = fmt.Sprintf("%s: %s%s: %s", s.Revision, when, what, b.Why)
	same := func(e BrokenPromise) bool { return e.Assertion.File == b.Assertion.File }
	if d == Up && p.Twice && !slices.ContainsFunc(p.Empty, same) {
		f.Rule, f.Severity = AssertionDependsOnData, Warning
		f.Message += " (on the rows of the seeds; it holds on empty tables)"
		f.Hint = "an assertion that brings rows of its own holds in every database; or the rows are wrong"
	}
	return f
}

// promiseItems are the lines about assertions in the checklist of a revision.
func promiseItems(s Stair, findings []Finding) []Item {
	if s.Promises.Made == 0 {
		return nil
	}
	item := Item{Revision: s.Revision.String(), Promise: assertPromise, Status: Pass, Evidence: plural(s.Promises.Made, "assertion")}
	switch status, said := fate(findings, promiseRules[assertPromise]); {
	case status != "":
		item.Status, item.Evidence = status, said
	case len(s.Promises.Up) > 0:
		item.Status, item.Evidence = Fail, "broken by an earlier revision: "+strings.TrimSpace(s.Promises.Up[0].Why)
	}
	return []Item{item}
}
