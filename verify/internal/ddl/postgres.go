package ddl

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/internal/sqltext"
	"github.com/handrail-db/handrail/verify/schema"
)

// pgDialect writes the SQL of Postgres.
type pgDialect struct{}

var _ ddlWriter = pgDialect{}

func (pgDialect) read(ctx context.Context, db *sql.DB, d *Definition) error {
	d.Home = "public"
	d.shadowed = map[string]bool{}
	var names []byte
	if err := db.QueryRowContext(ctx, pgShadowed).Scan(&d.role, &names); err != nil {
		return err
	}
	var list []string
	err := json.Unmarshal(names, &list)
	for _, name := range list {
		d.shadowed[name] = true
	}
	return err
}

// pgShadowed reads who is asking, and what the server itself calls its functions,
// types and the like: without a schema those would be meant.
const pgShadowed = `SELECT current_user::regrole::text, (SELECT json_agg(DISTINCT name) FROM (
  SELECT proname FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace
  UNION ALL SELECT typname FROM pg_type WHERE typnamespace = 'pg_catalog'::regnamespace
  UNION ALL SELECT collname FROM pg_collation WHERE collnamespace = 'pg_catalog'::regnamespace
  UNION ALL SELECT dictname FROM pg_ts_dict WHERE dictnamespace = 'pg_catalog'::regnamespace
  UNION ALL SELECT cfgname FROM pg_ts_config WHERE cfgnamespace = 'pg_catalog'::regnamespace
) x (name))`

// shadow are the names that keep their schema: of what is no table, and is called
// as something of the server's.
func (d Definition) shadow(graphs ...*pgGraph) map[string]bool {
	names := map[string]bool{}
	for _, g := range graphs {
		for name, objects := range g.local {
			names[name] = names[name] || d.shadowed[name] && slices.ContainsFunc(objects, func(i int) bool {
				return !slices.Contains(pgRelations, g.objects[i].Kind) && g.objects[i].Kind != "index"
			})
		}
	}
	return names
}

func (p pgDialect) create(base schema.Snapshot, d Definition) [][]Statement {
	return paragraphs(p.change(base, d))
}

// paragraphs keeps short statements of one kind about one table together.
func paragraphs(statements []Statement) (all [][]Statement) {
	var last Statement
	for i, s := range statements {
		together := i > 0 && s.Of.Under() == last.Of.Under() && !strings.Contains(s.SQL, "\n") && !strings.Contains(last.SQL, "\n") &&
			slices.Equal(firstWords(s.SQL), firstWords(last.SQL))
		if together {
			all[len(all)-1] = append(all[len(all)-1], s)
		} else {
			all = append(all, []Statement{s})
		}
		last = s
	}
	return all
}

func firstWords(sql string) []string {
	words := strings.Fields(sql)
	return words[:min(2, len(words))]
}

func (pgDialect) change(from schema.Snapshot, to Definition) []Statement {
	w := pgWriter{home: to.Home, role: to.role, exact: to.Exact, from: newPgGraph(from), to: newPgGraph(to.Snapshot)}
	w.shadowed = to.shadow(w.from, w.to)
	return newPgPlan(w, schema.Compare(from, to.Snapshot)).statements()
}

// A pgWriter writes what becomes of single objects.
type pgWriter struct {
	home, role string
	shadowed   map[string]bool
	exact      bool
	from, to   *pgGraph
}

// A pgText is what to run about an object, or why nothing does.
type pgText struct {
	sql    []string
	manual string
}

func pgSQL(sql ...string) pgText { return pgText{sql: sql} }

func byHand(why string) pgText { return pgText{manual: why} }

func (t *pgText) add(sql ...string) { t.sql = append(t.sql, sql...) }

// short is SQL in which names lose the schema that they would be looked up in.
// Strings keep theirs, but for the names of sequences and the like.
func (w pgWriter) short(sql string) string {
	if w.home == "" || !strings.Contains(sql, sqltext.QuoteIdent(w.home)+".") {
		return sql
	}
	tokens := sqltext.Pieces(sql)
	var b strings.Builder
	for i := 0; i < len(tokens); i++ {
		t := tokens[i]
		switch {
		case t.Kind == sqltext.NamePiece && t.Name == w.home && i+2 < len(tokens) && tokens[i+1].Text == "." && tokens[i+2].Kind == sqltext.NamePiece && !w.shadowed[tokens[i+2].Name] &&
			(i == 0 || tokens[i-1].Text != "."):
			i++
			continue
		case t.Kind == sqltext.TextPiece && t.Text[0] == '\'' && pgIsReg(tokens[i+1:]):
			b.WriteString(sqltext.QuoteLiteral(w.short(t.Name)))
			continue
		}
		b.WriteString(t.Text)
	}
	return b.String()
}

// pgIsReg reports whether tokens begin with a cast to a kind of name.
func pgIsReg(tokens []sqltext.Piece) bool {
	return len(tokens) > 2 && tokens[0].Text == ":" && tokens[1].Text == ":" && strings.HasPrefix(tokens[2].Name, "reg")
}

