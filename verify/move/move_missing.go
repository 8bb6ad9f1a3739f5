package move

import (
	"fmt"
	"path"
	"strings"

	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
)

// missing is an error where a step of the way has no file: golang-migrate would
// change the version, and nothing else.
func (m Move) missing(h history.History, at int64) error {
	for _, step := range m.steps(h, nil, at) {
		r, d := step.Revision, step.Direction
		if r.File(d) != nil {
			continue
		}
		from, to, byHand := h.Below(h.Index(r.Version)), r.Version, "do by hand what it would do"
		if d == finding.Down {
			from, to, byHand = to, from, "undo by hand what "+r.String()+" made"
		}
		if from != at {
			byHand = fmt.Sprintf("go as far as %s, %s", engine.State{Version: from}, byHand)
		}
		return fmt.Errorf("%s: the way to %s goes through %s, which has no way %s: %s does not exist: nothing is run\n"+
			"    remedy: write it; or %s, and write down where the schema stands then:\n    %s",
			m.Name, engine.State{Version: m.Version}, r, d, m.Subject.Path(m.Dialect, missingName(r, d)), byHand, m.forceCommand(word(to)))
	}
	return nil
}

// missingName is the name that the file of a revision in a direction would have.
func missingName(r history.Revision, d finding.Direction) string {
	switch {
	case d == finding.Down:
		return r.DownName()
	case r.Down == nil:
		return r.String() + ".up.sql"
	}
	return strings.Replace(path.Base(r.Down.Name), ".down.", ".up.", 1)
}
