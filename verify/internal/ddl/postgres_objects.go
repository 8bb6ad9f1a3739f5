package ddl

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/internal/sqltext"
	"github.com/handrail-db/handrail/verify/schema"
)

// create is what makes an object that is no table, without its comment.
func (w pgWriter) create(o schema.Object) pgText {
	name, definition := w.short(o.Name), w.short(o.Prop("definition"))
	if w.comesAlong(o) {
		return w.afterComing(o)
	}
	switch o.Kind {
	case "column":
		return w.addColumn(o)
	case "primary key", "unique", "check", "foreign key", "exclusion":
		text := pgSQL(w.alterTable(o.Parent) + "ADD " + w.constraintLine(o))
		text.add(w.constraintRest(lacking(lacking(o, "comment"), schema.ExtensionOf))...)
		return text
	case "sequence":
		return w.sequence(o)
	case "foreign table":
		return w.foreignTable(o)
	case "view", "materialized view":
		return w.view(o)
	case "index":
		return w.index(o)
	case "trigger":
		return w.trigger(o, definition)
	case "rule":
		return w.trigger(o, strings.TrimSuffix(definition, ";"))
	case "policy":
		return pgSQL("CREATE " + w.title(o) + w.policyRest(o))
	case "statistics object":
		text := pgSQL(definition)
		if target := o.Prop("target"); target != "" {
			text.add("ALTER STATISTICS " + name + " SET STATISTICS " + target)
		}
		return text
	case "privileges", "default privileges":
		return w.grants(schema.Object{Kind: o.Kind, Parent: o.Parent, Name: o.Name}, o)
	case "function", "procedure":
		return pgSQL(strings.TrimRight(strings.Replace(w.routine(o), "CREATE OR REPLACE ", "CREATE ", 1), "\n"))
	case "aggregate":
		return w.aggregate(o)
	case "schema":
		return pgSQL("CREATE SCHEMA " + name)
	case "extension":
		return w.extension(o)
	}
	if write, ok := pgCreates[o.Kind]; ok {
		return write(w, o)
	}
	return byHand("it belongs to the server, or is data, and to no schema")
}

// afterComing is what an object needs that another one has brought along.
func (w pgWriter) afterComing(o schema.Object) pgText {
	var text pgText
	if o.Kind == "trigger" {
		text.add(w.enable(schema.Object{}, o)...)
	}
	return text
}

// addColumn adds a column to a table that exists.
func (w pgWriter) addColumn(c schema.Object) pgText {
	if i, ok := w.to.find(c.Parent, "view", "materialized view"); ok {
		return pgSQL(w.viewColumn(w.to.objects[i], schema.Object{}, c)...)
	}
	text := pgSQL(w.alterTable(c.Parent) + strings.TrimRight("ADD COLUMN "+sqltext.QuoteIdent(c.Name)+" "+w.columnType(c)+" "+w.columnRest(c), " "))
	text.add(w.columnExtras(schema.Object{}, c)...)
	if s, ok := w.identitySequence(c); ok {
		text.add(w.comment(schema.Object{}, s)...)
	}
	return text
}

// routine is a function or procedure as the server prints it. Names in its text
// stay as their author wrote them.
func (w pgWriter) routine(o schema.Object) string { return w.short(o.Prop("definition")) }

func (w pgWriter) extension(o schema.Object) pgText {
	sql := "CREATE EXTENSION " + o.Name
	if s := o.Prop("schema"); s != sqltext.QuoteIdent(w.home) && s != "pg_catalog" {
		sql += " SCHEMA " + s
	}
	if w.exact {
		sql += " VERSION " + sqltext.QuoteLiteral(o.Prop("version"))
	}
	return pgSQL(sql)
}

// view is a view or materialized view with what its columns have.
func (w pgWriter) view(o schema.Object) pgText {
	sql := "CREATE " + strings.ToUpper(o.Kind) + " " + w.short(o.Name)
	if o.Prop("persistence") == "unlogged" {
		sql = "CREATE UNLOGGED " + strings.ToUpper(o.Kind) + " " + w.short(o.Name)
	}
	if am := o.Prop("access method"); am != "" {
		sql += " USING " + am
	}
	if options := pgOptions(o); options != "" {
		sql += " WITH (" + options + ")"
	}
	if space := o.Prop("tablespace"); space != "" {
		sql += " TABLESPACE " + sqltext.QuoteIdent(space)
	}
	text := pgSQL(sql + " AS\n" + strings.TrimSuffix(w.short(o.Prop("definition")), ";"))
	if o.Prop("populated") == "no" {
		text.sql[0] += "\nWITH NO DATA"
	}
	for _, name := range o.Columns {
		if c, ok := w.to.column(o.Name, name); ok {
			text.add(w.viewColumn(o, schema.Object{}, c)...)
			text.add(w.comment(schema.Object{}, c)...)
		}
	}
	return text
}

