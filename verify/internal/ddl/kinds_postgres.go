package ddl

import (
	"regexp"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/internal/sqltext"
	"github.com/handrail-db/handrail/verify/schema"
)

// pgCreates make objects of the kinds that few histories have.
var pgCreates map[string]func(pgWriter, schema.Object) pgText

func init() { // it names itself
	pgCreates = map[string]func(pgWriter, schema.Object) pgText{
		"enum": func(w pgWriter, o schema.Object) pgText {
			return pgSQL("CREATE TYPE " + w.short(o.Name) + " AS ENUM (" + o.Prop("labels") + ")")
		},
		"domain":         pgWriter.domain,
		"composite type": pgWriter.composite,
		"range":          pgWriter.rangeType,
		"base type": func(w pgWriter, o schema.Object) pgText {
			return pgSQL("CREATE TYPE " + w.short(o.Name) + " (" + w.short(o.Prop("base")) + ")")
		},
		"shell type": func(w pgWriter, o schema.Object) pgText { return pgSQL("CREATE TYPE " + w.short(o.Name)) },
		"cast":       pgWriter.cast, "operator": pgWriter.operator,
		"operator family": pgWriter.operatorFamily, "operator class": pgWriter.operatorClass,
		"collation": pgWriter.collation, "conversion": pgWriter.conversion,
		"language": pgWriter.language, "transform": pgWriter.transform,
		"access method": func(w pgWriter, o schema.Object) pgText {
			return pgSQL("CREATE ACCESS METHOD " + o.Name + " TYPE " + strings.ToUpper(o.Prop("type")) + " HANDLER " + w.short(o.Prop("handler")))
		},
		"event trigger": pgWriter.eventTrigger, "publication": pgWriter.publication,
		"text search parser": pgWriter.textSearch, "text search template": pgWriter.textSearch,
		"text search dictionary": pgWriter.textSearch, "text search configuration": pgWriter.textSearchConfiguration,
		"foreign data wrapper": pgWriter.wrapper, "foreign server": pgWriter.server, "user mapping": pgWriter.userMapping,
		"database settings": func(w pgWriter, o schema.Object) pgText { return w.settings(schema.Object{}, o) },
		"role":              pgWriter.createRole, "membership": pgWriter.membership,
	}
}

// clauses joins the properties of an object as name = value.
func (w pgWriter) clauses(o schema.Object, named ...string) string {
	var items []string
	for i := 0; i < len(named); i += 2 {
		if value := o.Prop(named[i]); value != "" {
			items = append(items, named[i+1]+" = "+w.short(value))
		}
	}
	return strings.Join(items, ", ")
}

func (w pgWriter) domain(o schema.Object) pgText {
	sql := "CREATE DOMAIN " + w.short(o.Name) + " AS " + w.short(o.Prop("type"))
	if c := o.Prop("collation"); c != "" {
		sql += " COLLATE " + w.short(c)
	}
	if d := o.Prop("default"); d != "" {
		sql += " DEFAULT " + w.short(d)
	}
	if o.Prop("null") == "no" {
		sql += " NOT NULL"
	}
	var text pgText
	for _, c := range domainChecks(o) {
		if strings.HasSuffix(c.definition, " NOT VALID") {
			text.add("ALTER DOMAIN " + w.short(o.Name) + " ADD CONSTRAINT " + c.name + " " + w.short(c.definition))
		} else {
			sql += "\n    CONSTRAINT " + c.name + " " + w.short(c.definition)
		}
		text.add(w.domainComment(o, c)...)
	}
	text.sql = append([]string{sql}, text.sql...)
	return text
}

func (w pgWriter) domainComment(o schema.Object, c namedText) []string {
	if c.comment == "" {
		return nil
	}
	return []string{"COMMENT ON CONSTRAINT " + c.name + " ON DOMAIN " + w.short(o.Name) + " IS " + sqltext.QuoteLiteral(c.comment)}
}

// A namedText is a line of a property: a name, what it is, and a comment.
type namedText struct{ name, definition, comment string }

func domainChecks(o schema.Object) []namedText        { return namedTexts(o.Prop("checks")) }
func compositeAttributes(o schema.Object) []namedText { return namedTexts(o.Prop("attributes")) }

func namedTexts(lines string) (texts []namedText) {
	if lines == "" {
		return nil
	}
	for line := range strings.SplitSeq(lines, "\n") {
		line, comment, _ := strings.Cut(line, " -- ")
		name := sqltext.Pieces(line)[0].Text
		texts = append(texts, namedText{name, strings.TrimSpace(line[len(name):]), comment})
	}
	return texts
}

