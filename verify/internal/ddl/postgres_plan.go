package ddl

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/internal/sqltext"
	"github.com/handrail-db/handrail/verify/schema"
)

// A pgPlan decides what becomes of each object on the way from one schema to
// another, and in which order.
type pgPlan struct {
	w       pgWriter
	drops   map[int]bool // of from
	makes   map[int]bool // of to
	alters  map[int]pgText
	detours map[int]bool // of to: columns that have to be without their default for a while
	late    map[int]bool // of to: made after their table, though they belong into it
	done    map[int]bool // of to
	due     map[objectKey]objectKey
	out     []Statement
}

func newPgPlan(w pgWriter, changes []schema.Change) *pgPlan {
	p := &pgPlan{w, map[int]bool{}, map[int]bool{}, map[int]pgText{}, map[int]bool{}, map[int]bool{}, map[int]bool{}, map[objectKey]objectKey{}, nil}
	touched := map[int]bool{} // columns of from that get another type
	for _, c := range changes {
		switch {
		case c.Want == nil:
			p.makes[w.to.at[keyOf(*c.Got)]] = true
		case c.Got == nil:
			p.drops[w.from.at[keyOf(*c.Want)]] = true
		default:
			p.alter(*c.Want, *c.Got, touched)
		}
	}
	p.follow(touched)
	p.delay()
	return p
}

// alter decides whether an object can be altered or has to be made again.
func (p *pgPlan) alter(a, b schema.Object, touched map[int]bool) {
	from, to := p.w.from.at[keyOf(a)], p.w.to.at[keyOf(b)]
	text, ok := p.w.alter(a, b)
	if !ok {
		p.drops[from], p.makes[to] = true, true
		return
	}
	p.alters[to] = text
	if a.Kind == "column" && (a.Prop("type") != b.Prop("type") || a.Prop("collation") != b.Prop("collation")) {
		touched[from] = true
	}
}

// follow finds what has to be dropped and made again because something that it
// needs is, or gets another type.
func (p *pgPlan) follow(touched map[int]bool) {
	from, to := p.w.from, p.w.to
	dependents := make([][]int, len(from.objects))
	for i, needs := range from.needs {
		for _, n := range needs {
			if n.tracked {
				dependents[n.of] = append(dependents[n.of], i)
			}
		}
	}
	for i, o := range from.objects { // an index and its parts are not dropped without each other
		if whole, ok := from.indexes[o.Prop("partition of")]; ok && o.Kind == "index" {
			dependents[i], dependents[whole] = append(dependents[i], whole), append(dependents[whole], i)
		}
	}
	queue := slices.Sorted(keysOf(p.drops))
	queue = append(queue, slices.Sorted(keysOf(touched))...)
	for len(queue) > 0 {
		i := queue[0]
		queue = queue[1:]
		for _, j := range dependents[i] {
			o, cause := from.objects[j], keyOf(from.objects[i])
			k, stays := to.at[keyOf(o)]
			if p.drops[j] || !stays || !p.drops[i] && !slices.Contains(pgBoundToType, o.Kind) && o.Prop("generated") == "" {
				continue
			}
			switch {
			case o.Kind == "table", o.Kind == "privileges" && o.Parent != from.objects[i].Name, o.Kind == "schema":
				continue
			}
			p.due[keyOf(o)] = cmp.Or(p.due[cause], cause)
			if o.Kind == "column" && o.Prop("generated") == "" && o.Parent != from.objects[i].Name {
				p.detours[k] = true
				continue
			}
			p.drops[j], p.makes[k] = true, true
			delete(p.alters, k)
			queue = append(queue, j)
		}
	}
}

// pgBoundToType are the kinds of objects that keep a column's type from changing.
var pgBoundToType = []string{"view", "materialized view", "rule", "policy", "trigger", "function", "procedure", "publication"}

func keysOf(set map[int]bool) func(func(int) bool) {
	return func(yield func(int) bool) {
		for k := range set {
			if !yield(k) {
				return
			}
		}
	}
}

// delay finds defaults and checks that call a function which is made from the
// table: they come after it.
func (p *pgPlan) delay() {
	g := p.w.to
	for i := range p.makes {
		o := g.objects[i]
		if o.Kind != "check" && (o.Kind != "column" || o.Prop("default") == "") {
			continue
		}
		table, ok := g.find(o.Parent, "table", "foreign table")
		if !ok || !p.makes[table] {
			continue
		}
		for _, n := range g.needs[i] {
			if slices.Contains(pgRoutines, g.objects[n.of].Kind) && g.reaches(n.of, table, map[int]bool{}) {
				p.late[i] = true
			}
		}
	}
}

// reaches reports whether making the one takes the other.
func (g *pgGraph) reaches(from, to int, seen map[int]bool) bool {
	if from == to {
		return true
	}
	if seen[from] {
		return false
	}
	seen[from] = true
	for _, n := range g.needs[from] {
		if n.checked && g.reaches(n.of, to, seen) {
			return true
		}
	}
	return false
}

