package verify

import (
	"fmt"

	"github.com/handrail-db/handrail/internal/words"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/internal/walk"
)

// repeatFindings judges that.
func (j *rowJudge) repeatFindings() []finding.Finding {
	r := j.stair.Repeat
	if r == nil || r.Err == nil && len(r.Rows) == 0 {
		return nil
	}
	f := j.finding(finding.NotIdempotent, j.stair.Revision, finding.Up)
	f.Hint = "let it skip what is done: WHERE … IS NULL, ON CONFLICT DO NOTHING"
	if r.Err != nil {
		f.Severity = finding.Warning // it does no harm
		f.Message = fmt.Sprintf("%s: its SQL fails when it is run once more: %s", j.stair.Revision, words.OneLine(r.Err))
		return []finding.Finding{f}
	}
	d := r.Rows[0]
	f.Object = &finding.ObjectRef{Kind: "table", Name: d.Table.Name}
	f.Message = fmt.Sprintf("%s: its SQL run once more changes rows of %s", j.stair.Revision, d.Table.Name)
	f.Want, f.Got = rowSides(d)
	return []finding.Finding{f}
}

// secondFindings judges the second round.
func (j *rowJudge) secondFindings() []finding.Finding {
	r := j.stair.Second
	if r == nil {
		return nil
	}
	if r.Err != nil {
		f := j.failed(finding.DownNeedsEmpty, j.stair, finding.Down, &walk.Landing{Err: r.Err}, "let the down bring such rows into order first")
		f.Message = fmt.Sprintf("%s: down fails on rows that were written at the revision (%s): %s", j.stair.Revision, r.Wrote, words.OneLine(engine.Cause(r.Err)))
		return []finding.Finding{f}
	}
	j.second = true
	defer func() { j.second = false }()
	var findings []finding.Finding
	for _, d := range r.Rows {
		usual := did(r.First, d.Table.Name)
		d.Lost, d.Changed, d.Added = max(0, d.Lost-usual.Lost), max(0, d.Changed-usual.Changed), 0
		if d.Gone || !walk.HasTable(j.stair.Before, d.Table.Name) || d.Unread() != "" {
			continue
		}
		for _, f := range j.tally(d, finding.Down) {
			f.Message += " that were written at the revision (" + r.Wrote + ")"
			findings = append(findings, f)
		}
	}
	return findings
}