func (w pgWriter) composite(o schema.Object) pgText {
	var items []string
	var text pgText
	for _, a := range compositeAttributes(o) {
		items = append(items, a.name+" "+w.short(a.definition))
		text.add(w.attributeComment(o, namedText{}, a)...)
	}
	text.sql = append([]string{"CREATE TYPE " + w.short(o.Name) + " AS (" + strings.Join(items, ", ") + ")"}, text.sql...)
	return text
}

func (w pgWriter) attributeComment(o schema.Object, was, is namedText) []string {
	switch {
	case was.comment == is.comment:
		return nil
	case is.comment == "":
		return []string{"COMMENT ON COLUMN " + w.short(o.Name) + "." + is.name + " IS NULL"}
	}
	return []string{"COMMENT ON COLUMN " + w.short(o.Name) + "." + is.name + " IS " + sqltext.QuoteLiteral(is.comment)}
}

// rangeParts are the words with which a snapshot says what a range type has,
// and those of CREATE TYPE.
var rangeParts = [][2]string{
	{"subtype ", "SUBTYPE"},
	{"operator class ", "SUBTYPE_OPCLASS"},
	{"collation ", "COLLATION"},
	{"canonical ", "CANONICAL"},
	{"difference ", "SUBTYPE_DIFF"},
	{"multirange ", "MULTIRANGE_TYPE_NAME"},
}

func (w pgWriter) rangeType(o schema.Object) pgText {
	var items []string
	for part := range strings.SplitSeq(o.Prop("range"), ", ") {
		for _, r := range rangeParts {
			if value, ok := strings.CutPrefix(part, r[0]); ok {
				items = append(items, r[1]+" = "+w.short(value))
			}
		}
	}
	return pgSQL("CREATE TYPE " + w.short(o.Name) + " AS RANGE (" + strings.Join(items, ", ") + ")")
}

func (w pgWriter) cast(o schema.Object) pgText {
	sql := "CREATE " + w.title(o)
	switch f := o.Prop("function"); f {
	case "input and output":
		sql += " WITH INOUT"
	case "none, binary coercible":
		sql += " WITHOUT FUNCTION"
	default:
		sql += " WITH FUNCTION " + w.short(f)
	}
	if c := o.Prop("context"); c != "" {
		sql += " AS " + strings.ToUpper(c)
	}
	return pgSQL(sql)
}

// operatorArguments reads the name of an operator: public.=(integer, integer).
var operatorArguments = regexp.MustCompile(`^(.*?)\((.*)\)$`)

func (w pgWriter) operator(o schema.Object) pgText {
	m := operatorArguments.FindStringSubmatch(o.Name)
	left, right, _ := strings.Cut(m[2], ", ")
	function, _, _ := strings.Cut(o.Prop("function"), "(")
	items := []string{"FUNCTION = " + w.short(function)}
	if left != "NONE" {
		items = append(items, "LEFTARG = "+w.short(left))
	}
	items = append(items, "RIGHTARG = "+w.short(right))
	for _, other := range []string{"commutator", "negator"} {
		if value := o.Prop(other); value != "" {
			name, _, _ := strings.Cut(value, "(")
			items = append(items, strings.ToUpper(other)+" = OPERATOR("+name+")")
		}
	}
	if rest := w.clauses(o, "restrict", "RESTRICT", "join", "JOIN"); rest != "" {
		items = append(items, rest)
	}
	if options := o.Prop("options"); options != "" {
		items = append(items, strings.ToUpper(options))
	}
	name := m[1]
	if i := strings.LastIndexByte(name, '.'); i >= 0 && name[:i] == sqltext.QuoteIdent(w.home) {
		name = name[i+1:]
	}
	return pgSQL("CREATE OPERATOR " + name + " (" + strings.Join(items, ", ") + ")")
}

// A familyItem is an operator or function of an operator family.
type familyItem struct {
	sql, of string // of: the type that both arguments have, "" where they differ
}

