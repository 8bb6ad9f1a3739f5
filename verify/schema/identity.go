package schema

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/handrail-db/handrail/verify/internal/sqltext"
)

// An identity is what an object of Postgres keeps under whatever name, for as
// long as it is there, and where a table keeps its rows. It is not compared.
type identity struct {
	of     owner
	number int64 // of a column in its relation; else 0
	file   int64 // of a table: in which its rows are; 0: it has none of its own

	// named are the columns after which the server calls a constraint, index or
	// sequence that nobody names; nil where it chooses no name. An index keeps
	// those that it was made on, whatever they are called now.
	named []string

	unnamed bool // of a constraint in a reduced snapshot: nobody gave it its name
}

// AsUnnamed is o as one whose name nobody chose.
func (o Object) AsUnnamed() Object {
	o.identity.unnamed = true
	return o
}

// Unnamed reports of a constraint or index of a snapshot that both dialects can hold whether the
// database has it without a name of its author's.
func (o Object) Unnamed() bool { return o.identity.unnamed }

// describe fills in what a part is to code and takes what it is not to people out of
// its properties: those that the catalogue queries give names that begin with a dot.
func (p *part) describe() (err error) {
	number := func(text string) (n int64) {
		n, e := strconv.ParseInt(text, 10, 64)
		err = errors.Join(err, e)
		return n
	}
	read := func(text string, into any) { err = errors.Join(err, json.Unmarshal([]byte(text), into)) }
	p.Props = slices.DeleteFunc(p.Props, func(prop Prop) bool {
		switch prop.Name {
		case ".id":
			p.identity.of, p.identity.number = p.of, number(prop.Value)
		case ".file":
			p.identity.file = number(prop.Value)
		case ".named":
			p.identity.named = append([]string{}, sqltext.SplitNames(prop.Value)...)
		case "columns", ".columns", ColumnOrder:
			p.Columns = sqltext.SplitNames(prop.Value)
		case ".key":
			read(prop.Value, &p.Key)
		case ".references":
			read(prop.Value, &p.References)
		}
		return strings.HasPrefix(prop.Name, ".")
	})
	switch p.Kind {
	case "index":
		p.Columns = p.Key.columns()
	case "primary key", "unique":
		p.Key = uniqueOn(p.Columns)
	}
	if p.Kind == "primary key" || p.Kind == "check" || p.Kind == "foreign key" {
		p.identity.named = append([]string{}, p.Columns...)
	}
	return err
}

// Successor finds what an object has become in a later snapshot of the same
// database, whatever it is called there: the same table, renamed. It reports
// false where the object is gone, and where nobody knows: SQLite does not tell,
// nor does Postgres of constraints, indexes and the like.
func (s Snapshot) Successor(o Object) (Object, bool) {
	if o.identity.of == (owner{}) {
		return Object{}, false
	}
	i := slices.IndexFunc(s.Objects, func(p Object) bool {
		return p.identity.of == o.identity.of && p.identity.number == o.identity.number
	})
	if i < 0 {
		return Object{}, false
	}
	return s.Objects[i], true
}

// Rewritten lists the tables of Postgres that have all their rows in another file
// in the second of two snapshots of one database than in the first. Besides a
// rewrite, TRUNCATE does that.
func Rewritten(before, after Snapshot) []Change {
	was := map[owner]*Object{} // the tables that were read again
	var again []*Object
	w, g := before.Objects, after.Objects
	for len(w) > 0 || len(g) > 0 {
		switch {
		case len(w) > 0 && len(g) > 0 && w[0].same(g[0]):
			w, g = w[1:], g[1:]
		case len(g) == 0 || len(w) > 0 && compare(w[0], g[0]) <= 0:
			if w[0].identity.file != 0 && w[0].Kind == "table" {
				was[w[0].identity.of] = &w[0]
			}
			w = w[1:]
		default:
			if g[0].identity.file != 0 && g[0].Kind == "table" {
				again = append(again, &g[0])
			}
			g = g[1:]
		}
	}
	var rewritten []Change
	for _, now := range again {
		if then := was[now.identity.of]; then != nil && then.identity.file != now.identity.file {
			rewritten = append(rewritten, Change{then, now})
		}
	}
	return rewritten
}
