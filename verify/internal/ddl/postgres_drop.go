package ddl

import (
	"cmp"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/internal/sqltext"
	"github.com/handrail-db/handrail/verify/schema"
)

// pgLate are the kinds of objects that others may need until these are changed:
// columns their type, defaults their function. They go last, unless something
// takes their name.
var pgLate = append([]string{
	"table", "foreign table", "sequence", "schema", "extension", "language", "collation", "role", "operator class", "operator family",
	"operator", "text search configuration", "text search dictionary", "text search parser", "text search template", "access method",
	"foreign data wrapper", "foreign server",
}, append(pgTypes, pgRoutines...)...)

// dropEarly drops in the reverse order of needs what does not go with something
// else, and lists what has to go later. Columns that take a detour lose their
// default first.
func (p *pgPlan) dropEarly() (late []schema.Object) {
	g := p.w.from
	for _, k := range slices.Sorted(keysOf(p.detours)) {
		if o := p.w.to.objects[k]; o.Prop("default") != "" {
			p.write(o, pgSQL(p.w.alterTable(o.Parent)+"ALTER COLUMN "+sqltext.QuoteIdent(o.Name)+" DROP DEFAULT"))
		}
	}
	order := p.dropOrder()
	for _, key := range p.inCircle(order) {
		p.write(key, p.w.drop(key))
	}
	for _, i := range order {
		o := g.objects[i]
		switch {
		case !p.drops[i] || p.goesAlong(o):
		case slices.Contains(pgLate, o.Kind) && !p.succeeded(o):
			late = append(late, o)
		default:
			p.write(o, p.w.drop(o))
		}
	}
	return late
}

// dropOrder has each object before those that it needs.
func (p *pgPlan) dropOrder() []int {
	g := p.w.from
	all := make([]int, len(g.objects))
	for i := range all {
		all[i] = i
	}
	slices.SortStableFunc(all, func(i, j int) int { return cmp.Compare(pgRank(g.objects[i]), pgRank(g.objects[j])) })
	needs := make([][]int, len(g.objects))
	for i, o := range g.objects {
		for _, n := range g.needs[i] {
			if !n.tracked {
				continue
			}
			needs[i] = append(needs[i], n.of)
			if j, ok := g.find(o.Parent, pgRelations...); ok && j != n.of && p.drops[j] {
				needs[j] = append(needs[j], n.of) // it goes with its table
			}
		}
	}
	all = topological(all, func(i int) []int { return needs[i] })
	slices.Reverse(all)
	return all
}

// inCircle lists the foreign keys by which a dropped table needs one that is
// dropped before it: they are in the way of that.
func (p *pgPlan) inCircle(order []int) (keys []schema.Object) {
	g := p.w.from
	place := map[int]int{}
	for at, i := range order {
		place[i] = at
	}
	for i, o := range g.objects {
		table, ok := g.find(o.Parent, "table")
		if o.Kind != "foreign key" || !ok || !p.drops[i] || !p.drops[table] {
			continue
		}
		if j, ok := g.find(o.References.Table, "table"); ok && p.drops[j] && place[j] < place[table] {
			keys = append(keys, o)
		}
	}
	return keys
}

// succeeded reports whether something new is called as the object was.
func (p *pgPlan) succeeded(o schema.Object) bool {
	g := p.w.to
	if _, again := g.at[keyOf(o)]; again {
		return true
	}
	parts := sqltext.NameParts(o.Name)
	return len(parts) > 1 && slices.ContainsFunc(g.named[pgFull(parts)], func(i int) bool { return p.makes[i] })
}

// goesAlong reports whether an object is dropped with another one.
func (p *pgPlan) goesAlong(o schema.Object) bool {
	g := p.w.from
	dropped := func(name string, kinds ...string) bool {
		i, ok := g.find(name, kinds...)
		return ok && p.drops[i]
	}
	switch {
	case o.Parent != "" && (dropped(o.Parent, pgRelations...) || dropped(o.Parent, pgRoutines...) || dropped(o.Parent, pgTypes...) ||
		dropped(o.Parent, "foreign server", "schema", "language", "foreign data wrapper", "role")):
		return true
	case o.Kind == "privileges" && strings.HasPrefix(o.Name, "column "):
		parts := sqltext.NameParts(strings.TrimPrefix(o.Name, "column "))
		i, ok := g.at[objectKey{"column", o.Parent, parts[len(parts)-1]}]
		return ok && p.drops[i]
	case slices.Contains(pgRoutines, o.Kind):
		return p.goesWithType(o)
	case o.Kind == "column":
		i, ok := g.find(o.Parent, "view", "materialized view")
		return ok && !p.drops[i] // replaced with fewer
	case o.Kind == "sequence" && o.Prop(schema.OwnedBy) != "":
		parts := sqltext.NameParts(o.Prop(schema.OwnedBy))
		table := sqltext.QuoteIdent(parts[0]) + "." + sqltext.QuoteIdent(parts[1])
		i, ok := g.at[objectKey{"column", table, parts[len(parts)-1]}]
		_, stays := p.w.to.at[objectKey{"column", table, parts[len(parts)-1]}]
		return dropped(table, "table") || ok && (p.drops[i] || g.objects[i].Prop("identity") != "" && stays)
	}
	return p.cameAlong(o)
}

// cameAlong reports whether an object goes when that goes with which it came.
func (p *pgPlan) cameAlong(o schema.Object) bool {
	g := p.w.from
	if whole, ok := g.indexes[o.Prop("partition of")]; ok && o.Kind == "index" {
		return p.drops[whole]
	}
	i, ok := g.find(o.Parent, "table", "foreign table")
	if !ok {
		return false
	}
	return slices.ContainsFunc(g.parents(g.objects[i]), func(parent schema.Object) bool {
		j, ok := g.at[objectKey{o.Kind, parent.Name, o.Name}]
		inherited := o.Kind == "column" || o.Kind == "trigger" || o.Prop("inherited") != ""
		if !ok && o.Prop("inherited") != "" { // a key, which has another name there
			return slices.ContainsFunc(g.of(parent.Name, o.Kind), func(k int) bool { return p.drops[k] })
		}
		return ok && inherited && p.drops[j]
	})
}

// goesWithType reports whether a function is one that a dropped type needs and
// that needs it: DROP TYPE … CASCADE takes both.
func (p *pgPlan) goesWithType(function schema.Object) bool {
	g := p.w.from
	i := g.at[keyOf(function)]
	return slices.ContainsFunc(g.needs[i], func(n pgNeed) bool {
		return p.drops[n.of] && g.objects[n.of].Kind == "base type" &&
			slices.ContainsFunc(g.needs[n.of], func(m pgNeed) bool { return m.of == i })
	})
}
