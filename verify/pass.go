package verify

import (
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
)

// A Pass is all that a check of a rule gets beside the stair that it looks at. It makes
// findings and keeps nothing.
type Pass struct {
	engine  string
	server  engine.Server
	subject history.Subject
	dialect dialect.Dialect
	history history.History
	since   *sinceView // nil: nobody asked
}

// A Ledger writes one run down: findings, the waivers that were good for something, the
// checklist, and what no report may print. Nothing else writes a run.
type Ledger struct {
	Pass
	used    map[int]bool                // of subject.Allow: good for something
	lints   map[int64][]finding.Finding // about files, by version
	unlike  map[int64][]finding.Finding // about what is published, by version
	broken  map[*history.File]bool      // assertions that were found broken, by file
	named   int                         // objects whose names were judged
	outside string                      // the first change of what all databases of the server share; "": there was none
	bare    []string                    // what each revision changed that held no row, in a history without seeds
	hidden  []string                    // passwords that stand in files, which no report may print
	run     finding.Run
}
