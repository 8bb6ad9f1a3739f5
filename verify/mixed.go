package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/internal/words"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/internal/sqltext"
	"github.com/handrail-db/handrail/verify/internal/walk"
	"github.com/handrail-db/handrail/verify/rows"
	"github.com/handrail-db/handrail/verify/schema"
)

// mixedFindings are about an up that changes the schema and writes rows, one for
// each table. That it changes the schema is seen in the catalogue; that it writes
// rows is seen in its statements, so that an empty table hides nothing, and where
// no statement says so in the rows.
func (c *Pass) mixedFindings(s walk.Stair, said []finding.Finding) []finding.Finding {
	change, ok := walk.SchemaChange(s)
	if !ok || s.Revision.Up == nil {
		return nil
	}
	writes := s.Manner.Writes
	if c.dialect == dialect.Postgres {
		writes = c.writesOf(s)
	}
	writes = append(slices.Clone(writes), c.seenWrites(s, writes, said)...)
	ddl, line := c.changing(s, change)
	var findings []finding.Finding
	done := map[string]bool{}
	for _, w := range writes {
		key := strings.ToLower(sqltext.Bare(w.Table))
		if done[key] {
			continue
		}
		done[key] = true
		f := c.finding(finding.Mixed, s.Revision, finding.Up)
		f.Severity = finding.Warning
		f.Object = &finding.ObjectRef{Kind: "table", Name: w.Table}
		if w.Line > 0 {
			f.File, f.Line = c.subject.Place(c.dialect, s.Revision.Up, w.Line)
		}
		f.Message = fmt.Sprintf("%s: up changes the schema and writes rows: %s%s and %s%s", s.Revision, ddl, atLine(line), w.What, atLine(f.Line))
		f.Hint = "write the rows in a revision of their own, behind this one; what needs the rows to be there, as NOT NULL does, goes into a third"
		findings = append(findings, f)
	}
	return findings
}

func atLine(line int) string {
	if line == 0 {
		return ""
	}
	return fmt.Sprintf(" (line %d)", line)
}

// changing is the statement that changes the schema, in a few words.
func (c *Pass) changing(s walk.Stair, change schema.Change) (what string, line int) {
	o := change.Object()
	first, found := sqltext.Statement{}, false
	for _, stmt := range s.Revision.Up.Script(c.dialect).Statements {
		ddl := stmt.Begins("create") || stmt.Begins("alter") || stmt.Begins("drop")
		if !ddl || temporary(stmt) {
			continue
		}
		if !found || stmt.Mentions(sqltext.Bare(o.Name)) && !first.Mentions(sqltext.Bare(o.Name)) {
			first, found = stmt, true
		}
	}
	if !found {
		return o.String(), 0
	}
	_, at := s.Revision.Up.At(first.Line)
	return first.Headline(), at
}

// temporary reports whether a statement makes what goes with the session.
func temporary(s sqltext.Statement) bool {
	return s.Begins("create") && len(s.Tokens) > 1 && slices.ContainsFunc(s.Tokens[1:min(4, len(s.Tokens))], func(l sqltext.Token) bool { return l.Is("temp") || l.Is("temporary") })
}

// seenWrites are rows that an up has written though none of its statements says
// so, and no finding about rows does.
func (c *Pass) seenWrites(s walk.Stair, told []walk.Write, said []finding.Finding) []walk.Write {
	var seen []walk.Write
	for _, d := range s.Account.Up {
		name := d.Table.Name
		known := slices.ContainsFunc(told, func(w walk.Write) bool {
			return w.Table == "" || strings.EqualFold(sqltext.Bare(w.Table), sqltext.Bare(name))
		}) ||
			slices.ContainsFunc(said, func(f finding.Finding) bool {
				return f.Direction == finding.Up && f.Object != nil && f.Object.Name == name && slices.Contains(rowRules, f.Rule)
			})
		if known || d.Gone || d.Unread() != "" || c.bystander(s, name) {
			continue
		}
		what := ""
		switch existed := walk.HasTable(s.Before, name); {
		case !existed && !c.filled(s):
			what = words.Plural64(d.Added, "row") + " in the new table " + name
		case !existed:
		case d.Added > 0:
			what = words.Plural64(d.Added, "new row") + " in " + name
		case d.Changed > 0 && !slices.ContainsFunc(d.Columns, func(column string) bool { return altered(s, name, column) }):
			what = words.Plural64(d.Changed, "changed row") + " in " + name
		case d.Lost > 0 && c.dialect == dialect.Postgres:
			what = words.Plural64(d.Lost, "row") + " less in " + name
		}
		if what != "" {
			seen = append(seen, walk.Write{Table: name, What: what + ", which no statement of the file names: a function or a trigger does it"})
		}
	}
	return seen
}

// bystander reports whether the rows of a table may differ because it is another
// table now: a partition came or went, it was made anew, another got its name.
func (c *Pass) bystander(s walk.Stair, table string) bool {
	if was, ok := s.Before.Table(table); ok && c.dialect == dialect.Postgres {
		if is, ok := s.Up.Snapshot.Successor(was); !ok || is.Name != was.Name {
			return true
		}
	}
	for _, stmt := range s.Revision.Up.Script(c.dialect).Statements {
		what, name := stmt.About()
		last := len(stmt.Tokens) - 1
		if what == "CREATE TABLE" && strings.EqualFold(sqltext.Bare(name), sqltext.Bare(table)) && walk.HasTable(s.Before, table) ||
			last > 1 && stmt.Tokens[last-1].Is("to") && strings.EqualFold(stmt.Tokens[last].Text, sqltext.Bare(table)) {
			return true
		}
	}
	return slices.ContainsFunc(schema.Compare(s.Before, s.Up.Snapshot), func(c schema.Change) bool {
		inherits := func(o *schema.Object) string {
			if o == nil {
				return ""
			}
			return o.Prop("inherits")
		}
		return c.Object().Kind == "table" && inherits(c.Want) != inherits(c.Got)
	})
}

// altered reports whether a column is not what it was: then its values may not
// be either.
func altered(s walk.Stair, table, column string) bool {
	return slices.ContainsFunc(schema.Compare(s.Before, s.Up.Snapshot), func(c schema.Change) bool {
		o := c.Object()
		return o.Kind == "column" && o.Parent == table && o.Name == column
	})
}

// filled reports whether a new table may have its rows from DDL alone: CREATE
// TABLE AS, another name.
func (c *Pass) filled(s walk.Stair) bool {
	if slices.ContainsFunc(s.Account.Up, func(d rows.Difference) bool { return d.Gone }) {
		return true
	}
	for _, stmt := range s.Revision.Up.Script(c.dialect).Statements {
		words := " " + strings.Join(strings.Fields(strings.ToLower(stmt.SQL)), " ") + " "
		if strings.Contains(words, "create ") && strings.Contains(words, "select") || strings.Contains(words, " into ") || strings.Contains(words, "rename") {
			return true
		}
	}
	return false
}
