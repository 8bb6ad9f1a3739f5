package ddl

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/internal/sqltext"
	"github.com/handrail-db/handrail/verify/schema"
)

// sqliteDialect writes the SQL of SQLite: the texts that the database has stored,
// which are its author's but for what ALTER TABLE has done to them.
type sqliteDialect struct{}

var _ ddlWriter = sqliteDialect{}

func (sqliteDialect) read(ctx context.Context, db *sql.DB, d *Definition) (err error) {
	tx, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() {
		if e := tx.Rollback(); e != nil && !errors.Is(e, sql.ErrTxDone) {
			err = errors.Join(err, e)
		}
	}()
	rows, err := tx.QueryContext(ctx, "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	d.texts = map[sqliteKey]string{}
	for rows.Next() {
		var kind, name, text string
		if err := rows.Scan(&kind, &name, &text); err != nil {
			return err
		}
		d.texts[sqliteKey{kind, sqltext.Fold(name)}] = text
	}
	return rows.Err()
}

// stored is the kind under which sqlite_schema has an object, "" where it has
// none of its own.
func stored(kind string) string {
	switch kind {
	case "table", "index", "trigger", "view":
		return kind
	case schema.VirtualTable:
		return "table"
	}
	return ""
}

// text is the statement that makes an object.
func (d Definition) text(o schema.Object) string {
	text := d.texts[sqliteKey{stored(o.Kind), sqltext.Fold(o.Name)}]
	if o.Kind == "table" {
		return layTable(text, o.Name)
	}
	return strings.TrimRight(strings.TrimSpace(text), ";")
}

func (w sqliteDialect) create(base schema.Snapshot, d Definition) (all [][]Statement) {
	for _, s := range w.change(base, d) {
		last := len(all) - 1
		if last >= 0 && all[last][0].Of.Under() == s.Of.Under() && s.Of.Kind == "index" && all[last][0].Of.Kind == "index" {
			all[last] = append(all[last], s)
		} else {
			all = append(all, []Statement{s})
		}
	}
	return all
}

// A sqlitePlan is what becomes of the objects that sqlite_schema has by name.
type sqlitePlan struct {
	from, to Definition
	out      []Statement
	makes    map[objectKey]bool
	rebuilds map[string]string // tables that have to be rebuilt, and why
}

func (sqliteDialect) change(from schema.Snapshot, to Definition) []Statement {
	p := &sqlitePlan{from: Definition{Snapshot: from}, to: to, makes: map[objectKey]bool{}, rebuilds: map[string]string{}}
	p.decide(schema.Compare(from, to.Snapshot))
	for _, o := range p.sorted() {
		switch {
		case p.makes[keyOf(o)] && stored(o.Kind) != "":
			p.out = append(p.out, Statement{Of: o, SQL: p.to.text(o)})
		case p.rebuilds[o.Name] != "" && o.Kind == "table":
			p.rebuild(o)
		}
	}
	return p.out
}

// decide drops what is in the way and finds out what has to be made.
func (p *sqlitePlan) decide(changes []schema.Change) {
	drops := map[objectKey]bool{}
	tables := map[string][]schema.Change{}
	var database []schema.Change
	for _, c := range changes {
		o := c.Object()
		switch {
		case o.Kind == "database":
			database = append(database, c)
		case o.Kind == schema.ShadowTable, stored(o.Kind) == "" && o.Parent == "":
		case o.Parent != "" && stored(o.Kind) == "", o.Kind == "table" && !c.OneSided():
			tables[cmp.Or(o.Parent, o.Name)] = append(tables[cmp.Or(o.Parent, o.Name)], c)
		default:
			drops[keyOf(o)], p.makes[keyOf(o)] = c.Want != nil, c.Got != nil
		}
	}
	p.dependents(drops)
	p.drop(drops)
	for _, name := range sortedKeys(tables) {
		p.table(name, tables[name], drops)
	}
	for _, c := range database {
		p.header(c)
	}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// dependents adds the triggers of what is dropped and stays in the schema to
// come: they go with it.
func (p *sqlitePlan) dependents(drops map[objectKey]bool) {
	gone := map[string]bool{}
	for k, dropped := range drops {
		if dropped && (k.kind == "view" || k.kind == "table" || k.kind == schema.VirtualTable) {
			gone[k.name] = true
		}
	}
	for _, o := range p.to.Objects {
		if gone[o.Parent] && stored(o.Kind) != "" {
			p.makes[keyOf(o)] = true
		}
	}
}

// drop drops triggers and views first, then indexes and tables.
func (p *sqlitePlan) drop(drops map[objectKey]bool) {
	rank := map[string]int{"trigger": 0, "view": 1, "index": 2, "table": 3, schema.VirtualTable: 3}
	var gone []schema.Object
	for _, o := range p.from.Objects {
		if drops[keyOf(o)] && !p.goesAlong(o, drops) {
			gone = append(gone, o)
		}
	}
	slices.SortStableFunc(gone, func(a, b schema.Object) int { return cmp.Compare(rank[a.Kind], rank[b.Kind]) })
	for _, o := range gone {
		p.out = append(p.out, Statement{Of: o, SQL: "DROP " + strings.ToUpper(stored(o.Kind)) + " " + sqltext.CanonName(o.Name)})
	}
}

func (p *sqlitePlan) goesAlong(o schema.Object, drops map[objectKey]bool) bool {
	for _, kind := range []string{"table", "view", schema.VirtualTable} {
		if drops[objectKey{kind, "", o.Parent}] {
			return true
		}
	}
	return false
}

// table alters a table, as far as ALTER TABLE goes.
func (p *sqlitePlan) table(name string, changes []schema.Change, drops map[objectKey]bool) {
	key := objectKey{"table", "", name}
	if p.makes[key] || drops[key] || len(p.to.Kind("view")) > 0 && slices.ContainsFunc(p.to.Kind("view"), func(v schema.Object) bool { return v.Name == name }) {
		return // comes or goes as a whole; the columns of a view follow
	}
	if _, virtual := p.to.virtual(name); virtual {
		return
	}
	var alters []Statement
	for _, c := range changes {
		sql, why := p.alter(name, c, changes)
		if why != "" {
			p.rebuilds[name] = why
			return
		}
		if sql != "" {
			alters = append(alters, Statement{Of: c.Object(), SQL: sql})
		}
	}
	p.out = append(p.out, alters...)
}

func (d Definition) virtual(name string) (schema.Object, bool) {
	for _, o := range d.Objects {
		if (o.Kind == schema.VirtualTable || o.Kind == schema.ShadowTable) && o.Name == name {
			return o, true
		}
	}
	return schema.Object{}, false
}

// alter is one change to a table, or why ALTER TABLE cannot make it.
func (p *sqlitePlan) alter(table string, c schema.Change, all []schema.Change) (sql, why string) {
	o := c.Object()
	alter := "ALTER TABLE " + sqltext.CanonName(table) + " "
	switch {
	case o.Kind == "table":
		if props := c.Props(); len(props) == 1 && props[0] == schema.ColumnOrder {
			return "", "its columns stand in another order"
		}
		return "", "its options are others"
	case o.Kind == "column" && c.Want == nil:
		return p.addColumn(alter, o, all)
	case o.Kind == "column" && c.Got == nil:
		if !slices.Equal(p.to.columnsOf(table), slices.DeleteFunc(slices.Clone(p.from.columnsOf(table)), func(n string) bool { return goneFrom(n, all) })) && !hasAdded(all) {
			return "", "its columns stand in another order"
		}
		if p.used(table, o.Name) {
			return "", fmt.Sprintf("DROP COLUMN refuses %s, which a key, constraint, index, trigger or view uses", o.Name)
		}
		return alter + "DROP COLUMN " + sqltext.CanonName(o.Name), ""
	case o.Kind == "column":
		return "", fmt.Sprintf("column %s differs in %s", o.Name, strings.Join(c.Props(), ", "))
	case (o.Kind == "check" || o.Kind == "foreign key") && c.Want == nil && inlineOf(o, all) != "":
		return "", "" // comes with its column
	}
	return "", fmt.Sprintf("%s %s", o, map[bool]string{true: "comes", false: "goes or differs"}[c.Want == nil])
}

func (d Definition) columnsOf(table string) []string {
	if o, ok := d.Snapshot.Table(table); ok {
		return o.Columns
	}
	return nil
}

func goneFrom(name string, all []schema.Change) bool {
	return slices.ContainsFunc(all, func(c schema.Change) bool { return c.Got == nil && c.Want.Kind == "column" && c.Want.Name == name })
}

func hasAdded(all []schema.Change) bool {
	return slices.ContainsFunc(all, func(c schema.Change) bool { return c.Want == nil && c.Got.Kind == "column" })
}

// inlineOf is the one new column into which a new constraint can be written, ""
// if there is none: only a constraint without a name, of that column alone.
func inlineOf(o schema.Object, all []schema.Change) (column string) {
	if o.Name != o.Prop("definition") {
		return ""
	}
	for _, c := range all {
		if c.Want == nil && c.Got.Kind == "column" && slices.Contains(o.Columns, c.Got.Name) {
			if column != "" {
				return ""
			}
			column = c.Got.Name
		}
	}
	return column
}

// addColumn adds a column at the end, with what ALTER TABLE allows it to have.
func (p *sqlitePlan) addColumn(alter string, o schema.Object, all []schema.Change) (sql, why string) {
	was, is := p.from.columnsOf(o.Parent), p.to.columnsOf(o.Parent)
	was = slices.DeleteFunc(slices.Clone(was), func(n string) bool { return goneFrom(n, all) })
	value := o.Prop("default")
	switch {
	case len(is) < len(was) || !slices.Equal(is[:len(was)], was):
		return "", fmt.Sprintf("column %s stands before others", o.Name)
	case strings.HasPrefix(o.Prop("generated"), "stored"):
		return "", fmt.Sprintf("ADD COLUMN refuses %s, which is stored and generated", o.Name)
	case o.Prop("null") == "no" && (value == "" || sqltext.Fold(value) == "null") && o.Prop("generated") == "":
		return "", fmt.Sprintf("ADD COLUMN refuses %s, which may not be NULL and has no default", o.Name)
	case value != "" && !constantDefault(value):
		return "", fmt.Sprintf("ADD COLUMN refuses %s, which has a default that is no constant", o.Name)
	}
	return alter + "ADD COLUMN " + p.to.columnText(o), ""
}

// constantDefault reports whether a default is one that ADD COLUMN takes: a
// literal, with a sign or not.
func constantDefault(value string) bool {
	tokens, err := sqltext.Canonical(value)
	if err != nil || len(tokens) == 0 {
		return false
	}
	if len(tokens) == 2 && (tokens[0].IsSymbol("-") || tokens[0].IsSymbol("+")) {
		tokens = tokens[1:]
	}
	return len(tokens) == 1 && (tokens[0].Kind == sqltext.Literal || tokens[0].Is("null") || tokens[0].Is("true") || tokens[0].Is("false"))
}

// columnText is a column as its author wrote it into the table.
func (d Definition) columnText(o schema.Object) string {
	_, items, _ := tableItems(d.texts[sqliteKey{"table", sqltext.Fold(o.Parent)}])
	for _, item := range items {
		tokens, err := sqltext.Canonical(item.code)
		if err == nil && len(tokens) > 0 && sqltext.Fold(sqltext.Identifier(tokens[0])) == sqltext.Fold(o.Name) {
			return collapse(item.code)
		}
	}
	return sqltext.CanonName(o.Name) + " " + o.Prop("type")
}

// used reports whether something that stays keeps a column from being dropped.
func (p *sqlitePlan) used(table, column string) bool {
	for _, o := range p.from.Objects {
		if o.Kind == "table" || o.Kind == "column" && (o.Name == column || o.Prop("generated") == "") || o.Kind == "index" && !p.to.has(o) {
			continue
		}
		tokens, err := sqltext.Canonical(o.Prop("definition") + " " + o.Prop("generated"))
		if err != nil {
			return true
		}
		names := func(name string) bool {
			return slices.ContainsFunc(tokens, func(t sqltext.Canon) bool { return sqltext.Fold(t.Name) == sqltext.Fold(name) })
		}
		if names(column) && (o.Parent == table || names(table)) {
			return true
		}
	}
	return false
}

func (d Definition) has(o schema.Object) bool {
	return slices.ContainsFunc(d.Objects, func(p schema.Object) bool { return keyOf(p) == keyOf(o) && slices.Equal(p.Props, o.Props) })
}

// rebuild says that a person has to make a table anew, and of what form.
func (p *sqlitePlan) rebuild(o schema.Object) {
	why := p.rebuilds[o.Name]
	text := fmt.Sprintf("table %s has to be rebuilt, since ALTER TABLE cannot change it so: %s.\nMake it under another name, copy the rows, drop the old one, rename the new one,\nand make its indexes and triggers again:\n%s;", o.Name, why, p.to.text(o))
	p.out = append(p.out, Statement{Of: o, SQL: "-- " + strings.ReplaceAll(text, "\n", "\n-- "), Manual: "the table has to be rebuilt: " + why, rebuild: true})
}

// header sets what the header of the file says. An encoding is for good.
func (p *sqlitePlan) header(c schema.Change) {
	was, is := schema.Object{}, schema.Object{}
	if c.Want != nil {
		was = *c.Want
	}
	if c.Got != nil {
		is = *c.Got
	}
	for _, pragma := range schema.HeaderPragmas {
		before, after := cmp.Or(was.Prop(pragma.Name), pragma.Normal), cmp.Or(is.Prop(pragma.Name), pragma.Normal)
		switch {
		case before == after:
		case pragma.Name == "encoding" || pragma.Name == "auto_vacuum":
			why := "PRAGMA " + pragma.Name + " counts before there is anything in the file"
			p.out = append(p.out, Statement{Of: c.Object(), SQL: "-- " + c.Object().String() + ": " + why, Manual: why})
		default:
			p.out = append(p.out, Statement{Of: c.Object(), SQL: "PRAGMA " + pragma.Name + " = " + after})
		}
	}
}

// sorted lists the objects of the schema to come: tables with what they have in
// the order of their foreign keys, then views behind those that they select from.
func (p *sqlitePlan) sorted() []schema.Object {
	objects := p.to.Objects
	at := map[string]int{}
	var mains []int
	for i, o := range objects {
		if o.Parent == "" && stored(o.Kind) != "" {
			at[sqltext.Fold(o.Name)] = i
			mains = append(mains, i)
		}
	}
	children := map[string][]int{}
	needs := make([][]int, len(objects))
	for i, o := range objects {
		if o.Parent != "" {
			children[o.Parent] = append(children[o.Parent], i)
		}
		of, ok := at[sqltext.Fold(o.Parent)]
		if o.Kind == "view" || o.Kind == schema.VirtualTable {
			of, ok = i, true
		}
		if !ok || o.Kind != "view" && o.Kind != "foreign key" && o.Kind != schema.VirtualTable {
			continue
		}
		var names []string
		if o.References != nil {
			names = []string{o.References.Table}
		} else {
			tokens, _ := sqltext.Canonical(o.Prop("definition"))
			for _, t := range tokens {
				names = append(names, t.Name)
			}
		}
		for _, name := range names {
			if j, named := at[sqltext.Fold(name)]; named && j != of {
				needs[of] = append(needs[of], j)
			}
		}
	}
	slices.SortStableFunc(mains, func(i, j int) int {
		return cmp.Compare(map[bool]int{true: 1}[objects[i].Kind == "view"], map[bool]int{true: 1}[objects[j].Kind == "view"])
	})
	var all, triggers []schema.Object
	for _, i := range topological(mains, func(i int) []int { return needs[i] }) {
		all = append(all, objects[i])
		for _, j := range children[objects[i].Name] {
			switch objects[j].Kind {
			case "trigger":
				triggers = append(triggers, objects[j])
			case "index":
				all = append(all, objects[j])
			}
		}
	}
	return append(all, triggers...)
}
