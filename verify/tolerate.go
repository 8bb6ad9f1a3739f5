package verify

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/schema"
)

// A tolerated change is a difference of two catalogues; why says what makes it
// no defect, "" where it is one.
type tolerated struct {
	schema.Change
	why string
}

// Why a difference is no defect.
const (
	whyColumnOrder = "the same columns in another order: a column that is added again stands last"
	whyEnumLabel   = "a label stays in the enum: Postgres cannot remove one"
	whyExtension   = "an extension stays: others may use it"
	whyName        = "the same with another name that the server chose"
)

// tolerate says of each change whether it is one that a checker must not call a
// defect: it follows from what SQL can do, and no author could have done better.
func tolerate(changes []schema.Change) []tolerated {
	changes, renamed := pairAutomatic(changes)
	out := make([]tolerated, 0, len(changes)+len(renamed))
	for _, c := range changes {
		out = append(out, tolerated{c, excuse(c)})
	}
	for _, c := range renamed {
		out = append(out, tolerated{c, fmt.Sprintf("%s: it was %s", whyName, c.Want.Name)})
	}
	return out
}

// defects are the changes that are not tolerated.
func defects(changes []tolerated) []tolerated {
	return slices.DeleteFunc(slices.Clone(changes), func(c tolerated) bool { return c.why != "" })
}

func excuse(c schema.Change) string {
	switch {
	case c.Want == nil && c.Got.Kind == "extension":
		return whyExtension
	case c.Want == nil || c.Got == nil:
		return ""
	}
	props := c.Props()
	if len(props) != 1 {
		return ""
	}
	want, got := c.Want.Prop(props[0]), c.Got.Prop(props[0])
	switch {
	case props[0] == "column order" && sameWords(want, got):
		return whyColumnOrder
	case props[0] == "labels" && subsequence(want, got):
		return whyEnumLabel
	case props[0] == "default" && automatic(got) && anonymous(want) == anonymous(got):
		return whyName
	}
	return ""
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

// automaticName is the end of a name that Postgres makes up: t_a_key, t_pkey1.
var automaticName = regexp.MustCompile(`_(pkey|key|idx|check|fkey|excl|seq|not_null)\d*\b`)

func automatic(text string) bool { return automaticName.MatchString(text) }

// anonymous is a text without the part of automatic names that only counts.
func anonymous(text string) string { return automaticName.ReplaceAllString(text, "_$1") }

// namedByServer reports whether a server can have chosen the name of an object:
// a table or a column has its name from a person, whatever it ends in.
func namedByServer(o schema.Object) bool {
	switch o.Kind {
	case "primary key", "unique", "check", "foreign key", "exclusion", "not null", "index":
		return automatic(o.Name)
	case "sequence":
		return automatic(o.Name) && o.Prop("owned by") != ""
	}
	return false
}

// pairAutomatic finds objects that went and came back under another automatic
// name, and gives them as one change each. Of two that swapped their names each
// went and came back.
func pairAutomatic(changes []schema.Change) (rest, renamed []schema.Change) {
	var gone, came []*schema.Object
	for _, c := range changes {
		if !namedByServer(c.Object()) {
			continue
		}
		if c.Want != nil {
			gone = append(gone, c.Want)
		}
		if c.Got != nil {
			came = append(came, c.Got)
		}
	}
	paired := map[*schema.Object]bool{}
	for _, want := range gone {
		for _, got := range came {
			if !paired[got] && want.Name != got.Name && alike(*want, *got) {
				paired[want], paired[got] = true, true
				renamed = append(renamed, schema.Change{Want: want, Got: got})
				break
			}
		}
	}
	for _, c := range changes {
		if paired[c.Want] {
			c.Want = nil
		}
		if paired[c.Got] {
			c.Got = nil
		}
		if c.Want != nil || c.Got != nil {
			rest = append(rest, c)
		}
	}
	return rest, renamed
}

// alike reports whether two objects are the same but for an automatic name.
func alike(a, b schema.Object) bool {
	if a.Kind != b.Kind || a.Parent != b.Parent || len(a.Props) != len(b.Props) {
		return false
	}
	nameless := func(o schema.Object, text string) string {
		return strings.ReplaceAll(text, o.Name[strings.LastIndex(o.Name, ".")+1:], "?")
	}
	for i, p := range a.Props {
		if p.Name != b.Props[i].Name || nameless(a, p.Value) != nameless(b, b.Props[i].Value) {
			return false
		}
	}
	return true
}
