package ddl

import (
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/internal/sqltext"
	"github.com/handrail-db/handrail/verify/schema"
)

// objectKey is what tells an object from the others of its snapshot.
type objectKey struct{ kind, parent, name string }

func keyOf(o schema.Object) objectKey { return objectKey{o.Kind, o.Parent, o.Name} }

// A pgGraph says which objects of a snapshot need which others, by the names
// that stand in their properties. It may take too many for needed: a name does
// not say which of several functions it calls, nor whether it is one at all.
type pgGraph struct {
	objects  []schema.Object
	at       map[objectKey]int
	children map[string][]int // by the name of their parent
	named    map[string][]int // by schema and name
	local    map[string][]int // by name alone
	owned    map[string]int   // sequences, by the column that owns them
	indexes  map[string]int   // by name
	needs    [][]pgNeed
}

// A pgNeed is an object that another one needs.
type pgNeed struct {
	of int

	// tracked: the server knows it, and refuses to drop the one without the
	// other. It does not for what a function's text says.
	tracked bool

	// checked: the server looks whether it is there when it makes the other.
	checked bool
}

func newPgGraph(s schema.Snapshot) *pgGraph {
	g := &pgGraph{
		objects: s.Objects, at: map[objectKey]int{}, children: map[string][]int{},
		named: map[string][]int{}, local: map[string][]int{}, owned: map[string]int{}, indexes: map[string]int{}, needs: make([][]pgNeed, len(s.Objects)),
	}
	for i, o := range s.Objects {
		g.at[keyOf(o)] = i
		if o.Parent != "" {
			g.children[o.Parent] = append(g.children[o.Parent], i)
		}
		if o.Kind == "sequence" && o.Prop(schema.OwnedBy) != "" {
			g.owned[o.Prop(schema.OwnedBy)] = i
		}
		if o.Kind == "index" {
			g.indexes[o.Name] = i
		}
		if g.hasSchema(o) {
			if parts := sqltext.NameParts(o.Name); len(parts) > 1 {
				g.named[pgFull(parts)] = append(g.named[pgFull(parts)], i)
				g.local[parts[1]] = append(g.local[parts[1]], i)
			}
		}
	}
	for i := range s.Objects {
		g.needs[i] = g.read(i)
	}
	return g
}

func pgFull(parts []string) string { return parts[0] + "\x00" + parts[1] }

// hasSchema reports whether the object's name begins with that of its schema.
func (g *pgGraph) hasSchema(o schema.Object) bool {
	return (o.Parent == "" || o.Kind == "index" || o.Kind == "statistics object") && !slices.Contains(pgPlainNames, o.Kind)
}

// pgPlainNames are the kinds of objects that live in no schema.
var pgPlainNames = append([]string{
	"schema", "extension", "language", "foreign data wrapper", "foreign server", "user mapping", "access method",
	"event trigger", "publication", "cast", "transform", "default privileges", "database settings", "security label", "large object",
}, schema.ClusterKinds...)

// find is the object of one of the kinds with this name, false if there is none.
func (g *pgGraph) find(name string, kinds ...string) (int, bool) {
	for _, kind := range kinds {
		if i, ok := g.at[objectKey{kind, "", name}]; ok {
			return i, true
		}
	}
	return 0, false
}

// of lists the objects of a kind that belong to a table or view.
func (g *pgGraph) of(parent string, kinds ...string) (found []int) {
	for _, i := range g.children[parent] {
		if slices.Contains(kinds, g.objects[i].Kind) {
			found = append(found, i)
		}
	}
	return found
}

var (
	pgRelations   = []string{"table", "view", "materialized view", "foreign table", "sequence"}
	pgRoutines    = []string{"function", "procedure", "aggregate"}
	pgTypes       = []string{"enum", "domain", "range", "composite type", "base type", "shell type"}
	pgConstraints = []string{"primary key", "unique", "check", "foreign key", "exclusion"}
)