// familyItems are what a family has, in the words of ALTER OPERATOR FAMILY.
func (w pgWriter) familyItems(o schema.Object) (items []familyItem) {
	for line := range strings.SplitSeq(o.Prop("operators"), "\n") {
		number, operator, _ := strings.Cut(line, " ")
		if open := strings.IndexByte(operator, '('); open >= 0 {
			list, rest, _ := strings.Cut(operator[open+1:], ")")
			left, right, _ := strings.Cut(list, ",")
			items = append(items, familyItem{"OPERATOR " + number + " " + operator[:open] + " (" + w.short(left) + ", " + w.short(right) + ")" + w.short(rest), pgSame(left, right)})
		}
	}
	for line := range strings.SplitSeq(o.Prop("functions"), "\n") {
		head, function, ok := strings.Cut(line, ") ")
		if number, list, _ := strings.Cut(head, " ("); ok {
			left, right, _ := strings.Cut(list, ", ")
			items = append(items, familyItem{"FUNCTION " + number + " (" + w.short(list) + ") " + w.short(function), pgSame(left, right)})
		}
	}
	return items
}

func pgSame(left, right string) string {
	if left == right {
		return left
	}
	return ""
}

// operatorFamily makes a family. What it has comes with its classes, if there
// are any.
func (w pgWriter) operatorFamily(o schema.Object) pgText {
	text := pgSQL("CREATE " + w.title(o))
	if len(w.to.withItems(o).Props) == 0 {
		return text
	}
	for _, item := range w.familyItems(o) {
		text.add("ALTER " + w.title(o) + " ADD " + item.sql)
	}
	return text
}

// operatorClass makes a class with what its family has for its type. The last
// class of a family adds what is left.
func (w pgWriter) operatorClass(o schema.Object) pgText {
	name, method, _ := strings.Cut(w.short(o.Name), " using ")
	family := schema.Object{}
	var classes []schema.Object
	for _, f := range w.to.objects {
		switch {
		case f.Kind == "operator family" && f.Name == o.Prop("family")+" using "+method:
			family = f
		case f.Kind == "operator class" && f.Prop("family") == o.Prop("family") && strings.HasSuffix(f.Name, " using "+method):
			classes = append(classes, f)
		}
	}
	var items, rest []string
	for _, item := range w.familyItems(family) {
		of := slices.IndexFunc(classes, func(c schema.Object) bool { return c.Prop("type") == item.of })
		switch {
		case of >= 0 && classes[of].Name == o.Name:
			items = append(items, item.sql)
		case of < 0 && classes[len(classes)-1].Name == o.Name:
			rest = append(rest, item.sql)
		}
	}
	if s := o.Prop("storage"); s != "" || len(items) == 0 {
		if s == "" {
			s = o.Prop("type")
		}
		items = append(items, "STORAGE "+w.short(s))
	}
	sql := "CREATE OPERATOR CLASS " + name
	if o.Prop("default") != "" {
		sql += " DEFAULT"
	}
	sql += " FOR TYPE " + w.short(o.Prop("type")) + " USING " + method + " FAMILY " + w.short(o.Prop("family")) + " AS\n    " + strings.Join(items, ",\n    ")
	text := pgSQL(sql)
	if len(rest) > 0 {
		text.add("ALTER OPERATOR FAMILY " + w.short(o.Prop("family")) + " USING " + method + " ADD\n    " + strings.Join(rest, ",\n    "))
	}
	return text
}

func (w pgWriter) collation(o schema.Object) pgText {
	items := []string{"PROVIDER = " + o.Prop("provider")}
	locale := o.Prop("locale")
	if ctype := o.Prop("ctype"); ctype != "" {
		items = append(items, "LC_COLLATE = "+sqltext.QuoteLiteral(locale), "LC_CTYPE = "+sqltext.QuoteLiteral(ctype))
	} else {
		items = append(items, "LOCALE = "+sqltext.QuoteLiteral(locale))
	}
	if o.Prop("deterministic") != "" {
		items = append(items, "DETERMINISTIC = false")
	}
	if rules := o.Prop("rules"); rules != "" {
		items = append(items, "RULES = "+sqltext.QuoteLiteral(rules))
	}
	return pgSQL("CREATE COLLATION " + w.short(o.Name) + " (" + strings.Join(items, ", ") + ")")
}

func (w pgWriter) conversion(o schema.Object) pgText {
	sql := "CREATE "
	if o.Prop("default") != "" {
		sql += "DEFAULT "
	}
	return pgSQL(sql + "CONVERSION " + w.short(o.Name) + " FOR " + sqltext.QuoteLiteral(o.Prop("from")) + " TO " + sqltext.QuoteLiteral(o.Prop("to")) + " FROM " + w.short(o.Prop("function")))
}

