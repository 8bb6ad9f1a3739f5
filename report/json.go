package report

import (
	"encoding/json"
	"io"

	"github.com/handrail-db/handrail/verify"
)

// JSON writes a report for a machine: the fields of [verify.Report], whose
// "version" changes when the meaning of one does; a reader must expect fields
// that it does not know. Lists are never null, but what is empty may be
// left out. The error is that of w.
func JSON(w io.Writer, r verify.Report) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(whole(r))
}

// whole is the report with an empty list in the place of each that is not there.
func whole(r verify.Report) verify.Report {
	runs := make([]verify.Run, 0, len(r.Runs))
	for _, run := range r.Runs {
		revisions := make([]verify.Verdict, 0, len(run.Revisions))
		for _, v := range run.Revisions {
			v.Findings = append([]verify.Finding{}, v.Findings...)
			revisions = append(revisions, v)
		}
		run.Revisions = revisions
		run.Findings = append([]verify.Finding{}, run.Findings...)
		run.Checklist = append([]verify.Item{}, run.Checklist...)
		runs = append(runs, run)
	}
	r.Runs = runs
	return r
}