// read finds what an object needs.
func (g *pgGraph) read(i int) (needs []pgNeed) {
	o := g.objects[i]
	add := func(j int, tracked, checked bool) {
		if j != i {
			needs = append(needs, pgNeed{j, tracked, checked})
		}
	}
	must := func(j int, ok bool) {
		if ok {
			add(j, true, true)
		}
	}
	if o.Parent != "" {
		for _, kinds := range [][]string{pgRelations, pgRoutines, pgTypes, {"foreign server", "schema", "language", "foreign data wrapper", "role"}} {
			must(g.find(o.Parent, kinds...))
		}
	}
	if g.hasSchema(o) {
		must(g.find(sqltext.QuoteIdent(sqltext.NameParts(o.Name)[0]), "schema"))
	}
	if role, ok := strings.CutPrefix(o.Name, "in "); ok && o.Kind == "membership" {
		must(g.find(role, "role"))
	}
	for _, p := range pgPlainProps {
		if name := o.Prop(p.prop); name != "" {
			must(g.find(name, p.kind))
		}
	}
	words, relations := map[string]bool{}, []string{}
	if o.Kind == "operator class" || o.Kind == "operator family" {
		o = g.withItems(o)
	}
	g.texts(o, words, func(j int, tracked, checked bool) {
		add(j, tracked, checked)
		if tracked && slices.Contains(pgRelations, g.objects[j].Kind) {
			relations = append(relations, g.objects[j].Name)
		}
	})
	g.columns(i, words, relations, add)
	if o.Kind == "foreign key" {
		g.referenced(o, add)
	}
	if o.Kind == "index" && o.Prop("valid") == "no" { // made with ONLY, when all partitions are there
		for j, p := range g.objects {
			if p.Kind == "table" && p.Prop("inherits") == o.Parent || p.Kind == "index" && p.Prop("partition of") == o.Name {
				add(j, false, true)
			}
		}
	}
	return needs
}

// withItems is an operator class with what its family has, and a family without,
// where there is a class to make that.
func (g *pgGraph) withItems(o schema.Object) schema.Object {
	name, method, _ := strings.Cut(o.Name, " using ")
	if o.Kind == "operator class" {
		if i, ok := g.find(o.Prop("family")+" using "+method, "operator family"); ok {
			o.Props = slices.Concat(o.Props, g.objects[i].Props, []schema.Prop{{Name: "of", Value: g.objects[i].Name}})
		}
		return o
	}
	for _, c := range g.objects {
		if c.Kind == "operator class" && c.Prop("family") == name && strings.HasSuffix(c.Name, " using "+method) {
			o.Props = nil
		}
	}
	return o
}

// pgPlainProps are the properties that name an object which lives in no schema.
var pgPlainProps = []struct{ prop, kind string }{
	{"wrapper", "foreign data wrapper"}, {"server", "foreign server"}, {"schema", "schema"}, {"access method", "access method"},
}

// texts finds what the properties name, and all words in them.
func (g *pgGraph) texts(o schema.Object, words map[string]bool, add func(int, bool, bool)) {
	routine := slices.Contains(pgRoutines, o.Kind)
	for _, p := range o.Props {
		if p.Name == "comment" || p.Name == "labels" || p.Name == schema.ColumnOrder || p.Name == schema.OwnedBy || p.Name == "partition of" {
			continue
		}
		tokens := sqltext.Pieces(p.Value)
		g.chains(tokens, words, func(j int) { add(j, true, true) })
		for n, t := range tokens {
			switch {
			case t.Kind != sqltext.TextPiece:
			case routine && p.Name == "definition" && pgAfter(tokens, n, "as"):
				g.body(o, t.Name, add)
			default:
				for _, c := range sqltext.Chains(sqltext.Pieces(t.Name)) {
					if len(c.Parts) > 1 {
						g.lookup(c.Parts, func(j int) { add(j, true, true) })
					}
				}
			}
		}
	}
	if lang := pgLanguage(o); lang != "" {
		if j, ok := g.find(sqltext.QuoteIdent(lang), "language"); ok {
			add(j, true, true)
		}
	}
	if o.Kind == "operator class" || o.Kind == "operator family" || o.Kind == "transform" || o.Kind == "cast" {
		g.chains(sqltext.Pieces(o.Name), words, func(j int) { add(j, true, true) })
		if _, method, ok := strings.Cut(o.Name, " using "); ok {
			if j, ok := g.find(method, "access method"); ok {
				add(j, true, true)
			}
		}
	}
	if routine || o.Kind == "operator" { // the types of arguments
		g.chains(sqltext.Pieces(o.Name), map[string]bool{}, func(j int) { add(j, true, true) })
	}
}