// title names an object as COMMENT ON and DROP do.
func (w pgWriter) title(o schema.Object) string {
	name := w.short(o.Name)
	switch o.Kind {
	case "column":
		return "COLUMN " + w.short(o.Parent) + "." + sqltext.QuoteIdent(o.Name)
	case "primary key", "unique", "check", "foreign key", "exclusion":
		return "CONSTRAINT " + sqltext.QuoteIdent(o.Name) + " ON " + w.short(o.Parent)
	case "trigger", "rule", "policy":
		return strings.ToUpper(o.Kind) + " " + sqltext.QuoteIdent(o.Name) + " ON " + w.short(o.Parent)
	case "enum", "range", "composite type", "base type", "shell type":
		return "TYPE " + name
	case "foreign server":
		return "SERVER " + name
	case "statistics object":
		return "STATISTICS " + name
	case "cast":
		return "CAST (" + strings.Replace(name, " as ", " AS ", 1) + ")"
	case "user mapping":
		return "USER MAPPING " + strings.Replace(name, "for ", "FOR ", 1) + " SERVER " + o.Parent
	case "operator class", "operator family":
		return strings.ToUpper(o.Kind) + " " + strings.Replace(name, " using ", " USING ", 1)
	case "transform":
		return "TRANSFORM " + strings.Replace(strings.Replace(name, "for ", "FOR ", 1), " language ", " LANGUAGE ", 1)
	}
	return strings.ToUpper(o.Kind) + " " + name
}

// alterTable is how statements about what a table has begin.
func (w pgWriter) alterTable(relation string) string {
	kind := "table"
	if i, ok := w.to.find(relation, pgRelations...); ok {
		kind = w.to.objects[i].Kind
	} else if i, ok := w.from.find(relation, pgRelations...); ok {
		kind = w.from.objects[i].Kind
	}
	return "ALTER " + strings.ToUpper(kind) + " " + w.short(relation) + " "
}

// comment is what makes the comment of b out of that of a, and what makes it depend
// on the extensions that it depends on.
func (w pgWriter) comment(a, b schema.Object) []string {
	sql := w.dependOn(a, b)
	was, is := a.Prop("comment"), b.Prop("comment")
	switch {
	case was == is || b.Kind == "role":
		return sql
	case b.Kind == "extension" && a.Name == "" && !w.exact:
		return sql // it has come with the extension
	case is == "" && b.Kind == "schema" && b.Name == "public":
		is = "standard public schema"
	case is == "":
		return append(sql, "COMMENT ON "+w.title(b)+" IS NULL")
	}
	return append(sql, "COMMENT ON "+w.title(b)+" IS "+sqltext.QuoteLiteral(is))
}

// dependOn makes b depend on its extensions, and no more on those of a.
func (w pgWriter) dependOn(a, b schema.Object) (sql []string) {
	title := w.title(b)
	switch b.Kind {
	case "primary key", "unique", "exclusion": // it is the index that depends
		title = "INDEX " + w.short(sqltext.QuoteIdent(sqltext.NameParts(b.Parent)[0])+"."+sqltext.QuoteIdent(b.Name))
	case "aggregate":
		title = "ROUTINE " + strings.TrimPrefix(title, "AGGREGATE ")
	}
	was, is := pgNameList(a.Prop(schema.ExtensionOf)), pgNameList(b.Prop(schema.ExtensionOf))
	for _, extension := range was {
		if !slices.Contains(is, extension) {
			sql = append(sql, "ALTER "+title+" NO DEPENDS ON EXTENSION "+extension)
		}
	}
	for _, extension := range is {
		if !slices.Contains(was, extension) {
			sql = append(sql, "ALTER "+title+" DEPENDS ON EXTENSION "+extension)
		}
	}
	return sql
}

// drop takes an object away.
func (w pgWriter) drop(o schema.Object) pgText {
	table := w.alterTableBefore(o.Parent)
	switch o.Kind {
	case "column":
		return pgSQL(table + "DROP COLUMN " + sqltext.QuoteIdent(o.Name))
	case "primary key", "unique", "check", "foreign key", "exclusion":
		return pgSQL(table + "DROP CONSTRAINT " + sqltext.QuoteIdent(o.Name))
	case "database settings":
		return w.settings(o, schema.Object{Kind: o.Kind, Name: o.Name})
	case "privileges", "default privileges":
		return w.grants(o, schema.Object{Kind: o.Kind, Parent: o.Parent, Name: o.Name})
	case "security label", "large object", "tablespace", "other database", "parameter", "replication origin", "replication slot", "server setting":
		return byHand("nothing that belongs to a schema")
	case "base type": // it and its functions need each other
		return pgSQL("DROP " + w.title(o) + " CASCADE")
	case "membership":
		return pgSQL("REVOKE " + strings.TrimPrefix(o.Name, "in ") + " FROM " + o.Parent)
	}
	return pgSQL("DROP " + w.title(o))
}

func (w pgWriter) alterTableBefore(relation string) string {
	before := w
	before.to = w.from
	return before.alterTable(relation)
}
