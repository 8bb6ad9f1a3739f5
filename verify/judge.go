package verify

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/internal/words"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
	"github.com/handrail-db/handrail/verify/internal/walk"
	"github.com/handrail-db/handrail/verify/schema"
)

// judge looks at one stair and says what is not as it should be.
func (c *Ledger) judge(s walk.Stair) []finding.Finding {
	switch {
	case s.Blocked != "":
		return nil
	case !s.Up.OK():
		return append([]finding.Finding{c.upFailed(s)}, c.rowFindings(s)...)
	case s.Unjudged != "":
		return nil
	}
	findings := append(c.invalidIndexes(s), c.misnamed(s)...)
	switch {
	case s.Revision.Down == nil:
		findings = append(findings, c.noDown(s.Revision))
	case !s.Down.OK():
		findings = append(findings, c.downFailed(s))
	default:
		restored := c.restored(s)
		if s.Again.OK() {
			restored = append(restored, c.reup(s, restored)...)
		} else {
			restored = append(restored, c.reupFailed(s, saysOneWay(restored)))
		}
		findings = append(findings, restored...)
	}
	findings = append(append(findings, c.rowFindings(s)...), c.promiseFindings(s)...)
	findings = append(findings, c.policyFindings(s, findings)...)
	return append(findings, c.leaks(s)...)
}

// finding begins a finding about one step of a revision.
func (c *Pass) finding(rule finding.Rule, r history.Revision, d finding.Direction) finding.Finding {
	f := finding.Finding{
		Rule: rule, Severity: finding.Error, Engine: c.engine, Server: c.server.String(),
		Version: &r.Version, Name: r.Name, Direction: d,
	}
	if file := r.File(d); file != nil {
		f.File, f.Line = c.subject.Place(c.dialect, file, 0)
	}
	return f
}

func (c *Pass) noDown(r history.Revision) finding.Finding {
	f := c.finding(finding.NoDown, r, finding.Down)
	f.Severity = finding.Warning
	f.Message = fmt.Sprintf("%s has no way down: %s does not exist", r, r.DownName())
	f.Hint = "write it; golang-migrate takes a missing down file for success and lowers the version without doing anything"
	return f
}

func (c *Pass) failed(rule finding.Rule, s walk.Stair, d finding.Direction, l *walk.Landing, hint string) finding.Finding {
	f := c.finding(rule, s.Revision, d)
	file := s.Revision.File(d)
	if line := walk.ErrorLine(file, l.Err); file != nil && line > 0 {
		f.File, f.Line = c.subject.Place(c.dialect, file, line)
	}
	f.Message = fmt.Sprintf("%s: %s fails: %s", s.Revision, d, words.OneLine(engine.Cause(l.Err)))
	f.Hint = cmp.Or(c.cause(s.Revision, d, l.Err), hint)
	return f
}

// upFailed is an up that fails, with the half of it that stays.
func (c *Pass) upFailed(s walk.Stair) finding.Finding {
	f := c.failed(finding.UpFails, s, finding.Up, s.Up, "the revision cannot be applied; revisions behind it are not verified"+grantedHint(engine.Cause(s.Up.Err)))
	if len(s.Left) == 0 {
		return f
	}
	f.Message += fmt.Sprintf("; half of it stays: %s", words.Plural(len(s.Left), "change"))
	for _, change := range s.Left {
		want, got := change.Sides()
		f.Want, f.Got = joined(f.Want, want), joined(f.Got, got)
	}
	return f
}

// joined is two texts, one below the other.
func joined(a, b string) string { return strings.Trim(a+"\n"+b, "\n") }

func (c *Pass) downFailed(s walk.Stair) finding.Finding {
	if !s.Account.DownNeedsEmpty {
		return c.failed(finding.DownFails, s, finding.Down, s.Down, "make the down undo what the up did, in reverse order")
	}
	f := c.failed(finding.DownNeedsEmpty, s, finding.Down, s.Down, "let the down bring the rows into order first")
	f.Message = fmt.Sprintf("%s: down runs on empty tables and fails on the rows of the seeds: %s", s.Revision, words.OneLine(engine.Cause(s.Down.Err)))
	f.Rows = strings.Join(s.Account.Smallest, "\n")
	return f
}

