// Package report writes what package verify found: one file a format, in the table
// [Formats], and beside them what a person is told of one database. Text from outside
// (names in a database, what a server says) is written so that no terminal obeys it.
package report

import (
	"io"

	"github.com/handrail-db/handrail/verify/finding"
)

// A Format is a way to write a report.
type Format struct {
	Name string // as people give it
	// Write writes a report as a whole. The screen is that of w; whoever writes for
	// machines does not look at it. The error is that of w.
	Write func(w io.Writer, r finding.Report, s Screen) error
}

// Formats are all that there are, text first.
func Formats() []Format {
	return []Format{
		{"text", Text},
		{"json", onAnyScreen(JSON)},
		{"markdown", onAnyScreen(Markdown)},
		{"github", onAnyScreen(GitHub)},
	}
}

func onAnyScreen(write func(io.Writer, finding.Report) error) func(io.Writer, finding.Report, Screen) error {
	return func(w io.Writer, r finding.Report, _ Screen) error { return write(w, r) }
}
