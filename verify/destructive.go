package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/internal/words"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
	"github.com/handrail-db/handrail/verify/internal/sqltext"
	"github.com/handrail-db/handrail/verify/internal/walk"
	"github.com/handrail-db/handrail/verify/schema"
)

// holding are the kinds of objects that hold something, or that code calls by
// their names. Constraints, indexes, triggers and policies are none: what they
// promise is judged by other rules.
var holding = map[string]bool{
	"schema": true, "table": true, "foreign table": true, "virtual table": true, "column": true, "view": true, "materialized view": true,
	"enum": true, "domain": true, "composite type": true, "range": true, "base type": true, "sequence": true,
	"function": true, "procedure": true, "aggregate": true, "extension": true,
}

// A destruction looks for what was there before an up, and what became of it.
type destruction struct {
	*Pass
	stair   walk.Stair
	renamed renaming
}

// destructiveFindings are about what was there before the up and is not there
// after it, or holds less.
func (c *Pass) destructiveFindings(s walk.Stair) []finding.Finding {
	changes := schema.Compare(s.Before, s.Up.Snapshot)
	if len(changes) == 0 {
		return nil
	}
	j := &destruction{c, s, renames(c.dialect, s)}
	roots := map[string]bool{}
	for _, change := range schema.Roots(changes) {
		roots[change.Object().String()] = true
	}
	var findings []finding.Finding
	for _, change := range changes {
		if change.Want == nil || !holding[change.Want.Kind] {
			continue
		}
		was := *change.Want
		if change.Got == nil {
			if now, ok := j.becomes(was); ok {
				change.Got = &now
			} else if j.counts(was, roots[was.String()]) {
				findings = append(findings, j.drops(change))
				continue
			}
		}
		if change.Got != nil {
			if how := j.narrower(was, *change.Got); how != "" {
				findings = append(findings, j.narrows(change, how))
			}
		}
	}
	return findings
}

// becomes finds what an object that is gone lives on as.
func (j *destruction) becomes(was schema.Object) (schema.Object, bool) {
	if now, ok := j.stair.Up.Snapshot.Successor(was); ok {
		return now, true
	}
	parent, name := was.Parent, was.Name
	if was.Kind == "column" {
		parent, name = j.renamed.table(was.Parent), j.renamed.column(was.Parent, was.Name)
	} else if was.Parent == "" {
		name = j.renamed.table(was.Name)
	}
	readable := []string{"view", "materialized view", "table", "foreign table"}
	for _, o := range j.stair.Up.Snapshot.Objects {
		switch {
		case o.Name != name || o.Parent != parent:
		case o.Kind == was.Kind, was.Kind == "view" && slices.Contains(readable, o.Kind):
			return o, true
		}
	}
	return schema.Object{}, false
}

// counts reports whether nobody has said, or has to say, that an object is gone:
// what belongs to another goes with it, and data-loss says of some that they come
// back empty.
func (j *destruction) counts(was schema.Object, isRoot bool) bool {
	switch {
	case was.Kind == "column":
		table, ok := j.parent(was)
		if ok && table.Kind != "table" && table.Kind != "foreign table" { // a view says so itself
			return false
		}
		_, lives := j.becomes(table)
		return ok && (isRoot || lives) && !j.comesBackEmpty(was)
	case !isRoot:
		return false
	case was.Kind == "sequence":
		return was.Prop("owned by") == "" // else it counts for a column
	case was.Kind == "function" || was.Kind == "procedure" || was.Kind == "aggregate":
		return !j.overloaded(was)
	}
	return !j.comesBackEmpty(was)
}

func (j *destruction) parent(column schema.Object) (schema.Object, bool) {
	for _, o := range j.stair.Before.Objects {
		if o.Parent == "" && o.Name == column.Parent && o.Columns != nil {
			return o, true
		}
	}
	return schema.Object{}, false
}

