package ddl

import (
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/internal/sqltext"
	"github.com/handrail-db/handrail/verify/schema"
)

// alter is what makes b out of a, both of one kind and name. It reports false
// where a has to be dropped and b made.
func (w pgWriter) alter(a, b schema.Object) (pgText, bool) {
	var text pgText
	ok := true
	if write := pgAlters[b.Kind]; write != nil {
		text, ok = write(w, a, b)
	} else if !onlyIn(a, b, "comment", schema.ExtensionOf) {
		ok = false
	}
	if ok && text.manual == "" {
		text.add(w.comment(a, b)...)
	}
	return text, ok
}

var pgAlters map[string]func(w pgWriter, a, b schema.Object) (pgText, bool)

func init() { // it names itself
	constraint := pgWriter.alterConstraint
	pgAlters = map[string]func(w pgWriter, a, b schema.Object) (pgText, bool){
		"table": pgWriter.alterRelation, "foreign table": pgWriter.alterRelation,
		"view": pgWriter.alterView, "materialized view": pgWriter.alterView,
		"column":      pgWriter.alterColumn,
		"primary key": constraint, "unique": constraint, "check": constraint, "foreign key": constraint, "exclusion": constraint,
		"index": pgWriter.changeIndex, "trigger": pgWriter.alterTrigger, "rule": pgWriter.alterTrigger,
		"event trigger": func(w pgWriter, a, b schema.Object) (pgText, bool) {
			return pgSQL(w.enableEvent(a, b)...), onlyIn(a, b, "enabled", "comment")
		},
		"policy": pgWriter.alterPolicy,
		"sequence": func(w pgWriter, a, b schema.Object) (pgText, bool) {
			return w.alterSequence(lacking(a, "comment"), lacking(b, "comment")), true
		},
		"privileges":         func(w pgWriter, a, b schema.Object) (pgText, bool) { return w.grants(a, b), true },
		"default privileges": func(w pgWriter, a, b schema.Object) (pgText, bool) { return w.grants(a, b), true },
		"database settings":  func(w pgWriter, a, b schema.Object) (pgText, bool) { return w.settings(a, b), true },
		"function":           pgWriter.alterRoutine, "procedure": pgWriter.alterRoutine,
		"enum": pgWriter.alterEnum, "domain": pgWriter.alterDomain, "composite type": pgWriter.alterComposite,
		"extension": pgWriter.alterExtension, "operator class": pgWriter.alterOperators, "operator family": pgWriter.alterOperators,
		"statistics object": func(w pgWriter, a, b schema.Object) (pgText, bool) {
			target := b.Prop("target")
			if target == "" {
				target = "-1"
			}
			return pgSQL("ALTER STATISTICS " + w.short(b.Name) + " SET STATISTICS " + target), onlyIn(a, b, "target", "comment")
		},
		"foreign server": func(w pgWriter, a, b schema.Object) (pgText, bool) {
			return w.fdwOptions("ALTER SERVER "+b.Name+" ", a.Prop("options"), b.Prop("options")), onlyIn(a, b, "options", "comment")
		},
		"foreign data wrapper": func(w pgWriter, a, b schema.Object) (pgText, bool) {
			return w.fdwOptions("ALTER FOREIGN DATA WRAPPER "+b.Name+" ", a.Prop("options"), b.Prop("options")), onlyIn(a, b, "options", "comment")
		},
		"foreign table options": pgWriter.alterForeignOptions,
		"user mapping": func(w pgWriter, a, b schema.Object) (pgText, bool) {
			return byHand("its options may be passwords, of which nothing but a hash is known"), true
		},
	}
}

// onlyIn reports whether two objects differ in none but these properties.
func onlyIn(a, b schema.Object, props ...string) bool {
	return !slices.ContainsFunc(schema.ChangedProps(a, b), func(p string) bool { return !slices.Contains(props, p) })
}

