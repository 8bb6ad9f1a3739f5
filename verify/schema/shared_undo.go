package schema

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/internal/sqltext"
)

// A SharedChange is an object that databases share before and after; the side
// where it is not there is nil.
type SharedChange struct{ Before, After *SharedObject }

// Object is the one that it is about.
func (c SharedChange) Object() SharedObject {
	if c.After == nil {
		return *c.Before
	}
	return *c.After
}

// was and is are the facts before and after, of which what is not there has none.
func (c SharedChange) was() map[string]string { return factsOf(c.Before) }

func (c SharedChange) is() map[string]string { return factsOf(c.After) }

func factsOf(o *SharedObject) map[string]string {
	if o == nil {
		return nil
	}
	return o.Facts
}

// Sides are what differs, a line each, before and after. A password is not shown.
func (c SharedChange) Sides() (want, got string) {
	side := func(o *SharedObject, facts, others map[string]string) string {
		if o == nil {
			return ""
		}
		lines := []string{o.String()}
		for _, name := range slices.Sorted(maps.Keys(facts)) {
			value, other := facts[name], others[name]
			if value == other || c.Before == nil || c.After == nil {
				continue
			}
			for _, line := range missing(value, other) {
				if name == "rolpassword" {
					line = "(not shown)"
				}
				lines = append(lines, "  "+name+" "+line)
			}
		}
		return strings.Join(lines, "\n")
	}
	return side(c.Before, c.was(), c.is()), side(c.After, c.is(), c.was())
}

// missing are the lines of a that b has not.
func missing(a, b string) (lines []string) {
	there := strings.Split(b, "\n")
	for line := range strings.SplitSeq(a, "\n") {
		if line != "" && !slices.Contains(there, line) {
			lines = append(lines, line)
		}
	}
	return lines
}

// Undo is the SQL that takes the change back, a statement a line, in the order in
// which it runs. What no statement does is a comment.
func (c SharedChange) Undo() []string {
	o := c.Object()
	switch o.Kind {
	case "database", "tablespace":
		return c.undoNamed(strings.ToUpper(o.Kind))
	case "parameter":
		return privileges("PARAMETER "+o.Name, c.was()["privileges"], c.is()["privileges"])
	case "role":
		return c.undoRole()
	case "membership":
		return c.undoMembership()
	case "settings":
		return c.undoSettings()
	case "comment":
		return []string{fmt.Sprintf("COMMENT %s IS %s;", upperSecond(o.Name), orNull(c.was()["comment"]))}
	case "security label":
		provider, on, _ := strings.Cut(o.Name, " on ")
		return []string{fmt.Sprintf("SECURITY LABEL FOR %s %s IS %s;", provider, upperSecond("on "+on), orNull(c.was()["label"]))}
	case "replication origin":
		if c.Before == nil {
			return []string{fmt.Sprintf("SELECT pg_replication_origin_drop(%s);", o.Name)}
		}
		return []string{fmt.Sprintf("SELECT pg_replication_origin_create(%s);", o.Name)}
	case "replication slot":
		switch {
		case c.Before == nil:
			return []string{fmt.Sprintf("SELECT pg_drop_replication_slot(%s);", o.Name)}
		case c.Before.Database == "":
			return []string{fmt.Sprintf("SELECT pg_create_physical_replication_slot(%s);", o.Name)}
		}
		return []string{"-- what " + o.String() + " kept is gone with it"}
	case "prepared transaction":
		if c.Before == nil {
			return []string{fmt.Sprintf("ROLLBACK PREPARED %s;", o.Name)}
		}
	case "subscription":
		if c.Before == nil {
			return []string{fmt.Sprintf("ALTER SUBSCRIPTION %s DISABLE; ALTER SUBSCRIPTION %[1]s SET (slot_name = NONE); DROP SUBSCRIPTION %[1]s;", o.Name)}
		}
	}
	return []string{"-- no statement brings " + o.String() + " back"}
}

// upperSecond is "on database store" as SQL is written.
func upperSecond(text string) string {
	parts := strings.SplitN(text, " ", 3)
	return strings.ToUpper(strings.Join(parts[:2], " ")) + " " + parts[2]
}

// orNull is a text as SQL has it; NULL for none.
func orNull(text string) string {
	if text == "" {
		return "NULL"
	}
	return sqltext.QuoteLiteral(text)
}