// overloaded reports whether a new function has the name of one that is gone, with
// other arguments.
func (j *destruction) overloaded(was schema.Object) bool {
	name, _, _ := strings.Cut(was.Name, "(")
	return slices.ContainsFunc(schema.Compare(j.stair.Before, j.stair.Up.Snapshot), func(c schema.Change) bool {
		o := c.Object()
		return c.Want == nil && o.Kind == was.Kind && strings.HasPrefix(o.Name, name+"(")
	})
}

// comesBackEmpty reports whether there is a finding of data-loss about an object.
func (j *destruction) comesBackEmpty(was schema.Object) bool {
	if !j.stair.Down.OK() {
		return false
	}
	for _, d := range j.stair.Account.Down {
		switch {
		case was.Kind == "table" && d.Table.Name == was.Name:
			return d.Lost == d.Table.Count && d.Lost > 0
		case was.Kind == "column" && d.Table.Name == was.Parent:
			return slices.Contains(d.Emptied, was.Name)
		}
	}
	return false
}

func (j *destruction) begin(change schema.Change, verbs ...string) finding.Finding {
	f := aboutChange(j.finding(finding.Destructive, j.stair.Revision, finding.Up), change)
	f.Severity = finding.Warning
	o := *change.Want
	f.Object = &finding.ObjectRef{Kind: o.Kind, Name: strings.TrimPrefix(o.String(), o.Kind+" ")}
	if strings.HasSuffix(o.Kind, "view") { // its text is the server's, and another from version to version
		f.Want, f.Got = "columns: "+strings.Join(o.Columns, ", "), ""
		if change.Got != nil {
			f.Got = "columns: " + strings.Join(change.Got.Columns, ", ")
		}
	}
	name := o.Name
	if j.dialect == dialect.Postgres && o.Kind != "column" { // else it is as it was written
		name = sqltext.Bare(name)
	}
	stmt, ok := history.StatementOn(j.dialect, j.stair.Revision.Up, name, verbs...)
	if !ok && o.Kind == "column" { // a rebuild leaves it out
		stmt, ok = history.StatementOn(j.dialect, j.stair.Revision.Up, sqltext.Bare(o.Parent), verbs...)
	}
	if ok {
		f.File, f.Line = j.subject.Place(j.dialect, j.stair.Revision.Up, stmt.Line)
	}
	return f
}

func (j *destruction) drops(change schema.Change) finding.Finding {
	f := j.begin(change, "drop", "alter")
	f.Message = fmt.Sprintf("%s: up drops %s", j.stair.Revision, change.Want)
	for _, d := range j.stair.Account.Up {
		if d.Gone && d.Table.Name == change.Want.Name {
			f.Message += fmt.Sprintf(" with its %s", words.Plural64(d.Table.Count, "row"))
		}
	}
	f.Hint = fmt.Sprintf("let the code stop using it first; then say why it may go, and which revision has brought what it held to safety: -- handrail:allow destructive %s because …", j.short(f.Object.Name))
	return f
}

func (j *destruction) narrows(change schema.Change, how string) finding.Finding {
	f := j.begin(change, "alter", "create", "drop")
	f.Message = fmt.Sprintf("%s: up narrows %s: %s", j.stair.Revision, change.Want, how)
	f.Hint = fmt.Sprintf("let the code stop writing what does not fit any more; then say why: -- handrail:allow destructive %s because …", j.short(f.Object.Name))
	return f
}

// short is a name as a waiver may give it.
func (j *destruction) short(name string) string { return strings.TrimPrefix(name, "public.") }

// narrower says what an object held and does not hold now, "" where it is
// nothing.
func (j *destruction) narrower(was, is schema.Object) string {
	switch was.Kind {
	case "column", "domain", "sequence":
		a, b := was.Prop("type"), is.Prop("type")
		if j.dialect == dialect.Postgres && narrowerType(a, b) {
			return a + " becomes " + b
		}
	case "enum":
		return without("label", strings.Split(was.Prop("labels"), ", "), strings.Split(is.Prop("labels"), ", "), j.renamed.labels)
	case "composite type":
		return without("attribute", attributes(was), attributes(is), j.renamed.labels)
	case "view", "materialized view":
		if is.Prop("broken") == "" { // else it is said that it is
			return without("column", was.Columns, is.Columns, j.renamed.names())
		}
	}
	return ""
}

