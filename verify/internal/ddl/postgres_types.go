package ddl

import (
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/internal/sqltext"
	"github.com/handrail-db/handrail/verify/schema"
)

// alterEnum adds labels or renames one. None can be taken away.
func (w pgWriter) alterEnum(a, b schema.Object) (pgText, bool) {
	was, is := pgStrings(a.Prop("labels")), pgStrings(b.Prop("labels"))
	var text pgText
	alter := "ALTER TYPE " + w.short(b.Name)
	if len(was) == len(is) {
		for i := range was {
			if was[i] != is[i] {
				text.add(alter + " RENAME VALUE " + sqltext.QuoteLiteral(was[i]) + " TO " + sqltext.QuoteLiteral(is[i]))
			}
		}
		if len(text.sql) > 1 {
			return byHand("the labels differ in more than one: say which became which with ALTER TYPE … RENAME VALUE"), true
		}
		return text, true
	}
	kept := slices.DeleteFunc(slices.Clone(is), func(l string) bool { return !slices.Contains(was, l) })
	if !slices.Equal(kept, was) {
		return byHand("Postgres takes no label away from an enum: make a new type, and change the columns of the old one to it"), true
	}
	for i, label := range is {
		if slices.Contains(was, label) {
			continue
		}
		sql := alter + " ADD VALUE " + sqltext.QuoteLiteral(label)
		next := slices.IndexFunc(is[i:], func(l string) bool { return slices.Contains(was, l) })
		if next >= 0 {
			sql += " BEFORE " + sqltext.QuoteLiteral(is[i+next])
		}
		text.add(sql)
	}
	return text, true
}

