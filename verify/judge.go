package verify

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/schema"
)

// judge looks at one stair and says what is not as it should be.
func (c *course) judge(s Stair) []Finding {
	switch {
	case s.Blocked != "":
		return nil
	case !s.Up.ok():
		return append([]Finding{c.upFailed(s)}, c.rowFindings(s)...)
	case s.Unjudged != "":
		return nil
	}
	findings := append(c.invalidIndexes(s), c.misnamed(s)...)
	switch {
	case s.Revision.Down == nil:
		findings = append(findings, c.noDown(s.Revision))
	case !s.Down.ok():
		findings = append(findings, c.downFailed(s))
	default:
		restored := c.restored(s)
		findings = append(findings, restored...)
		if s.Again.ok() {
			findings = append(findings, c.reup(s, restored)...)
		} else {
			findings = append(findings, c.reupFailed(s, saysOneWay(restored)))
		}
	}
	findings = append(append(findings, c.rowFindings(s)...), c.promiseFindings(s)...)
	findings = append(findings, c.policyFindings(s, findings)...)
	return append(findings, c.leaks(s)...)
}

// finding begins a finding about one step of a revision.
func (c *course) finding(rule Rule, r Revision, d Direction) Finding {
	f := Finding{
		Rule: rule, Severity: Error, Engine: c.engine, Server: c.server.String(),
		Version: r.Version, Name: r.Name, Direction: d,
	}
	if file := r.file(d); file != nil {
		f.File, f.Line = c.subject.at(c.dialect, file, 0)
	}
	return f
}

func (c *course) noDown(r Revision) Finding {
	f := c.finding(NoDown, r, Down)
	f.Severity = Warning
	f.Message = fmt.Sprintf("%s has no way down: %s does not exist", r, r.downName())
	f.Hint = "write it; golang-migrate takes a missing down file for success and lowers the version without doing anything"
	return f
}

func (c *course) failed(rule Rule, s Stair, d Direction, l *Landing, hint string) Finding {
	f := c.finding(rule, s.Revision, d)
	file := s.Revision.file(d)
	if line := errorLine(file, l.Err); file != nil && line > 0 {
		f.File, f.Line = c.subject.at(c.dialect, file, line)
	}
	f.Message = fmt.Sprintf("%s: %s fails: %s", s.Revision, d, oneLine(driverError(l.Err)))
	f.Hint = cmp.Or(c.cause(s.Revision, d, l.Err), hint)
	return f
}

// cause is the remedy where an error says more than that the SQL is wrong, ""
// where it does not.
func (c *course) cause(r Revision, d Direction, err error) string {
	state, runner := sqlState(driverError(err)), c.subject.Runner
	switch {
	case errors.Is(err, errTooLong):
		return "a statement of this file hangs: it waits for a lock or for something outside, or works without end"
	case state == "57014" && runner.StatementTimeout > 0:
		return fmt.Sprintf("a statement takes longer than the runner's statement_timeout of %s", runner.StatementTimeout)
	case lostConnection(driverError(err)):
		return "the file ends its own connection, and golang-migrate's with it: leave that out"
	case state == "25001":
		return "golang-migrate sends a file as one, which is one transaction: give this statement a file of its own, or run with x-multi-statement"
	case state == "42601" && runner.MultiStatement:
		return "x-multi-statement splits a file at each semicolon, those in a body too: run without it, or see whether a statement is cut"
	case c.dialect == SQLite && !runner.NoTxWrap && ownTransaction(r.file(d)):
		return "golang-migrate has a transaction around the file already: leave out BEGIN and COMMIT, or run with x-no-tx-wrap"
	case strings.Contains(driverError(err).Error(), newVersionTable(c.dialect, runner).name):
		return "golang-migrate writes its version table after each step: leave it there, and the right to write it"
	}
	return ""
}

// ownTransaction reports whether a file for SQLite has statements that do not
// go inside a transaction.
func ownTransaction(f *File) bool {
	return f != nil && slices.ContainsFunc(parseScript(SQLite, f.SQL).statements, func(s statement) bool {
		return s.begins("begin") || s.begins("commit") || s.begins("end") || s.begins("vacuum")
	})
}

// saysOneWay reports whether the down is one that says itself that there is
// none.
func saysOneWay(restored []Finding) bool {
	return len(restored) == 1 && restored[0].Rule == EmptyDown && restored[0].Severity == Note
}

