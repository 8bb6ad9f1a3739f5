package verify

import (
	"fmt"
	"strings"

	"github.com/handrail-db/handrail/verify/schema"
)

// A Rule is the stable name of what a finding is about, in kebab-case.
type Rule string

// The rules of the stairway.
const (
	UpFails     Rule = "up-fails"     // the up does not run on the schema that the revisions before it made
	DownFails   Rule = "down-fails"   // the down does not run on the schema that its own up made
	ReupFails   Rule = "reup-fails"   // the up does not run again after the down
	Residue     Rule = "residue"      // the down left an object that the up had made
	Loss        Rule = "loss"         // the down did not bring back an object that was there before the up
	Changed     Rule = "change"       // the down brought an object back different
	ReupDiffers Rule = "reup-differs" // the second up made another schema than the first
	NoDown      Rule = "no-down"      // the revision has no down file
	RoundTrip   Rule = "round-trip"   // head, base, head again did not end where it began
	Drift       Rule = "drift"        // the schema at head is not the declared one
	AppendOnly  Rule = "append-only"  // a row of a table that is promised append-only was changed
)

// A Severity says how bad a finding is.
type Severity string

// The severities, worst first.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Note    Severity = "note"
)

// An ObjectRef names the object of the catalogue that a finding is about.
type ObjectRef struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
}

// A Finding is one thing that is not as it was promised. It makes sense alone.
type Finding struct {
	Rule      Rule       `json:"rule"`
	Severity  Severity   `json:"severity"`
	Engine    string     `json:"engine"`
	Server    string     `json:"server"`            // with its version
	Version   int64      `json:"version,omitempty"` // 0: not about one revision
	Name      string     `json:"name,omitempty"`    // of the revision
	Direction Direction  `json:"direction,omitempty"`
	Object    *ObjectRef `json:"object,omitempty"`
	File      string     `json:"file,omitempty"`
	Line      int        `json:"line,omitempty"` // 0: not known
	Got       string     `json:"got,omitempty"`
	Want      string     `json:"want,omitempty"`
	Message   string     `json:"message"`
	Hint      string     `json:"hint,omitempty"`
}

// String is the finding as text: a line that says what and where, the
// difference where there is one, and the remedy.
func (f Finding) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s: %s", f.Severity, f.Rule, f.Message)
	fmt.Fprintf(&b, "\n    on %s (%s)", f.Engine, f.Server)
	if f.File != "" {
		fmt.Fprintf(&b, ", in %s", place(f.File, f.Line))
	}
	if f.Want != "" || f.Got != "" {
		fmt.Fprintf(&b, "\n    (-want +got)\n%s%s", indent("  - ", f.Want), indent("  + ", f.Got))
	}
	out := strings.TrimRight(b.String(), "\n")
	if f.Hint != "" {
		out += "\n    remedy: " + f.Hint
	}
	return out
}

// place is a file, with the line where it is known.
func place(file string, line int) string {
	if line > 0 {
		return fmt.Sprintf("%s:%d", file, line)
	}
	return file
}

func indent(prefix, text string) string {
	var b strings.Builder
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		if line != "" {
			b.WriteString("    " + prefix + line + "\n")
		}
	}
	return b.String()
}

// about gives the finding the object of a change, and what it was and is.
func (f Finding) about(c schema.Change) Finding {
	o := c.Object()
	f.Object = &ObjectRef{o.Kind, strings.TrimPrefix(o.String(), o.Kind+" ")}
	f.Want, f.Got = c.Sides()
	return f
}
