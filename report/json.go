package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf16"

	"github.com/handrail-db/handrail/verify"
	"github.com/handrail-db/handrail/verify/finding"
)

// JSON writes a report for a machine: the fields of [verify.Report], which
// JSON.md describes one by one, and whose
// "version" changes when the meaning of one does; a reader must expect fields
// that it does not know. Lists are never null, but what is empty may be
// left out. The error is that of w.
func JSON(w io.Writer, r finding.Report) error { return encode(w, whole(r)) }

// PositionJSON writes where a database stands for a machine, as JSON.md says.
func PositionJSON(w io.Writer, p verify.Position) error { return encode(w, p) }

// AttemptsJSON writes the attempts to move a database for a machine, as JSON.md
// says.
func AttemptsJSON(w io.Writer, a verify.Attempts) error { return encode(w, a) }

func encode(w io.Writer, v any) error {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return err
	}
	_, err := io.WriteString(w, escaped(text.String()))
	return err
}

// escaped is JSON without what a terminal or a log viewer would obey; outside of
// strings JSON has nothing of the kind.
func escaped(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r == '\n' || unicode.IsPrint(r) {
			b.WriteRune(r)
			continue
		}
		for _, unit := range utf16.AppendRune(nil, r) {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	return b.String()
}

// whole is the report with an empty list in the place of each that is not there.
func whole(r finding.Report) finding.Report {
	runs := make([]finding.Run, 0, len(r.Runs))
	for _, run := range r.Runs {
		revisions := make([]finding.Verdict, 0, len(run.Revisions))
		for _, v := range run.Revisions {
			v.Findings = append([]finding.Finding{}, v.Findings...)
			revisions = append(revisions, v)
		}
		run.Revisions = revisions
		run.Findings = append([]finding.Finding{}, run.Findings...)
		run.Checklist = append([]finding.Item{}, run.Checklist...)
		runs = append(runs, run)
	}
	r.Runs, r.Review = runs, append([]finding.ReviewItem{}, r.Review...)
	return r
}