// unit is the object whose statement makes another one: a new table makes its
// columns and constraints, a column its sequence.
func (p *pgPlan) unit(i int) int {
	g := p.w.to
	o := g.objects[i]
	if !p.makes[i] {
		return i
	}
	owner := -1
	switch {
	case o.Kind == "sequence":
		if j, ok := p.w.sequenceColumn(o); ok && (p.makes[j] || g.objects[j].Prop("identity") != "") {
			return p.unit(j)
		}
		return i
	case o.Kind == "foreign key" || strings.Contains(o.Prop("definition"), " NOT VALID") || p.late[i] && o.Kind == "check":
		if !p.w.comesAlong(o) {
			return i
		}
		fallthrough
	case o.Kind == "column", o.Kind == "foreign table options", slices.Contains(pgConstraints, o.Kind), p.w.comesAlong(o):
		if j, ok := g.find(o.Parent, pgRelations...); ok && p.makes[j] {
			owner = j
		}
	}
	if owner < 0 {
		return i
	}
	return owner
}

// Beside the objects more things have a place in the order: the default of a
// column that comes late, the shell of a type, which its functions need, that a
// sequence belongs to a column, and that a table belongs to its parent.
func (p *pgPlan) lateDefault(i int) int { return len(p.w.to.objects) + i }
func (p *pgPlan) shell(i int) int       { return 2*len(p.w.to.objects) + i }
func (p *pgPlan) owner(i int) int       { return 3*len(p.w.to.objects) + i }
func (p *pgPlan) attach(i int) int      { return 4*len(p.w.to.objects) + i }

// attaches reports whether a new table is made alone and becomes a partition or
// an heir when its indexes are there, which the server would make otherwise.
func (p *pgPlan) attaches(i int) bool {
	o := p.w.to.objects[i]
	return p.makes[i] && o.Kind == "table" && o.Prop("inherits") != "" && !p.w.listsParents(o)
}

// order lists what is made and altered, tables with what they have, each behind
// what it needs.
func (p *pgPlan) order() []int {
	g := p.w.to
	needs := p.unitNeeds()
	var mains []int
	for i, o := range g.objects {
		if o.Parent == "" && p.unit(i) == i {
			mains = append(mains, i)
		}
	}
	slices.SortStableFunc(mains, func(i, j int) int { return cmp.Compare(pgRank(g.objects[i]), pgRank(g.objects[j])) })
	lifted := map[int][]int{}
	for i, o := range g.objects {
		if u := p.unit(i); u != i || o.Kind == "foreign key" {
			if j, ok := g.find(o.Parent, "table"); ok && o.Kind == "foreign key" {
				u = j
			}
			for _, n := range g.needs[i] {
				lifted[u] = append(lifted[u], p.unit(n.of))
			}
		}
	}
	mains = topological(mains, func(i int) []int { return append(slices.Clone(needs[i]), lifted[i]...) })
	var list []int
	for _, i := range mains {
		if i >= len(g.objects) || g.objects[i].Parent != "" {
			continue
		}
		list = append(list, i)
		for _, j := range g.children[g.objects[i].Name] {
			if u := p.unit(j); u == j {
				list = append(list, j)
			}
			if p.late[j] && g.objects[j].Kind == "column" {
				list = append(list, p.lateDefault(j))
			}
		}
	}
	for i, o := range g.objects {
		if p.attaches(i) {
			list = append(list, p.attach(i))
		}
		if p.changesOwner(i) {
			list = append(list, p.owner(i))
			needs[p.owner(i)] = []int{p.unit(i)}
			if owner := sqltext.NameParts(o.Prop(schema.OwnedBy)); len(owner) == 3 {
				if j, ok := g.at[objectKey{"column", sqltext.QuoteIdent(owner[0]) + "." + sqltext.QuoteIdent(owner[1]), owner[2]}]; ok {
					needs[p.owner(i)] = append(needs[p.owner(i)], p.unit(j))
				}
			}
		}
	}
	for i, o := range g.objects {
		if o.Parent != "" && p.unit(i) == i { // whose parent is none of these
			list = append(list, i)
		}
	}
	return topological(list, func(i int) []int { return needs[i] })
}

// unitNeeds are the needs of units among each other.
func (p *pgPlan) unitNeeds() map[int][]int {
	g := p.w.to
	needs := map[int][]int{}
	for i := range g.objects {
		u := p.unit(i)
		for _, n := range g.needs[i] {
			j := p.unit(n.of)
			switch {
			case j == u:
			case p.attaches(n.of) && g.objects[i].Kind == "index" && g.objects[i].Parent != g.objects[n.of].Name:
				needs[u] = append(needs[u], p.attach(n.of))
			case p.shelled(i, n.of):
				needs[u] = append(needs[u], p.shell(n.of))
			case p.late[i] && g.objects[i].Kind == "column" && slices.Contains(pgRoutines, g.objects[n.of].Kind):
				needs[p.lateDefault(i)] = append(needs[p.lateDefault(i)], u, j)
			default:
				needs[u] = append(needs[u], j)
			}
		}
		if p.attaches(i) {
			needs[p.attach(i)] = append(slices.Clone(needs[i]), i)
			for _, j := range g.of(g.objects[i].Name, "index") {
				needs[p.attach(i)] = append(needs[p.attach(i)], p.unit(j))
			}
		}
	}
	return needs
}

