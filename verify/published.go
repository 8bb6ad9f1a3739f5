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
	"github.com/handrail-db/handrail/verify/internal/sqltext"
)

const publishedPromise = "published revisions are unchanged"

// publishedRules are about what is published, and what comes behind it.
var publishedRules = []finding.Rule{finding.Edited, finding.BaselineChanged, finding.NotLast}

// A publication is what was published, and who says so.
type publication struct {
	entries []history.LockEntry
	place   func(history.LockEntry) int // of a revision today, -1 where it is gone
	where   func(history.LockEntry) string
	at      func(history.LockEntry) (file string, line int)          // "": not known
	then    func(history.LockEntry, finding.Direction) *history.File // as it was; nil where only its checksum is known
	because func(label string) string                                // why a departure is accepted; "": it is not
}

// byLock is what the lock beside the revisions publishes.
func (c *Pass) byLock() publication {
	return publication{
		entries: c.history.Lock.Entries,
		place:   func(e history.LockEntry) int { return c.history.Index(e.Version) },
		where:   func(e history.LockEntry) string { return finding.Place(history.LockFile, e.Line) },
		at:      func(e history.LockEntry) (string, int) { return c.subject.Path(c.dialect, history.LockFile), e.Line },
		then:    func(history.LockEntry, finding.Direction) *history.File { return nil },
		because: func(string) string { return "" },
	}
}

// bySince is what an earlier state publishes.
func bySince(v *sinceView) publication {
	return publication{
		entries: v.published, place: v.place, because: v.accepted,
		where: func(history.LockEntry) string { return v.ref },
		at:    func(history.LockEntry) (string, int) { return "", 0 },
		then: func(e history.LockEntry, d finding.Direction) *history.File {
			return v.was.Revisions[v.was.Index(e.Version)].File(d)
		},
	}
}

// published compares the history with what is published. What both the lock and
// an earlier state say is said once.
func (c *Pass) published() []finding.Finding {
	var findings []finding.Finding
	if c.since != nil {
		findings = c.departures(bySince(c.since))
	}
	for _, f := range c.departures(c.byLock()) {
		if !slices.ContainsFunc(findings, f.SameMatter) {
			findings = append(findings, f)
		}
	}
	return findings
}

// departures are the findings about what is not as it was published.
func (c *Pass) departures(p publication) []finding.Finding {
	var findings []finding.Finding
	for _, d := range history.EditsSince(p.entries, c.history, p.place) {
		if c.subject.BelowFloor(d.Entry.Version) {
			continue
		}
		found := c.departed(d, p)
		for i := range found {
			found[i].Waived = p.because(d.Label())
		}
		findings = append(findings, found...)
	}
	return append(findings, c.notLast(p)...)
}

// departed are the findings about one published revision.
func (c *Pass) departed(d history.Edit, p publication) []finding.Finding {
	rule, what := finding.Edited, ""
	if d.Entry.Baseline {
		rule, what = finding.BaselineChanged, "the baseline "
	}
	var findings []finding.Finding
	add := func(r history.Revision, step finding.Direction, object finding.ObjectRef, format string, args ...any) *finding.Finding {
		f := c.finding(rule, r, step)
		f.Object, f.Hint = &object, hintDeparture(rule)
		f.Message = what + fmt.Sprintf(format, args...)
		findings = append(findings, f)
		return &findings[len(findings)-1]
	}
	was, where := d.Entry, p.where(d.Entry)
	if d.Now == nil {
		r := history.Revision{Version: was.Version, Name: was.Name, Digits: was.Digits}
		f := add(r, finding.Up, finding.ObjectRef{Kind: "revision", Name: was.String()}, "%s is published (%s) and its files are gone", was, where)
		f.File, f.Line = p.at(was)
		if i := slices.IndexFunc(c.history.Revisions, func(r history.Revision) bool { return r.Name == was.Name }); i >= 0 {
			f.Message += fmt.Sprintf("; %s has its name", c.history.Revisions[i])
		}
		return findings
	}
	r := *d.Now
	if d.Renamed {
		add(r, finding.Up, finding.ObjectRef{Kind: "revision", Name: r.String()}, "%s is published as %s (%s)", r, was, where)
	}
	for _, step := range d.Steps {
		c.edited(add(r, step, finding.ObjectRef{Kind: "file", Name: r.FileName(step)}, "%s", r), d, step, p)
	}
	return findings
}

// edited says what an edit of a published file did.
func (c *Pass) edited(f *finding.Finding, d history.Edit, step finding.Direction, p publication) {
	file, was, where := d.Now.File(step), d.Entry.Up, p.where(d.Entry)
	if step == finding.Down {
		was = d.Entry.Down
	}
	switch {
	case file == nil:
		f.Message += fmt.Sprintf(": its %s is published (%s) and is gone", step, where)
		return
	case was == history.NoSQL:
		f.Message += fmt.Sprintf(": it is published without a %s (%s) and has one now", step, where)
		return
	}
	f.Message += fmt.Sprintf(": its %s is not the one that is published (%s)", step, where)
	then := p.then(d.Entry, step)
	if then == nil {
		f.Want, f.Got = "checksum "+was, "checksum "+history.SQLSum(c.dialect, file)
		return
	}
	var line int
	f.Want, f.Got, line = firstDifference(c.dialect, then, file)
	f.File, f.Line = c.subject.Place(c.dialect, file, line)
}