// setOptions changes a list of name=value, with SET and RESET.
func (w pgWriter) setOptions(statement, prefix, was, is string) (sql []string) {
	before, after := pgOptionList(was), pgOptionList(is)
	var set, reset []string
	for _, o := range after {
		if !slices.Contains(before, o) {
			set = append(set, prefix+o.sql())
		}
	}
	for _, o := range before {
		if !slices.ContainsFunc(after, func(p pgOption) bool { return p.name == o.name }) {
			reset = append(reset, prefix+sqltext.QuoteIdent(o.name))
		}
	}
	if len(set) > 0 {
		sql = append(sql, statement+"SET ("+strings.Join(set, ", ")+")")
	}
	if len(reset) > 0 {
		sql = append(sql, statement+"RESET ("+strings.Join(reset, ", ")+")")
	}
	return sql
}

// alterRelation changes what a table has beside columns and the like.
func (w pgWriter) alterRelation(a, b schema.Object) (pgText, bool) {
	table := w.alterTable(b.Name)
	var text pgText
	for _, prop := range schema.ChangedProps(a, b) {
		was, is := a.Prop(prop), b.Prop(prop)
		switch prop {
		case "persistence":
			text.add(table + "SET " + map[bool]string{true: "UNLOGGED", false: "LOGGED"}[is == "unlogged"])
		case "options":
			text.add(w.setOptions(table, "", was, is)...)
		case "toast options":
			text.add(w.setOptions(table, "toast.", was, is)...)
		case "access method":
			if is == "" {
				is = "heap"
			}
			text.add(table + "SET ACCESS METHOD " + is)
		case "tablespace":
			if is == "" {
				is = "pg_default"
			}
			text.add(table + "SET TABLESPACE " + sqltext.QuoteIdent(is))
		case "replica identity":
			if is != "index" {
				text.add(table + "REPLICA IDENTITY " + map[string]string{"": "DEFAULT", "full": "FULL", "nothing": "NOTHING"}[is])
			}
		case "row security":
			w.rowSecurity(a, b, &text)
		case "of type":
			if is == "" {
				text.add(table + "NOT OF")
			} else {
				text.add(table + "OF " + w.short(is))
			}
		case "partition bound", "inherits", "comment":
		default:
			return byHand("nothing but a new table has another " + prop), true
		}
	}
	if a.Prop("inherits") != b.Prop("inherits") || a.Prop("partition bound") != b.Prop("partition bound") {
		text.sql = slices.Concat(w.detach(a, b), text.sql, w.attach(b))
	}
	return text, true
}

// detach ends that a table is a partition, or an heir.
func (w pgWriter) detach(a, b schema.Object) (sql []string) {
	for _, parent := range pgNameList(a.Prop("inherits")) {
		if _, stays := w.to.find(parent, "table", "foreign table"); !stays {
			continue
		}
		if a.Prop("partition bound") != "" {
			sql = append(sql, "ALTER TABLE "+w.short(parent)+" DETACH PARTITION "+w.short(b.Name))
		} else {
			sql = append(sql, w.alterTable(b.Name)+"NO INHERIT "+w.short(parent))
		}
	}
	return sql
}

// alterView replaces a view that keeps its columns, and may have more behind.
func (w pgWriter) alterView(a, b schema.Object) (pgText, bool) {
	var text pgText
	view := w.alterTable(b.Name)
	if !onlyIn(a, b, "options", "comment", schema.ExtensionOf, "toast options", "populated", "access method", "tablespace") {
		was, is := a.Columns, b.Columns
		if b.Kind != "view" || len(is) < len(was) || !slices.Equal(is[:len(was)], was) || w.otherTypes(b, was) {
			return text, false
		}
		create := w.view(b).sql[0]
		return pgSQL(strings.Replace(create, "CREATE VIEW", "CREATE OR REPLACE VIEW", 1)), true
	}
	text.add(w.setOptions(view, "", a.Prop("options"), b.Prop("options"))...)
	text.add(w.setOptions(view, "toast.", a.Prop("toast options"), b.Prop("toast options"))...)
	if a.Prop("populated") != b.Prop("populated") {
		text.add("REFRESH MATERIALIZED VIEW " + w.short(b.Name) + map[bool]string{true: " WITH NO DATA"}[b.Prop("populated") == "no"])
	}
	return text, onlyIn(a, b, "options", "comment", schema.ExtensionOf, "toast options", "populated")
}

