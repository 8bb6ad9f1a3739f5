package verify

import (
	"fmt"
	"strings"

	"github.com/handrail-db/handrail/verify/schema"
)

// judge looks at one stair and says what is not as it should be.
func (c *course) judge(s Stair) []Finding {
	switch {
	case s.Blocked != "":
		return nil
	case !s.Up.ok():
		return []Finding{c.failed(UpFails, s, Up, s.Up, "the revision cannot be applied; revisions behind it are not verified")}
	case s.Revision.Down == nil:
		f := c.finding(NoDown, s.Revision, Down)
		f.Severity = Warning
		f.Message = fmt.Sprintf("%s has no way down: %s does not exist", s.Revision, s.Revision.downName())
		f.Hint = "write it; golang-migrate takes a missing down file for success and lowers the version without doing anything"
		return []Finding{f}
	case !s.Down.ok():
		return []Finding{c.failed(DownFails, s, Down, s.Down, "make the down undo what the up did, in reverse order")}
	}
	findings := c.restored(s)
	switch {
	case !s.Again.ok():
		findings = append(findings, c.failed(ReupFails, s, Again, s.Again, "what the down left is in the way of the second up"))
	default:
		findings = append(findings, c.reup(s)...)
	}
	return findings
}

// finding begins a finding about one step of a revision.
func (c *course) finding(rule Rule, r Revision, d Direction) Finding {
	f := Finding{
		Rule: rule, Severity: Error, Engine: c.engine, Server: c.server.String(),
		Version: r.Version, Name: r.Name, Direction: d,
	}
	file := r.Up
	if d == Down {
		file = r.Down
	}
	if file != nil {
		f.File = c.subject.file(c.dialect, file.Name)
	}
	return f
}

func (c *course) failed(rule Rule, s Stair, d Direction, l *Landing, hint string) Finding {
	f := c.finding(rule, s.Revision, d)
	cause := driverError(l.Err)
	f.Line = errorLine(l.Err)
	f.Message = fmt.Sprintf("%s: %s fails: %s", s.Revision, d, oneLine(cause))
	f.Hint = hint
	return f
}

// oneLine is the message of the database on one line.
func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }

// restored compares the catalogue after the down with the one before the up.
func (c *course) restored(s Stair) []Finding {
	var findings []Finding
	for _, change := range schema.Roots(schema.Compare(s.Before, s.Down.Snapshot)) {
		f := c.finding(Changed, s.Revision, Down)
		what := fmt.Sprintf("%s: down brings %s back different", s.Revision, change.Object())
		f.Hint = "restore it in " + f.File + " exactly as it was before the up"
		switch {
		case change.Want == nil:
			f.Rule = Residue
			what = fmt.Sprintf("%s: down leaves %s behind", s.Revision, change.Object())
			f.Hint = "drop it in " + f.File
		case change.Got == nil:
			f.Rule = Loss
			what = fmt.Sprintf("%s: down does not bring %s back", s.Revision, change.Object())
			f.Hint = "create it again in " + f.File
		}
		f.Message = what
		findings = append(findings, f.about(change))
	}
	return findings
}

// reup compares the catalogue after the second up with that after the first.
func (c *course) reup(s Stair) []Finding {
	var findings []Finding
	for _, change := range schema.Roots(schema.Compare(s.Up.Snapshot, s.Again.Snapshot)) {
		f := c.finding(ReupDiffers, s.Revision, Again)
		how := "differs after the second up"
		switch {
		case change.Want == nil:
			how = "is there after the second up and was not after the first"
		case change.Got == nil:
			how = "is missing after the second up"
		}
		f.Message = fmt.Sprintf("%s: %s %s", s.Revision, change.Object(), how)
		f.Hint = "the down must leave what the up found"
		findings = append(findings, f.about(change))
	}
	return findings
}

// roundFindings judges the way from head to base and up again.
func (c *course) roundFindings(r Round) []Finding {
	if r.Skipped != "" {
		return nil
	}
	legs := []struct {
		landing *Landing
		want    schema.Snapshot
		to      string
	}{{r.Base, r.Empty, "base"}, {r.Head, r.Full, "head"}}
	var findings []Finding
	for _, leg := range legs {
		if leg.landing == nil {
			break
		}
		begin := Finding{Rule: RoundTrip, Severity: Error, Engine: c.engine, Server: c.server.String()}
		if !leg.landing.ok() {
			begin.Message = fmt.Sprintf("on the way to %s all at once: %s", leg.to, oneLine(driverError(leg.landing.Err)))
			return append(findings, begin)
		}
		for _, change := range schema.Roots(schema.Compare(leg.want, leg.landing.Snapshot)) {
			f := begin.about(change)
			f.Message = fmt.Sprintf("at %s after all revisions at once: %s is not as it was", leg.to, change.Object())
			findings = append(findings, f)
		}
	}
	return findings
}