// catalogues are where a column is set that no other statement sets.
var catalogues = map[string][2]string{"DATABASE": {"pg_database", "datname"}, "ROLE": {"pg_authid", "rolname"}}

// options are the columns that ALTER sets.
var options = map[string]string{
	"datallowconn": "ALLOW_CONNECTIONS", "datconnlimit": "CONNECTION LIMIT", "datistemplate": "IS_TEMPLATE",
	"rolconnlimit": "CONNECTION LIMIT", "rolvaliduntil": "VALID UNTIL", "rolsuper": "SUPERUSER", "rolinherit": "INHERIT",
	"rolcreaterole": "CREATEROLE", "rolcreatedb": "CREATEDB", "rolcanlogin": "LOGIN", "rolreplication": "REPLICATION",
	"rolbypassrls": "BYPASSRLS",
}

func (c SharedChange) undoNamed(kind string) []string {
	name := c.Object().Name
	was, is := c.was(), c.is()
	switch {
	case c.Before == nil:
		return []string{fmt.Sprintf("DROP %s %s;", kind, name)}
	case c.After == nil:
		return []string{"-- no statement brings " + c.Before.String() + " back"}
	}
	var statements []string
	alter := func(format string, args ...any) {
		statements = append(statements, fmt.Sprintf("ALTER %s %s %s;", kind, name, fmt.Sprintf(format, args...)))
	}
	if was["name"] != is["name"] {
		alter("RENAME TO %s", was["name"])
		name = was["name"]
	}
	granted := is["privileges"]
	if was["owner"] != is["owner"] {
		alter("OWNER TO %s", was["owner"])
		granted = passedOn(granted, is["owner"], was["owner"])
	}
	for _, column := range slices.Sorted(maps.Keys(mergedFacts(was, is))) {
		value := was[column]
		switch {
		case value == is[column] || slices.Contains([]string{"name", "owner", "privileges"}, column):
		case column == "tablespace":
			alter("SET TABLESPACE %s", value)
		case column == "options" && value == "":
			alter("RESET (%s)", onlyNames(is[column]))
		case column == "options":
			alter("SET (%s)", value)
		case options[column] != "":
			alter("%s %s", options[column], value)
		default:
			statements = append(statements, updated(kind, name, column, value))
		}
	}
	return append(statements, privileges(kind+" "+name, was["privileges"], granted)...)
}

