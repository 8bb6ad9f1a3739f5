package walk

import (
	"fmt"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/internal/sqltext"
	"github.com/handrail-db/handrail/verify/schema"
)

// An alteration is one way in which ALTER TABLE may turn a table into what it is
// after a rebuild. Whether it does is tried.
type alteration struct {
	before, after schema.Snapshot
	was, is       string // the table's name
	renamed       map[string]string
}

// alterations are the ways worth a try: columns that take each other's place may
// be the same under another name, or others.
func alterations(before, after schema.Snapshot, was, is string) []alteration {
	a := alteration{before, after, was, is, nil}
	old, _ := ColumnsIn(before)(was)
	now, _ := ColumnsIn(after)(is)
	renamed := map[string]string{}
	for i, name := range old {
		if i < len(now) && !slices.Contains(now, name) && !slices.Contains(old, now[i]) {
			renamed[name] = now[i]
		}
	}
	if len(renamed) == 0 {
		return []alteration{a}
	}
	b := a
	b.renamed = renamed
	return []alteration{b, a}
}

// statements are those of the alteration, in an order in which they can run.
func (a alteration) statements() []string {
	var out []string
	alter := func(format string, args ...any) {
		out = append(out, "ALTER TABLE "+identifier(a.was)+" "+fmt.Sprintf(format, args...))
	}
	for _, kind := range []string{"index", "trigger"} {
		for _, o := range a.before.Of(a.was, kind) {
			if !slices.ContainsFunc(a.after.Of(a.is, kind), func(p schema.Object) bool { return p.Name == o.Name }) {
				out = append(out, "DROP "+strings.ToUpper(kind)+" "+identifier(o.Name))
			}
		}
	}
	for _, check := range a.missing(a.before.Of(a.was, "check"), a.after.Of(a.is, "check")) {
		alter("DROP CONSTRAINT %s", identifier(check.Name))
	}
	old, now := a.before.Of(a.was, "column"), a.after.Of(a.is, "column")
	for i := range old {
		if to := a.renamed[old[i].Name]; to != "" {
			alter("RENAME COLUMN %s TO %s", identifier(old[i].Name), identifier(to))
			old[i].Name = to
		}
	}
	for _, column := range a.missing(old, now) {
		alter("DROP COLUMN %s", identifier(column.Name))
	}
	order, _ := ColumnsIn(a.after)(a.is)
	for _, name := range order {
		column := now[slices.IndexFunc(now, func(o schema.Object) bool { return o.Name == name })]
		i := slices.IndexFunc(old, func(o schema.Object) bool { return o.Name == name })
		switch {
		case i < 0:
			alter("ADD COLUMN %s", a.definition(column))
		case old[i].Prop("null") == "" && column.Prop("null") == "no":
			alter("ALTER COLUMN %s SET NOT NULL", identifier(name))
		case old[i].Prop("null") == "no" && column.Prop("null") == "":
			alter("ALTER COLUMN %s DROP NOT NULL", identifier(name))
		}
	}
	for _, check := range a.missing(a.after.Of(a.is, "check"), a.before.Of(a.was, "check")) {
		name := ""
		if check.Name != check.Prop("definition") {
			name = "CONSTRAINT " + identifier(check.Name) + " "
		}
		alter("ADD %s%s", name, check.Prop("definition"))
	}
	if a.was != a.is {
		alter("RENAME TO %s", identifier(a.is))
	}
	return out
}

// impossible reports whether SQLite refuses the alteration as soon as there is a
// row: a new column must not be NULL, and nothing says what it is.
func (a alteration) impossible() bool {
	for _, column := range a.missing(a.after.Of(a.is, "column"), a.before.Of(a.was, "column")) {
		renamed := false
		for _, to := range a.renamed {
			renamed = renamed || to == column.Name
		}
		if !renamed && column.Prop("null") == "no" && column.Prop("default") == "" && column.Prop("generated") == "" {
			return true
		}
	}
	return false
}

// missing are the objects of one list whose names are not in another.
func (a alteration) missing(list, from []schema.Object) []schema.Object {
	return slices.DeleteFunc(slices.Clone(list), func(o schema.Object) bool {
		return slices.ContainsFunc(from, func(p schema.Object) bool { return p.Name == o.Name })
	})
}

// definition is a new column as ADD COLUMN takes it, with the foreign key that
// begins in it.
func (a alteration) definition(column schema.Object) string {
	parts := []string{identifier(column.Name), column.Prop("type")}
	add := func(before, value, behind string) {
		if value != "" {
			parts = append(parts, before+value+behind)
		}
	}
	add("COLLATE ", column.Prop("collation"), "")
	if column.Prop("null") == "no" {
		parts = append(parts, "NOT NULL")
	}
	add("DEFAULT ", column.Prop("default"), "")
	how, expression, _ := strings.Cut(column.Prop("generated"), " ")
	add("GENERATED ALWAYS AS ", expression, " "+strings.ToUpper(how))
	for _, key := range a.after.Of(a.is, "foreign key") {
		if columns := key.Columns; len(columns) == 1 && columns[0] == column.Name {
			_, references, _ := strings.Cut(key.Prop("definition"), " REFERENCES ")
			add("REFERENCES ", references, "")
		}
	}
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), " ")
}

// identifier is a name as SQL, in quotes only where it needs them.
func identifier(name string) string {
	for i := range len(name) {
		if c := name[i]; !sqltext.IsWordStart(c) && (i == 0 || !sqltext.IsDigit(c)) {
			return dialect.Name(name)
		}
	}
	if name == "" || slices.Contains(sqliteKeywords, strings.ToUpper(name)) {
		return dialect.Name(name)
	}
	return name
}

// sqliteKeywords are those that cannot be names: https://sqlite.org/lang_keywords.html
var sqliteKeywords = strings.Fields(`ADD ALL ALTER AND AS AUTOINCREMENT BETWEEN CASE CHECK COLLATE COMMIT CONSTRAINT CREATE CROSS CURRENT_DATE CURRENT_TIME
CURRENT_TIMESTAMP DEFAULT DEFERRABLE DELETE DISTINCT DROP ELSE ESCAPE EXCEPT EXISTS FOREIGN FROM FULL GROUP HAVING IN INDEX INNER INSERT INTERSECT INTO IS
ISNULL JOIN LEFT LIMIT NATURAL NOT NOTHING NOTNULL NULL ON OR ORDER OUTER PRIMARY REFERENCES RETURNING RIGHT SELECT SET TABLE THEN TO TRANSACTION UNION UNIQUE
UPDATE USING VALUES WHEN WHERE`)
