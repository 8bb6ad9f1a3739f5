package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/internal/words"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/internal/walk"
	"github.com/handrail-db/handrail/verify/rows"
	"github.com/handrail-db/handrail/verify/schema"
)

// rowFindings judges what became of the rows at one stair.
func (c *Pass) rowFindings(s walk.Stair) []finding.Finding {
	j := &rowJudge{Pass: c, stair: s, said: map[string]bool{}}
	var findings []finding.Finding
	if s.NeedsEmpty != nil {
		f := c.failed(finding.UpNeedsEmpty, s, finding.Up, s.NeedsEmpty, "bring the rows into order first, in this file or in an earlier revision")
		f.Message = fmt.Sprintf("%s: up runs on empty tables and fails on the rows of the seeds: %s", s.Revision, words.OneLine(engine.Cause(s.NeedsEmpty.Err)))
		f.Rows = strings.Join(s.Account.Smallest, "\n")
		findings = append(findings, f)
	}
	if !s.Up.OK() {
		return findings
	}
	findings = append(findings, j.rebuildFindings()...)
	// A revision that leaves the schema alone is about rows: its up may do with
	// them what it wants, if the down takes it back.
	if len(schema.Compare(s.Before, s.Up.Snapshot)) > 0 {
		for _, d := range s.Account.Up {
			findings = append(findings, j.differs(d, finding.Up)...)
		}
	}
	if s.Down.OK() {
		for _, d := range s.Account.Down {
			findings = append(findings, j.differs(d, finding.Down)...)
		}
	}
	findings = append(append(findings, j.secondFindings()...), j.repeatFindings()...)
	if s.Again.OK() {
		for _, d := range s.Account.Again {
			findings = append(findings, j.again(d)...)
		}
	}
	return findings
}

// A rowJudge judges the tables of one stair.
type rowJudge struct {
	*Pass
	stair walk.Stair
	said  map[string]bool // of what there is a finding already

	second bool // the second round: it is about the down alone
}

// differs judges what became of the rows of a table after a step.
func (j *rowJudge) differs(d rows.Difference, step finding.Direction) []finding.Finding {
	name := d.Table.Name
	existed := walk.HasTable(j.stair.Before, name)
	switch {
	case d.Gone, !existed: // what became of the table is a finding of its own, and a new one is nobody's loss
		return nil
	case d.Unread() != "":
		return []finding.Finding{j.unread(d, step)}
	case step == finding.Down && d.Lost == d.Table.Count && d.Lost > 0 && !walk.HasTable(j.stair.Up.Snapshot, name):
		return []finding.Finding{j.dataLoss(d, "table "+name+" comes back without its "+words.Plural64(d.Lost, "row"))}
	}
	var findings []finding.Finding
	if step == finding.Down {
		if gone := j.emptied(d); len(gone) > 0 {
			for _, column := range gone {
				findings = append(findings, j.dataLoss(d, "column "+name+"."+column+" comes back without its values"))
			}
			d.Columns = slices.DeleteFunc(slices.Clone(d.Columns), func(c string) bool { return slices.Contains(gone, c) })
			if len(d.Columns) == 0 {
				d.Changed = 0
			}
		}
	}
	return append(findings, j.tally(d, step)...)
}

// emptied are the columns that the up dropped and the down made again, which
// hold nothing now.
func (j *rowJudge) emptied(d rows.Difference) []string {
	columns, _ := walk.ColumnsIn(j.stair.Up.Snapshot)(d.Table.Name)
	return slices.DeleteFunc(slices.Clone(d.Emptied), func(c string) bool { return slices.Contains(columns, c) })
}

