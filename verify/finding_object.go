package verify

import (
	"strings"

	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/schema"
)

// refOf names an object as findings do.
func refOf(o schema.Object) finding.ObjectRef {
	return finding.ObjectRef{Kind: o.Kind, Name: strings.TrimPrefix(strings.TrimPrefix(o.String(), o.Kind+" "), "on ")}
}

// aboutChange gives the finding the object of a change, and what it was and is.
func aboutChange(f finding.Finding, c schema.Change) finding.Finding {
	ref := refOf(c.Object())
	f.Object = &ref
	f.Want, f.Got = c.Sides()
	return f
}

// soften makes a note, or a warning, of a difference that is no defect.
func soften(f *finding.Finding, t tolerated) {
	if t.why == "" {
		return
	}
	f.Severity = t.severity
	f.Message += " (" + t.why + ")"
	if f.Severity == finding.Note {
		f.Masked, f.Hint = false, ""
	}
}