// pgAfter reports whether the token before n, white space aside, is this word.
func pgAfter(tokens []sqltext.Piece, n int, word string) bool {
	for n--; n >= 0; n-- {
		switch t := tokens[n]; {
		case t.Kind == sqltext.BlankPiece:
		case t.Kind == sqltext.NamePiece:
			return t.Name == word
		default:
			return false
		}
	}
	return false
}

// pgLanguage is the language of a function, "" of all else.
func pgLanguage(o schema.Object) string {
	if !slices.Contains(pgRoutines, o.Kind) {
		return ""
	}
	tokens := sqltext.Pieces(o.Prop("definition"))
	for n, t := range tokens {
		if t.Kind == sqltext.NamePiece && pgAfter(tokens, n, "language") {
			return t.Name
		}
	}
	return ""
}

// chains finds the objects that are called by schema and name.
func (g *pgGraph) chains(tokens []sqltext.Piece, words map[string]bool, found func(int)) {
	for _, c := range sqltext.Chains(tokens) {
		for _, part := range c.Parts {
			words[part] = true
		}
		if len(c.Parts) > 1 {
			g.lookup(c.Parts, found)
		}
	}
}

func (g *pgGraph) lookup(parts []string, found func(int)) {
	for _, j := range g.named[pgFull(parts)] {
		found(j)
	}
}

// body finds what the text of a function names. A function in SQL is checked
// when it is made, one in PL/pgSQL only as far as types of variables go.
func (g *pgGraph) body(o schema.Object, text string, add func(int, bool, bool)) {
	lang := pgLanguage(o)
	if lang != "sql" && lang != "plpgsql" {
		return
	}
	tokens := sqltext.Pieces(text)
	for _, c := range sqltext.Chains(tokens) {
		checked := lang == "sql" || c.End < len(tokens) && tokens[c.End].Text == "%"
		found := g.local[c.Parts[0]]
		if len(c.Parts) > 1 {
			found = append(slices.Clone(found), g.named[pgFull(c.Parts)]...)
		}
		for _, j := range found {
			add(j, false, checked)
		}
	}
}

// columns finds the columns that an object names, of its own table and of those
// that it names: whoever takes one away or gives it another type has to know.
func (g *pgGraph) columns(i int, words map[string]bool, relations []string, add func(int, bool, bool)) {
	o := g.objects[i]
	if o.Kind == "table" || o.Kind == "sequence" || o.Kind == "foreign table options" {
		return
	}
	if o.Parent != "" && o.Kind != "privileges" {
		relations = append(relations, o.Parent)
	}
	slices.Sort(relations)
	for _, relation := range slices.Compact(relations) {
		for _, j := range g.of(relation, "column") {
			if c := g.objects[j]; words[c.Name] && !(o.Kind == "column" && o.Name == c.Name) {
				add(j, true, true)
			}
		}
	}
}

// referenced finds the key that a foreign key points at, or the unique indexes
// where there is none.
func (g *pgGraph) referenced(o schema.Object, add func(int, bool, bool)) {
	if j, ok := g.key(o.References); ok {
		add(j, true, true)
		return
	}
	for _, j := range g.of(o.References.Table, "index") {
		add(j, true, true)
	}
}

// key finds the constraint that makes the columns of a reference a key, in any order.
func (g *pgGraph) key(to *schema.Reference) (int, bool) {
	sorted := func(names []string) []string { return slices.Sorted(slices.Values(names)) }
	for _, j := range g.of(to.Table, "primary key", "unique") {
		if slices.Equal(sorted(g.objects[j].Columns), sorted(to.Columns)) {
			return j, true
		}
	}
	return 0, false
}

// topological sorts things so that each comes behind what it needs, and stays where
// the list has it as far as that goes. Where needs go in a circle, the one that
// was come upon last gives way.
func topological(list []int, needs func(int) []int) []int {
	sorted := make([]int, 0, len(list))
	state := map[int]bool{} // false: on the way
	var visit func(int)
	visit = func(i int) {
		if _, ok := state[i]; ok {
			return
		}
		state[i] = false
		for _, j := range needs(i) {
			visit(j)
		}
		state[i] = true
		sorted = append(sorted, i)
	}
	for _, i := range list {
		visit(i)
	}
	return sorted
}