// viewColumn is what a column of a view has beside what its query says.
func (w pgWriter) viewColumn(view, a, b schema.Object) (sql []string) {
	column := w.alterTable(view.Name) + "ALTER COLUMN " + sqltext.QuoteIdent(b.Name) + " "
	switch was, is := a.Prop("default"), b.Prop("default"); {
	case was == is:
	case is == "":
		sql = append(sql, column+"DROP DEFAULT")
	default:
		sql = append(sql, column+"SET DEFAULT "+w.short(is))
	}
	if view.Kind == "materialized view" {
		sql = append(sql, w.columnExtras(a, b)...)
	}
	return sql
}

const neverValid = "an index that is not valid is what a failed CREATE INDEX CONCURRENTLY has left"

// index makes an index. Of a partitioned one the server prints ONLY, though its
// parts are made with it; where some are missing it is so.
func (w pgWriter) index(o schema.Object) pgText {
	definition := w.short(o.Prop("definition"))
	partitioned := strings.Contains(definition, " ON ONLY ")
	switch {
	case o.Prop("valid") == "no" && !partitioned, o.Prop("ready") == "no":
		return byHand(neverValid)
	case partitioned && o.Prop("valid") == "":
		definition = strings.Replace(definition, " ON ONLY ", " ON ", 1)
	}
	definition = pgWithoutBtree(definition)
	if space := o.Prop("tablespace"); space != "" {
		definition += " TABLESPACE " + sqltext.QuoteIdent(space)
	}
	text := pgSQL(definition)
	w.alterIndex(schema.Object{}, o, &text)
	if w.joins(o) {
		text.add("ALTER INDEX " + w.short(o.Prop("partition of")) + " ATTACH PARTITION " + w.short(o.Name))
	}
	if o.Prop("valid") == "no" {
		for _, part := range w.to.objects {
			if part.Kind == "index" && part.Prop("partition of") == o.Name {
				text.add("ALTER INDEX " + w.short(o.Name) + " ATTACH PARTITION " + w.short(part.Name))
			}
		}
	}
	return text
}

// joins reports whether a new index of a partition becomes part of one that was
// there before, and was without it.
func (w pgWriter) joins(o schema.Object) bool {
	_, partition := w.from.find(o.Parent, "table")
	_, whole := w.from.indexes[o.Prop("partition of")]
	return partition && whole
}

// pgWithoutBtree leaves out the method that an index has by default.
func pgWithoutBtree(definition string) string {
	tokens := sqltext.Pieces(definition)
	for i, t := range tokens {
		if t.Kind == sqltext.NamePiece && t.Name == "using" && i+3 < len(tokens) && tokens[i+2].Name == "btree" {
			var b strings.Builder
			for _, t := range slices.Concat(tokens[:i], tokens[i+4:]) {
				b.WriteString(t.Text)
			}
			return b.String()
		}
	}
	return definition
}

// alterIndex is what an index has that its definition does not say.
func (w pgWriter) alterIndex(a, b schema.Object, text *pgText) {
	if a.Prop("clustered") != b.Prop("clustered") {
		if b.Prop("clustered") == "" {
			text.add(w.alterTable(b.Parent) + "SET WITHOUT CLUSTER")
		} else {
			text.add(w.alterTable(b.Parent) + "CLUSTER ON " + sqltext.QuoteIdent(sqltext.NameParts(b.Name)[1]))
		}
	}
	if b.Prop("replica identity") != "" && a.Prop("replica identity") == "" {
		text.add(w.alterTable(b.Parent) + "REPLICA IDENTITY USING INDEX " + sqltext.QuoteIdent(sqltext.NameParts(b.Name)[1]))
	}
	if a.Prop("statistics") == b.Prop("statistics") {
		return
	}
	targets := map[string]string{}
	for item := range strings.SplitSeq(a.Prop("statistics"), ", ") {
		column, _, _ := strings.Cut(item, " ")
		targets[column] = "-1"
	}
	for item := range strings.SplitSeq(b.Prop("statistics"), ", ") {
		column, target, _ := strings.Cut(item, " ")
		targets[column] = target
	}
	delete(targets, "")
	columns := make([]string, 0, len(targets))
	for column := range targets {
		columns = append(columns, column)
	}
	slices.Sort(columns)
	for _, column := range columns {
		text.add("ALTER INDEX " + w.short(b.Name) + " ALTER COLUMN " + column + " SET STATISTICS " + targets[column])
	}
}

