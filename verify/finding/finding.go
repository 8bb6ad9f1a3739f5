// Package finding is what leaves a check, as plain data: rules, findings, the verdict of a
// revision, the checklist and the review, the run on an engine, the report. It knows
// neither databases nor how anything was found.
package finding

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A Rule is the stable name of what a finding is about, in kebab-case.
type Rule string

// The rules. Rules, of package verify, says what each means and what to do about it.
const (
	UpFails                Rule = "up-fails"
	DownFails              Rule = "down-fails"
	ReupFails              Rule = "reup-fails"
	Residue                Rule = "residue"
	Loss                   Rule = "loss"
	Changed                Rule = "change"
	ReupDiffers            Rule = "reup-differs"
	NoDown                 Rule = "no-down"
	NoUp                   Rule = "no-up"
	EmptyDown              Rule = "empty-down"
	InvalidIndex           Rule = "invalid-index"
	SessionLeak            Rule = "session-leak"
	NameMismatch           Rule = "name-mismatch"
	VersionGap             Rule = "version-gap"
	VersionDuplicate       Rule = "version-duplicate"
	IgnoredFile            Rule = "ignored-file"
	ProvisionalOrdinal     Rule = "provisional-ordinal"
	OrderMatters           Rule = "order-matters"
	RowsLost               Rule = "rows-lost"
	RowsChanged            Rule = "rows-changed"
	RowsAdded              Rule = "rows-added"
	Truncated              Rule = "truncated"
	DataLoss               Rule = "data-loss"
	UpNeedsEmpty           Rule = "up-needs-empty"
	DownNeedsEmpty         Rule = "down-needs-empty"
	AssertionFailed        Rule = "assertion-failed"
	AssertionResidue       Rule = "assertion-residue"
	AssertionDependsOnData Rule = "assertion-depends-on-data"
	NotIdempotent          Rule = "not-idempotent"
	ScenarioFails          Rule = "scenario-fails"
	RebuildCascade         Rule = "rebuild-cascade"
	RebuildLostObject      Rule = "rebuild-lost-object"
	RebuildBrokenView      Rule = "rebuild-broken-view"
	ForeignKeys            Rule = "foreign-key-violation"
	RoundTrip              Rule = "round-trip"
	Drift                  Rule = "drift"
	AppendOnly             Rule = "append-only"
	Edited                 Rule = "edited"
	BaselineChanged        Rule = "baseline-changed"
	NotLast                Rule = "not-last"
	SquashDiffers          Rule = "squash-differs"
	Naming                 Rule = "naming"
	Mixed                  Rule = "mixed"
	Destructive            Rule = "destructive"
	Rewrite                Rule = "rewrite"
	Recreate               Rule = "recreate"
	Guard                  Rule = "guard"
	Parity                 Rule = "parity"
	HardcodedURL           Rule = "hardcoded-url"
	ClusterChanged         Rule = "cluster-changed"
	WaiverIncomplete       Rule = "waiver-incomplete"
	WaiverUnused           Rule = "waiver-unused"
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
	Version   *int64     `json:"version,omitempty"` // nil: not about one revision
	Name      string     `json:"name,omitempty"`    // of the revision
	Direction Direction  `json:"direction,omitempty"`
	Object    *ObjectRef `json:"object,omitempty"`
	File      string     `json:"file,omitempty"`
	Line      int        `json:"line,omitempty"` // 0: not known
	Got       string     `json:"got,omitempty"`
	Want      string     `json:"want,omitempty"`
	Message   string     `json:"message"`
	Hint      string     `json:"hint,omitempty"`
	// Statement is the one in File that said it, whole; "": none did.
	Statement string `json:"statement,omitempty"`
	// Rows are as few rows as were found on which it shows, as statements to
	// paste.
	Rows string `json:"rows,omitempty"`
	// Statements are what a revision would have to run to make what is wanted,
	// whole; what no statement does is a comment there.
	Statements string `json:"statements,omitempty"`
	// Masked: a second up runs without an error and leaves the object as the first
	// did, so that a stairway which only looks there is blind to this.
	Masked bool   `json:"masked,omitempty"`
	Waived string `json:"waived,omitempty"` // the reason; "": it is not waived

	// Folded are others about the object, which go without saying beside this one.
	Folded []Finding `json:"-"`
}

// Breaks reports whether the finding, or one that is folded into it, is of one of
// some rules, and gives that one.
func (f Finding) Breaks(rules []Rule) (Finding, bool) {
	for _, g := range append([]Finding{f}, f.Folded...) {
		if slices.Contains(rules, g.Rule) {
			g.Waived = f.Waived
			return g, true
		}
	}
	return Finding{}, false
}

// Counts reports whether the finding stands, at this severity or a worse one.
func (f Finding) Counts(at Severity) bool {
	rank := map[Severity]int{Error: 3, Warning: 2, Note: 1}
	return f.Waived == "" && rank[f.Severity] >= rank[at]
}

// String is the finding as text: a line that says what and where, the
// difference where there is one, as [Finding.Sides] has it, and the remedy. A
// statement is in one line, and cut where it is long: file and line have it whole.
func (f Finding) String() string {
	var b strings.Builder
	severity := string(f.Severity)
	if f.Waived != "" {
		severity = "waived"
	}
	fmt.Fprintf(&b, "%s %s: %s", severity, f.Rule, f.Message)
	fmt.Fprintf(&b, "\n    on %s (%s)", f.Engine, f.Server)
	if f.File != "" {
		fmt.Fprintf(&b, ", in %s", Place(f.File, f.Line))
	}
	if f.Statement != "" {
		b.WriteString("\n    statement: " + ShortStatement(f.Statement))
	}
	want, got, whole := f.Sides()
	if want != "" || got != "" {
		fmt.Fprintf(&b, "\n    (-want +got)\n%s%s", indent("  - ", want), indent("  + ", got))
	}
	out := strings.TrimRight(b.String(), "\n")
	if !whole {
		out += "\n    values of more than " + strconv.Itoa(LongestValue) + " characters are cut here and whole in the report as JSON"
	}
	if f.Rows != "" {
		out += "\n    on these rows:\n" + strings.TrimRight(indent("  ", f.Rows), "\n")
	}
	if f.Statements != "" && f.Waived == "" {
		shown, rest := f.shownStatements()
		out += "\n    a revision that makes it so runs:\n" + strings.TrimRight(indent("  ", shown), "\n") + rest
	}
	if f.Masked {
		out += "\n    a second up runs without an error and hides it"
	}
	if f.Waived != "" {
		return out + "\n    waived because " + f.Waived
	}
	if f.Hint != "" {
		out += "\n    remedy: " + f.Hint
	}
	return out
}

// Place is a file, with the line where it is known.
func Place(file string, line int) string {
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

// Against is what the finding makes of a promise, and says of it; "" for a note,
// which breaks none.
func (f Finding) Against() (Status, string) {
	switch {
	case f.Waived != "":
		return Waived, f.Waived
	case f.Counts(Error):
		return Fail, f.Message
	case f.Counts(Warning):
		return Warns, f.Message
	}
	return "", ""
}

// SameMatter reports whether two findings are about the same step of the same
// revision.
func (f Finding) SameMatter(g Finding) bool {
	return f.Version != nil && g.Version != nil && *f.Version == *g.Version && f.Direction == g.Direction && (f.Rule == NotLast) == (g.Rule == NotLast)
}

// Waivable is the name by which a waiver calls an object.
func (o ObjectRef) Waivable() string {
	name, _, _ := strings.Cut(o.Name, " on ")
	return name
}
