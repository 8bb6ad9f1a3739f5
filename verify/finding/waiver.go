package finding

import (
	"strings"
)

// A Waiver accepts findings of one rule. Beside the SQL it is a comment in one
// of the revision's files,
//
//	-- handrail:allow RULE [OBJECT] because REASON
//
// and in handrail.toml an [[allow]] with the keys rule, revision, object,
// because. A waived finding stays in the report, as waived.
type Waiver struct {
	Rule     Rule   `toml:"rule"`
	Revision *int64 `toml:"revision"` // nil: any
	Object   string `toml:"object"`   // "": any; else its name, with or without the schema
	Because  string `toml:"because"`  // "": the waiver counts for nothing and is itself a finding

	File string `toml:"-"` // where it stands
	Line int    `toml:"-"` // 0: not known

	Flaw   string `toml:"-"` // what is wrong with its reason, so that it counts for nothing; "": nothing
	Beside bool   `toml:"-"` // it is a comment in a file of the revision
}

// Covers reports whether the waiver is meant for a finding.
func (w Waiver) Covers(f Finding) bool {
	if w.Rule != f.Rule || Unwaivable(w.Rule) || w.Revision != nil && (f.Version == nil || *w.Revision != *f.Version) || w.Beside && DefiesComments(w.Rule) {
		return false
	}
	if w.Object == "" || f.Object == nil {
		return w.Object == ""
	}
	name := f.Object.Waivable()
	return w.Object == name || strings.HasSuffix(name, "."+w.Object) ||
		f.Object.Kind == "privileges" && strings.HasSuffix(name, " "+w.Object)
}

// Unwaivable reports whether nobody can accept what a rule finds: it is others'.
func Unwaivable(rule Rule) bool { return rule == ClusterChanged }

// DefiesComments reports whether a comment in a revision's file cannot waive a
// rule: it would stand in the very edit, and accept each later one too.
func DefiesComments(rule Rule) bool {
	return rule == Edited || rule == BaselineChanged
}
