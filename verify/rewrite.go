package verify

import (
	"fmt"
	"strings"

	"github.com/handrail-db/handrail/internal/words"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
	"github.com/handrail-db/handrail/verify/internal/sqltext"
	"github.com/handrail-db/handrail/verify/internal/walk"
)

// rewriteFindings judges the tables that an up has rewritten.
func (c *Pass) rewriteFindings(s walk.Stair) []finding.Finding {
	var findings []finding.Finding
	for _, t := range s.Manner.Rewritten {
		why, hint := whyRewritten(s, t)
		if why == "" && truncates(c.dialect, s.Revision.Up, t.Name) {
			continue // an empty table that is emptied has another file too
		}
		f := c.finding(finding.Rewrite, s.Revision, finding.Up)
		f.Severity = finding.Warning
		f.Object = &finding.ObjectRef{Kind: "table", Name: t.Name}
		f.Message = fmt.Sprintf("%s: up writes all rows of %s anew, while nobody can read or write the table: %s here", s.Revision, t.Name, words.Plural64(t.Rows, "row"))
		if t.Partitions > 0 {
			f.Message += " in " + words.Plural(t.Partitions, "partition")
		}
		if stmt, ok := history.StatementOn(c.dialect, s.Revision.Up, sqltext.Bare(t.Name), "alter", "cluster", "vacuum"); ok {
			f.File, f.Line = c.subject.Place(c.dialect, s.Revision.Up, stmt.Line)
			f.Message += ", by " + stmt.Headline()
		}
		if why != "" {
			f.Message += ": " + why
		}
		f.Hint = hint
		findings = append(findings, f)
	}
	return findings
}

// whyRewritten is what about a table changed that makes the server rewrite it, ""
// where nothing in the catalogue says so, and how it is done without.
func whyRewritten(s walk.Stair, t walk.RewrittenTable) (why, hint string) {
	hint = "do it when nobody needs the table, and say so: -- handrail:allow rewrite " + sqltext.Bare(t.Name) + " because …"
	var reasons []string
	if was, ok := s.Before.Table(t.Was); ok {
		is, _ := s.Up.Snapshot.Table(t.Name)
		for _, prop := range []string{"persistence", "tablespace", "access method"} {
			if was.Prop(prop) != is.Prop(prop) {
				reasons = append(reasons, "another "+prop)
			}
		}
	}
	there := map[string]bool{} // columns that were there, as they are called now
	for _, column := range s.Before.Of(t.Was, "column") {
		now, ok := s.Up.Snapshot.Successor(column)
		there[now.Name] = ok
		if was, is := column.Prop("type"), now.Prop("type"); ok && was != is {
			reasons = append(reasons, fmt.Sprintf("column %s was %s and is %s", now.Name, was, is))
			hint = "add a column of the new type, fill it in a revision of its own, and take it in place of the old one in a third"
		}
	}
	for _, column := range s.Up.Snapshot.Of(t.Name, "column") {
		switch {
		case there[column.Name]:
		case column.Prop("generated") != "":
			reasons = append(reasons, "column "+column.Name+" is generated and stored")
			hint = "add an ordinary column, let a trigger keep it, and fill it in a revision of its own"
		case column.Prop("default") != "" || column.Prop("identity") != "":
			reasons = append(reasons, "column "+column.Name+" has a default that is computed for each row")
			hint = "add the column without a default, set the default in a second statement, and fill the rows in a revision of its own"
		}
	}
	return strings.Join(reasons, ", "), hint
}

// truncates reports whether a file empties a table, by its name or by what
// cascades.
func truncates(d dialect.Dialect, f *history.File, table string) bool {
	if f == nil {
		return false
	}
	for _, s := range f.Script(d).Statements {
		words := strings.ToLower(s.SQL)
		if strings.Contains(words, "truncate") && (s.Mentions(sqltext.Bare(table)) || strings.Contains(words, "cascade")) {
			return true
		}
	}
	return false
}
