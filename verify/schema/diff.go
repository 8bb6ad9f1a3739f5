package schema

import (
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/dialect"
)

// A Change is one difference between two snapshots. Want is nil where the
// object is only in the second one, Got is nil where it is only in the first.
type Change struct {
	Want, Got *Object
}

// Object is the changed object, as it is or, where it is gone, as it was.
func (c Change) Object() Object {
	if c.Got != nil {
		return *c.Got
	}
	return *c.Want
}

// Compare lists what differs between want and got, in the snapshots' order.
// It is empty exactly when the two are equal.
func Compare(want, got Snapshot) []Change {
	var changes []Change
	w, g := want.Objects, got.Objects
	for len(w) > 0 || len(g) > 0 {
		order := 0
		switch {
		case len(w) > 0 && len(g) > 0 && w[0].same(g[0]):
			w, g = w[1:], g[1:]
			continue
		case len(g) == 0:
			order = -1
		case len(w) == 0:
			order = 1
		default:
			order = compare(w[0], g[0])
		}
		switch {
		case order < 0:
			changes = append(changes, Change{Want: &w[0]})
			w = w[1:]
		case order > 0:
			changes = append(changes, Change{Got: &g[0]})
			g = g[1:]
		default:
			if !slices.Equal(w[0].Props, g[0].Props) {
				changes = append(changes, Change{&w[0], &g[0]})
			}
			w, g = w[1:], g[1:]
		}
	}
	return settle(changes)
}

// settle takes out of a table's change the column order where it follows from
// columns that came or went, which are changes of their own.
func settle(changes []Change) []Change {
	moved := map[string]map[string]bool{}
	for _, c := range changes {
		if o := c.Object(); o.Kind == "column" && c.OneSided() {
			if moved[o.Parent] == nil {
				moved[o.Parent] = map[string]bool{}
			}
			moved[o.Parent][o.Name] = true
		}
	}
	return slices.DeleteFunc(changes, func(c Change) bool {
		if c.OneSided() || len(moved[c.Want.Name]) == 0 || c.Want.Kind == "column" {
			return false
		}
		props := ChangedProps(*c.Want, *c.Got)
		return len(props) == 1 && props[0] == ColumnOrder &&
			slices.Equal(staying(*c.Want, moved[c.Want.Name]), staying(*c.Got, moved[c.Want.Name]))
	})
}

// staying are the columns of a table without those that moved.
func staying(table Object, moved map[string]bool) []string {
	return slices.DeleteFunc(slices.Clone(table.Columns), func(name string) bool { return moved[name] })
}

// changedProps names the properties in which two objects differ, sorted.
func ChangedProps(a, b Object) []string {
	var names []string
	for _, o := range []Object{a, b} {
		for _, p := range o.Props {
			if a.Prop(p.Name) != b.Prop(p.Name) {
				names = append(names, p.Name)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Props names the properties that differ, sorted; none where the object is on
// one side only.
func (c Change) Props() []string {
	if c.OneSided() {
		return nil
	}
	return ChangedProps(*c.Want, *c.Got)
}

// String is the change in -want +got form: an object that is on one side only
// with all its properties, any other with those that differ.
func (c Change) String() string {
	switch {
	case c.Got == nil:
		return sign("-", c.Want.text())
	case c.Want == nil:
		return sign("+", c.Got.text())
	}
	var b strings.Builder
	b.WriteString("  " + c.Want.String() + "\n")
	for _, name := range c.Props() {
		want, got := propText(*c.Want, name), propText(*c.Got, name)
		if len(want) > 1 && len(got) > 1 {
			b.WriteString(sign(" ", want[:1]))
			want, got = trimCommon(want[1:], got[1:])
		}
		b.WriteString(sign("-", want) + sign("+", got))
	}
	return b.String()
}

func propText(o Object, name string) []string {
	if v := o.Prop(name); v != "" {
		return Prop{name, v}.text("    ")
	}
	return nil
}

// trimCommon takes the lines that two texts share at both ends off them.
func trimCommon(a, b []string) ([]string, []string) {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	return a, b
}

func sign(mark string, lines []string) string {
	var b strings.Builder
	for _, line := range visible(lines) {
		b.WriteString(mark + " " + line + "\n")
	}
	return b.String()
}

var blankMarks = strings.NewReplacer(" ", "·", "\t", "→", "\r", "␍")

// visible are lines of a difference with marks for the blanks at their ends, which
// may be all that differs.
func visible(lines []string) []string {
	shown := slices.Clone(lines)
	for i, line := range lines {
		text := strings.TrimRight(line, " \t\r")
		if strings.HasSuffix(text, "  |") && len(text) < len(line) { // the margin of a value of several lines
			text = line[:len(text)+1]
		}
		shown[i] = text + blankMarks.Replace(line[len(text):])
	}
	return shown
}

// Diff is what differs between want and got as sorted text, lines of want
// marked "-", lines of got "+". It is empty exactly when the two are equal.
func Diff(want, got Snapshot) string {
	var b strings.Builder
	for _, c := range Compare(want, got) {
		b.WriteString(c.String())
	}
	return b.String()
}

// Sides is the change as two texts: what it was and what it is, each with the
// properties that differ, or with all where the object is on one side only.
func (c Change) Sides() (want, got string) {
	switch {
	case c.Got == nil:
		return strings.Join(visible(c.Want.text()), "\n"), ""
	case c.Want == nil:
		return "", strings.Join(visible(c.Got.text()), "\n")
	}
	var w, g []string
	for _, name := range c.Props() {
		w = append(w, propText(*c.Want, name)...)
		g = append(g, propText(*c.Got, name)...)
	}
	w, g = trimCommon(w, g)
	return strings.Join(visible(w), "\n"), strings.Join(visible(g), "\n")
}

// Roots leaves out the changes that follow from another one: what belongs to a
// table that came or went altogether, its partitions among it, what such a table
// or column owns, as an identity column owns its sequence, and the columns that
// came or went with the change of their view.
func Roots(changes []Change) []Change {
	whole, views := map[string]bool{}, map[string]bool{}
	for _, c := range changes {
		o := c.Object()
		switch {
		case !c.OneSided() && (o.Kind == "view" || o.Kind == "materialized view"):
			views[o.Name] = true
		case !c.OneSided():
		case o.Parent == "":
			whole[o.Name] = true
		case o.Kind == "column":
			whole[o.Parent+"."+o.Name] = true
			whole[o.Parent+"."+dialect.Name(o.Name)] = true
		}
	}
	var roots []Change
	for _, c := range changes {
		o := c.Object()
		follows := whole[o.Parent] ||
			c.OneSided() && (Owned(o, whole) || partition(o, whole) || o.Kind == "column" && views[o.Parent])
		if !follows {
			roots = append(roots, c)
		}
	}
	return roots
}

// partition reports whether o is a partition of one of the tables.
func partition(o Object, of map[string]bool) bool {
	return o.Prop("partition bound") != "" && of[o.Prop("inherits")]
}

// oneSided reports whether the object came or went altogether.
func (c Change) OneSided() bool { return c.Want == nil || c.Got == nil }

// owned reports whether one of the objects, or a column of one, owns o.
func Owned(o Object, by map[string]bool) bool {
	for owner := o.Prop(OwnedBy); owner != ""; owner = owner[:max(0, strings.LastIndexByte(owner, '.'))] {
		if by[owner] {
			return true
		}
	}
	return false
}
