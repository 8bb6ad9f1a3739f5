package verify

import (
	"fmt"
	"slices"

	"github.com/handrail-db/handrail/internal/words"
	"github.com/handrail-db/handrail/verify/rows"
)

// whoChanged says which step gave rows the values that they have after a down.
func (j *rowJudge) whoChanged(d rows.Difference, what, which string) string {
	changes := func(account []rows.Difference) bool {
		return slices.ContainsFunc(did(account, d.Table.Name).Columns, func(name string) bool { return slices.Contains(d.Columns, name) })
	}
	up, down := changes(j.stair.Account.Up), changes(j.stair.Account.Own)
	switch {
	case up && !down:
		return fmt.Sprintf("does not give back %s, which its up %s", which, what)
	case up:
		return fmt.Sprintf("does not give back %s, which its up %s: it gives another value", which, what)
	}
	return what + " " + which
}

// whoWrote says which step wrote rows that are there after a down and were not before
// the up, and the remedy.
func (j *rowJudge) whoWrote(d rows.Difference) (verb, hint string) {
	up, own := did(j.stair.Account.Up, d.Table.Name), did(j.stair.Account.Own, d.Table.Name)
	byUp, byDown := up.Added > 0, own.Added > 0
	if byUp && byDown { // the down may have given back what the up took
		byUp, byDown = someIn(d, up), someIn(d, own)
	}
	count := words.Plural64(d.Added, "row")
	switch {
	case byUp && !byDown:
		return fmt.Sprintf("leaves %s in %s that its up has written", count, d.Table.Name), "delete exactly these in the down"
	case byDown && !byUp:
		return fmt.Sprintf("writes %s into %s that the up did not find there", count, d.Table.Name), "give back exactly the rows that the up has taken away"
	}
	return fmt.Sprintf("leaves %s in %s that the up did not find there", count, d.Table.Name), "delete in the down exactly the rows that the up has written, and give back those that it has taken away"
}

// someIn reports whether one of the rows that are there after a down is one of the
// examples of those that a step added.
func someIn(d, step rows.Difference) bool {
	if step.Now == nil {
		return false
	}
	for _, row := range d.AddedRows {
		text := d.Now.Insert(row)
		if slices.ContainsFunc(step.AddedRows, func(r rows.Row) bool { return step.Now.Insert(r) == text }) {
			return true
		}
	}
	return false
}
