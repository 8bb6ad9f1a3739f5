package verify

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
)

// allowMark begins a waiver in a comment.
const allowMark = "handrail:allow"

var allowPattern = regexp.MustCompile(`^handrail:allow\s+([a-z-]+)(?:\s+(.+?))??(?:\s+because\b\s*(.*))?$`)

// waivers reads those that stand in the files of a revision.
func (c *Pass) waivers(r history.Revision) []finding.Waiver {
	var found []finding.Waiver
	for _, file := range slices.Concat([]*history.File{r.Up, r.Down, r.Seed}, r.Asserts) {
		if file == nil || !strings.Contains(file.SQL, allowMark) {
			continue
		}
		for _, comment := range file.Script(c.dialect).Comments {
			if !strings.HasPrefix(comment.Text, allowMark) {
				continue
			}
			w := finding.Waiver{Revision: &r.Version, Beside: true}
			w.File, w.Line = c.subject.Place(c.dialect, file, comment.Line)
			if m := allowPattern.FindStringSubmatch(comment.Text); m != nil {
				w.Rule, w.Object, w.Because = finding.Rule(m[1]), m[2], strings.TrimSpace(m[3])
			}
			w.Flaw = misplaced(w, c.history)
			found = append(found, w)
		}
	}
	return found
}

// waive marks the findings that waivers accept; used notes, by index, which of
// the waivers were good for something.
func waive(findings []finding.Finding, waivers []finding.Waiver, used map[int]bool) {
	for i := range findings {
		for k, w := range waivers {
			if w.Covers(findings[i]) {
				used[k] = true
				if w.Because != "" && w.Flaw == "" {
					findings[i].Waived = w.Because
				}
			}
		}
	}
}

// waiverFindings are about the waivers themselves: without a reason, or for
// nothing.
func (c *Pass) waiverFindings(waivers []finding.Waiver, used map[int]bool) []finding.Finding {
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
		case finding.Unwaivable(w.Rule):
			f.Rule, f.Message = finding.WaiverIncomplete, fmt.Sprintf("nothing waives %s: what others have on the server is not the history's to change", w.Rule)
			f.Hint = "remove the waiver, and take out of the files what changes the server"
		case w.Because == "":
			f.Rule, f.Message = finding.WaiverIncomplete, fmt.Sprintf("the waiver of %s gives no reason", what)
			f.Hint = "say why: … because REASON"
		case w.Beside && finding.DefiesComments(w.Rule):
			f.Rule, f.Severity, f.Message = finding.WaiverUnused, finding.Warning, fmt.Sprintf("a comment cannot waive %s: it would stand in the edit itself, and accept every later one", w.Rule)
			f.Hint = "say it with handrail lock --rewrite REASON, or with [[allow]] in " + history.ConfigFile
		case w.Flaw != "":
			f.Rule, f.Message = finding.WaiverIncomplete, fmt.Sprintf("the waiver of %s counts for nothing: %s", what, w.Flaw)
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