// passedOn are privileges after the owner has become another: the new one has
// those of the old one.
func passedOn(granted, from, to string) string {
	var lines []string
	for line := range strings.SplitSeq(granted, "\n") {
		if rest, ok := strings.CutSuffix(line, " "+from); ok {
			line = rest + " " + to
		}
		if !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

func mergedFacts(a, b map[string]string) map[string]string {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

// onlyNames are those of "a=1, b=2".
func onlyNames(settings string) string {
	var names []string
	for setting := range strings.SplitSeq(settings, ", ") {
		name, _, _ := strings.Cut(setting, "=")
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

// updated sets a column of a catalogue by hand, which a superuser may.
func updated(kind, name, column, value string) string {
	at := catalogues[kind]
	return fmt.Sprintf("UPDATE pg_catalog.%s SET %s = %s WHERE quote_ident(%s) = %s;", at[0], column, orNull(value), at[1], orNull(name))
}

// privileges grants and revokes until the privileges on something are what they
// were.
func privileges(on, was, is string) []string {
	var statements []string
	for _, line := range missing(is, was) {
		privilege, _, grantee := privilege(line)
		statements = append(statements, fmt.Sprintf("REVOKE %s ON %s FROM %s;", privilege, on, grantee))
	}
	for _, line := range missing(was, is) {
		privilege, grantable, grantee := privilege(line)
		with := ""
		if grantable && grantee != "PUBLIC" {
			with = " WITH GRANT OPTION"
		}
		statements = append(statements, fmt.Sprintf("GRANT %s ON %s TO %s%s;", privilege, on, grantee, with))
	}
	return statements
}

// privilege reads a line of the fact "privileges".
func privilege(line string) (name string, grantable bool, grantee string) {
	parts := strings.SplitN(line, " ", 3)
	return strings.ReplaceAll(parts[0], "_", " "), parts[1] == "true", parts[2]
}

func (c SharedChange) undoRole() []string {
	was, is := c.was(), c.is()
	name := c.Object().Name
	if c.Before == nil {
		return []string{fmt.Sprintf("DROP ROLE %s;", name)}
	}
	var statements, words []string
	verb := "ALTER"
	switch {
	case c.After == nil:
		verb = "CREATE"
		is = map[string]string{"rolinherit": "true", "rolconnlimit": "-1", "name": was["name"]}
		for column := range options {
			if strings.HasPrefix(column, "rol") && is[column] == "" && was[column] == "false" {
				is[column] = "false"
			}
		}
	case was["name"] != is["name"]:
		statements, name = []string{fmt.Sprintf("ALTER ROLE %s RENAME TO %s;", name, was["name"])}, was["name"]
	}
	var more []string
	for _, column := range slices.Sorted(maps.Keys(mergedFacts(was, is))) {
		value := was[column]
		switch {
		case value == is[column] || column == "name":
		case column == "rolpassword" && value != "":
			more = append(more, fmt.Sprintf("-- and give role %s its password: nobody can read the old one", name))
		case column == "rolpassword":
			words = append(words, "PASSWORD NULL")
		case column == "rolconnlimit":
			words = append(words, "CONNECTION LIMIT "+value)
		case column == "rolvaliduntil":
			if value == "" {
				value = "infinity"
			}
			words = append(words, "VALID UNTIL '"+value+"'")
		case options[column] == "":
			more = append(more, updated("ROLE", name, column, value))
		case value == "true":
			words = append(words, options[column])
		default:
			words = append(words, "NO"+options[column])
		}
	}
	if len(words) > 0 || c.After == nil {
		statements = append(statements, strings.TrimSpace(fmt.Sprintf("%s ROLE %s %s", verb, name, strings.Join(words, " ")))+";")
	}
	return append(statements, more...)
}

func (c SharedChange) undoMembership() []string {
	facts := c.Object().Facts
	revoke := fmt.Sprintf("REVOKE %s FROM %s;", facts["role"], facts["member"])
	if c.Before == nil {
		return []string{revoke}
	}
	was := c.was()
	with := ""
	if _, ok := was["inherit_option"]; ok { // from Postgres 16 on
		with = fmt.Sprintf(" WITH ADMIN %s, INHERIT %s, SET %s", was["admin_option"], was["inherit_option"], was["set_option"])
	} else if was["admin_option"] == "true" {
		with = " WITH ADMIN OPTION"
	}
	grant := fmt.Sprintf("GRANT %s TO %s%s;", facts["role"], facts["member"], with)
	if c.After == nil || with != "" {
		return []string{grant}
	}
	return []string{fmt.Sprintf("REVOKE ADMIN OPTION FOR %s FROM %s;", facts["role"], facts["member"])}
}

func (c SharedChange) undoSettings() []string {
	facts := c.Object().Facts
	whose := "ROLE ALL"
	switch role, database := facts["role"], facts["database"]; {
	case role != "" && database != "":
		whose = fmt.Sprintf("ROLE %s IN DATABASE %s", role, database)
	case role != "":
		whose = "ROLE " + role
	case database != "":
		whose = "DATABASE " + database
	}
	var statements []string
	names := map[string]bool{}
	for _, line := range missing(c.was()["settings"], c.is()["settings"]) {
		name, value, _ := strings.Cut(line, "=")
		names[name] = true
		statements = append(statements, fmt.Sprintf("ALTER %s SET %s TO %s;", whose, name, settingValue(name, value)))
	}
	for _, line := range missing(c.is()["settings"], c.was()["settings"]) {
		if name, _, _ := strings.Cut(line, "="); !names[name] {
			statements = append(statements, fmt.Sprintf("ALTER %s RESET %s;", whose, name))
		}
	}
	return statements
}

// listed are the settings whose value is a list of names, quoted already.
var listed = []string{"local_preload_libraries", "search_path", "session_preload_libraries", "temp_tablespaces"}

// settingValue is the value of a setting as ALTER … SET has it.
func settingValue(name, value string) string {
	if slices.Contains(listed, strings.ToLower(name)) && value != "" {
		return value
	}
	if value == "" {
		return "''"
	}
	return orNull(value)
}
