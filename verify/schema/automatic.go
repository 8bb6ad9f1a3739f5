package schema

import (
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/internal/sqltext"
)

// nameLabels end the names that Postgres chooses, by the kind of object.
var nameLabels = map[string]string{
	"primary key": "pkey", "unique": "key", "check": "check", "foreign key": "fkey", "exclusion": "excl",
	"index": "idx", "sequence": "seq",
}

// NamedByServer reports whether the name of an object is exactly one that Postgres
// chooses for just this object where nobody names it: from its table, its
// columns and what it is, with a number where that was taken. Once lists all
// names that a table or column of a given name has had, the given one among
// them. SQLite chooses no name that a snapshot shows.
func (o Object) NamedByServer(once func(name string) []string) bool {
	label, table, name := nameLabels[o.Kind], o.namedAfter(), o.Local()
	if o.identity.named == nil || table == "" {
		return false
	}
	end := strings.LastIndex(name, "_"+label)
	if end < 0 || !isCount(name[end+1+len(label):]) {
		return false
	}
	columns := o.identity.named
	if o.Kind == "primary key" || o.Kind == "check" && len(columns) != 1 {
		columns = nil
	}
	middles := []string{""}
	for i, column := range columns {
		var longer []string
		for _, middle := range middles[:min(len(middles), 100)] {
			for _, c := range once(column) {
				if i > 0 {
					c = middle + "_" + c
				}
				longer = append(longer, c)
			}
		}
		middles = longer
	}
	return slices.ContainsFunc(once(table), func(t string) bool {
		return slices.ContainsFunc(middles, func(middle string) bool { return sqltext.FitName(t, middle, name[end:]) == name })
	})
}

// NameEnds reports whether the name of an object has the end of those that the
// server chooses, which says little: people write such names too.
func (o Object) NameEnds() bool {
	return o.identity.named != nil && strings.Contains(o.Name, "_"+nameLabels[o.Kind])
}

// isCount reports whether a name may end so behind its label: in nothing, or in
// the number of the first name that was not taken.
func isCount(digits string) bool {
	return digits == "" || digits[0] != '0' && strings.Trim(digits, "0123456789") == ""
}

// namedAfter is the local name of the table that a name begins with.
func (o Object) namedAfter() string {
	parts := sqltext.NameParts(o.Parent)
	if o.Kind == "sequence" {
		parts = sqltext.NameParts(o.Prop(OwnedBy))
		if len(parts) != 3 || parts[0] != sqltext.NameParts(o.Name)[0] { // it is made in the schema of its table
			return ""
		}
		return parts[1]
	}
	return parts[len(parts)-1]
}

// Local is the name of an object of Postgres without schema and quotes.
func (o Object) Local() string {
	switch o.Kind {
	case "primary key", "unique", "check", "foreign key", "exclusion", "column", "trigger":
		return o.Name
	}
	parts := sqltext.NameParts(o.Name)
	return parts[len(parts)-1]
}

// SameButName reports whether two objects of one kind differ in nothing but their
// names. Renamed is, for the full name of an object that is called otherwise in
// the second snapshot, that name.
func SameButName(a, b Object, renamed map[string]string) bool {
	if a.Kind != b.Kind || a.Parent != b.Parent {
		return false
	}
	return !slices.ContainsFunc(ChangedProps(a, b), func(name string) bool {
		was, is := a.Prop(name), b.Prop(name)
		switch {
		case name == partitionOf:
			return renamed[was] != is
		case name == "definition" && a.Kind == "index":
			return unnamedIndex(a) != unnamedIndex(b)
		}
		return true
	})
}

// unnamedIndex is what an index of Postgres is, without its name.
func unnamedIndex(o Object) string {
	return strings.Replace(o.Prop("definition"), " INDEX "+sqltext.QuoteIdent(o.Local())+" ON ", " INDEX ON ", 1)
}