// pgStrings are the strings in a list.
func pgStrings(list string) (values []string) {
	for _, t := range sqltext.Pieces(list) {
		if t.Kind == sqltext.TextPiece {
			value := t.Name
			if t.Text[0] == 'E' {
				value = strings.ReplaceAll(value, `\\`, `\`)
			}
			values = append(values, value)
		}
	}
	return values
}

func (w pgWriter) alterDomain(a, b schema.Object) (pgText, bool) {
	if !onlyIn(a, b, "default", "null", "checks", "comment") {
		return pgText{}, false
	}
	var text pgText
	domain := "ALTER DOMAIN " + w.short(b.Name) + " "
	switch was, is := a.Prop("default"), b.Prop("default"); {
	case was == is:
	case is == "":
		text.add(domain + "DROP DEFAULT")
	default:
		text.add(domain + "SET DEFAULT " + w.short(is))
	}
	if a.Prop("null") != b.Prop("null") {
		text.add(domain + map[bool]string{true: "SET NOT NULL", false: "DROP NOT NULL"}[b.Prop("null") == "no"])
	}
	w.domainConstraints(a, b, domain, &text)
	return text, true
}

func (w pgWriter) domainConstraints(a, b schema.Object, domain string, text *pgText) {
	was, is := byName(domainChecks(a)), byName(domainChecks(b))
	for _, c := range domainChecks(a) {
		if now, ok := is[c.name]; !ok || now.definition != c.definition && now.definition+" NOT VALID" != c.definition {
			text.add(domain + "DROP CONSTRAINT " + c.name)
			delete(was, c.name)
		}
	}
	for _, c := range domainChecks(b) {
		before, ok := was[c.name]
		switch {
		case !ok:
			text.add(domain + "ADD CONSTRAINT " + c.name + " " + w.short(c.definition))
		case before.definition != c.definition:
			text.add(domain + "VALIDATE CONSTRAINT " + c.name)
		}
		if ok && before.comment != "" && c.comment == "" {
			text.add("COMMENT ON CONSTRAINT " + c.name + " ON DOMAIN " + w.short(b.Name) + " IS NULL")
		} else if before.comment != c.comment {
			text.add(w.domainComment(b, c)...)
		}
	}
}

func byName(texts []namedText) map[string]namedText {
	named := map[string]namedText{}
	for _, t := range texts {
		named[t.name] = t
	}
	return named
}

func (w pgWriter) alterComposite(a, b schema.Object) (pgText, bool) {
	var text pgText
	alter := "ALTER TYPE " + w.short(b.Name) + " "
	was, is := compositeAttributes(a), byName(compositeAttributes(b))
	kept := []string{}
	for _, t := range was {
		if _, ok := is[t.name]; !ok {
			text.add(alter + "DROP ATTRIBUTE " + t.name)
			continue
		}
		kept = append(kept, t.name)
	}
	before := byName(was)
	for i, t := range compositeAttributes(b) {
		old, ok := before[t.name]
		switch {
		case i < len(kept) && t.name != kept[i]:
			return byHand("nothing but a new type has its attributes in another order"), true
		case !ok:
			text.add(alter + "ADD ATTRIBUTE " + t.name + " " + w.short(t.definition))
		case old.definition != t.definition:
			text.add(alter + "ALTER ATTRIBUTE " + t.name + " TYPE " + w.short(t.definition))
		}
		text.add(w.attributeComment(b, old, t)...)
	}
	return text, true
}

func (w pgWriter) alterExtension(a, b schema.Object) (pgText, bool) {
	var text pgText
	if a.Prop("version") != b.Prop("version") {
		text.add("ALTER EXTENSION " + b.Name + " UPDATE TO " + sqltext.QuoteLiteral(b.Prop("version")))
	}
	if a.Prop("schema") != b.Prop("schema") {
		text.add("ALTER EXTENSION " + b.Name + " SET SCHEMA " + b.Prop("schema"))
	}
	return text, true
}

// alterOperators changes what an operator family has; a class is made again.
func (w pgWriter) alterOperators(a, b schema.Object) (pgText, bool) {
	if b.Kind == "operator class" {
		return pgText{}, onlyIn(a, b, "comment")
	}
	name := "ALTER " + w.title(b)
	was, is := w.familyItems(a), w.familyItems(b)
	var text pgText
	for _, item := range is {
		if !slices.Contains(was, item) && !w.byClass(b, item) {
			text.add(name + " ADD " + item.sql)
		}
	}
	for _, item := range was {
		if !slices.Contains(is, item) && !w.byClass(b, item) {
			number, rest, _ := strings.Cut(item.sql[strings.IndexByte(item.sql, ' ')+1:], " ")
			kind, _, _ := strings.Cut(item.sql, " ")
			list := rest[strings.IndexByte(rest, '('):]
			text.add(name + " DROP " + kind + " " + number + " " + list[:strings.IndexByte(list, ')')+1])
		}
	}
	return text, true
}

// byClass reports whether an item of a family comes or goes with a class.
func (w pgWriter) byClass(family schema.Object, item familyItem) bool {
	name, method, _ := strings.Cut(family.Name, " using ")
	for _, g := range []*pgGraph{w.from, w.to} {
		for _, o := range g.objects {
			_, before := w.from.at[keyOf(o)]
			_, after := w.to.at[keyOf(o)]
			if o.Kind == "operator class" && before != after && o.Prop("family") == name && strings.HasSuffix(o.Name, " using "+method) && o.Prop("type") == item.of {
				return true
			}
		}
	}
	return false
}

// fdwOptions changes a list of options with ADD, SET and DROP.
func (w pgWriter) fdwOptions(statement, was, is string) pgText {
	before, after := pgOptionList(was), pgOptionList(is)
	var items []string
	for _, o := range after {
		i := slices.IndexFunc(before, func(p pgOption) bool { return p.name == o.name })
		switch {
		case i < 0:
			items = append(items, "ADD "+sqltext.QuoteIdent(o.name)+" "+sqltext.QuoteLiteral(o.value))
		case before[i] != o:
			items = append(items, "SET "+sqltext.QuoteIdent(o.name)+" "+sqltext.QuoteLiteral(o.value))
		}
	}
	for _, o := range before {
		if !slices.ContainsFunc(after, func(p pgOption) bool { return p.name == o.name }) {
			items = append(items, "DROP "+sqltext.QuoteIdent(o.name))
		}
	}
	if len(items) == 0 {
		return pgText{}
	}
	return pgSQL(statement + "OPTIONS (" + strings.Join(items, ", ") + ")")
}

// alterForeignOptions changes the options of a foreign table and its columns.
func (w pgWriter) alterForeignOptions(a, b schema.Object) (pgText, bool) {
	if a.Prop("server") != b.Prop("server") {
		return byHand("nothing but a new foreign table has another server"), true
	}
	table := w.alterTable(b.Parent)
	text := w.fdwOptions(table, a.Prop("options"), b.Prop("options"))
	lists := func(o schema.Object) map[string]string {
		of := map[string]string{}
		for line := range strings.SplitSeq(o.Prop("column options"), "\n") {
			column, list, _ := strings.Cut(line, ": ")
			of[column] = list
		}
		return of
	}
	was, is := lists(a), lists(b)
	i, _ := w.to.find(b.Parent, "foreign table")
	for _, name := range w.to.objects[i].Columns {
		column := sqltext.QuoteIdent(name)
		text.add(w.fdwOptions(table+"ALTER COLUMN "+column+" ", was[column], is[column]).sql...)
	}
	return text, true
}
