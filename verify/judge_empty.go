package verify

import (
	"fmt"
	"strings"

	"github.com/handrail-db/handrail/internal/words"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/internal/walk"
)

// emptyDown is one finding in place of many where the down file holds no SQL.
// A file that says in a comment that there is no way back is believed.
func (c *Pass) emptyDown(s walk.Stair, changes []tolerated) (finding.Finding, bool) {
	script := s.Revision.Down.Script(c.dialect)
	if len(script.Statements) > 0 || len(defects(changes)) == 0 {
		return finding.Finding{}, false
	}
	f := c.finding(finding.EmptyDown, s.Revision, finding.Down)
	for _, change := range changes {
		o := change.Object().String()
		switch {
		case change.Want == nil:
			f.Got = joined(f.Got, o)
		case change.Got == nil:
			f.Want = joined(f.Want, o)
		default:
			want, got := change.Sides()
			f.Want, f.Got = joined(f.Want, o+"\n"+want), joined(f.Got, o+"\n"+got)
		}
	}
	f.Message = fmt.Sprintf("%s: the down file holds no SQL, and the up changes %s", s.Revision, words.Plural(len(changes), "object"))
	f.Hint = "write the down, or say in the file that there is none: -- handrail:allow empty-down because …"
	if note, ok := declaredOneWay(script.Comments); ok {
		f.Severity, f.Hint = finding.Note, ""
		f.Message += fmt.Sprintf("; it says so itself: %q", note)
	} else if claim, ok := claimsNothing(script.Comments); ok {
		f.Message += fmt.Sprintf("; it says %q, and that is not so", claim)
	}
	return f, true
}

// saysOneWay reports whether the down is one that says itself that there is
// none.
func saysOneWay(restored []finding.Finding) bool {
	return len(restored) == 1 && restored[0].Rule == finding.EmptyDown && restored[0].Severity == finding.Note
}

// byItsWord gives a finding about rows that an empty down leaves as the up made
// them the severity that the down's own words deserve: one that says that there is
// no way back is believed, one that says that there is nothing to undo is not.
func (j *rowJudge) byItsWord(f *finding.Finding, step finding.Direction) {
	if step != finding.Down || j.stair.Revision.Down == nil {
		return
	}
	script := j.stair.Revision.Down.Script(j.dialect)
	if len(script.Statements) > 0 {
		return
	}
	if note, ok := declaredOneWay(script.Comments); ok {
		f.Severity, f.Hint = finding.Note, ""
		f.Message += fmt.Sprintf("; the down says so itself: %q", note)
	} else if claim, ok := claimsNothing(script.Comments); ok {
		f.Severity = finding.Error
		f.Message += fmt.Sprintf("; the down says %q, and that is not so", strings.TrimSpace(claim))
	}
}
