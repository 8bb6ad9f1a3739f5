package schema

import (
	"slices"
	"strings"
	"unicode/utf8"
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
		return slices.ContainsFunc(middles, func(middle string) bool { return serverName(t, middle, name[end+1:]) == name })
	})
}

// isCount reports whether a name may end so behind its label: in nothing, or in
// the number of the first name that was not taken.
func isCount(digits string) bool {
	return digits == "" || digits[0] != '0' && strings.Trim(digits, "0123456789") == ""
}

// namedAfter is the local name of the table that a name begins with.
func (o Object) namedAfter() string {
	parts := pgParts(o.Parent)
	if o.Kind == "sequence" {
		parts = pgParts(o.Prop(ownedBy))
		parts = parts[:len(parts)-1]
	}
	if len(parts) == 0 {
		return ""
	}
	return parts[len(parts)-1]
}

// Local is the name of an object of Postgres without schema and quotes.
func (o Object) Local() string {
	switch o.Kind {
	case "primary key", "unique", "check", "foreign key", "exclusion", "column", "trigger":
		return o.Name
	}
	parts := pgParts(o.Name)
	return parts[len(parts)-1]
}

// longestName is how many bytes Postgres keeps of a name.
const longestName = 63

// serverName is makeObjectName of the server: what is too long is cut off the
// longer one of table and columns, never off the label.
func serverName(table, columns, label string) string {
	room := longestName - len(label) - 1
	if columns != "" {
		room--
	}
	t, c := len(table), len(columns)
	for t+c > room {
		if t > c {
			t--
		} else {
			c--
		}
	}
	name := whole(table, t) + "_"
	if columns != "" {
		name += whole(columns, c) + "_"
	}
	return name + label
}

// whole is the beginning of a text, at most n bytes and no half letter.
func whole(text string, n int) string {
	for n < len(text) && n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n]
}