// reupFailed is a second up that does not run. Where the only thing in its way
// is a label that no down can take out of an enum, or where its down says that
// there is no way back, that is a warning.
func (c *Pass) reupFailed(s walk.Stair, oneWay bool) finding.Finding {
	left := tolerate(schema.Roots(schema.Compare(s.Before, s.Down.Snapshot)), c.namesBack(s.Revision))
	f := c.failed(finding.ReupFails, s, finding.Again, s.Again, inTheWay(left))
	if oneWay {
		f.Severity = finding.Warning
		f.Hint = "the down says that there is no way back, and golang-migrate lowers the version all the same: make the up run where it has run already"
		return f
	}
	label := func(t tolerated) bool { return strings.Contains(t.why, whyEnumLabel) }
	if len(defects(left)) == 0 && slices.ContainsFunc(left, label) && engine.SQLState(engine.Cause(s.Again.Err)) == "42710" {
		f.Severity = finding.Warning
		f.Hint = "write ADD VALUE IF NOT EXISTS: Postgres cannot remove a label from an enum, so the second up finds it there"
	}
	return f
}

// inTheWay is what to do about a second up that fails, by what the down left and
// what it did not bring back.
func inTheWay(changes []tolerated) string {
	var missing []string
	left := false
	for _, change := range changes {
		if change.Got == nil {
			missing = append(missing, change.Object().String())
		} else {
			left = true
		}
	}
	needs := "the second up needs what the down does not bring back: " + strings.Join(missing, ", ")
	switch {
	case len(missing) > 0 && left:
		return "what the down left is in the way of the second up, or " + needs
	case len(missing) > 0:
		return needs
	case left:
		return "what the down left is in the way of the second up"
	}
	return "the catalogue is as it was before the up: see what the down leaves in the rows, in the session, or outside of the database"
}

// restored compares the catalogue after the down with the one before the up.
func (c *Pass) restored(s walk.Stair) []finding.Finding {
	changes := tolerate(schema.Roots(schema.Compare(s.Before, s.Down.Snapshot)), c.namesBack(s.Revision))
	if f, ok := c.emptyDown(s, changes); ok {
		return []finding.Finding{f}
	}
	shown := shownAgain(s)
	missed := missedDrops(c.dialect, s)
	var findings []finding.Finding
	for _, change := range changes {
		f := c.finding(finding.Changed, s.Revision, finding.Down)
		f.Masked = s.Again.OK() && !shown[refOf(change.Object())]
		f.Message = fmt.Sprintf("%s: down brings %s back different", s.Revision, change.Object())
		f.Hint = "restore it in " + f.File + " exactly as it was before the up"
		switch {
		case unnamed(change.Object()):
		case change.Want == nil:
			f.Rule = finding.Residue
			f.Message = fmt.Sprintf("%s: down leaves %s behind", s.Revision, change.Object())
			f.Hint = "drop it in " + f.File
			if miss, ok := missed.nearest(change.Object()); ok {
				f.Message += ": " + miss.text
				f.File, f.Line = c.subject.Place(c.dialect, s.Revision.Down, miss.line)
			}
		case change.Got == nil:
			f.Rule = finding.Loss
			f.Message = fmt.Sprintf("%s: down does not bring %s back", s.Revision, change.Object())
			f.Hint = "create it again in " + f.File
		}
		if again := c.lostByUp(s, change.Change); again != "" {
			f.Hint = again
		}
		soften(&f, change)
		findings = append(findings, aboutChange(f, change.Change))
	}
	return findings
}

// shownAgain are the objects that the second up leaves otherwise than the first:
// it does not hide them.
func shownAgain(s walk.Stair) map[finding.ObjectRef]bool {
	shown := map[finding.ObjectRef]bool{}
	if s.Again.OK() {
		for _, c := range schema.Roots(schema.Compare(s.Up.Snapshot, s.Again.Snapshot)) {
			shown[refOf(c.Object())] = true
		}
	}
	return shown
}

// unnamed reports whether an object is there only while it has something to
// say: nobody creates or drops it, it changes.
func unnamed(o schema.Object) bool {
	return o.Kind == "database" || o.Kind == "parameter" || o.Kind == "privileges" || o.Kind == "default privileges"
}

// reup compares the catalogue after the second up with that after the first.
// What differs in an object that the down did not restore is folded into the
// finding about that, which the second up does not hide then.
func (c *Pass) reup(s walk.Stair, restored []finding.Finding) []finding.Finding {
	said := map[finding.ObjectRef]*finding.Finding{}
	for i, f := range restored {
		if f.Object != nil {
			said[*f.Object] = &restored[i]
		}
	}
	var findings []finding.Finding
	for _, change := range tolerate(schema.Roots(schema.Compare(s.Up.Snapshot, s.Again.Snapshot)), c.namesAgain(s.Revision)) {
		f := c.finding(finding.ReupDiffers, s.Revision, finding.Again)
		how := "differs after the second up"
		switch {
		case unnamed(change.Object()):
		case change.Want == nil:
			how = "is there after the second up and was not after the first"
		case change.Got == nil:
			how = "is missing after the second up"
		}
		f.Message = fmt.Sprintf("%s: %s %s", s.Revision, change.Object(), how)
		f.Hint = "the down must leave what the up found"
		soften(&f, change)
		f = aboutChange(f, change.Change)
		if first := said[*f.Object]; first == nil {
			findings = append(findings, f)
		} else if change.why == "" {
			first.Folded, first.Masked = append(first.Folded, f), false
		}
	}
	return findings
}

