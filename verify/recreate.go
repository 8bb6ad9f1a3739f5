package verify

import (
	"fmt"
	"strings"

	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
	"github.com/handrail-db/handrail/verify/internal/walk"
)

// recreateFindings judges the tables that an up made anew without need.
func (c *Pass) recreateFindings(s walk.Stair) []finding.Finding {
	var findings []finding.Finding
	for _, r := range s.Manner.Recreated {
		f := c.finding(finding.Recreate, s.Revision, finding.Up)
		f.Severity = finding.Warning
		f.Object = &finding.ObjectRef{Kind: "table", Name: r.Name}
		if stmt, ok := history.StatementOn(c.dialect, s.Revision.Up, r.Was, "drop"); ok {
			f.File, f.Line = c.subject.Place(c.dialect, s.Revision.Up, stmt.Line)
		}
		if len(r.Statements) == 0 {
			f.Message = fmt.Sprintf("%s: up makes table %s anew, and nothing about it or its rows is different", s.Revision, r.Name)
			f.Hint = "leave it out"
		} else {
			f.Message = fmt.Sprintf("%s: up makes table %s anew with all its rows, and ALTER TABLE comes to the same, as was tried", s.Revision, r.Name)
			f.Hint = strings.Join(r.Statements, "; ") + ";"
		}
		findings = append(findings, f)
	}
	return findings
}
