package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/internal/sqltext"
	"github.com/handrail-db/handrail/verify/internal/walk"
	"github.com/handrail-db/handrail/verify/rows"
	"github.com/handrail-db/handrail/verify/schema"
)

// rebuildFindings judges what rebuilding tables of SQLite did, in the mode that
// the project runs and in the others.
func (j *rowJudge) rebuildFindings() []finding.Finding {
	var findings []finding.Finding
	s := j.stair
	said := map[string]bool{} // in the project's own mode
	for _, own := range []bool{true, false} {
		for _, t := range s.Trials {
			if t.Own != own {
				continue
			}
			for _, f := range j.trial(t) {
				key := string(f.Rule) + f.Object.Name
				if said[key] {
					continue
				}
				said[key] = true
				if !own {
					f.Severity = finding.Warning
					f.Message += "; the project runs it otherwise"
				}
				findings = append(findings, f)
			}
		}
	}
	return findings
}

// safeRebuild is how a rebuild does no harm.
const safeRebuild = "golang-migrate wraps the file in a transaction, in which PRAGMA foreign_keys has no effect: open the database without foreign keys, or run the file with x-no-tx-wrap, PRAGMA foreign_keys = OFF first and a BEGIN and COMMIT of its own"

func (j *rowJudge) trial(t walk.Trial) []finding.Finding {
	var findings []finding.Finding
	begin := func(rule finding.Rule, o finding.ObjectRef, format string, args ...any) *finding.Finding {
		f := j.finding(rule, j.stair.Revision, finding.Up)
		f.Object = &o
		f.Message = fmt.Sprintf("%s: up (%s) ", j.stair.Revision, t.Mode) + fmt.Sprintf(format, args...)
		findings = append(findings, f)
		return &findings[len(findings)-1]
	}
	for _, d := range t.Rows {
		name := d.Table.Name
		if d.Lost == 0 || d.Gone || slices.Contains(j.stair.Rebuilt, name) && !j.keptOtherwise(name, d.Lost) {
			continue
		}
		others := slices.DeleteFunc(slices.Clone(j.stair.Rebuilt), func(t string) bool { return t == name })
		f := begin(finding.RebuildCascade, finding.ObjectRef{Kind: "table", Name: name}, "rebuilds %s, and %s of %s go with it", strings.Join(others, ", "), ofAll(d.Lost, d.Table.Count), name)
		f.Want, f.Hint = inserts(d.Table, d.LostRows), safeRebuild
		if t.Own {
			j.said[string(finding.RowsLost)+" "+name] = true
		}
	}
	for _, o := range j.lostObjects(t) {
		f := begin(finding.RebuildLostObject, finding.ObjectRef{Kind: o.Kind, Name: o.Name}, "rebuilds %s and does not create %s again", strings.Join(j.stair.Rebuilt, ", "), o)
		f.Want = o.Prop("definition")
		f.Hint = "DROP TABLE takes it along: create it again behind the rename, or drop it by name in the file to say that it may go"
		if wider, ok := widerIndex(t.Snapshot, o); ok {
			f.Severity = finding.Warning
			f.Message += fmt.Sprintf("; %s begins with the same columns", wider)
		}
	}
	for _, b := range t.Broken {
		f := begin(finding.RebuildBrokenView, finding.ObjectRef{Kind: b.Object.Kind, Name: b.Object.Name}, "leaves %s that does not compile: %s", b.Object, b.Why)
		f.Hint = "drop it before the rebuild and create it again behind it"
	}
	for _, harm := range t.Harm {
		f := begin(finding.ForeignKeys, finding.ObjectRef{Kind: "row", Name: harm}, "leaves rows without what they refer to: %s", harm)
		f.Hint = "delete or mend these rows in the same file"
	}
	return findings
}

// keptOtherwise reports whether another mode keeps rows of a table of which one
// loses so many: then it is not the copy of that table that loses them.
func (j *rowJudge) keptOtherwise(table string, lost int64) bool {
	return slices.ContainsFunc(j.stair.Trials, func(t walk.Trial) bool {
		return !slices.ContainsFunc(t.Rows, func(d rows.Difference) bool { return d.Table.Name == table && d.Lost >= lost })
	})
}

// lostObjects are the indexes, triggers and views that are not there any more,
// though nobody dropped them and nothing made them go. In a mode that is not
// the project's only what is there in the project's own counts.
func (j *rowJudge) lostObjects(t walk.Trial) []schema.Object {
	var lost []schema.Object
	there := map[string]bool{}
	for _, o := range t.Snapshot.Objects {
		there[o.String()] = true
		if o.Kind == "index" {
			there[nameless(o)] = true
		}
	}
	for _, o := range j.stair.Before.Objects {
		switch {
		case there[o.String()], o.Kind == "index" && there[nameless(o)]:
		case o.Kind == "view" && t.Own: // SQLite drops no view by itself
		case o.Kind != "view" && !((o.Kind == "index" || o.Kind == "trigger") && slices.Contains(j.stair.Rebuilt, o.Parent)):
		case t.Own && (j.dropped(o) || j.hadToGo(o)):
		case !t.Own && !slices.ContainsFunc(j.stair.Up.Snapshot.Objects, func(p schema.Object) bool { return p.String() == o.String() }):
		default:
			lost = append(lost, o)
		}
	}
	return lost
}

// nameless is an index by what it is and not by its name.
func nameless(o schema.Object) string { return fmt.Sprintf("index on %s %v", o.Parent, o.Key) }

// dropped reports whether the up drops an object by its name.
func (j *rowJudge) dropped(o schema.Object) bool {
	for _, stmt := range j.stair.Revision.Up.Script(j.dialect).Statements {
		if stmt.Begins("drop", o.Kind) && strings.EqualFold(sqltext.LastName(stmt.Tokens), o.Name) {
			return true
		}
	}
	return false
}

// hadToGo reports whether an object names a column that its table has no more,
// or is an index for what a key of the new table does.
func (j *rowJudge) hadToGo(o schema.Object) bool {
	was, _ := walk.ColumnsIn(j.stair.Before)(o.Parent)
	is, _ := walk.ColumnsIn(j.stair.Up.Snapshot)(o.Parent)
	for _, stmt := range sqltext.Parse(j.dialect, o.Prop("definition")).Statements {
		for _, l := range stmt.Tokens {
			same := func(name string) bool { return l.IsName() && strings.EqualFold(name, l.Text) }
			if slices.ContainsFunc(was, same) && !slices.ContainsFunc(is, same) {
				return true
			}
		}
	}
	for _, kind := range []string{"primary key", "unique"} {
		for _, key := range j.stair.Up.Snapshot.Of(o.Parent, kind) {
			if o.Kind == "index" && o.Key.Where == "" && slices.Equal(o.Key.Parts, plainParts(key.Columns)) {
				return true
			}
		}
	}
	return false
}
