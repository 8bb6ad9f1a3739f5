package ddl

import (
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/internal/sqltext"
	"github.com/handrail-db/handrail/verify/schema"
)

// A pgTarget is what privileges are about, as GRANT and ALTER … OWNER name it.
type pgTarget struct {
	on      string // TABLE t
	alter   string // TABLE t, VIEW v
	columns string // (c), where it is a column
	public  string // what PUBLIC has where nobody says anything
	owner   string // who owns it where nobody says anything
}

// target reads the name of an object of the kind "privileges".
func (w pgWriter) target(o schema.Object) pgTarget {
	for _, kind := range []string{"materialized view", "foreign table", "foreign data wrapper", "table", "view", "sequence", "column", "function", "type", "schema", "language", "server"} {
		name, ok := strings.CutPrefix(o.Name, kind+" ")
		if !ok {
			continue
		}
		short := w.short(name)
		t := pgTarget{on: "TABLE " + short, alter: strings.ToUpper(kind) + " " + short, owner: w.role}
		switch kind {
		case "sequence", "foreign data wrapper", "server":
			t.on = t.alter
			if kind == "server" {
				t.on = "FOREIGN SERVER " + short
			}
		case "column":
			i := len(name) - len(pgLastPart(name))
			t.on, t.columns = "TABLE "+w.short(name[:i-1]), " ("+name[i:]+")"
		case "function":
			t.on = strings.ToUpper(w.routineKind(name)) + " " + short
			t.alter, t.public = t.on, "EXECUTE"
			if strings.HasPrefix(t.on, "AGGREGATE ") {
				t.on = "FUNCTION " + short
			}
		case "type", "language":
			t.on, t.public = t.alter, "USAGE"
		case "schema":
			t.on = t.alter
			if name == "public" {
				t.public, t.owner = "USAGE", "pg_database_owner"
			}
		}
		return t
	}
	return pgTarget{}
}

// pgLastPart is the last part of a qualified name, as it stands there.
func pgLastPart(name string) string {
	tokens := sqltext.Pieces(name)
	return tokens[len(tokens)-1].Text
}

func (w pgWriter) routineKind(name string) string {
	for _, g := range []*pgGraph{w.to, w.from} {
		if i, ok := g.find(name, pgRoutines...); ok {
			return g.objects[i].Kind
		}
	}
	return "function"
}

// grants changes privileges, and who owns what they are about. An object without
// properties stands for what is so by default.
func (w pgWriter) grants(a, b schema.Object) pgText {
	if b.Kind == "default privileges" {
		return w.defaultPrivileges(a, b)
	}
	for _, p := range b.Props {
		if strings.Contains(p.Value, " GRANTED BY ") {
			return byHand("somebody else than its owner has granted privileges on it")
		}
	}
	if b.Name == "database" {
		return w.databaseGrants(a, b)
	}
	t := w.target(b)
	if t.on == "" {
		return byHand("nothing that belongs to a schema")
	}
	var text pgText
	was, is := t.ownerOf(a), t.ownerOf(b)
	if was != is {
		text.add("ALTER " + t.alter + " OWNER TO " + w.roleName(is))
	}
	before := t.lists(a, was)
	if was != is { // what the owner has goes over to the new one
		before[is] = before[was]
		if was != "PUBLIC" {
			delete(before, was)
		}
	}
	text.add(w.grantDiff(before, t.lists(b, is), func(verb, privileges, link, grantee, option string) string {
		return verb + " " + pgOnColumns(privileges, t.columns) + " ON " + t.on + " " + link + " " + grantee + option
	})...)
	return text
}

// pgOnColumns puts the column behind each privilege.
func pgOnColumns(privileges, columns string) string {
	if columns == "" {
		return privileges
	}
	return strings.ReplaceAll(privileges, ", ", columns+", ") + columns
}

func (t pgTarget) ownerOf(o schema.Object) string {
	if owner := o.Prop("owner"); owner != "" {
		return owner
	}
	return t.owner
}

