package verify

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
)

// revisionMention is what a reason may call a revision by: 0012_people, or
// "revision 12". A number alone is one where it is written as files are: 0012.
var revisionMention = regexp.MustCompile(`(?i)(\b(?:revision|migration|version)\s+)?\b(\d+)(_\w+)?`)

// misplaced says what is wrong with the revision that the reason of a waiver of
// destructive names: it must be there, and may not be a later one. It is "" where
// nothing is, and where none is named.
func misplaced(w finding.Waiver, h history.History) string {
	if w.Rule != finding.Destructive || len(h.Revisions) == 0 {
		return ""
	}
	for _, m := range revisionMention.FindAllStringSubmatch(w.Because, -1) {
		named := m[2] + m[3]
		version, err := strconv.ParseInt(m[2], 10, 64)
		if err != nil || m[1] == "" && m[3] == "" && !(strings.HasPrefix(m[2], "0") && len(m[2]) == len(h.Revisions[0].Digits)) {
			continue
		}
		i := h.Index(version)
		switch {
		case i < 0:
			return fmt.Sprintf("its reason names revision %s, and there is none", named)
		case m[3] != "" && h.Revisions[i].Name != m[3][1:]:
			return fmt.Sprintf("its reason names revision %s, and that version is %s", named, h.Revisions[i])
		case w.Revision != nil && version > *w.Revision:
			return fmt.Sprintf("its reason names %s, which runs after this revision", h.Revisions[i])
		}
	}
	return ""
}

// vetted are waivers with what is wrong with their reasons.
func vetted(waivers []finding.Waiver, h history.History) []finding.Waiver {
	out := make([]finding.Waiver, len(waivers))
	for i, w := range waivers {
		w.Flaw = misplaced(w, h)
		out[i] = w
	}
	return out
}

// vettedWaivers are those of handrail.toml. A reason counts that is right for one
// of the dialects.
func vettedWaivers(s history.Subject) []finding.Waiver {
	out := s.Allow
	for _, d := range dialect.All() {
		h, err := s.History(d)
		if err != nil {
			continue // there is none, or its run says why
		}
		one := vetted(s.Allow, h)
		for i := range one {
			if &out[0] != &s.Allow[0] && out[i].Flaw == "" {
				one[i].Flaw = ""
			}
		}
		out = one
	}
	return out
}
