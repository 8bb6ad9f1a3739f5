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
		return l.named(o, l.chosen(o, l.checked(o), "check"))
	},
	"primary key": func(l *logical, o schema.Object) schema.Object {
		return l.named(o, l.chosen(o, nil, "pkey")).With("columns", foldNames(o.Prop("columns")))
	},
	"unique": func(l *logical, o schema.Object) schema.Object {
		return l.named(o, l.chosen(o, sqltext.SplitNames(o.Prop("columns")), "key")).With("columns", foldNames(o.Prop("columns")))
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

func foldNames(list string) string {
	names := sqltext.SplitNames(list)
	for i, n := range names {
		names[i] = sqltext.Fold(n)
	}
	return sqltext.CanonNames(names)
}

// foreignKey reads the definition, which both engines write in the same order.
func (l *logical) foreignKey(o schema.Object) schema.Object {
	columns := o.Prop("columns")
	reduced := l.named(o, l.chosen(o, sqltext.SplitNames(columns), "fkey")).With("columns", foldNames(columns))
	tokens, err := sqltext.Canonical(o.Prop("definition"))
	if err != nil {
		return reduced.With("definition", o.Prop("definition"))
	}
	p := &sqltext.Cursor{Tokens: tokens}
	for !p.End() && !p.Accept("references") {
		p.Pos++
	}
	table := p.Next()
	for p.Symbol(".") {
		p.Pos++
		table = p.Next()
	}
	target, _ := sqltext.IndexedColumns(p.Parenthesized())
	reduced = reduced.With("references", l.target(sqltext.Fold(sqltext.Identifier(table)), target))
	for !p.End() {
		for event, action := range p.Actions() {
			if action != "NO ACTION" {
				reduced = reduced.With("on "+event, strings.ToLower(action))
			}
		}
		if p.Accept("initially", "deferred") {
			reduced = reduced.With("deferred", "yes")
		}
		p.Pos++
	}
	return reduced
}

// target is a table with the columns that a foreign key references. Where none
// are given, as SQLite allows, they are the primary key.
func (l *logical) target(table string, columns []string) string {
	for _, o := range l.full.Kind("primary key") {
		if len(columns) == 0 && l.local(o.Parent) == table {
			columns = sqltext.SplitNames(o.Prop("columns"))
		}
	}
	return sqltext.CanonName(table) + " (" + foldNames(sqltext.CanonNames(columns)) + ")"
}

func (l *logical) index(o schema.Object) schema.Object {
	reduced := l.named(o, l.local(o.Name))
	tokens, err := sqltext.Canonical(o.Prop("definition"))
	if err != nil {
		return reduced.With("definition", o.Prop("definition"))
	}
	p := &sqltext.Cursor{Tokens: tokens}
	p.Accept("create")
	if p.Accept("unique") {
		reduced = reduced.With("unique", "yes")
	}
	for !p.End() && !p.Symbol("(") {
		if p.Next().Is("using") && !p.At("btree") {
			reduced = reduced.With("method", p.Next().Text)
		}
	}
	var columns []string
	for _, item := range sqltext.CommaSeparated(p.Parenthesized()) {
		columns = append(columns, indexed(item))
	}
	for !p.End() {
		if p.Next().Is("where") {
			reduced = reduced.With("partial", "yes")
			break
		}
	}
	return reduced.With("columns", strings.Join(columns, ", "))
}

// indexed is an item of an index: a column with its direction. What Postgres
// may say besides, of collation, operators and nulls, is left out.
func indexed(item []sqltext.Canon) string {
	name := sqltext.CanonName(sqltext.Fold(sqltext.Identifier(item[0])))
	for i, t := range item {
		if t.Kind == sqltext.Symbol && !t.IsSymbol(".") || t.Kind == sqltext.Literal && i > 0 {
			return "(expression)"
		}
		if i > 0 && t.Is("desc") {
			name += " desc"
		}
	}
	return name
}

// checked are the columns that a check looks at.
func (l *logical) checked(o schema.Object) []string {
	tokens, err := sqltext.Canonical(o.Prop("definition"))
	if err != nil {
		return nil
	}
	var columns []string
	for _, c := range l.full.Of(o.Parent, "column") {
		for i, t := range tokens {
			call := i+1 < len(tokens) && tokens[i+1].IsSymbol("(")
			if (t.Kind == sqltext.Word || t.Kind == sqltext.Name) && !call && sqltext.Fold(t.Name) == sqltext.Fold(c.Name) {
				columns = append(columns, c.Name)
				break
			}
		}
	}
	return columns
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