// invalidIndexes are those that the up left half built.
func (c *Pass) invalidIndexes(s walk.Stair) []finding.Finding {
	if c.dialect != dialect.Postgres {
		return nil
	}
	var findings []finding.Finding
	for _, change := range schema.Compare(s.Before, s.Up.Snapshot) {
		o := change.Object()
		if change.Got == nil || o.Kind != "index" || o.Prop("valid") != "no" || partitioned(s.Up.Snapshot, o) {
			continue
		}
		f := c.finding(finding.InvalidIndex, s.Revision, finding.Up)
		f.Object = &finding.ObjectRef{Kind: o.Kind, Name: o.Name}
		f.Message = fmt.Sprintf("%s: up leaves %s invalid: no query uses it, and every write pays for it", s.Revision, o)
		f.Hint = "CREATE INDEX CONCURRENTLY that fails leaves its index behind: drop it and create it again"
		findings = append(findings, f)
	}
	return findings
}

// partitioned reports whether an index belongs to a partitioned table: it is
// invalid until each partition has its part, by design.
func partitioned(s schema.Snapshot, index schema.Object) bool {
	table, ok := s.Table(index.Parent)
	return ok && table.Prop("partition key") != ""
}

// leaks are what the steps of a stair left in their session. The second up
// leaves what the first did, and that is said once.
func (c *Pass) leaks(s walk.Stair) []finding.Finding {
	var findings []finding.Finding
	first := ""
	for _, l := range []struct {
		direction finding.Direction
		landing   *walk.Landing
	}{{finding.Up, s.Up}, {finding.Down, s.Down}, {finding.Again, s.Again}} {
		if l.landing == nil || len(l.landing.Leaks) == 0 {
			continue
		}
		what := strings.Join(l.landing.Leaks, "; ")
		if l.direction == finding.Up {
			first = what
		}
		if l.direction == finding.Again && what == first {
			continue
		}
		f := c.finding(finding.SessionLeak, s.Revision, l.direction)
		f.Severity = finding.Warning
		f.Message = fmt.Sprintf("%s: %s leaves in its session, where the revisions that golang-migrate runs next meet it: %s", s.Revision, l.direction, what)
		f.Hint = "use SET LOCAL, or RESET at the end of the file; drop temporary objects and release locks"
		if c.dialect == dialect.SQLite {
			f.Hint = "set the pragma back at the end of the file; drop temporary objects"
		}
		findings = append(findings, f)
	}
	return findings
}

// broke says which revision a way of many steps broke at, where the version
// table tells: golang-migrate writes the version that a step leads to, dirty,
// before it runs the file.
func (c *Pass) broke(f *finding.Finding, at engine.State, to string) {
	i, d := c.history.Index(at.Version), finding.Up
	if to == "base" {
		i, d = i+1, finding.Down // base itself has no place: -1
	}
	if !at.Dirty || i < 0 || i >= len(c.history.Revisions) {
		return
	}
	r := c.history.Revisions[i]
	begin := c.finding(finding.RoundTrip, r, d)
	f.File, f.Line, f.Direction = begin.File, begin.Line, d
	f.Message = fmt.Sprintf("%s: %s fails: ", r, d)
}

// roundFindings judges the way from head to base and up again.
func (c *Pass) roundFindings(r walk.Round) []finding.Finding {
	if r.Skipped != "" {
		return nil
	}
	legs := []struct {
		landing *walk.Landing
		want    schema.Snapshot
		to      string
	}{{r.Base, r.Empty, "base"}, {r.Head, r.Full, "head"}}
	var findings []finding.Finding
	for _, leg := range legs {
		if leg.landing == nil {
			break
		}
		begin := finding.Finding{Rule: finding.RoundTrip, Severity: finding.Error, Engine: c.engine, Server: c.server.String()}
		if !leg.landing.OK() {
			c.broke(&begin, leg.landing.State, leg.to)
			begin.Message = fmt.Sprintf("on the way to %s all at once: %s%s", leg.to, begin.Message, words.OneLine(engine.Cause(leg.landing.Err)))
			begin.Hint = "it runs by itself: see what the steps before it leave in the session or in the rows"
			return append(findings, begin)
		}
		for _, change := range tolerate(schema.Roots(schema.Compare(leg.want, leg.landing.Snapshot)), c.namesRound()) {
			f := aboutChange(begin, change.Change)
			f.Message = fmt.Sprintf("at %s after all revisions at once: %s is not as it was", leg.to, change.Object())
			soften(&f, change)
			findings = append(findings, f)
		}
	}
	return findings
}