// lists are the privileges by grantee, each list as a snapshot has it.
func (t pgTarget) lists(o schema.Object, owner string) map[string]string {
	lists := map[string]string{}
	listed := false
	for _, p := range o.Props {
		if grantee, ok := strings.CutPrefix(p.Name, "to "); ok {
			listed = true
			if grantee != "nobody" {
				lists[grantee] = p.Value
			}
		}
	}
	if !listed {
		if t.columns == "" {
			lists[owner] = "ALL"
		}
		if t.public != "" {
			lists["PUBLIC"] = t.public
		}
	}
	for grantee, list := range lists { // one privilege that is all there are
		if list == t.public && t.public != "" {
			lists[grantee] = "ALL"
		}
	}
	return lists
}

// roleName is a role as SQL names it: whoever runs the file, by no name.
func (w pgWriter) roleName(role string) string {
	if role == w.role {
		return "CURRENT_USER"
	}
	return role
}

// grantDiff revokes and grants what makes one set of lists the other.
func (w pgWriter) grantDiff(before, after map[string]string, write func(verb, privileges, link, grantee, option string) string) (sql []string) {
	var grantees []string
	for _, m := range []map[string]string{before, after} {
		for g := range m {
			grantees = append(grantees, g)
		}
	}
	slices.Sort(grantees)
	for _, g := range slices.Compact(grantees) {
		was, is := before[g], after[g]
		if was == is {
			continue
		}
		missing := was
		for item := range strings.SplitSeq(was, ", ") {
			if item != "" && !slices.Contains(strings.Split(is, ", "), item) {
				sql = append(sql, write("REVOKE", "ALL", "FROM", w.roleName(g), ""))
				missing = ""
				break
			}
		}
		var plain, optional []string
		for item := range strings.SplitSeq(is, ", ") {
			privilege, option := strings.CutSuffix(item, " WITH GRANT OPTION")
			switch {
			case item == "" || missing != "" && slices.Contains(strings.Split(missing, ", "), item):
			case option:
				optional = append(optional, privilege)
			default:
				plain = append(plain, privilege)
			}
		}
		if len(plain) > 0 {
			sql = append(sql, write("GRANT", strings.Join(plain, ", "), "TO", w.roleName(g), ""))
		}
		if len(optional) > 0 {
			sql = append(sql, write("GRANT", strings.Join(optional, ", "), "TO", w.roleName(g), " WITH GRANT OPTION"))
		}
	}
	return sql
}

// databaseGrants changes privileges on the database, whatever it is called.
func (w pgWriter) databaseGrants(a, b schema.Object) pgText {
	t := pgTarget{owner: w.role}
	if a.Prop("owner") != b.Prop("owner") {
		return byHand("who owns the database is not said by a schema")
	}
	before, after := t.lists(a, w.role), t.lists(b, w.role)
	for _, o := range []struct {
		of    schema.Object
		lists map[string]string
	}{{a, before}, {b, after}} {
		if len(o.of.Props) == 0 {
			o.lists["PUBLIC"] = "CONNECT, TEMPORARY"
		}
	}
	var text pgText
	for _, sql := range w.grantDiff(before, after, func(verb, privileges, link, grantee, option string) string {
		return verb + " " + privileges + " ON DATABASE %I " + link + " " + strings.ReplaceAll(grantee, "%", "%%") + option
	}) {
		text.add("DO " + dollarQuoted("BEGIN EXECUTE format("+sqltext.QuoteLiteral(sql)+", current_database()); END"))
	}
	return text
}

// defaultPrivileges changes what objects to come will have: "of r in schema s on
// tables".
func (w pgWriter) defaultPrivileges(a, b schema.Object) pgText {
	head, kind, _ := strings.Cut(b.Name, " on ")
	role, space, in := strings.Cut(strings.TrimPrefix(head, "of "), " in schema ")
	sql := "ALTER DEFAULT PRIVILEGES "
	if role != w.role {
		sql += "FOR ROLE " + role + " "
	}
	if in {
		sql += "IN SCHEMA " + space + " "
	}
	t := pgTarget{owner: role, public: map[string]string{"functions": "EXECUTE", "types": "USAGE"}[kind]}
	lists := func(o schema.Object) map[string]string {
		if in && len(o.Props) == 0 {
			return map[string]string{}
		}
		return t.lists(o, role)
	}
	return pgSQL(w.grantDiff(lists(a), lists(b), func(verb, privileges, link, grantee, option string) string {
		return sql + verb + " " + privileges + " ON " + strings.ToUpper(kind) + " " + link + " " + grantee + option
	})...)
}