// upFailed is an up that fails, with the half of it that stays.
func (c *course) upFailed(s Stair) Finding {
	f := c.failed(UpFails, s, Up, s.Up, "the revision cannot be applied; revisions behind it are not verified"+grantedHint(driverError(s.Up.Err)))
	if len(s.Left) == 0 {
		return f
	}
	f.Message += fmt.Sprintf("; half of it stays: %s", plural(len(s.Left), "change"))
	for _, change := range s.Left {
		want, got := change.Sides()
		f.Want, f.Got = joined(f.Want, want), joined(f.Got, got)
	}
	return f
}

// joined is two texts, one below the other.
func joined(a, b string) string { return strings.Trim(a+"\n"+b, "\n") }

func (c *course) downFailed(s Stair) Finding {
	if !s.Account.DownNeedsEmpty {
		return c.failed(DownFails, s, Down, s.Down, "make the down undo what the up did, in reverse order")
	}
	f := c.failed(DownNeedsEmpty, s, Down, s.Down, "let the down bring the rows into order first")
	f.Message = fmt.Sprintf("%s: down runs on empty tables and fails on the rows of the seeds: %s", s.Revision, oneLine(driverError(s.Down.Err)))
	f.Rows = strings.Join(s.Account.Smallest, "\n")
	return f
}

// reupFailed is a second up that does not run. Where the only thing in its way
// is a label that no down can take out of an enum, or where its down says that
// there is no way back, that is a warning.
func (c *course) reupFailed(s Stair, oneWay bool) Finding {
	f := c.failed(ReupFails, s, Again, s.Again, "what the down left is in the way of the second up")
	if oneWay {
		f.Severity = Warning
		f.Hint = "the down says that there is no way back, and golang-migrate lowers the version all the same: make the up run where it has run already"
		return f
	}
	left := tolerate(schema.Roots(schema.Compare(s.Before, s.Down.Snapshot)))
	onlyLabels := len(left) > 0
	for _, t := range left {
		onlyLabels = onlyLabels && t.why == whyEnumLabel
	}
	if onlyLabels && sqlState(driverError(s.Again.Err)) == "42710" {
		f.Severity = Warning
		f.Hint = "write ADD VALUE IF NOT EXISTS: Postgres cannot remove a label from an enum, so the second up finds it there"
	}
	return f
}

// oneLine is the message of the database on one line.
func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }

// restored compares the catalogue after the down with the one before the up.
func (c *course) restored(s Stair) []Finding {
	changes := tolerate(schema.Roots(schema.Compare(s.Before, s.Down.Snapshot)))
	if f, ok := c.emptyDown(s, changes); ok {
		return []Finding{f}
	}
	masked := s.Again.ok()
	missed := missedDrops(c.dialect, s)
	var findings []Finding
	for _, change := range changes {
		f := c.finding(Changed, s.Revision, Down)
		f.Masked = masked
		f.Message = fmt.Sprintf("%s: down brings %s back different", s.Revision, change.Object())
		f.Hint = "restore it in " + f.File + " exactly as it was before the up"
		switch {
		case unnamed(change.Object()):
		case change.Want == nil:
			f.Rule = Residue
			f.Message = fmt.Sprintf("%s: down leaves %s behind", s.Revision, change.Object())
			f.Hint = "drop it in " + f.File
			if miss, ok := missed.nearest(change.Object()); ok {
				f.Message += ": " + miss.text
				f.File, f.Line = c.subject.at(c.dialect, s.Revision.Down, miss.line)
			}
		case change.Got == nil:
			f.Rule = Loss
			f.Message = fmt.Sprintf("%s: down does not bring %s back", s.Revision, change.Object())
			f.Hint = "create it again in " + f.File
		}
		f.soften(change.why)
		findings = append(findings, f.about(change.Change))
	}
	return findings
}

// unnamed reports whether an object is there only while it has something to
// say: nobody creates or drops it, it changes.
func unnamed(o schema.Object) bool {
	return o.Kind == "database" || o.Kind == "parameter" || o.Kind == "privileges" || o.Kind == "default privileges"
}

// soften makes a note of a difference that is no defect.
func (f *Finding) soften(why string) {
	if why != "" {
		f.Severity, f.Masked, f.Hint = Note, false, ""
		f.Message += " (" + why + ")"
	}
}

