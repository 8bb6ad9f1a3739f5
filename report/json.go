package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf16"

	"github.com/handrail-db/handrail/verify/finding"
)

// JSON writes a report for a machine: the fields of [finding.Report], as JSON.md
// describes them one by one. The field "version" changes when the meaning of a field
// does; a reader must expect fields that it does not know. Lists are never null, but
// what is empty may be left out. The error is that of w.
func JSON(w io.Writer, r finding.Report) error { return encode(w, whole(r)) }

// encode writes a value as JSON with two spaces of indentation, and with one write.
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

// escaped is a text of JSON in which all that is not printable is escaped: a terminal
// or a viewer of logs would obey it. It can only be in strings.
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

// whole is a report in which each list that is nil is empty. The one that it is given
// stays as it is.
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