// trigger makes a trigger or a rule, and says when it fires.
func (w pgWriter) trigger(o schema.Object, definition string) pgText {
	text := pgSQL(definition)
	text.add(w.enable(schema.Object{}, o)...)
	return text
}

// enable changes when a trigger or rule fires.
func (w pgWriter) enable(a, b schema.Object) []string {
	was, is := a.Prop("enabled"), b.Prop("enabled")
	if was == is {
		return nil
	}
	verb := map[string]string{"": "ENABLE ", "always": "ENABLE ALWAYS ", "replica": "ENABLE REPLICA ", "no": "DISABLE "}[is]
	return []string{w.alterTable(b.Parent) + verb + strings.ToUpper(b.Kind) + " " + sqltext.QuoteIdent(b.Name)}
}

// policyRest is what follows the name of a policy.
func (w pgWriter) policyRest(o schema.Object) string {
	var b strings.Builder
	if o.Prop("kind") != "" {
		b.WriteString(" AS " + strings.ToUpper(o.Prop("kind")))
	}
	if o.Prop("command") != "" {
		b.WriteString(" FOR " + strings.ToUpper(o.Prop("command")))
	}
	b.WriteString(w.policyClauses(o))
	return b.String()
}

func (w pgWriter) policyClauses(o schema.Object) string {
	var b strings.Builder
	if o.Prop("roles") != "" {
		b.WriteString(" TO " + o.Prop("roles"))
	}
	if u := o.Prop("using"); u != "" {
		b.WriteString(" USING (" + w.short(u) + ")")
	}
	if c := o.Prop("with check"); c != "" {
		b.WriteString(" WITH CHECK (" + w.short(c) + ")")
	}
	return b.String()
}

// foreignTable makes a foreign table: its options are an object of their own.
func (w pgWriter) foreignTable(o schema.Object) pgText {
	options, of := schema.Object{}, map[string]string{}
	for _, i := range w.to.of(o.Name, "foreign table options") {
		options = w.to.objects[i]
	}
	for line := range strings.SplitSeq(options.Prop("column options"), "\n") {
		column, list, _ := strings.Cut(line, ": ")
		of[column] = pgFDWOptions(list)
	}
	var lines []string
	text := pgText{}
	for _, name := range o.Columns {
		c, _ := w.to.column(o.Name, name)
		line := sqltext.QuoteIdent(name) + " " + w.columnType(c)
		if list := of[sqltext.QuoteIdent(name)]; list != "" {
			line += " " + list
		}
		lines = append(lines, strings.TrimRight(line+" "+w.columnRest(c), " "))
		text.add(w.columnExtras(schema.Object{}, c)...)
		text.add(w.comment(schema.Object{}, c)...)
	}
	for _, i := range w.to.of(o.Name, "check") {
		if !w.comesAlong(w.to.objects[i]) && !strings.Contains(w.to.objects[i].Prop("definition"), " NOT VALID") {
			lines = append(lines, w.constraintLine(w.to.objects[i]))
			text.add(w.comment(schema.Object{}, w.to.objects[i])...)
		}
	}
	sql := "CREATE FOREIGN TABLE " + w.short(o.Name) + " (\n    " + strings.Join(lines, ",\n    ") + "\n) SERVER " + options.Prop("server")
	if list := pgFDWOptions(options.Prop("options")); list != "" {
		sql += " " + list
	}
	text.sql = append([]string{sql}, text.sql...)
	return text
}

