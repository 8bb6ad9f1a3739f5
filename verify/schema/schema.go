// Package schema reads the catalogue of a database into a [Snapshot]: every
// object that the database knows, in one canonical text form that compares and
// prints. [Diff] of two snapshots is empty exactly when they are equal.
//
// A snapshot holds structure, never rows. It does not depend on object ids, on
// the order in which objects were created, or on the search path and the other
// settings of the session that read it.
package schema

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// An Object is one thing in the catalogue: a table, a column, a trigger.
// Kind, Parent and Name together identify it within a [Snapshot].
type Object struct {
	Kind   string // in the words of the SQL standard: "table", "foreign key", "trigger"
	Parent string // the table or view that it belongs to; "" for an object of its own
	Name   string // schema-qualified on Postgres where the object lives in a schema
	Props  []Prop // everything else that is known of it, sorted by name: to print and to compare

	// What follows says again, for code, what properties say for people. Whoever reads
	// the catalogue fills it in; it is not compared, and nobody changes it. Names are
	// as Name has them, and those of columns without quotes.

	// Columns are, in order, those of a table, view, key or foreign key, those that a
	// check looks at, and those that an index is on, where "" is an expression.
	Columns    []string
	Key        Key        // of a primary key, unique constraint or index
	References *Reference // of a foreign key; else nil

	identity identity
}

// A Prop is one property of an [Object]. A property that has the value which
// an object has when nobody says anything (no comment, no default) is absent.
type Prop struct {
	Name  string
	Value string
}

// Properties that the code of this package looks at, and does not only compare.
const (
	ColumnOrder = "column order" // of a table: its columns, quoted where they must be
	ExtensionOf = "depends on extension"
	partitionOf = "partition of" // of an index: that of the table whose partition has it
	OwnedBy     = "owned by"     // of a sequence: its column; of a shadow table: its virtual table
)

// String names the object as findings name it: "column public.users.email",
// "index public.ix_users_email on public.users".
func (o Object) String() string {
	switch {
	case o.Parent == "":
		return o.Kind + " " + o.Name
	case o.Kind == "column":
		return o.Kind + " " + o.Parent + "." + o.Name
	case o.Kind == "privileges": // their name says on what
		return o.Kind + " on " + o.Name
	default: // a constraint without a name is called by its definition, CHECK (a > 0)
		return o.Kind + " " + strings.TrimPrefix(o.Name, strings.ToUpper(o.Kind)+" ") + " on " + o.Parent
	}
}

// Prop is the value of the property called name, "" where it is absent.
func (o Object) Prop(name string) string {
	for _, p := range o.Props {
		if p.Name == name {
			return p.Value
		}
	}
	return ""
}

// With is o with the property set; an empty value sets nothing.
func (o Object) With(name, value string) Object {
	if value != "" {
		o.Props = append(o.Props, Prop{name, value})
	}
	return o
}

// same reports whether the objects are one that a [Tracker] has not read again.
func (o Object) same(p Object) bool {
	return len(o.Props) > 0 && len(o.Props) == len(p.Props) && &o.Props[0] == &p.Props[0]
}

// owner is the name under which o sorts: that of its table, or its own.
func (o Object) Under() string {
	if o.Parent != "" {
		return o.Parent
	}
	return o.Name
}

// text is the object as it stands in a snapshot's text: a line for itself, one
// for each property, more for a value of several lines.
func (o Object) text() []string {
	lines := []string{o.String()}
	for _, p := range o.Props {
		lines = append(lines, p.text("    ")...)
	}
	return lines
}

func (p Prop) text(indent string) []string {
	if !strings.Contains(p.Value, "\n") {
		return []string{indent + p.Name + ": " + p.Value}
	}
	lines := []string{indent + p.Name + ":"}
	for line := range strings.SplitSeq(p.Value, "\n") {
		lines = append(lines, indent+"  | "+line)
	}
	return lines
}

// A Snapshot is the catalogue of one database at one moment, sorted so that a
// table stands before what belongs to it. The zero value is an empty database.
type Snapshot struct {
	Objects []Object
}