// tally makes a finding of each kind of difference, unless there is one for the
// same table and an earlier step.
func (j *rowJudge) tally(d rows.Difference, step finding.Direction) []finding.Finding {
	var findings []finding.Finding
	add := func(rule finding.Rule, n int64, f func(finding.Finding) finding.Finding) {
		key := string(rule) + " " + d.Table.Name
		if rule == finding.Truncated || rule == finding.RowsChanged {
			key = "changed " + d.Table.Name
		}
		if n == 0 || j.said[key] {
			return
		}
		j.said[key] = true
		found := f(j.about(rule, d, step))
		if !j.second {
			j.byItsWord(&found, step)
		}
		findings = append(findings, found)
	}
	add(finding.RowsLost, d.Lost, func(f finding.Finding) finding.Finding {
		f.Message = fmt.Sprintf("%s: %s loses %s of %s", j.stair.Revision, step, ofAll(d.Lost, d.Table.Count), d.Table.Name)
		f.Want = inserts(d.Table, d.LostRows)
		f.Hint = "find the statement that deletes them: a DELETE, a cascade, a rebuild that copies too little"
		if step == finding.Down && !j.second && did(j.stair.Account.Up, d.Table.Name).Lost > 0 {
			f.Message = fmt.Sprintf("%s: down does not bring back %s of %s that its up has deleted", j.stair.Revision, ofAll(d.Lost, d.Table.Count), d.Table.Name)
			f.Hint = "keep them in a table of their own until a later revision; or accept the loss and say why: -- handrail:allow rows-lost because …"
		}
		return f
	})
	rule, what := finding.RowsChanged, "changes"
	if d.Truncated == d.Changed {
		rule, what = finding.Truncated, "cuts"
	}
	add(rule, d.Changed, func(f finding.Finding) finding.Finding {
		which := fmt.Sprintf("%s in %s of %s", strings.Join(d.Columns, ", "), ofAll(d.Changed, d.Table.Count), d.Table.Name)
		f.Message = fmt.Sprintf("%s: %s %s %s", j.stair.Revision, step, what, which)
		if step == finding.Down && !j.second {
			f.Message = fmt.Sprintf("%s: down %s", j.stair.Revision, j.whoChanged(d, what, which))
		}
		f.Want, f.Got = pairs(d)
		f.Hint = "the old value must be kept, or computed exactly from what is kept"
		if step != finding.Down {
			f.Hint = "a revision that changes the schema leaves the values that are there alone: move this into a revision of its own"
		}
		return f
	})
	if step != finding.Down && !j.stair.Account.Seeded {
		d.Added = 0 // of a history that nobody else's rows are in
	}
	add(finding.RowsAdded, d.Added, func(f finding.Finding) finding.Finding {
		f.Severity = finding.Warning
		verb := "writes " + words.Plural64(d.Added, "row") + " into " + d.Table.Name + ", which was there before"
		f.Hint = "write rows in a revision of their own"
		if step == finding.Down {
			verb, f.Hint = j.whoWrote(d)
		}
		f.Message = fmt.Sprintf("%s: %s %s", j.stair.Revision, step, verb)
		f.Got = inserts(d.Now, d.AddedRows)
		return f
	})
	return findings
}

// again judges the second up: what the first did to the rows is said already.
func (j *rowJudge) again(d rows.Difference) []finding.Finding {
	first := did(j.stair.Account.Up, d.Table.Name)
	if !walk.HasTable(j.stair.Before, d.Table.Name) || d.Gone || j.said[string(finding.DataLoss)+" "+d.Table.Name] {
		return nil
	}
	d.Lost, d.Changed, d.Added = max(0, d.Lost-first.Lost), max(0, d.Changed-first.Changed), max(0, d.Added-first.Added)
	return j.tally(d, finding.Again)
}

// about begins a finding about the rows of a table.
func (j *rowJudge) about(rule finding.Rule, d rows.Difference, step finding.Direction) finding.Finding {
	f := j.finding(rule, j.stair.Revision, step)
	f.Object = &finding.ObjectRef{Kind: "table", Name: d.Table.Name}
	if !j.stair.Account.Seeded {
		f.Severity = finding.Warning // they are the history's own
	}
	return f
}

func (j *rowJudge) dataLoss(d rows.Difference, what string) finding.Finding {
	j.said[string(finding.DataLoss)+" "+d.Table.Name] = true
	f := j.about(finding.DataLoss, d, finding.Down)
	f.Message = fmt.Sprintf("%s: after the down %s", j.stair.Revision, what)
	f.Want, f.Got = pairs(d)
	if len(d.ChangedRows) == 0 {
		f.Want = inserts(d.Table, d.LostRows)
	}
	f.Hint = "keep the values until a later revision; or accept the loss and say why: -- handrail:allow data-loss " + d.Table.Name + " because …"
	return f
}

