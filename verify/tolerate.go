package verify

import (
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/schema"
)

// A tolerated change is a difference of two catalogues; why says what makes it
// no defect, "" where it is one.
type tolerated struct {
	schema.Change
	why      string
	severity finding.Severity
}

// Why a difference is no defect.
const (
	whyColumnOrder = "the same columns in another order: a column that is added again stands last"
	whyEnumLabel   = "a label stays in the enum: Postgres cannot remove one"
	whyExtension   = "an extension stays: others may use it"
	whyName        = "the same with another name that the server chose"
	whyBlanks      = "the same but for white space in its body"
	whyComment     = "nothing but the comment" // which is a warning
)

// tolerate says of each change whether it is one that a checker must not call a
// defect: it follows from what SQL can do, and no author could have done better.
// What is tolerated one by one is tolerated together. A lost comment is no defect
// either, and worth a warning.
func tolerate(changes []schema.Change, by authors) []tolerated {
	changes, renamed := by.pair(pairUnnamed(changes))
	out := make([]tolerated, 0, len(changes)+len(renamed))
	for _, c := range changes {
		out = append(out, excuse(c, renamed))
	}
	for _, c := range renamed {
		out = append(out, tolerated{c, whyName + ": it was " + c.Want.Name, finding.Note})
	}
	return foldViews(out)
}

// defects are the changes that are not tolerated.
func defects(changes []tolerated) []tolerated {
	return slices.DeleteFunc(slices.Clone(changes), func(c tolerated) bool { return c.why != "" })
}

// excuse tolerates a change where each property that differs is tolerated.
func excuse(c schema.Change, renamed []schema.Change) tolerated {
	switch {
	case c.Want == nil && c.Got.Kind == "extension":
		return tolerated{c, whyExtension, finding.Note}
	case c.Want == nil || c.Got == nil:
		return tolerated{c, "", finding.Error}
	}
	t := tolerated{c, "", finding.Note}
	var why []string
	for _, name := range c.Props() {
		reason := excuseOf(name, c, renamed)
		if reason == "" {
			return tolerated{c, "", finding.Error}
		}
		if reason == whyComment {
			t.severity = finding.Warning
		}
		if !slices.Contains(why, reason) {
			why = append(why, reason)
		}
	}
	t.why = strings.Join(why, "; ")
	return t
}

// excuseOf is why a property may differ, "" where it may not.
func excuseOf(name string, c schema.Change, renamed []schema.Change) string {
	want, got := c.Want.Prop(name), c.Got.Prop(name)
	view := c.Got.Kind == "view" || c.Got.Kind == "materialized view"
	switch {
	case name == "comment":
		return whyComment
	case name == "column order" && sameWords(want, got):
		return whyColumnOrder
	case name == "labels" && subsequence(want, got):
		return whyEnumLabel
	case name == "default" && slices.ContainsFunc(renamed, func(r schema.Change) bool {
		return r.Got.Kind == "sequence" && want == nextOf(r.Want) && got == nextOf(r.Got)
	}):
		return whyName
	case name == "partition of" && slices.ContainsFunc(renamed, func(r schema.Change) bool { return want == r.Want.Name && got == r.Got.Name }):
		return whyName
	case name == "definition" && schema.SameButBlanks(*c.Want, *c.Got):
		return whyBlanks
	case name == "definition" && view && sameSelection(want, got):
		return whyColumnOrder // foldViews asks whose
	}
	return ""
}

// nextOf is the default of a column that a sequence numbers, as Postgres prints it.
func nextOf(sequence *schema.Object) string {
	return "nextval('" + strings.ReplaceAll(sequence.Name, "'", "''") + "'::regclass)"
}

// sameWords reports whether two lists hold the same in whatever order.
func sameWords(a, b string) bool {
	as, bs := strings.Split(a, ", "), strings.Split(b, ", ")
	slices.Sort(as)
	slices.Sort(bs)
	return slices.Equal(as, bs)
}

// subsequence reports whether all of a stands in b, in the same order.
func subsequence(a, b string) bool {
	rest := strings.Split(b, ", ")
	for label := range strings.SplitSeq(a, ", ") {
		i := slices.Index(rest, label)
		if i < 0 {
			return false
		}
		rest = rest[i+1:]
	}
	return true
}
