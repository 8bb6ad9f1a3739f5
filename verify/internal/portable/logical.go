package portable

import (
	"fmt"
	"maps"
	"strings"

	"github.com/handrail-db/handrail/verify/internal/sqltext"
	"github.com/handrail-db/handrail/verify/schema"
)

// Logical reduces a snapshot to what every engine can hold, in words that are
// the same on all of them: the [Diff] of two engines' logical snapshots says
// where the engines disagree. It holds
//
//   - tables, and their columns with nullability
//   - primary keys and uniques: name and columns
//   - checks: name
//   - foreign keys: name, columns, what they reference, actions, deferral
//   - indexes: name, columns with their direction, whether unique or partial,
//     and the method where that is no tree; an expression is only said to be one
//
// and neither types and defaults nor anything else that each engine writes in
// its own way. Names are in lower case, since SQLite does not tell the cases
// apart, and have lost their Postgres schema, so that tables of one name in two
// schemas look alike. A constraint that SQLite was given without a name has the
// one that Postgres would choose.
func Logical(s schema.Snapshot) schema.Snapshot { return reduce(s, reductions) }

// Portable is [Logical] with what each column holds where nobody says anything,
// and without checks, of which the names say nothing: [Condition] compares them.
// The property "default" of a column is a constant in one spelling for all
// engines, or [CurrentTime], [Generated], [Rowid], [Expression].
func Portable(s schema.Snapshot) schema.Snapshot {
	portable := maps.Clone(reductions)
	delete(portable, "check")
	portable["column"] = func(l *logical, o schema.Object) schema.Object {
		reduced := reductions["column"](l, o).With("default", l.preset(o))
		if o.Prop("generated") != "" {
			reduced = reduced.With("computed", "yes")
		}
		return reduced
	}
	return reduce(s, portable)
}

func reduce(s schema.Snapshot, reductions map[string]func(*logical, schema.Object) schema.Object) schema.Snapshot {
	l := logical{full: s, schemas: map[string]bool{}, tables: map[string]bool{}, used: map[string]bool{}}
	for _, o := range s.Objects {
		switch o.Kind {
		case "schema":
			l.schemas[sqltext.Fold(identifierOf(o.Name))] = true
		case "table":
			l.tables[o.Name] = true
		}
	}
	var objects []schema.Object
	for _, o := range s.Objects {
		if reduce := reductions[o.Kind]; reduce != nil && (l.tables[o.Parent] || o.Kind == "table") {
			objects = append(objects, reduce(&l, o))
		}
	}
	return schema.NewSnapshot(objects)
}

// logical is a snapshot on its way into its reduced form.
type logical struct {
	full    schema.Snapshot
	schemas map[string]bool
	tables  map[string]bool
	used    map[string]bool // names chosen for constraints without one
}

// reductions are what remains of an object of each kind; other kinds are left
// out.
var reductions = map[string]func(*logical, schema.Object) schema.Object{
	"table": func(l *logical, o schema.Object) schema.Object {
		return schema.Object{Kind: o.Kind, Name: l.local(o.Name)}
	},
	"column": func(l *logical, o schema.Object) schema.Object {
		return l.named(o, o.Name).With("null", o.Prop("null"))
	},
	"check": func(l *logical, o schema.Object) schema.Object {
		return l.named(o, l.chosen(o, o.Columns, "check"))
	},
	"primary key": func(l *logical, o schema.Object) schema.Object {
		return l.named(o, l.chosen(o, nil, "pkey")).With("columns", foldNames(o.Columns))
	},
	"unique": func(l *logical, o schema.Object) schema.Object {
		return l.named(o, l.chosen(o, o.Columns, "key")).With("columns", foldNames(o.Columns))
	},
	"foreign key": (*logical).foreignKey,
	"index":       (*logical).index,
}

// named is an object of a table, as yet without properties.
func (l *logical) named(o schema.Object, name string) schema.Object {
	reduced := schema.Object{Kind: o.Kind, Parent: l.local(o.Parent), Name: sqltext.Fold(name)}
	if o.Name == o.Prop("definition") || o.NamedByServer(func(name string) []string { return []string{name} }) {
		return reduced.AsUnnamed()
	}
	return reduced
}

// local is a name without quotes and, on Postgres, without its schema.
func (l *logical) local(name string) string {
	tokens, err := sqltext.Canonical(name)
	if err == nil && len(tokens) == 3 && tokens[1].IsSymbol(".") && l.schemas[sqltext.Fold(sqltext.Identifier(tokens[0]))] {
		name = sqltext.Identifier(tokens[2])
	}
	return sqltext.Fold(name)
}

func identifierOf(name string) string {
	if names := sqltext.SplitNames(name); len(names) == 1 {
		return names[0]
	}
	return name
}

func foldNames(names []string) string { return sqltext.Fold(sqltext.CanonNames(names)) }

func (l *logical) foreignKey(o schema.Object) schema.Object {
	table, columns := l.local(o.References.Table), o.References.Columns
	for _, key := range l.full.Kind("primary key") { // which is meant where none are given, as SQLite allows
		if len(columns) == 0 && l.local(key.Parent) == table {
			columns = key.Columns
		}
	}
	reduced := l.named(o, l.chosen(o, o.Columns, "fkey")).
		With("columns", foldNames(o.Columns)).
		With("references", sqltext.CanonName(table)+" ("+foldNames(columns)+")").
		With("on update", strings.ToLower(o.References.OnUpdate)).
		With("on delete", strings.ToLower(o.References.OnDelete))
	if o.References.Deferred {
		reduced = reduced.With("deferred", "yes")
	}
	return reduced
}

func (l *logical) index(o schema.Object) schema.Object {
	reduced := l.named(o, l.local(o.Name)).With("method", o.Key.Method)
	if o.Key.Unique {
		reduced = reduced.With("unique", "yes")
	}
	if o.Key.Where != "" {
		reduced = reduced.With("partial", "yes")
	}
	var columns []string
	for _, part := range o.Key.Parts {
		switch column := foldNames([]string{part.Column}); {
		case part.Column == "":
			columns = append(columns, "(expression)")
		case part.Desc:
			columns = append(columns, column+" desc")
		default:
			columns = append(columns, column)
		}
	}
	return reduced.With("columns", strings.Join(columns, ", "))
}

// chosen is the name of a constraint, or for one without a name that which
// Postgres would choose: table, columns and a word for the kind. A check has
// its column in the name where it looks at one only.
func (l *logical) chosen(o schema.Object, columns []string, label string) string {
	if o.Name != o.Prop("definition") {
		return o.Name
	}
	if label == "check" && len(columns) != 1 {
		columns = nil
	}
	for n := 0; ; n++ {
		suffix := "_" + label
		if n > 0 {
			suffix += fmt.Sprint(n)
		}
		if name := sqltext.FitName(l.local(o.Parent), strings.Join(columns, "_"), suffix); !l.used[name] {
			l.used[name] = true
			return name
		}
	}
}
