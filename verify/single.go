package verify

import (
	"context"
	"fmt"
)

// CheckRoundTrip verifies on one engine that all ups, all downs and all ups again,
// each at once, end where they began. Revisions are not looked at one by one.
func CheckRoundTrip(ctx context.Context, e Engine, s Subject) (Run, error) {
	s.Declared = nil
	return checkOn(ctx, e, s, Options{Only: func(int64) bool { return false }}, map[int]bool{})
}

// CheckDrift compares the schema at head with the declared model of the engine's
// dialect. It is an error if the subject has none.
func CheckDrift(ctx context.Context, e Engine, s Subject) ([]Finding, error) {
	if _, ok := s.Declared[e.Dialect()]; !ok {
		return nil, fmt.Errorf("%s: no declared model for %s: set Subject.Declared, or write %s beside the revisions", s.name(), e.Dialect(), modelFile(e.Dialect()))
	}
	server, err := e.Server(ctx)
	if err != nil {
		return nil, err
	}
	head, err := s.Head(e.Dialect())
	if err != nil {
		return nil, err
	}
	snapshot, err := SchemaAt(ctx, e, s, head)
	if err != nil {
		return nil, err
	}
	c := &course{engine: e.Name(), server: server, subject: s, dialect: e.Dialect(), used: map[int]bool{}}
	err = c.drift(ctx, e, snapshot)
	return c.run.Findings, err
}

// Lint looks at the files of a dialect and runs nothing: names that do not pair,
// versions that are missing or there twice, files that golang-migrate does not
// read. Findings name the dialect in place of an engine.
func Lint(s Subject, d Dialect) ([]Finding, error) {
	c := &course{engine: string(d), server: Server{Product: "files", Version: "alone"}, subject: s, dialect: d, used: map[int]bool{}}
	err := c.files()
	findings := c.run.Findings
	h, e := s.History(d)
	if e != nil {
		return findings, err
	}
	for _, r := range h.Revisions {
		of := c.lints[r.Version]
		waive(of, s.Allow, c.used)
		waive(of, c.waivers(r), map[int]bool{})
		findings = append(findings, of...)
	}
	return findings, err
}