// otherTypes reports whether a column of a view has another type than before.
func (w pgWriter) otherTypes(view schema.Object, columns []string) bool {
	return slices.ContainsFunc(columns, func(name string) bool {
		was, _ := w.from.column(view.Name, name)
		is, _ := w.to.column(view.Name, name)
		return was.Prop("type") != is.Prop("type") || was.Prop("collation") != is.Prop("collation")
	})
}

// alterColumn changes a column of a table or view.
func (w pgWriter) alterColumn(a, b schema.Object) (pgText, bool) {
	if i, ok := w.to.find(b.Parent, "view", "materialized view"); ok {
		if !onlyIn(a, b, "default", "statistics", "storage", "compression", "options", "comment") {
			return pgText{}, true // it comes with the view
		}
		return pgSQL(w.viewColumn(w.to.objects[i], a, b)...), true
	}
	column := w.alterTable(b.Parent) + "ALTER COLUMN " + sqltext.QuoteIdent(b.Name) + " "
	inherits := w.parentChanges(a, b)
	var text pgText
	if was, is := a.Prop("generated"), b.Prop("generated"); was != is {
		if is != "" {
			return pgText{}, false
		}
		if !inherits {
			text.add(column + "DROP EXPRESSION")
		}
	}
	if a.Prop("identity") != "" && b.Prop("identity") == "" {
		text.add(column + "DROP IDENTITY")
	}
	if !inherits {
		w.columnKind(a, b, column, &text)
	}
	w.columnValues(a, b, column, &text)
	text.add(w.columnExtras(a, b)...)
	return text, true
}

// parentChanges reports whether the column gets its type and the like from a
// parent that gets them, too.
func (w pgWriter) parentChanges(a, b schema.Object) bool {
	i, ok := w.to.find(b.Parent, "table", "foreign table")
	return ok && slices.ContainsFunc(w.to.parents(w.to.objects[i]), func(parent schema.Object) bool {
		was, before := w.from.column(parent.Name, b.Name)
		is, after := w.to.column(parent.Name, b.Name)
		return before && after && was.Prop("type") == a.Prop("type") && is.Prop("type") == b.Prop("type") && was.Prop("type") != is.Prop("type")
	})
}

// columnKind changes the type of a column, a default out of its way.
func (w pgWriter) columnKind(a, b schema.Object, column string, text *pgText) {
	if a.Prop("type") == b.Prop("type") && a.Prop("collation") == b.Prop("collation") {
		return
	}
	sql := column + "TYPE " + w.short(b.Prop("type"))
	switch collation := b.Prop("collation"); {
	case collation != "":
		sql += " COLLATE " + w.short(collation)
	case a.Prop("collation") != "":
		sql += ` COLLATE "default"`
	}
	if pgTypeName(a.Prop("type")) != pgTypeName(b.Prop("type")) && b.Prop("generated") == "" {
		if a.Prop("default") != "" && a.Prop("generated") == "" {
			text.add(column + "DROP DEFAULT")
		}
		sql += " USING " + sqltext.QuoteIdent(b.Name) + "::" + w.short(b.Prop("type"))
	}
	text.add(sql)
}

// pgTypeName is a type without its length and the like.
func pgTypeName(t string) string {
	name, _, _ := strings.Cut(t, "(")
	return name
}

