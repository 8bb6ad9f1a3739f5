package verify

import (
	"context"
	"fmt"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
	"github.com/handrail-db/handrail/verify/internal/walk"
	"github.com/handrail-db/handrail/verify/secret"
)

// CheckRoundTrip verifies on one engine that all ups, all downs and all ups again,
// each at once, end where they began. Revisions are not looked at one by one, and
// no seed writes rows: a down that fails on them is the walk's to find.
func CheckRoundTrip(ctx context.Context, e engine.Engine, s history.Subject) (finding.Run, error) {
	s.Declared, s.AppendOnly, s.Naming = nil, nil, history.Convention{}
	o := Options{Only: func(int64) bool { return false }, alone: true, unpeopled: "the round trip alone is made without rows"}
	run, _, err := checkOn(ctx, e, s, o, map[int]bool{})
	return run, err
}

// CheckDrift compares the schema at head with the declared model of the engine's
// dialect. It is an error if the subject has none.
func CheckDrift(ctx context.Context, e engine.Engine, s history.Subject) (findings []finding.Finding, err error) {
	defer func() { secret.Hidden(&err, nil, &findings) }()
	if _, ok := s.Declared[e.Dialect()]; !ok {
		return nil, fmt.Errorf("%s: no declared model for %s: set Subject.Declared, or write %s beside the revisions", s.Title(), e.Dialect(), history.ModelFile(e.Dialect()))
	}
	server, err := e.Server(ctx)
	if err != nil {
		return nil, err
	}
	head, err := s.Head(e.Dialect())
	if err != nil {
		return nil, err
	}
	snapshot, err := walk.SchemaAt(ctx, e, s, head)
	if err != nil {
		return nil, err
	}
	c := &Ledger{Pass: Pass{engine: e.Name(), server: server, subject: s, dialect: e.Dialect()}, used: map[int]bool{}}
	err = c.drift(ctx, e, snapshot)
	return c.run.Findings, err
}

// Lint looks at the files of a dialect and runs nothing: names that do not pair,
// versions that are missing or there twice, files that golang-migrate does not
// read, revisions that are not what [history.LockFile] has published. Findings name the dialect in place of an engine.
func Lint(s history.Subject, d dialect.Dialect) (findings []finding.Finding, err error) {
	s = s.Once()
	c := &Ledger{Pass: Pass{engine: string(d), server: engine.Server{Product: "files", Version: "alone"}, subject: s, dialect: d}, used: map[int]bool{}}
	defer func() { secret.Hidden(&err, c.hidden, &findings) }()
	err = c.files(nil)
	findings = c.run.Findings
	h, e := s.History(d)
	if e != nil {
		return findings, err
	}
	for _, r := range h.Revisions {
		of := append(c.unlike[r.Version], c.lints[r.Version]...)
		waive(of, s.Allow, c.used)
		waive(of, c.waivers(r), map[int]bool{})
		findings = append(findings, of...)
	}
	return findings, err
}

// CheckAssertions climbs the history on one engine, without rows and, where there
// are seeds, with theirs, and runs the assertions at each landing. It is an error
// if the history has none.
func CheckAssertions(ctx context.Context, e engine.Engine, s history.Subject) (findings []finding.Finding, err error) {
	defer func() { secret.Hidden(&err, nil, &findings) }()
	h, err := s.History(e.Dialect())
	if err != nil {
		return nil, err
	}
	assertions, err := s.Assertions(h)
	if err != nil {
		return nil, err
	}
	if len(assertions) == 0 {
		return nil, fmt.Errorf("%s: no assertions for %s: write them in NNNN_name.assert.sql beside the revisions", s.Title(), e.Dialect())
	}
	server, err := e.Server(ctx)
	if err != nil {
		return nil, err
	}
	c := &Ledger{Pass: Pass{engine: e.Name(), server: server, subject: s, dialect: e.Dialect(), history: h}, used: map[int]bool{}}
	err = walk.Assertions(ctx, e, s, h, assertions, func(stair walk.Stair) {
		found := c.promiseFindings(stair)
		waive(found, s.Allow, c.used)
		waive(found, c.waivers(stair.Revision), map[int]bool{})
		findings = append(findings, found...)
	})
	return findings, err
}
