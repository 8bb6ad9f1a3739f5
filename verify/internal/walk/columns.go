package walk

import (
	"slices"

	"github.com/handrail-db/handrail/verify/rows"
	"github.com/handrail-db/handrail/verify/schema"
)

// ColumnsIn finds the columns of a table in a snapshot.
func ColumnsIn(snap schema.Snapshot) func(string) ([]string, bool) {
	tables := map[string]schema.Object{}
	for _, o := range snap.Objects {
		if o.Kind == "table" {
			tables[o.Name] = o
		}
	}
	return func(name string) ([]string, bool) {
		o, ok := tables[name]
		return o.Columns, ok
	}
}

func HasTable(s schema.Snapshot, name string) bool {
	_, ok := ColumnsIn(s)(name)
	return ok
}

// sameRows reports whether the rows after the second up are those after the
// first. What the up itself writes may differ from one time to the next, as
// times and random keys do: of that only the number counts.
func sameRows(before, up, again *rows.Set, snap schema.Snapshot) (bool, error) {
	differences, err := rows.Compare(up, again, ColumnsIn(snap))
	if err != nil {
		return false, err
	}
	for _, d := range differences {
		was := before.Table(d.Table.Name)
		switch {
		case d.Lost != d.Added, was != nil && d.Lost > 0:
			return false, nil
		case was != nil && slices.ContainsFunc(d.Columns, func(name string) bool { return was.Column(name) >= 0 }):
			return false, nil
		}
	}
	return true, nil
}

// EmptyTables names the tables without rows that a step changed.
func EmptyTables(before, after schema.Snapshot, held *rows.Set) []string {
	var empty []string
	there := map[string]bool{}
	for _, o := range before.Kind("table") {
		there[o.Name] = o.Prop("partition bound") == "" // whose rows are those of its table
	}
	for _, c := range schema.Compare(before, after) {
		o := c.Object()
		name := o.Parent
		if o.Kind == "table" {
			name = o.Name
		}
		if there[name] && held.Table(name) == nil && !slices.Contains(empty, name) {
			empty = append(empty, name)
		}
	}
	return empty
}
