package ddl

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/internal/sqltext"
	"github.com/handrail-db/handrail/verify/schema"
)

// table is a new table with its columns, the constraints that belong into it and
// these foreign keys, and then what no CREATE TABLE can say.
func (p *pgPlan) table(i int, keys []int) pgText {
	w, g := p.w, p.w.to
	o := g.objects[i]
	head, tail := w.tableFrame(o)
	var items []string
	of := w.merged(o)
	items = append(items, w.columnLines(o, of, p.late)...)
	for _, j := range g.of(o.Name, "primary key", "unique", "check", "exclusion") {
		if p.unit(j) == i && !w.comesAlong(g.objects[j]) {
			items = append(items, w.constraintLine(g.objects[j]))
			p.done[j] = true
		}
	}
	for _, j := range keys {
		items = append(items, w.constraintLine(g.objects[j]))
	}
	sql := head.sql
	switch {
	case len(items) > 0:
		sql += " (\n    " + strings.Join(items, ",\n    ") + "\n)"
	case head.brackets:
		sql += " ()"
	}
	text := pgSQL(sql + tail)
	w.tableRest(o, of, &text)
	for _, j := range append(g.of(o.Name, "primary key", "unique", "check", "exclusion"), keys...) {
		if p.done[j] {
			text.add(w.constraintRest(g.objects[j])...)
		}
	}
	return text
}

// A tableHead is how a CREATE TABLE begins.
type tableHead struct {
	sql      string
	brackets bool // brackets follow, though nothing stands in them
}

// tableFrame is what stands before and behind the list of a table.
func (w pgWriter) tableFrame(o schema.Object) (head tableHead, tail string) {
	head = tableHead{"CREATE TABLE " + w.short(o.Name), true}
	if o.Prop("persistence") == "unlogged" {
		head.sql = "CREATE UNLOGGED TABLE " + w.short(o.Name)
	}
	inherits, bound := w.short(o.Prop("inherits")), o.Prop("partition bound")
	switch {
	case inherits == "" || !w.listsParents(o):
	case bound != "":
		head.sql, head.brackets, tail = head.sql+" PARTITION OF "+inherits, false, " "+bound
	default:
		tail = " INHERITS (" + inherits + ")"
	}
	if t := o.Prop("of type"); t != "" {
		head.sql, head.brackets = head.sql+" OF "+w.short(t), false
	}
	if key := o.Prop("partition key"); key != "" {
		tail += " PARTITION BY " + w.short(key)
	}
	if am := o.Prop("access method"); am != "" {
		tail += " USING " + am
	}
	if options := pgOptions(o); options != "" {
		tail += " WITH (" + options + ")"
	}
	if space := o.Prop("tablespace"); space != "" {
		tail += " TABLESPACE " + sqltext.QuoteIdent(space)
	}
	return head, tail
}

// pgOptions are the storage options of a relation and of its TOAST table.
func pgOptions(o schema.Object) string {
	var all []string
	for _, option := range pgOptionList(o.Prop("options")) {
		all = append(all, option.sql())
	}
	for _, option := range pgOptionList(o.Prop("toast options")) {
		all = append(all, "toast."+option.sql())
	}
	return strings.Join(all, ", ")
}

type pgOption struct{ name, value string }

func (o pgOption) sql() string {
	if o.value == "" {
		return sqltext.QuoteIdent(o.name)
	}
	if sqltext.PlainWord(o.value) || strings.Trim(o.value, "0123456789") == "" {
		return sqltext.QuoteIdent(o.name) + " = " + o.value
	}
	return sqltext.QuoteIdent(o.name) + " = " + sqltext.QuoteLiteral(o.value)
}

// pgOptionList splits a list of name=value.
func pgOptionList(list string) (options []pgOption) {
	if list == "" {
		return nil
	}
	for item := range strings.SplitSeq(list, ", ") {
		name, value, _ := strings.Cut(item, "=")
		options = append(options, pgOption{name, value})
	}
	return options
}

