package handrail

import (
	"strings"
	"sync"
	"testing"

	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/report"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
)

// A suite is a test of a subject on several engines, in parallel. At its end it says
// how that went, as the command does, and fails where nothing was verified.
type suite struct {
	report func([]finding.Run) finding.Report
	mutex  sync.Mutex
	runs   map[string]finding.Run // by engine
	parity []finding.Finding
}

// newSuite begins a suite on the engines of some dialects, which are returned. The
// test skips where HANDRAIL_WITHOUT names all of them.
func newSuite(t *testing.T, ships func(dialect.Dialect) bool, report func([]finding.Run) finding.Report) (*suite, []engine.Engine) {
	t.Helper()
	var engines []engine.Engine
	without := 0
	for _, e := range fixtures.All() {
		if !ships(e.Dialect()) {
			continue
		}
		engines = append(engines, e)
		if fixtures.Excused(e) {
			without++
		}
	}
	switch len(engines) {
	case 0:
		t.Fatal("there are no revisions: set Subject.Postgres or Subject.SQLite")
	case without:
		t.Skip("0 engines verified, by HANDRAIL_WITHOUT")
	}
	s := &suite{report: report, runs: map[string]finding.Run{}}
	t.Cleanup(func() { s.end(t, engines) })
	return s, engines
}

// ran takes down a run on an engine.
func (s *suite) ran(run finding.Run) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.runs[run.Engine] = run
}

// disparate takes down what the comparison of both dialects found.
func (s *suite) disparate(findings []finding.Finding) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.parity = findings
}

// end is called when all engines are done: of those that somebody left out by go test
// -run nothing is said.
func (s *suite) end(t *testing.T, engines []engine.Engine) {
	t.Helper()
	var runs []finding.Run
	last := -1
	for _, e := range engines {
		run, ok := s.runs[e.Name()]
		if !ok {
			continue
		}
		runs = append(runs, run)
		if run.NotRun == "" {
			last = len(runs) - 1
		}
	}
	if len(runs) == 0 {
		return
	}
	if last < 0 {
		var tried []string
		for _, run := range runs {
			tried = append(tried, run.NotRun)
		}
		t.Errorf("no engine to verify on:\n%s", strings.Join(tried, "\n"))
	} else {
		runs[last].Findings = append(runs[last].Findings, s.parity...)
	}
	t.Log(report.Ending(s.report(runs)))
}