// emptyDown is one finding in place of many where the down file holds no SQL.
// A file that says in a comment that there is no way back is believed.
func (c *course) emptyDown(s Stair, changes []tolerated) (Finding, bool) {
	script := parseScript(c.dialect, s.Revision.Down.SQL)
	if len(script.statements) > 0 || len(defects(changes)) == 0 {
		return Finding{}, false
	}
	f := c.finding(EmptyDown, s.Revision, Down)
	var what []string
	for _, change := range changes {
		what = append(what, change.Object().String())
	}
	f.Got = strings.Join(what, "\n")
	f.Message = fmt.Sprintf("%s: the down file holds no SQL, and the up changes %s", s.Revision, plural(len(changes), "object"))
	f.Hint = "write the down, or say in the file that there is none: -- handrail:allow empty-down because …"
	if note, ok := declaredOneWay(script.comments); ok {
		f.Severity, f.Hint = Note, ""
		f.Message += fmt.Sprintf("; it says so itself: %q", note)
	}
	return f, true
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// reup compares the catalogue after the second up with that after the first.
// What the down did not restore is said already.
func (c *course) reup(s Stair, restored []Finding) []Finding {
	said := map[ObjectRef]bool{}
	for _, f := range restored {
		if f.Object != nil {
			said[*f.Object] = true
		}
	}
	var findings []Finding
	for _, change := range tolerate(schema.Roots(schema.Compare(s.Up.Snapshot, s.Again.Snapshot))) {
		f := c.finding(ReupDiffers, s.Revision, Again)
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
		f.soften(change.why)
		if f = f.about(change.Change); !said[*f.Object] {
			findings = append(findings, f)
		}
	}
	return findings
}

// invalidIndexes are those that the up left half built.
func (c *course) invalidIndexes(s Stair) []Finding {
	if c.dialect != Postgres {
		return nil
	}
	var findings []Finding
	for _, change := range schema.Compare(s.Before, s.Up.Snapshot) {
		o := change.Object()
		if change.Got == nil || o.Kind != "index" || o.Prop("valid") != "no" || partitioned(s.Up.Snapshot, o) {
			continue
		}
		f := c.finding(InvalidIndex, s.Revision, Up)
		f.Object = &ObjectRef{o.Kind, o.Name}
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
func (c *course) leaks(s Stair) []Finding {
	var findings []Finding
	first := ""
	for _, l := range []struct {
		direction Direction
		landing   *Landing
	}{{Up, s.Up}, {Down, s.Down}, {Again, s.Again}} {
		if l.landing == nil || len(l.landing.Leaks) == 0 {
			continue
		}
		what := strings.Join(l.landing.Leaks, "; ")
		if l.direction == Up {
			first = what
		}
		if l.direction == Again && what == first {
			continue
		}
		f := c.finding(SessionLeak, s.Revision, l.direction)
		f.Severity = Warning
		f.Message = fmt.Sprintf("%s: %s leaves in its session, where the revisions that golang-migrate runs next meet it: %s", s.Revision, l.direction, what)
		f.Hint = "use SET LOCAL, or RESET at the end of the file; drop temporary objects and release locks"
		if c.dialect == SQLite {
			f.Hint = "set the pragma back at the end of the file; drop temporary objects"
		}
		findings = append(findings, f)
	}
	return findings
}

// broke says which revision a way of many steps broke at, where the version
// table tells: golang-migrate writes the version that a step leads to, dirty,
// before it runs the file.
func (c *course) broke(f *Finding, at State, to string) {
	i, d := c.history.Index(at.Version), Up
	if to == "base" {
		i, d = i+1, Down // base itself has no place: -1
	}
	if !at.Dirty || i < 0 || i >= len(c.history.Revisions) {
		return
	}
	r := c.history.Revisions[i]
	begin := c.finding(RoundTrip, r, d)
	f.File, f.Line, f.Direction = begin.File, begin.Line, d
	f.Message = fmt.Sprintf("%s: %s fails: ", r, d)
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
			c.broke(&begin, leg.landing.State, leg.to)
			begin.Message = fmt.Sprintf("on the way to %s all at once: %s%s", leg.to, begin.Message, oneLine(driverError(leg.landing.Err)))
			begin.Hint = "it runs by itself: see what the steps before it leave in the session or in the rows"
			return append(findings, begin)
		}
		for _, change := range tolerate(schema.Roots(schema.Compare(leg.want, leg.landing.Snapshot))) {
			f := begin.about(change.Change)
			f.Message = fmt.Sprintf("at %s after all revisions at once: %s is not as it was", leg.to, change.Object())
			f.soften(change.why)
			findings = append(findings, f)
		}
	}
	return findings
}