// parents are the tables that a table inherits from, or is a partition of.
func (g *pgGraph) parents(o schema.Object) (parents []schema.Object) {
	for _, name := range pgNameList(o.Prop("inherits")) {
		if i, ok := g.find(name, "table", "foreign table"); ok {
			parents = append(parents, g.objects[i])
		}
	}
	return parents
}

// pgNameList splits a list of qualified names, each as snapshots have it.
func pgNameList(list string) (names []string) {
	for _, c := range sqltext.Chains(sqltext.Pieces(list)) {
		parts := make([]string, len(c.Parts))
		for i, part := range c.Parts {
			parts[i] = sqltext.QuoteIdent(part)
		}
		names = append(names, strings.Join(parts, "."))
	}
	return names
}

// column finds a column of a relation.
func (g *pgGraph) column(relation, name string) (schema.Object, bool) {
	i, ok := g.at[objectKey{"column", relation, name}]
	if !ok {
		return schema.Object{}, false
	}
	return g.objects[i], true
}

// pgShared are the properties in which a column has to be as its parent's for
// the parent to make it.
var pgShared = []string{"type", "null", "default", "generated", "collation"}

// listsParents reports whether a table can be made from its parents' columns,
// which come first, and with the names that the server chooses for what it
// inherits. What cannot is made alone and attached.
func (w pgWriter) listsParents(o schema.Object) bool {
	var inherited []string
	for _, parent := range w.to.parents(o) {
		for _, name := range parent.Columns {
			if !slices.Contains(inherited, name) {
				inherited = append(inherited, name)
			}
			c, _ := w.to.column(parent.Name, name)
			own, _ := w.to.column(o.Name, name)
			if c.Prop("type") != own.Prop("type") || o.Prop("partition bound") != "" &&
				slices.ContainsFunc(pgShared, func(prop string) bool { return c.Prop(prop) != own.Prop(prop) }) {
				return false
			}
		}
	}
	columns := o.Columns
	if len(columns) < len(inherited) || !slices.Equal(columns[:len(inherited)], inherited) {
		return false
	}
	for _, j := range w.to.of(o.Name, "primary key", "unique", "exclusion", "index") {
		k := w.to.objects[j]
		if (k.Prop("inherited") != "" || w.partOf(k)) && !w.chosen(k) {
			return false
		}
	}
	return true
}

// partOf reports whether an index is made with that of the partitioned table.
func (w pgWriter) partOf(index schema.Object) bool {
	name := index.Prop("partition of")
	for _, parent := range w.to.parents(w.tableOf(index)) {
		if i, ok := w.to.at[objectKey{"index", parent.Name, name}]; ok {
			return w.to.objects[i].Prop("valid") == ""
		}
	}
	return false
}

func (w pgWriter) tableOf(o schema.Object) schema.Object {
	if i, ok := w.to.find(o.Parent, "table", "foreign table"); ok {
		return w.to.objects[i]
	}
	return schema.Object{}
}

// chosen reports whether a constraint or index is called as the server would
// call it by itself.
func (w pgWriter) chosen(o schema.Object) bool {
	table := sqltext.NameParts(o.Parent)
	label := map[string]string{"primary key": "pkey", "unique": "key", "exclusion": "excl", "index": "idx"}[o.Kind]
	parts := sqltext.NameParts(o.Name)
	var columns []string
	for _, name := range o.Columns {
		if o.Kind != "primary key" {
			columns = append(columns, cmp.Or(name, "expr"))
		}
	}
	return parts[len(parts)-1] == sqltext.FitName(table[len(table)-1], strings.Join(columns, "_"), "_"+label)
}

// merged are the columns of a new table that its parents make, by name.
func (w pgWriter) merged(o schema.Object) map[string]schema.Object {
	of := map[string]schema.Object{}
	if t := o.Prop("of type"); t != "" {
		for _, name := range o.Columns {
			of[name] = schema.Object{Kind: "column", Parent: o.Name, Name: name}
		}
	}
	if w.listsParents(o) {
		for _, parent := range w.to.parents(o) {
			for _, name := range parent.Columns {
				if c, ok := w.to.column(parent.Name, name); ok && of[name].Name == "" {
					of[name] = c
				}
			}
		}
	}
	return of
}

