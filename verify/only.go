package verify

import (
	"regexp"
	"strings"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
	"github.com/handrail-db/handrail/verify/internal/sqltext"
)

// A declaration says that something is on one dialect alone, from a revision on.
// It is a comment in one of the revision's files, on either side,
//
//	-- handrail:only DIALECT [OBJECT] because REASON
//
// Without an object it is about a revision that the other dialect does not have,
// or has without a statement, and about all that this revision makes.
type declaration struct {
	dialect dialect.Dialect
	object  string
	because string
	step    int // of the pairing
	side    dialect.Dialect
	file    string
	line    int
	used    bool
}

// onlyMark begins a declaration in a comment.
const onlyMark = "handrail:only"

var onlyPattern = regexp.MustCompile(`^handrail:only\s+(postgres|sqlite)(?:\s+(.+?))??(?:\s+because\b\s*(.*))?$`)

// declarations reads those that stand in the files of a revision.
func declarations(s history.Subject, d dialect.Dialect, r *history.Revision, step int) []*declaration {
	var found []*declaration
	if r == nil {
		return nil
	}
	for _, file := range []*history.File{r.Up, r.Down} {
		if file == nil || !strings.Contains(file.SQL, onlyMark) {
			continue
		}
		for _, comment := range sqltext.Parse(d, file.SQL).Comments {
			if !strings.HasPrefix(comment.Text, onlyMark) {
				continue
			}
			o := &declaration{step: step, side: d}
			o.file, o.line = s.Place(d, file, comment.Line)
			if m := onlyPattern.FindStringSubmatch(comment.Text); m != nil {
				o.dialect, o.object, o.because = dialect.Dialect(m[1]), m[2], strings.TrimSpace(m[3])
			}
			found = append(found, o)
		}
	}
	return found
}

// covers reports whether the declaration is meant for a difference.
func (o *declaration) covers(d *disparity, whole bool) bool {
	switch {
	case o.dialect == "" || o.because == "" || d.step < o.step || d.only != "" && d.only != o.dialect:
		return false
	case o.object == "":
		return whole && d.step == o.step
	}
	f := finding.Finding{Rule: finding.Parity, Object: &finding.ObjectRef{Kind: d.object.Kind, Name: strings.ToLower(d.object.Name)}}
	return finding.Waiver{Rule: finding.Parity, Object: strings.ToLower(o.object)}.Covers(f)
}
