package rows

import (
	"encoding/hex"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/handrail-db/handrail/verify/dialect"
)

// Insert is a statement that puts a row into a table, to paste.
func (t *Table) Insert(row Row) string {
	var names, values []string
	identity := false
	for i, c := range t.Columns {
		if c.Computed {
			continue
		}
		identity = identity || c.Identity
		names, values = append(names, plain(c.Name)), append(values, t.literal(c, row[i]))
	}
	overriding := ""
	if identity {
		overriding = " OVERRIDING SYSTEM VALUE"
	}
	if len(names) == 0 {
		return "INSERT INTO " + t.sql() + " DEFAULT VALUES;"
	}
	return "INSERT INTO " + t.sql() + " (" + strings.Join(names, ", ") + ")" + overriding + " VALUES (" + strings.Join(values, ", ") + ");"
}

// bareType is a type of Postgres, and bareNumber a value of it, that can be
// written without quotes: the server reads the sign of -0 as a minus before 0.
var (
	bareType   = regexp.MustCompile(`^(smallint|integer|bigint|numeric(\(.*\))?|real|double precision)$`)
	bareNumber = regexp.MustCompile(`^(-?[1-9][0-9.]*|0(\.[0-9]*)?|-0\.0*[1-9][0-9]*)(e[-+]?[0-9]+)?$`)
)

// literal is a value of a column as SQL.
func (t *Table) literal(c Column, v Value) string {
	switch v.Kind {
	case Null:
		return "NULL"
	case Integer, Real:
		switch v.Text {
		case "+Inf":
			return "9e999"
		case "-Inf":
			return "-9e999"
		}
		return v.Text
	case Blob:
		return "x'" + hex.EncodeToString([]byte(v.Text)) + "'"
	}
	switch {
	case t.Dialect == dialect.Postgres && bareType.MatchString(c.Type) && bareNumber.MatchString(v.Text):
		return v.Text
	case t.Dialect == dialect.SQLite && (strings.Contains(v.Text, "\x00") || !utf8.ValidString(v.Text)): // a statement ends at the first
		return "CAST(x'" + hex.EncodeToString([]byte(v.Text)) + "' AS TEXT)"
	}
	return dialect.Literal(v.Text)
}

// plain is a name as SQL, quoted only where it must be.
func plain(name string) string {
	for i, c := range name {
		if c != '_' && (c < 'a' || c > 'z') && (i == 0 || c < '0' || c > '9') {
			return dialect.Name(name)
		}
	}
	if name == "" || reserved[name] {
		return dialect.Name(name)
	}
	return name
}

// reserved are the words that one of the dialects does not take for the name of
// a column: https://www.postgresql.org/docs/17/sql-keywords-appendix.html and
// https://sqlite.org/lang_keywords.html.
var reserved = func() map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq(`add all alter analyse analyze and any array as asc asymmetric authorization autoincrement between binary both
		case cast check collate collation column commit concurrently constraint create cross current_catalog current_date current_role
		current_schema current_time current_timestamp current_user default deferrable delete desc distinct do drop else end escape except
		exists false fetch for foreign freeze from full grant group having if ilike in index initially inner insert intersect into is isnull
		join lateral leading left like limit localtime localtimestamp natural not nothing notnull null offset on only or order outer
		overlaps placing primary references returning right rollback select session_user set similar some symmetric system_user table
		tablesample then to trailing transaction true union unique update user using values variadic verbose when where window with`) {
		set[word] = true
	}
	return set
}()

// Copy is a statement that copies one row of the table. Columns that are unique
// get a value that is in no row: the next number, or a longer text. It is ""
// where that cannot be done.
func (t *Table) Copy(unique map[string]bool) string {
	var names, values []string
	for _, c := range t.Columns {
		name := plain(c.Name)
		class := classOf(c.Type)
		switch {
		case c.Computed, c.Identity, unique[c.Name] && c.Default != "":
			continue
		case !unique[c.Name]:
			values = append(values, name)
		case class == numberClass:
			values = append(values, "(SELECT max("+name+") + 1 FROM "+t.sql()+")")
		case class == otherClass && c.same.Kind != Blob:
			values = append(values, name+" || '-2'")
		default:
			return ""
		}
		names = append(names, name)
	}
	if len(names) == 0 {
		return ""
	}
	return "INSERT INTO " + t.sql() + " (" + strings.Join(names, ", ") + ") SELECT " + strings.Join(values, ", ") + " FROM " + t.sql() + " LIMIT 1"
}

// sql is the name of the table as SQL.
func (t *Table) sql() string {
	if t.Dialect == dialect.SQLite {
		return plain(t.Name)
	}
	return t.Name
}