// comesAlong reports whether an object is made by the server when something else
// is: what a table inherits, and the part of an index on a partition.
func (w pgWriter) comesAlong(o schema.Object) bool {
	i, ok := w.to.find(o.Parent, "table", "foreign table")
	if !ok || w.to.objects[i].Prop("inherits") == "" {
		return false
	}
	table := w.to.objects[i]
	_, existed := w.from.find(o.Parent, "table", "foreign table")
	switch {
	case o.Kind == "trigger":
		return table.Prop("partition bound") != "" && strings.Contains(o.Prop("definition"), " FOR EACH ROW ") && w.parentHas(table, o)
	case o.Kind == "column":
		return existed && w.parentHas(table, o)
	case o.Kind == "index":
		return w.partOf(o) && (existed && w.chosen(o) || !existed && w.listsParents(table))
	case slices.Contains(pgConstraints, o.Kind):
		return o.Prop("inherited") != "" && (existed || w.listsParents(table))
	}
	return false
}

// parentHas reports whether a parent of the table has an object of this name.
func (w pgWriter) parentHas(table, o schema.Object) bool {
	return slices.ContainsFunc(w.to.parents(table), func(parent schema.Object) bool {
		_, ok := w.to.at[objectKey{o.Kind, parent.Name, o.Name}]
		return ok
	})
}

// columnLines are the columns as they stand in the list of a new table, in
// columns of their own where they are short.
func (w pgWriter) columnLines(o schema.Object, merged map[string]schema.Object, late map[int]bool) []string {
	type line struct{ name, kind, rest string }
	var lines []line
	names, kinds := 0, 0
	for _, name := range o.Columns {
		i := w.to.at[objectKey{"column", o.Name, name}]
		c := w.to.objects[i]
		if late[i] {
			c = lacking(c, "default")
		}
		l := line{sqltext.QuoteIdent(name), w.columnType(c), w.columnRest(c)}
		if m, ok := merged[name]; ok {
			differs := c.Prop("null") != m.Prop("null") || c.Prop("default") != m.Prop("default")
			if o.Prop("of type") != "" {
				l.kind = "WITH OPTIONS"
				differs = l.rest != ""
			}
			if !differs {
				continue
			}
		}
		lines = append(lines, l)
		names, kinds = max(names, len(l.name)), max(kinds, len(l.kind))
	}
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = strings.TrimRight(fmt.Sprintf("%-*s %-*s %s", min(names, widestColumn), l.name, min(kinds, widestColumn), l.kind, l.rest), " ")
	}
	return out
}

// widestColumn is to where the names, and the types, of a table are aligned.
const widestColumn = 28

func lacking(o schema.Object, prop string) schema.Object {
	o.Props = slices.DeleteFunc(slices.Clone(o.Props), func(p schema.Prop) bool { return p.Name == prop })
	return o
}

var pgSerials = map[string]string{"smallint": "smallserial", "integer": "serial", "bigint": "bigserial"}

// columnType is the type of a column, with its collation.
func (w pgWriter) columnType(c schema.Object) string {
	if _, ok := w.serial(c); ok {
		return pgSerials[c.Prop("type")]
	}
	text := w.short(c.Prop("type"))
	if collation := c.Prop("collation"); collation != "" {
		text += " COLLATE " + w.short(collation)
	}
	return text
}

// columnRest is what follows the type of a new column.
func (w pgWriter) columnRest(c schema.Object) string {
	var parts []string
	identity := c.Prop("identity")
	if _, ok := w.serial(c); ok {
		return ""
	}
	if c.Prop("null") == "no" && identity == "" {
		parts = append(parts, "NOT NULL")
	}
	if value := c.Prop("default"); value != "" {
		parts = append(parts, "DEFAULT "+w.short(value))
	}
	if g := c.Prop("generated"); g != "" {
		parts = append(parts, pgGenerated(w.short(g)))
	}
	if identity != "" {
		parts = append(parts, "GENERATED "+strings.ToUpper(identity)+" AS IDENTITY"+w.identityOptions(c))
	}
	return strings.Join(parts, " ")
}

