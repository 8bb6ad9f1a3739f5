package verify

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/internal/sqltext"
)

// A Waiver accepts findings of one rule. Beside the SQL it is a comment in one
// of the revision's files,
//
//	-- handrail:allow RULE [OBJECT] because REASON
//
// and in handrail.toml an [[allow]] with the keys rule, revision, object,
// because. A waived finding stays in the report, as waived.
type Waiver struct {
	Rule     finding.Rule `toml:"rule"`
	Revision *int64       `toml:"revision"` // nil: any
	Object   string       `toml:"object"`   // "": any; else its name, with or without the schema
	Because  string       `toml:"because"`  // "": the waiver counts for nothing and is itself a finding

	File string `toml:"-"` // where it stands
	Line int    `toml:"-"` // 0: not known

	flaw   string // what is wrong with its reason, so that it counts for nothing; "": nothing
	beside bool   // it is a comment in a file of the revision
}

// allowMark begins a waiver in a comment.
const allowMark = "handrail:allow"

var allowPattern = regexp.MustCompile(`^handrail:allow\s+([a-z-]+)(?:\s+(.+?))??(?:\s+because\b\s*(.*))?$`)

// waivers reads those that stand in the files of a revision.
func (c *course) waivers(r Revision) []Waiver {
	var found []Waiver
	for _, file := range slices.Concat([]*File{r.Up, r.Down, r.Seed}, r.Asserts) {
		if file == nil || !strings.Contains(file.SQL, allowMark) {
			continue
		}
		for _, comment := range sqltext.Parse(c.dialect, file.SQL).Comments {
			if !strings.HasPrefix(comment.Text, allowMark) {
				continue
			}
			w := Waiver{Revision: &r.Version, beside: true}
			w.File, w.Line = c.subject.at(c.dialect, file, comment.Line)
			if m := allowPattern.FindStringSubmatch(comment.Text); m != nil {
				w.Rule, w.Object, w.Because = finding.Rule(m[1]), m[2], strings.TrimSpace(m[3])
			}
			w.flaw = w.misplaced(c.history)
			found = append(found, w)
		}
	}
	return found
}

// covers reports whether the waiver is meant for a finding.
func (w Waiver) covers(f finding.Finding) bool {
	if w.Rule != f.Rule || unwaivable(w.Rule) || w.Revision != nil && (f.Version == nil || *w.Revision != *f.Version) || w.beside && fileDefiesWaiver(w.Rule) {
		return false
	}
	if w.Object == "" || f.Object == nil {
		return w.Object == ""
	}
	name := f.Object.Waivable()
	return w.Object == name || strings.HasSuffix(name, "."+w.Object) ||
		f.Object.Kind == "privileges" && strings.HasSuffix(name, " "+w.Object)
}

// unwaivable reports whether nobody can accept what a rule finds: it is others'.
func unwaivable(rule finding.Rule) bool { return rule == finding.ClusterChanged }

// waive marks the findings that waivers accept; used notes, by index, which of
// the waivers were good for something.
func waive(findings []finding.Finding, waivers []Waiver, used map[int]bool) {
	for i := range findings {
		for k, w := range waivers {
			if w.covers(findings[i]) {
				used[k] = true
				if w.Because != "" && w.flaw == "" {
					findings[i].Waived = w.Because
				}
			}
		}
	}
}

// waiverFindings are about the waivers themselves: without a reason, or for
// nothing.
func (c *course) waiverFindings(waivers []Waiver, used map[int]bool) []finding.Finding {
	var findings []finding.Finding
	for k, w := range waivers {
		f := finding.Finding{
			Severity: finding.Error, Engine: c.engine, Server: c.server.String(), Version: w.Revision,
			File: w.File, Line: w.Line,
		}
		what := strings.TrimSpace(fmt.Sprintf("%s %s", w.Rule, w.Object))
		switch {
		case w.Rule == "":
			f.Rule, f.Message = finding.WaiverIncomplete, "a waiver that names no rule"
			f.Hint = "write -- handrail:allow RULE [OBJECT] because REASON"
		case unwaivable(w.Rule):
			f.Rule, f.Message = finding.WaiverIncomplete, fmt.Sprintf("nothing waives %s: what others have on the server is not the history's to change", w.Rule)
			f.Hint = "remove the waiver, and take out of the files what changes the server"
		case w.Because == "":
			f.Rule, f.Message = finding.WaiverIncomplete, fmt.Sprintf("the waiver of %s gives no reason", what)
			f.Hint = "say why: … because REASON"
		case w.beside && fileDefiesWaiver(w.Rule):
			f.Rule, f.Severity, f.Message = finding.WaiverUnused, finding.Warning, fmt.Sprintf("a comment cannot waive %s: it would stand in the edit itself, and accept every later one", w.Rule)
			f.Hint = "say it with handrail lock --rewrite REASON, or with [[allow]] in " + ConfigFile
		case w.flaw != "":
			f.Rule, f.Message = finding.WaiverIncomplete, fmt.Sprintf("the waiver of %s counts for nothing: %s", what, w.flaw)
			f.Hint = "name the revision that has moved what is dropped here, which must have run before"
		case used[k], w.Rule == finding.SquashDiffers: // another check's
			continue
		default:
			f.Rule, f.Severity, f.Message = finding.WaiverUnused, finding.Warning, fmt.Sprintf("the waiver of %s matches nothing", what)
			f.Hint = "remove it"
		}
		findings = append(findings, f)
	}
	return findings
}
