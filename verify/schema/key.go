package schema

import "slices"

// A Key is what the rows of a table are told apart by, or only found by: that of a
// primary key, a unique constraint or an index.
type Key struct {
	Unique bool
	Method string // in which the server keeps it; "" for a tree
	Where  string // the condition of the rows that are in it; "" for all rows
	Parts  []KeyPart
}

// A KeyPart is a column or an expression that a key is on. On Postgres what it says of
// operator classes, collations and NULLs stands in the definition only.
type KeyPart struct {
	Column     string // "" where it is an expression
	Expression string // "" where it is a column
	Collation  string // on SQLite, where the key says one
	Desc       bool
}

// columns are those of the parts, "" for an expression.
func (k Key) columns() []string {
	var names []string
	for _, p := range k.Parts {
		names = append(names, p.Column)
	}
	return names
}

// Plain reports whether the key is on nothing but columns, and of all rows.
func (k Key) Plain() bool { return k.Where == "" && !slices.Contains(k.columns(), "") }

// uniqueOn is the key of a constraint on columns.
func uniqueOn(columns []string) Key {
	k := Key{Unique: true}
	for _, name := range columns {
		k.Parts = append(k.Parts, KeyPart{Column: name})
	}
	return k
}

// A Reference is what a foreign key points at.
type Reference struct {
	Table    string   // on SQLite as the key spells it; it need not be there
	Columns  []string // nil on SQLite where the key lists none
	OnUpdate string   // "CASCADE", "SET NULL"; "" for NO ACTION
	OnDelete string
	Deferred bool // to the end of the transaction, where nobody says otherwise
}
