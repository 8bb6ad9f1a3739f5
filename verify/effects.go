package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/internal/words"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/internal/walk"
	"github.com/handrail-db/handrail/verify/rows"
	"github.com/handrail-db/handrail/verify/schema"
)

// fillEffects fills in what a person wants to see of a revision that was looked at. It
// reads nothing: the walk has.
func fillEffects(v *finding.Verdict, d dialect.Dialect, s walk.Stair) {
	v.Climbed, v.Blocked = s.Unjudged, s.Blocked
	if s.Blocked != "" || s.Unjudged != "" || !s.Up.OK() {
		return
	}
	changes := schema.Compare(s.Before, s.Up.Snapshot)
	v.Changes = diffOf(changes)
	v.Rows = &finding.RowEffects{Before: s.Account.Rows, Tables: s.Account.Tables, Touched: touched(s.Account.Up)}
	v.Back = back(s, v.Findings)
	v.Facts = finding.Facts{
		Data:      len(changes) == 0 && s.Revision.Up != nil && len(s.Revision.Up.Script(d).Statements) > 0,
		Repeated:  s.Repeat != nil,
		Rebuilt:   s.Rebuilt,
		DownFails: s.Down != nil && !s.Down.OK(),
	}
}

// diffOf is changes in lines of which each has its mark: a name may hold a line
// break.
func diffOf(changes []schema.Change) string {
	var b strings.Builder
	for _, change := range changes {
		mark := "  "
		for line := range strings.Lines(change.String()) {
			switch {
			case len(line) > 1 && slices.Contains([]string{"+ ", "- ", "  "}, line[:2]):
				mark = line[:2]
			default:
				line = mark + line
			}
			b.WriteString(line)
		}
	}
	return b.String()
}

func touched(differences []rows.Difference) []finding.TableEffect {
	var effects []finding.TableEffect
	for _, d := range differences {
		e := finding.TableEffect{Table: d.Table.Name, Unread: d.Unread()}
		if e.Unread == "" {
			e.Inserted, e.Changed, e.Deleted = d.Added, d.Changed, d.Lost
			e.Kept = d.Table.Count - d.Changed - d.Lost
		}
		effects = append(effects, e)
	}
	return effects
}

// back says what a down brought back.
func back(s walk.Stair, findings []finding.Finding) string {
	switch {
	case s.Revision.Down == nil:
		return "nothing: there is no down file"
	case s.Down == nil:
		return ""
	case !s.Down.OK():
		return "nothing: the down fails"
	}
	return schemaBack(s, findings) + "; " + rowsBack(s.Account)
}

// mostNotBack is how many objects are named that did not come back.
const mostNotBack = 5

func schemaBack(s walk.Stair, findings []finding.Finding) string {
	if s.Down.Snapshot.Equal(s.Before) {
		return "the schema as it was"
	}
	how := map[finding.Rule]string{finding.Residue: "left behind", finding.Loss: "missing", finding.Changed: "different"}
	var not []string
	for _, f := range findings {
		switch what := how[f.Rule]; {
		case f.Rule == finding.EmptyDown:
			return "nothing of the schema: the down file holds no SQL"
		case what != "" && f.Object != nil && f.Direction == finding.Down:
			not = append(not, fmt.Sprintf("%s %s (%s)", f.Object.Kind, f.Object.Name, what))
		}
	}
	if n := len(not); n > mostNotBack {
		not = append(not[:mostNotBack], fmt.Sprintf("%d more", n-mostNotBack))
	}
	return "the schema but for " + strings.Join(not, ", ")
}

// rowsBack counts the rows after the down against those before the up.
func rowsBack(a walk.Account) string {
	if a.Rows == 0 && len(a.Down) == 0 {
		return "no row was there"
	}
	var lost, changed, added int64
	for _, d := range a.Down {
		if d.Unread() != "" {
			return fmt.Sprintf("nobody knows of the rows of %s: %s", d.Table.Name, d.Unread())
		}
		lost, changed, added = lost+d.Lost, changed+d.Changed, added+d.Added
	}
	all := fmt.Sprintf("%s in %s", words.Plural64(a.Rows, "row"), words.Plural(a.Tables, "table"))
	kept := a.Rows - lost - changed
	parts := []string{fmt.Sprintf("%d of %s kept", kept, all)}
	if kept == a.Rows {
		parts[0] = all + " kept"
	}
	for _, p := range []struct {
		n    int64
		what string
	}{{lost, "lost"}, {changed, "changed"}, {added, "left behind"}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.what))
		}
	}
	return strings.Join(parts, ", ")
}

// standing is the verdict that a revision has with these findings.
func standing(s walk.Stair, findings []finding.Finding) finding.Standing {
	if s.Blocked != "" || s.Unjudged != "" {
		return finding.Unverified
	}
	verdict := finding.Clean
	for _, f := range findings {
		switch {
		case f.Counts(finding.Error):
			return finding.Defective
		case f.Waived != "":
			verdict = finding.Excepted
		case verdict == finding.Clean:
			verdict = finding.Noted
		}
	}
	return verdict
}