func (j *rowJudge) unread(d rows.Difference, step finding.Direction) finding.Finding {
	f := j.about(finding.RowsLost, d, step)
	f.Severity = finding.Warning
	f.Message = fmt.Sprintf("%s: nobody knows what %s does to the rows of %s: %s", j.stair.Revision, step, d.Table.Name, d.Unread())
	return f
}

// did is what a step did to the rows of a table.
func did(account []rows.Difference, table string) rows.Difference {
	for _, d := range account {
		if d.Table.Name == table {
			return d
		}
	}
	return rows.Difference{}
}

// inserts are rows as statements to paste.
func inserts(t *rows.Table, some []rows.Row) string {
	var lines []string
	for _, row := range some {
		lines = append(lines, t.Insert(row))
	}
	return strings.Join(lines, "\n")
}

// rowSides are all examples of a difference, as they were and as they are.
func rowSides(d rows.Difference) (want, got string) {
	want, got = pairs(d)
	if d.Lost > 0 {
		want = joined(want, inserts(d.Table, d.LostRows))
	}
	if d.Added > 0 {
		got = joined(got, inserts(d.Now, d.AddedRows))
	}
	return want, got
}

// pairs are changed rows as statements, as they were and as they are.
func pairs(d rows.Difference) (want, got string) {
	var was, is []string
	for _, p := range d.ChangedRows[:min(1, len(d.ChangedRows))] {
		was, is = append(was, d.Table.Insert(p.Before)), append(is, d.Now.Insert(p.After))
	}
	return strings.Join(was, "\n"), strings.Join(is, "\n")
}

// ofAll says how many of all rows it is.
func ofAll(n, all int64) string {
	if n == all {
		return words.Plural64(n, "row")
	}
	return fmt.Sprintf("%d of %s", n, words.Plural64(all, "row"))
}

// rowRules are those about what became of rows.
var rowRules = []finding.Rule{finding.RowsLost, finding.RowsChanged, finding.Truncated, finding.DataLoss, finding.RowsAdded}

// rowsPromise is the line about rows in a checklist.
const rowsPromise = "every row is kept"

// rowItem is the line about rows in the checklist of a revision, in a history with
// seeds: there is none where there are no rows and none are missed.
func rowItem(s walk.Stair, findings []finding.Finding) (item finding.Item, ok bool) {
	bare := notInhabited(s)
	if !s.Account.Seeded && s.Account.Unpeopled == "" && bare == "" {
		return finding.Item{}, false
	}
	item = finding.Item{Revision: s.Revision.String(), Promise: rowsPromise, Status: finding.Pass}
	item.Evidence = fmt.Sprintf("%s in %s", words.Plural64(s.Account.Rows, "row"), words.Plural(s.Account.Tables, "table"))
	switch status, said := fate(findings, promiseRules[rowsPromise]); {
	case status != "":
		item.Status, item.Evidence = status, said
	case s.Account.Unpeopled != "":
		item.Status, item.Evidence = finding.NotRun, s.Account.Unpeopled
	case !s.Up.OK():
		item.Status, item.Evidence = finding.NotRun, "the up fails"
	case bare != "":
		item.Status, item.Evidence = finding.NotRun, "not inhabited when the up ran: "+bare
	}
	return item, true
}

// notInhabited names the tables without a row that the up of a stair changed:
// nobody knows what it does to one. Of a revision about rows only it is known
// that there was none at all.
func notInhabited(s walk.Stair) string {
	tables := len(s.Before.Kind("table"))
	switch {
	case s.Unjudged != "" || !s.Up.OK():
		return ""
	case len(s.Account.Empty) > 0:
		return strings.Join(s.Account.Empty, ", ")
	case tables > 0 && s.Account.Rows == 0 && len(schema.Compare(s.Before, s.Up.Snapshot)) == 0:
		return "any of " + words.Plural(tables, "table")
	}
	return ""
}