// columnValues changes default, identity and whether NULL may be there.
func (w pgWriter) columnValues(a, b schema.Object, column string, text *pgText) {
	was, is := a.Prop("default"), b.Prop("default")
	if pgTypeName(a.Prop("type")) != pgTypeName(b.Prop("type")) {
		was = "" // dropped
	}
	if _, gone := w.to.find(a.Parent, "table", "foreign table"); gone && was != is {
		if is == "" {
			text.add(column + "DROP DEFAULT")
		} else {
			text.add(column + "SET DEFAULT " + w.short(is))
		}
	}
	if a.Prop("null") != b.Prop("null") {
		text.add(column + map[bool]string{true: "SET NOT NULL", false: "DROP NOT NULL"}[b.Prop("null") == "no"])
	}
	switch was, is := a.Prop("identity"), b.Prop("identity"); {
	case is == "" || was == is:
	case was == "":
		text.add(column + "ADD GENERATED " + strings.ToUpper(is) + " AS IDENTITY" + w.identityOptions(b))
		if s, ok := w.identitySequence(b); ok {
			text.add(w.comment(schema.Object{}, s)...)
		}
	default:
		text.add(column + "SET GENERATED " + strings.ToUpper(is))
	}
}

// columnExtras are what a column has that no list of a table can say on every
// version of Postgres.
func (w pgWriter) columnExtras(a, b schema.Object) (sql []string) {
	column := w.alterTable(b.Parent) + "ALTER COLUMN " + sqltext.QuoteIdent(b.Name) + " "
	for _, p := range []struct{ prop, words, none string }{{"storage", "SET STORAGE ", "DEFAULT"}, {"compression", "SET COMPRESSION ", "default"}, {"statistics", "SET STATISTICS ", "-1"}} {
		if is := b.Prop(p.prop); is != a.Prop(p.prop) {
			if is == "" {
				is = p.none
			}
			if p.prop == "storage" && is == "DEFAULT" {
				is = pgUsualStorage(b.Prop("type"))
			}
			sql = append(sql, column+p.words+is)
		}
	}
	return append(sql, w.setOptions(column, "", a.Prop("options"), b.Prop("options"))...)
}

// pgUsualStorage is that of the types of varying length that most columns have.
// SET STORAGE DEFAULT says it from Postgres 16 on only.
func pgUsualStorage(kind string) string {
	switch pgTypeName(kind) {
	case "numeric", "inet", "cidr", "tsvector":
		return "MAIN"
	}
	return "EXTENDED"
}

// alterConstraint validates, defers and comments; all else is another constraint.
func (w pgWriter) alterConstraint(a, b schema.Object) (pgText, bool) {
	var text pgText
	table := w.alterTable(b.Parent)
	was, is := a.Prop("definition"), b.Prop("definition")
	switch {
	case was == is:
	case was == is+" NOT VALID":
		text.add(table + "VALIDATE CONSTRAINT " + sqltext.QuoteIdent(b.Name))
	case b.Kind == "foreign key" && pgImmediate(was) == pgImmediate(is):
		change := "NOT DEFERRABLE"
		if i := strings.Index(is, " DEFERRABLE"); i >= 0 {
			change = strings.TrimPrefix(is[i:], " ")
		}
		text.add(table + "ALTER CONSTRAINT " + sqltext.QuoteIdent(b.Name) + " " + change)
	default:
		return text, false
	}
	if a.Prop("index") == b.Prop("index") {
		return text, true
	}
	return text, w.constraintIndex(a, b, &text)
}

// pgImmediate is a foreign key without what it says of its time.
func pgImmediate(definition string) string {
	head, _, _ := strings.Cut(definition, " DEFERRABLE")
	return head
}