func (w pgWriter) language(o schema.Object) pgText {
	sql := "CREATE "
	if o.Prop("trusted") != "" {
		sql += "TRUSTED "
	}
	sql += "LANGUAGE " + o.Name
	for _, p := range []string{"handler", "inline", "validator"} {
		if f := o.Prop(p); f != "" {
			sql += " " + strings.ToUpper(p) + " " + w.short(f)
		}
	}
	return pgSQL(sql)
}

func (w pgWriter) transform(o schema.Object) pgText {
	var items []string
	for _, p := range []string{"from sql", "to sql"} {
		if f := o.Prop(p); f != "" {
			items = append(items, strings.ToUpper(p)+" WITH FUNCTION "+w.short(f))
		}
	}
	return pgSQL("CREATE " + w.title(o) + " (" + strings.Join(items, ", ") + ")")
}

func (w pgWriter) eventTrigger(o schema.Object) pgText {
	sql := "CREATE EVENT TRIGGER " + o.Name + " ON " + o.Prop("event")
	if tags := o.Prop("tags"); tags != "" {
		var list []string
		for tag := range strings.SplitSeq(tags, ", ") {
			list = append(list, sqltext.QuoteLiteral(tag))
		}
		sql += " WHEN TAG IN (" + strings.Join(list, ", ") + ")"
	}
	text := pgSQL(sql + " EXECUTE FUNCTION " + w.short(o.Prop("function")))
	text.add(w.enableEvent(schema.Object{}, o)...)
	return text
}

func (w pgWriter) enableEvent(a, b schema.Object) []string {
	was, is := a.Prop("enabled"), b.Prop("enabled")
	if was == is {
		return nil
	}
	verb := map[string]string{"": "ENABLE", "always": "ENABLE ALWAYS", "replica": "ENABLE REPLICA", "no": "DISABLE"}[is]
	return []string{"ALTER EVENT TRIGGER " + b.Name + " " + verb}
}

func (w pgWriter) publication(o schema.Object) pgText {
	sql := "CREATE PUBLICATION " + o.Name
	var parts []string
	if tables := o.Prop("tables"); tables != "" {
		for table := range strings.SplitSeq(tables, "\n") {
			parts = append(parts, "TABLE "+pgBracketed(w.short(table)))
		}
	}
	if schemas := o.Prop("schemas"); schemas != "" {
		parts = append(parts, "TABLES IN SCHEMA "+schemas)
	}
	switch {
	case o.Prop("all tables") != "":
		sql += " FOR ALL TABLES"
	case len(parts) > 0:
		sql += " FOR " + strings.Join(parts, ", ")
	}
	options := []string{"publish = " + sqltext.QuoteLiteral(o.Prop("publish"))}
	if o.Prop("via root") != "" {
		options = append(options, "publish_via_partition_root = true")
	}
	if o.Prop("generated columns") != "" {
		options = append(options, "publish_generated_columns = stored")
	}
	if options[0] != "publish = 'insert, update, delete, truncate'" || len(options) > 1 {
		sql += " WITH (" + strings.Join(options, ", ") + ")"
	}
	return pgSQL(sql)
}

// pgBracketed gives the condition of a published table its brackets.
func pgBracketed(table string) string {
	head, condition, ok := strings.Cut(table, " WHERE ")
	if !ok || strings.HasPrefix(condition, "(") {
		return table
	}
	return head + " WHERE (" + condition + ")"
}

func (w pgWriter) textSearch(o schema.Object) pgText {
	items := w.clauses(o, "start", "START", "token", "GETTOKEN", "end", "END", "headline", "HEADLINE", "types", "LEXTYPES",
		"init", "INIT", "lexize", "LEXIZE", "template", "TEMPLATE")
	if options := o.Prop("options"); options != "" {
		items += ", " + options
	}
	return pgSQL("CREATE " + w.title(o) + " (" + items + ")")
}

func (w pgWriter) textSearchConfiguration(o schema.Object) pgText {
	text := pgSQL("CREATE " + w.title(o) + " (" + w.clauses(o, "parser", "PARSER") + ")")
	if mappings := o.Prop("mappings"); mappings != "" {
		for line := range strings.SplitSeq(mappings, "\n") {
			token, dictionaries, _ := strings.Cut(line, ": ")
			text.add("ALTER " + w.title(o) + " ADD MAPPING FOR " + token + " WITH " + w.short(dictionaries))
		}
	}
	return text
}
