package ddl

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/handrail-db/handrail/verify/internal/sqltext"
	"github.com/handrail-db/handrail/verify/schema"
)

func (w pgWriter) wrapper(o schema.Object) pgText {
	sql := "CREATE FOREIGN DATA WRAPPER " + o.Name
	for _, p := range []string{"handler", "validator"} {
		if f := o.Prop(p); f != "" {
			sql += " " + strings.ToUpper(p) + " " + w.short(f)
		}
	}
	return pgSQL(strings.TrimRight(sql+" "+pgFDWOptions(o.Prop("options")), " "))
}

func (w pgWriter) server(o schema.Object) pgText {
	sql := "CREATE SERVER " + o.Name
	for _, p := range []string{"type", "version"} {
		if value := o.Prop(p); value != "" {
			sql += " " + strings.ToUpper(p) + " " + sqltext.QuoteLiteral(value)
		}
	}
	return pgSQL(strings.TrimRight(sql+" FOREIGN DATA WRAPPER "+o.Prop("wrapper")+" "+pgFDWOptions(o.Prop("options")), " "))
}

// userMapping makes one without options: those may be passwords, of which a
// snapshot keeps no more than a hash.
func (w pgWriter) userMapping(o schema.Object) pgText {
	if o.Prop("options") != "" {
		return byHand("its options may be passwords, of which nothing but a hash is known")
	}
	return pgSQL("CREATE " + w.title(o))
}

// settings changes what a database sets for those who connect to it.
func (w pgWriter) settings(a, b schema.Object) pgText {
	var text pgText
	role := strings.TrimPrefix(b.Name, "for role ")
	target := "DATABASE %I"
	if role != "ALL" {
		target = "ROLE " + strings.ReplaceAll(role, "%", "%%") + " IN DATABASE %I"
	}
	names := map[string]bool{}
	for _, p := range slices.Concat(a.Props, b.Props) {
		if names[p.Name] || a.Prop(p.Name) == b.Prop(p.Name) {
			continue
		}
		names[p.Name] = true
		value := b.Prop(p.Name)
		change := "RESET " + sqltext.QuoteIdent(p.Name)
		if value != "" {
			if !pgListSettings[p.Name] {
				value = sqltext.QuoteLiteral(value)
			}
			change = "SET " + sqltext.QuoteIdent(p.Name) + " = " + strings.ReplaceAll(value, "%", "%%")
		}
		text.add("DO " + dollarQuoted("BEGIN EXECUTE format("+sqltext.QuoteLiteral("ALTER "+target+" "+change)+", current_database()); END"))
	}
	return text
}

// pgListSettings are those of which the value is a list of names, quoted one by
// one.
var pgListSettings = sqltext.SetOf("search_path temp_tablespaces local_preload_libraries session_preload_libraries shared_preload_libraries unix_socket_directories")

// dollarQuoted puts a text into dollar quotes that do not end in it.
func dollarQuoted(text string) string {
	tag := "$$"
	for n := ""; strings.Contains(text, tag); n += "_" {
		tag = "$" + n + "x$"
	}
	return tag + text + tag
}

// createRole makes a role. Its password is not known.
func (w pgWriter) createRole(o schema.Object) pgText {
	sql := "CREATE ROLE " + o.Name
	if a := o.Prop("attributes"); a != "" {
		sql += " " + strings.ToUpper(strings.ReplaceAll(a, ", ", " "))
	}
	if n := o.Prop("connection limit"); n != "" {
		sql += " CONNECTION LIMIT " + n
	}
	if until := o.Prop("valid until"); until != "" {
		sql += " VALID UNTIL " + sqltext.QuoteLiteral(pgMoment(until))
	}
	text := pgSQL(sql)
	if settings := o.Prop("settings"); settings != "" {
		for line := range strings.SplitSeq(settings, "\n") {
			name, value, _ := strings.Cut(line, "=")
			if !pgListSettings[name] {
				value = sqltext.QuoteLiteral(value)
			}
			text.add("ALTER ROLE " + o.Name + " SET " + sqltext.QuoteIdent(name) + " = " + value)
		}
	}
	if c := o.Prop("comment"); c != "" {
		text.add("COMMENT ON ROLE " + o.Name + " IS " + sqltext.QuoteLiteral(c))
	}
	return text
}

// pgMoment is a point in time, given in seconds since 1970 or as infinity.
func pgMoment(seconds string) string {
	n, err := strconv.ParseFloat(seconds, 64)
	if err != nil || math.IsInf(n, 0) {
		return strings.ToLower(seconds)
	}
	return time.UnixMicro(int64(math.Round(n * 1e6))).UTC().Format("2006-01-02 15:04:05.999999-07")
}

func (w pgWriter) membership(o schema.Object) pgText {
	sql := "GRANT " + strings.TrimPrefix(o.Name, "in ") + " TO " + o.Parent
	if o.Prop("admin") != "" {
		sql += " WITH ADMIN OPTION"
	}
	if o.Prop("options") != "" {
		return byHand("memberships with options are made where roles are administered")
	}
	return pgSQL(sql)
}