// pgGenerated turns "stored (a + 1)" into the clause of a column.
func pgGenerated(text string) string {
	kind, expression, _ := strings.Cut(text, " ")
	if !strings.HasPrefix(expression, "(") || !strings.HasSuffix(expression, ")") {
		expression = "(" + expression + ")"
	}
	return "GENERATED ALWAYS AS " + expression + " " + strings.ToUpper(kind)
}

// tableRest is what a new table has that no CREATE TABLE can say.
func (w pgWriter) tableRest(o schema.Object, merged map[string]schema.Object, text *pgText) {
	w.rowSecurity(schema.Object{}, o, text)
	if r := o.Prop("replica identity"); r == "full" || r == "nothing" {
		text.add(w.alterTable(o.Name) + "REPLICA IDENTITY " + strings.ToUpper(r))
	}
	text.add(w.comment(schema.Object{}, o)...)
	for _, name := range o.Columns {
		c, _ := w.to.column(o.Name, name)
		text.add(w.columnExtras(merged[name], c)...)
		text.add(w.comment(schema.Object{}, c)...)
	}
	for _, s := range w.owned(o.Name) {
		text.add(w.comment(schema.Object{}, s)...)
	}
}

// attach makes a table that exists a partition, or an heir.
func (w pgWriter) attach(o schema.Object) (sql []string) {
	for _, parent := range pgNameList(o.Prop("inherits")) {
		if bound := o.Prop("partition bound"); bound != "" {
			sql = append(sql, "ALTER TABLE "+w.short(parent)+" ATTACH PARTITION "+w.short(o.Name)+" "+bound)
			continue
		}
		sql = append(sql, w.alterTable(o.Name)+"INHERIT "+w.short(parent))
	}
	return sql
}

// rowSecurity changes whether policies count.
func (w pgWriter) rowSecurity(a, b schema.Object, text *pgText) {
	for _, s := range []struct{ word, on, off string }{{"enabled", "ENABLE", "DISABLE"}, {"forced", "FORCE", "NO FORCE"}} {
		was, is := strings.Contains(a.Prop("row security"), s.word), strings.Contains(b.Prop("row security"), s.word)
		switch {
		case is && !was:
			text.add(w.alterTable(b.Name) + s.on + " ROW LEVEL SECURITY")
		case was && !is:
			text.add(w.alterTable(b.Name) + s.off + " ROW LEVEL SECURITY")
		}
	}
}

// constraintLine is a constraint as it stands in the list of a table.
func (w pgWriter) constraintLine(o schema.Object) string {
	return "CONSTRAINT " + sqltext.QuoteIdent(o.Name) + " " + w.short(o.Prop("definition"))
}

// constraintRest is what of a constraint no list can say.
func (w pgWriter) constraintRest(o schema.Object) (sql []string) {
	space := sqltext.QuoteIdent(sqltext.NameParts(o.Parent)[0])
	for part := range strings.SplitSeq(o.Prop("index"), ", ") {
		switch part {
		case "", "not valid", "not ready":
		case "clustered":
			sql = append(sql, w.alterTable(o.Parent)+"CLUSTER ON "+sqltext.QuoteIdent(o.Name))
		case "replica identity":
			sql = append(sql, w.alterTable(o.Parent)+"REPLICA IDENTITY USING INDEX "+sqltext.QuoteIdent(o.Name))
		default:
			sql = append(sql, "ALTER INDEX "+w.short(space+"."+sqltext.QuoteIdent(o.Name))+" SET ("+pgOptionList(part)[0].sql()+")")
		}
	}
	return append(sql, w.comment(schema.Object{}, o)...)
}