// String prints the snapshot: each object and, indented, its properties.
// Two snapshots print alike exactly when they are equal.
func (s Snapshot) String() string {
	var b strings.Builder
	for _, o := range s.Objects {
		for _, line := range o.text() {
			b.WriteString(line)
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// Equal reports whether nothing in the two catalogues differs.
func (s Snapshot) Equal(t Snapshot) bool {
	return slices.EqualFunc(s.Objects, t.Objects, func(a, b Object) bool {
		return a.same(b) || compare(a, b) == 0 && slices.Equal(a.Props, b.Props)
	})
}

// Kind lists the objects of one kind, in the snapshot's order.
func (s Snapshot) Kind(kind string) []Object {
	return s.filter(func(o Object) bool { return o.Kind == kind })
}

// Of lists the objects of one kind that belong to parent.
func (s Snapshot) Of(parent, kind string) []Object {
	return s.filter(func(o Object) bool { return o.Kind == kind && o.Parent == parent })
}

func (s Snapshot) filter(keep func(Object) bool) []Object {
	var kept []Object
	for _, o := range s.Objects {
		if keep(o) {
			kept = append(kept, o)
		}
	}
	return kept
}

// Table finds a table by its name, which may leave out the schema where that
// is not ambiguous. It reports false where there is none, or more than one.
func (s Snapshot) Table(name string) (Object, bool) {
	var found []Object
	for _, o := range s.Kind("table") {
		if o.Name == name {
			return o, true
		}
		if _, local, ok := strings.Cut(o.Name, "."); ok && local == name {
			found = append(found, o)
		}
	}
	if len(found) != 1 {
		return Object{}, false
	}
	return found[0], true
}

// Referenced finds what a foreign key points at: the table, and its columns as it spells
// them, which are those of its primary key where the foreign key lists none. It reports
// false where there is no such table, as may be on SQLite.
func (s Snapshot) Referenced(key Object) (table Object, columns []string, ok bool) {
	tables := map[string]Object{}
	for _, o := range s.Kind("table") {
		tables[o.Name] = o
	}
	table, ok = tables[spelled(key.References.Table, slices.Collect(maps.Keys(tables)))]
	for _, name := range key.References.Columns {
		columns = append(columns, spelled(name, table.Columns))
	}
	for _, primary := range s.Of(table.Name, "primary key") {
		if columns == nil {
			columns = primary.Columns
		}
	}
	return table, columns, ok
}

// spelled is a name as it is among others: SQLite does not tell cases apart.
func spelled(name string, among []string) string {
	if i := slices.IndexFunc(among, func(other string) bool { return strings.EqualFold(name, other) }); i >= 0 && !slices.Contains(among, name) {
		return among[i]
	}
	return name
}

// Without is the snapshot less the objects for which drop is true, and less
// everything that belongs to a dropped table.
func (s Snapshot) Without(drop func(Object) bool) Snapshot {
	dropped := map[string]bool{}
	for _, o := range s.Objects {
		if o.Parent == "" && drop(o) {
			dropped[o.Name] = true
		}
	}
	kept := make([]Object, 0, len(s.Objects))
	for _, o := range s.Objects {
		if !dropped[o.Parent] && !drop(o) {
			kept = append(kept, o)
		}
	}
	return Snapshot{kept}
}

// newSnapshot sorts objects and their properties into the canonical order. Of
// objects that are called the same, as constraints of SQLite may be, the
// properties decide.
func NewSnapshot(objects []Object) Snapshot {
	for _, o := range objects {
		slices.SortFunc(o.Props, compareProps)
	}
	slices.SortFunc(objects, compareWhole)
	return Snapshot{objects}
}

// compareWhole is compare and, where that makes no difference, the properties.
func compareWhole(a, b Object) int {
	return cmp.Or(compare(a, b), slices.CompareFunc(a.Props, b.Props, compareProps))
}

func compareProps(a, b Prop) int {
	return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Value, b.Value))
}

// compare is the canonical order: by table or view, first itself, then what
// belongs to it by kind and name.
func compare(a, b Object) int {
	return cmp.Or(
		cmp.Compare(a.Under(), b.Under()),
		cmp.Compare(min(len(a.Parent), 1), min(len(b.Parent), 1)),
		cmp.Compare(rank(a.Kind), rank(b.Kind)),
		cmp.Compare(a.Kind, b.Kind),
		cmp.Compare(a.Parent, b.Parent),
		cmp.Compare(a.Name, b.Name),
	)
}

// order is how the objects of one table follow each other in print.
var order = []string{"table", "column", "primary key", "unique", "check", "foreign key", "exclusion", "index", "trigger"}

func rank(kind string) int {
	if i := slices.Index(order, kind); i >= 0 {
		return i
	}
	return len(order)
}