// constraintIndex changes what the index of a constraint has.
func (w pgWriter) constraintIndex(a, b schema.Object, text *pgText) bool {
	options := func(o schema.Object) string {
		var kept []string
		for part := range strings.SplitSeq(o.Prop("index"), ", ") {
			if strings.Contains(part, "=") {
				kept = append(kept, part)
			}
		}
		return strings.Join(kept, ", ")
	}
	name := w.short(sqltext.QuoteIdent(sqltext.NameParts(b.Parent)[0]) + "." + sqltext.QuoteIdent(b.Name))
	text.add(w.setOptions("ALTER INDEX "+name+" ", "", options(a), options(b))...)
	had := strings.Split(a.Prop("index"), ", ")
	for part := range strings.SplitSeq(b.Prop("index"), ", ") {
		if !slices.Contains(had, part) && (part == "clustered" || part == "replica identity") {
			text.add(w.constraintRest(schema.Object{Kind: b.Kind, Parent: b.Parent, Name: b.Name, Props: []schema.Prop{{Name: "index", Value: part}}})...)
		}
	}
	if slices.Contains(had, "clustered") && !slices.Contains(strings.Split(b.Prop("index"), ", "), "clustered") {
		text.add(w.alterTable(b.Parent) + "SET WITHOUT CLUSTER")
	}
	return true
}

// changeIndex changes what an index has beside its definition.
func (w pgWriter) changeIndex(a, b schema.Object) (pgText, bool) {
	var text pgText
	if !onlyIn(a, b, "clustered", "replica identity", "statistics", "comment", schema.ExtensionOf, "partition of", "valid") {
		return text, false
	}
	if a.Prop("valid") != b.Prop("valid") && !strings.Contains(b.Prop("definition"), " ON ONLY ") {
		if b.Prop("valid") == "" {
			return text, false
		}
		return byHand(neverValid), true
	}
	w.alterIndex(a, b, &text)
	if of := b.Prop("partition of"); of != "" && a.Prop("partition of") == "" && !w.attaching(b) {
		text.add("ALTER INDEX " + w.short(of) + " ATTACH PARTITION " + w.short(b.Name))
	}
	return text, a.Prop("partition of") == "" || b.Prop("partition of") != "" || w.attaching(b)
}

// attaching reports whether the table of an index becomes a partition or ceases
// to be one, and its indexes with it.
func (w pgWriter) attaching(index schema.Object) bool {
	was, before := w.from.find(index.Parent, "table")
	is, after := w.to.find(index.Parent, "table")
	return before && after && w.from.objects[was].Prop("partition bound") != w.to.objects[is].Prop("partition bound")
}

// alterTrigger replaces a trigger or rule and changes when it fires.
func (w pgWriter) alterTrigger(a, b schema.Object) (pgText, bool) {
	return pgSQL(w.enable(a, b)...), onlyIn(a, b, "enabled", "comment", schema.ExtensionOf)
}

func (w pgWriter) alterPolicy(a, b schema.Object) (pgText, bool) {
	if onlyIn(a, b, "comment") {
		return pgText{}, true
	}
	lost := a.Prop("using") != "" && b.Prop("using") == "" || a.Prop("with check") != "" && b.Prop("with check") == ""
	if b.Prop("roles") == "" {
		b = b.With("roles", "PUBLIC")
	}
	return pgSQL("ALTER " + w.title(b) + w.policyClauses(b)), !lost && onlyIn(a, b, "roles", "using", "with check", "comment")
}

// alterRoutine replaces a function where that is allowed: it returns what it
// returned and no argument lost its default.
func (w pgWriter) alterRoutine(a, b schema.Object) (pgText, bool) {
	if onlyIn(a, b, "comment", schema.ExtensionOf) {
		return pgText{}, true
	}
	result := func(o schema.Object) string {
		_, rest, _ := strings.Cut(o.Prop("definition"), "\n")
		line, _, _ := strings.Cut(rest, "\n")
		return line
	}
	defaults := func(o schema.Object) int {
		head, _, _ := strings.Cut(o.Prop("definition"), "\n")
		return strings.Count(head, " DEFAULT ")
	}
	text := pgSQL(strings.TrimRight(w.routine(b), "\n"))
	if a.Prop(schema.ExtensionOf) == b.Prop(schema.ExtensionOf) { // replacing it has taken that away
		text.add(w.dependOn(schema.Object{}, b)...)
	}
	return text, result(a) == result(b) && defaults(a) <= defaults(b)
}