// attributes are the names of those of a composite type.
func attributes(o schema.Object) []string {
	var names []string
	for line := range strings.SplitSeq(o.Prop("attributes"), "\n") {
		name, _, _ := strings.Cut(line, " ")
		names = append(names, name)
	}
	return names
}

// without says which of a list are not there any more, and were not renamed.
func without(what string, was, is []string, renamed map[string]bool) string {
	gone := slices.DeleteFunc(slices.Clone(was), func(name string) bool { return slices.Contains(is, name) || renamed[strings.Trim(name, `'"`)] })
	switch len(gone) {
	case 0:
		return ""
	case 1:
		return what + " " + gone[0] + " is gone"
	}
	return what + "s " + strings.Join(gone, ", ") + " are gone"
}

// A renaming is what a file says that it renames.
type renaming struct {
	tables  map[string]string            // and schemas: what each that was there is called in the end
	columns map[string]map[string]string // of each table that was there
	labels  map[string]bool              // of enums, and attributes
}

func (r renaming) table(was string) string {
	if name, ok := r.tables[was]; ok {
		return name
	}
	return was
}

func (r renaming) column(table, was string) string {
	if name, ok := r.columns[table][was]; ok {
		return name
	}
	return was
}

// names are those of columns that have another one now: SQLite gives it to what a
// view selects, too.
func (r renaming) names() map[string]bool {
	names := map[string]bool{}
	for _, columns := range r.columns {
		for was := range columns {
			names[was] = true
		}
	}
	return names
}

// renames reads the statements of an up. On Postgres only what the catalogue does
// not tell is taken from there.
func renames(d dialect.Dialect, s walk.Stair) renaming {
	r := renaming{map[string]string{}, map[string]map[string]string{}, map[string]bool{}}
	for _, made := range s.Manner.Recreated { // an experiment has shown it
		r.tables[made.Was] = made.Name
		if len(made.Renamed) > 0 {
			r.columns[made.Was] = made.Renamed
		}
	}
	if s.Revision.Up == nil {
		return r
	}
	for _, stmt := range s.Revision.Up.Script(d).Statements {
		i := slices.IndexFunc(stmt.Tokens, func(l sqltext.Token) bool { return l.Is("rename") })
		what, name := stmt.About()
		if i < 0 || !stmt.Begins("alter") || i+2 >= len(stmt.Tokens) {
			continue
		}
		rest := stmt.Tokens[i+1:]
		switch {
		case rest[0].Is("value") || rest[0].Is("attribute"):
			r.labels[rest[1].Value()] = true
		case rest[0].Is("to") && (what == "ALTER SCHEMA" || d == dialect.SQLite):
			r.tables[r.original(s, name)] = rest[1].Text
		case d == dialect.SQLite:
			if rest[0].Is("column") {
				rest = rest[1:]
			}
			if len(rest) == 3 && rest[1].Is("to") {
				r.renameColumn(r.original(s, name), rest[0].Text, rest[2].Text)
			}
		}
	}
	return r
}

// original is what a table was called before the up, as the catalogue spells it.
func (r renaming) original(s walk.Stair, name string) string {
	for was, now := range r.tables {
		if strings.EqualFold(now, name) {
			return was
		}
	}
	for _, o := range s.Before.Objects {
		if o.Parent == "" && strings.EqualFold(o.Name, name) {
			return o.Name
		}
	}
	return name
}

func (r renaming) renameColumn(table, from, to string) {
	if r.columns[table] == nil {
		r.columns[table] = map[string]string{}
	}
	for was, now := range r.columns[table] {
		if strings.EqualFold(now, from) {
			from = was
		}
	}
	r.columns[table][from] = to
}