// pgFDWOptions is a list of name=value as an OPTIONS clause, "" for none.
func pgFDWOptions(list string) string {
	var items []string
	for _, o := range pgOptionList(list) {
		items = append(items, sqltext.QuoteIdent(o.name)+" "+sqltext.QuoteLiteral(o.value))
	}
	if len(items) == 0 {
		return ""
	}
	return "OPTIONS (" + strings.Join(items, ", ") + ")"
}

// A pgAggregate is a row of pg_aggregate as a snapshot has it.
type pgAggregate struct {
	Kind         string  `json:"aggkind"`
	Direct       int     `json:"aggnumdirectargs"`
	State        string  `json:"aggtransfn"`
	Final        string  `json:"aggfinalfn"`
	Combine      string  `json:"aggcombinefn"`
	Serial       string  `json:"aggserialfn"`
	Deserial     string  `json:"aggdeserialfn"`
	MState       string  `json:"aggmtransfn"`
	MInverse     string  `json:"aggminvtransfn"`
	MFinal       string  `json:"aggmfinalfn"`
	FinalExtra   bool    `json:"aggfinalextra"`
	MFinalExtra  bool    `json:"aggmfinalextra"`
	FinalModify  string  `json:"aggfinalmodify"`
	MFinalModify string  `json:"aggmfinalmodify"`
	Sort         string  `json:"aggsortop"`
	StateType    string  `json:"aggtranstype"`
	StateSpace   int     `json:"aggtransspace"`
	MStateType   string  `json:"aggmtranstype"`
	MStateSpace  int     `json:"aggmtransspace"`
	Initial      *string `json:"agginitval"`
	MInitial     *string `json:"aggminitval"`
	Parallel     string  `json:"parallel"`
}

func (w pgWriter) aggregate(o schema.Object) pgText {
	var a pgAggregate
	if err := json.Unmarshal([]byte(o.Prop("aggregate")), &a); err != nil {
		return byHand(err.Error())
	}
	var items []string
	add := func(name, value, none string) {
		if value != none && value != "" {
			items = append(items, name+" = "+w.short(value))
		}
	}
	number := func(n int) string {
		text, _ := json.Marshal(n)
		return string(text)
	}
	modify := map[string]string{"r": "READ_ONLY", "s": "SHAREABLE", "w": "READ_WRITE"}
	usual := "r"
	if a.Kind != "n" {
		usual = "w"
	}
	add("SFUNC", a.State, "-")
	add("STYPE", a.StateType, "")
	add("SSPACE", number(a.StateSpace), "0")
	add("FINALFUNC", a.Final, "-")
	if a.FinalExtra {
		items = append(items, "FINALFUNC_EXTRA")
	}
	if a.Final != "-" {
		add("FINALFUNC_MODIFY", modify[a.FinalModify], modify[usual])
	}
	add("COMBINEFUNC", a.Combine, "-")
	add("SERIALFUNC", a.Serial, "-")
	add("DESERIALFUNC", a.Deserial, "-")
	if a.Initial != nil {
		items = append(items, "INITCOND = "+sqltext.QuoteLiteral(*a.Initial))
	}
	add("MSFUNC", a.MState, "-")
	add("MINVFUNC", a.MInverse, "-")
	add("MSTYPE", a.MStateType, "-")
	add("MSSPACE", number(a.MStateSpace), "0")
	add("MFINALFUNC", a.MFinal, "-")
	if a.MFinalExtra {
		items = append(items, "MFINALFUNC_EXTRA")
	}
	if a.MFinal != "-" {
		add("MFINALFUNC_MODIFY", modify[a.MFinalModify], modify[usual])
	}
	if a.MInitial != nil {
		items = append(items, "MINITCOND = "+sqltext.QuoteLiteral(*a.MInitial))
	}
	if a.Sort != "" && a.Sort != "0" {
		operator, _, _ := strings.Cut(a.Sort, "(")
		items = append(items, "SORTOP = OPERATOR("+operator+")")
	}
	if a.Kind == "h" {
		items = append(items, "HYPOTHETICAL")
	}
	add("PARALLEL", map[string]string{"s": "SAFE", "r": "RESTRICTED"}[a.Parallel], "")
	name := w.short(o.Name)
	if strings.HasSuffix(name, "()") {
		name = strings.TrimSuffix(name, "()") + "(*)"
	}
	return pgSQL("CREATE AGGREGATE " + name + " (\n    " + strings.Join(items, ",\n    ") + "\n)")
}