// shelled reports whether a function only needs the shell of a type, being one
// that the type itself needs.
func (p *pgPlan) shelled(function, of int) bool {
	g := p.w.to
	t := g.objects[of]
	return p.makes[of] && (t.Kind == "base type" || t.Kind == "range") && slices.Contains(pgRoutines, g.objects[function].Kind) &&
		slices.ContainsFunc(g.needs[of], func(n pgNeed) bool { return n.of == function })
}

// pgRanks is the order in which kinds of objects are made as far as they do not
// need each other.
var pgRanks = []string{
	"role", "membership", "schema", "extension", "access method", "language", "foreign data wrapper", "foreign server", "collation",
	"conversion", "text search parser", "text search template", "text search dictionary", "text search configuration", "shell type",
	"base type", "enum", "domain", "composite type", "range", "operator family", "operator class", "operator", "cast", "transform",
	"sequence", "table", "foreign table", "function", "procedure", "aggregate", "view", "materialized view", "event trigger", "publication",
	"database settings", "default privileges",
}

func pgRank(o schema.Object) int { return slices.Index(pgRanks, o.Kind) }

// changesOwner reports whether a sequence has to be given its column, or taken
// from it.
func (p *pgPlan) changesOwner(i int) bool {
	o := p.w.to.objects[i]
	if o.Kind != "sequence" || p.unit(i) != i {
		return false
	}
	if j, ok := p.w.sequenceColumn(o); ok && p.w.to.objects[j].Prop("identity") != "" {
		return false
	}
	was := ""
	if j, ok := p.w.from.at[keyOf(o)]; ok && !p.makes[i] {
		was = p.w.from.objects[j].Prop(schema.OwnedBy)
	}
	return was != o.Prop(schema.OwnedBy)
}

// statements is the plan carried out: what is in the way goes first, and last what
// others may still need until they are changed.
func (p *pgPlan) statements() []Statement {
	late := p.dropEarly()
	g := p.w.to
	n := len(g.objects)
	for _, at := range p.order() {
		i := at % n
		o := g.objects[i]
		switch at / n {
		case 1:
			p.write(o, pgSQL(p.setDefault(o)))
		case 2:
			p.write(o, pgSQL("CREATE TYPE "+p.w.short(o.Name)))
		case 3:
			p.write(o, pgSQL(p.w.ownedBySQL(o)))
		case 4:
			p.write(o, pgSQL(p.w.attach(o)...))
		default:
			p.step(i)
		}
	}
	for _, o := range late {
		p.write(o, p.w.drop(o))
	}
	return p.out
}

// step makes or alters an object.
func (p *pgPlan) step(i int) {
	o := p.w.to.objects[i]
	text, altered := p.alters[i]
	switch {
	case p.done[i]:
	case p.makes[i]:
		p.create(i)
	case altered:
		p.write(o, text)
	}
	if p.detours[i] && o.Prop("default") != "" && !altered {
		p.write(o, pgSQL(p.setDefault(o)))
	}
	p.done[i] = true
}

func (p *pgPlan) setDefault(column schema.Object) string {
	return p.w.alterTable(column.Parent) + "ALTER COLUMN " + sqltext.QuoteIdent(column.Name) + " SET DEFAULT " + p.w.short(column.Prop("default"))
}

func (p *pgPlan) write(o schema.Object, t pgText) {
	if t.manual != "" {
		p.out = append(p.out, Statement{
			Of: o, SQL: "-- " + strings.ReplaceAll(fmt.Sprintf("%s: %s", o, t.manual), "\n", "\n-- "), Manual: t.manual, due: p.due[keyOf(o)],
		})
		return
	}
	for _, sql := range t.sql {
		p.out = append(p.out, Statement{Of: o, SQL: sql, due: p.due[keyOf(o)]})
	}
}

// create makes an object with all that belongs into its statement, and its
// comment. Foreign keys belong there when what they point at is made already.
func (p *pgPlan) create(i int) {
	g := p.w.to
	o := g.objects[i]
	var text pgText
	if o.Kind == "table" {
		keys := []int{}
		for _, j := range g.of(o.Name, "foreign key") {
			target := g.objects[j].References
			k, ok := g.find(target.Table, "table")
			_, keyed := g.key(target)
			if p.unit(j) == j && p.makes[j] && !strings.Contains(g.objects[j].Prop("definition"), " NOT VALID") && ok && (k == i || p.done[k]) && keyed {
				keys, p.done[j] = append(keys, j), true
			}
		}
		text = p.table(i, keys)
	} else {
		text = p.w.create(o)
		if text.manual == "" {
			text.add(p.w.comment(schema.Object{}, o)...)
		}
	}
	p.write(o, text)
}