// firstDifference is the first statement that two files do not share, and the line
// of it in the second.
func firstDifference(d dialect.Dialect, then, now *history.File) (want, got string, line int) {
	was, is := sqltext.ParseRaw(d, then.SQL), sqltext.ParseRaw(d, now.SQL)
	i := 0
	for i < min(len(was), len(is)) && was[i].Same(is[i]) {
		i++
	}
	// An added or a removed statement is one, and not a difference of all behind it.
	switch rest := len(is) - len(was); {
	case rest > 0 && sameStatements(was[i:], is[i+rest:]):
		return "", statementsText(is[i : i+rest]), is[i].Line
	case rest < 0 && sameStatements(was[i-rest:], is[i:]):
		if i < len(is) {
			line = is[i].Line
		}
		return statementsText(was[i : i-rest]), "", line
	}
	if i < len(was) {
		want = was[i].SQL
	}
	if i < len(is) {
		got, line = is[i].SQL, is[i].Line
	}
	return want, got, line
}

func sameStatements(a, b []sqltext.Raw) bool { return slices.EqualFunc(a, b, sqltext.Raw.Same) }

func statementsText(all []sqltext.Raw) string {
	var text []string
	for _, s := range all {
		text = append(text, s.SQL+";")
	}
	return strings.Join(text, "\n")
}

func hintDeparture(rule finding.Rule) string {
	if rule == finding.BaselineChanged {
		return "every new database begins with it, and the others have the old one: handrail squash --check OLD NEW proves that both give the same, and handrail lock --rewrite REASON publishes the new one"
	}
	return "a database that has it never runs the edit: take it back and write a new revision; or say why nobody has it: handrail lock --rewrite REASON, or [[allow]] in " + history.ConfigFile + "; a comment in the file waives nothing here"
}

// notLast are the new revisions that golang-migrate passes over where a published
// one is applied. Migrations in TOML or JSON get their place by the lock.
func (c *Pass) notLast(p publication) []finding.Finding {
	if c.history.TOMLJSON() || len(p.entries) == 0 {
		return nil
	}
	there := map[int64]bool{}
	for _, e := range p.entries {
		there[e.Version] = true
	}
	last := slices.MaxFunc(p.entries, func(a, b history.LockEntry) int { return cmp.Compare(a.Version, b.Version) })
	var findings []finding.Finding
	for _, r := range c.history.Revisions {
		if there[r.Version] || r.Version > last.Version || c.subject.BelowFloor(r.Version) {
			continue
		}
		f := c.finding(finding.NotLast, r, finding.Up)
		f.Object = &finding.ObjectRef{Kind: "revision", Name: r.String()}
		f.Message = fmt.Sprintf("%s is new and sorts before %s, which is published (%s): where that is applied golang-migrate never applies it, and a later down runs its down", r, last, p.where(last))
		f.Hint = fmt.Sprintf("give it a version above %d", last.Version)
		f.Waived = p.because(r.String())
		findings = append(findings, f)
	}
	return findings
}

// publishedItems are the lines of the checklist about what is published, and about
// what is new beside it.
func (c *Ledger) publishedItems() []finding.Item {
	items := []finding.Item{c.publishedItem()}
	if c.since != nil {
		items = append(items, finding.Item{Promise: "what is new or changed since " + c.since.ref + " is looked at", Status: finding.Pass, Evidence: c.since.counted()})
	}
	return items
}

func (c *Ledger) publishedItem() finding.Item {
	item := finding.Item{Promise: publishedPromise, Status: finding.Pass}
	var found []finding.Finding
	for _, f := range c.run.All() {
		if slices.Contains(publishedRules, f.Rule) {
			found = append(found, f)
		}
	}
	lock := c.history.Lock
	switch {
	case len(found) > 0:
		item.Status, item.Evidence = broken(found)
	case c.since != nil && len(c.since.published) > 0:
		item.Evidence = c.stillThere(len(c.since.published), c.since.published, c.since.ref)
	case c.since != nil:
		item.Status, item.Evidence = finding.NotApplicable, "none is in "+c.since.ref
	case lock.Text == nil:
		item.Status, item.Evidence = finding.NotRun, "no "+history.LockFile+": handrail lock makes one"
	case !lock.Summed():
		item.Status, item.Evidence = finding.NotRun, history.LockFile+" holds no checksums, which its format 1 had none of: handrail lock adds them"
	default:
		item.Evidence = c.stillThere(len(lock.Entries), lock.Entries, history.LockFile)
		if more := c.history.Unpublished(); len(more) > 0 {
			item.Evidence += fmt.Sprintf("; %s not in it yet, handrail lock adds it", words.Plural(len(more), "revision"))
		}
	}
	return item
}

// stillThere says how many revisions were compared with what is published.
func (c *Pass) stillThere(n int, entries []history.LockEntry, by string) string {
	below := 0
	for _, e := range entries {
		if c.subject.BelowFloor(e.Version) {
			below++
		}
	}
	text := words.Plural(n-below, "revision") + " as in " + by
	if below > 0 {
		text += fmt.Sprintf("; %d up to the floor not looked at", below)
	}
	return text
}
