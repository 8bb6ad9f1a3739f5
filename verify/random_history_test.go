package verify_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/verify"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
)

// TestRandomHistories makes histories at random, with downs that are right and downs
// that are not, and asks of each revision whether the check agrees with what pg_dump
// and SQLite's own schema table say before and after the down. A seed makes one
// history, always the same.
func TestRandomHistories(t *testing.T) {
	t.Parallel()
	for _, e := range []engine.Engine{fixtures.Postgres, fixtures.SQLiteMemory} {
		histories := map[dialect.Dialect]int{dialect.Postgres: 3, dialect.SQLite: 40}[e.Dialect()]
		if os.Getenv("HANDRAIL_EXHAUSTIVE") != "" {
			histories = 250
		}
		t.Run(e.Name(), func(t *testing.T) {
			t.Parallel()
			_, err := e.Server(t.Context())
			available(t, err)
			reads := truthOf(t, e)
			var right, wrong atomic.Int64
			t.Cleanup(func() { // when all of them have ended
				t.Logf("%d histories: %d downs that restore what was there, %d that do not", histories, right.Load(), wrong.Load())
			})
			for seed := range histories {
				t.Run(fmt.Sprint(seed), func(t *testing.T) {
					t.Parallel()
					r, w := agree(t, e, reads, uint64(seed))
					right.Add(int64(r))
					wrong.Add(int64(w))
				})
			}
		})
	}
}

// agree compares both verdicts of one history, and counts the revisions whose downs are
// right and those whose are wrong.
func agree(t *testing.T, e engine.Engine, reads reader, seed uint64) (right, wrong int) {
	revisions := randomHistory(e.Dialect(), seed)
	folder := fstest.MapFS{}
	for i, r := range revisions {
		folder[fmt.Sprintf("%04d_r.up.sql", i+1)] = &fstest.MapFile{Data: []byte(r.up())}
		folder[fmt.Sprintf("%04d_r.down.sql", i+1)] = &fstest.MapFile{Data: []byte(r.down())}
	}
	report, err := verify.Check(t.Context(), []engine.Engine{e}, history.Subject{Postgres: folder, SQLite: folder}, verify.Options{})
	require.NoError(t, err)
	run := report.Runs[0]
	j := &judge{engine: e, reads: reads, revisions: revisions}
	for i, r := range revisions {
		truth := j.next(t, i)
		var errs []string
		seen := false // a comment that differs is a warning
		for _, f := range run.Revisions[i].Findings {
			if f.Counts(finding.Error) {
				errs = append(errs, f.String())
			}
			seen = seen || f.Counts(finding.Warning) && slices.Contains([]finding.Rule{finding.Residue, finding.Loss, finding.Changed}, f.Rule)
		}
		if truth == "" {
			right++
		} else {
			wrong++
		}
		switch {
		case truth == "" && len(errs) > 0:
			t.Errorf("seed %d: FALSE ALARM at revision %d:\n%s\n-- up\n%s\n-- down\n%s\n-- history\n%s", seed, i+1, strings.Join(errs, "\n"), r.up(), r.down(), before(revisions[:i]))
		case truth != "" && len(errs) == 0 && !seen:
			t.Errorf("seed %d: MISS at revision %d (%s):\n%s\n-- up\n%s\n-- down\n%s\n-- history\n%s", seed, i+1, r.planted, truth, r.up(), r.down(), before(revisions[:i]))
		}
	}
	for _, f := range run.Findings {
		if wrong == 0 && f.Counts(finding.Error) {
			t.Errorf("seed %d: FALSE ALARM about the whole history: %s", seed, f)
		}
	}
	return right, wrong
}

func before(revisions []randomRevision) string {
	var b strings.Builder
	for _, r := range revisions {
		b.WriteString(r.up())
	}
	return b.String()
}

// A randomRevision is a few changes, of which one may have a down that is planted.
type randomRevision struct {
	steps   []randomStep
	planted string // what is wrong with the down; "": nothing was done to it
}

// A randomStep is one change with its inverse, and downs that are not.
type randomStep struct {
	up, down string
	wrong    []string
}

func (r randomRevision) up() string {
	var b strings.Builder
	for _, s := range r.steps {
		b.WriteString(s.up + ";\n")
	}
	return b.String()
}

func (r randomRevision) down() string {
	var b strings.Builder
	for _, s := range slices.Backward(r.steps) {
		b.WriteString(s.down + ";\n")
	}
	return b.String()
}

// randomHistory is the history of a seed.
func randomHistory(d dialect.Dialect, seed uint64) []randomRevision {
	m := &maker{Rand: rand.New(rand.NewPCG(seed, 12)), postgres: d == dialect.Postgres}
	var revisions []randomRevision
	for i := range 3 + m.IntN(4) {
		var r randomRevision
		for n := 1 + m.IntN(3); len(r.steps) < n || i == 0 && len(m.tables) < 2; {
			if s := m.step(); s.up != "" {
				r.steps = append(r.steps, s)
			}
		}
		if m.IntN(3) == 0 {
			s := &r.steps[m.IntN(len(r.steps))]
			wrong := append([]string{"SELECT 1"}, s.wrong...)
			if name, ok := misspelt(s.down); ok {
				wrong = append(wrong, name)
			}
			was := s.down
			s.down = wrong[m.IntN(len(wrong))]
			r.planted = fmt.Sprintf("%q in place of %q", s.down, was)
		}
		revisions = append(revisions, r)
	}
	return revisions
}

// misspelt is a DROP that drops nothing, and says nothing.
func misspelt(down string) (string, bool) {
	words := strings.Fields(down)
	if words[0] != "DROP" || words[1] == "MATERIALIZED" {
		return "", false
	}
	words[2] = "IF EXISTS x" + words[2]
	return strings.Join(words, " "), true
}

// A judge goes through a history beside the check, and knows nothing of handrail.
type judge struct {
	engine    engine.Engine
	reads     reader
	revisions []randomRevision
	db        engine.Database // nil: the next revision needs a new one
	below     []string        // what is there
}

// next says what differs once the down of revision i has run, or what else is wrong
// with it; "" where all is as it was. Revisions come in order.
func (j *judge) next(t *testing.T, i int) (wrong string) {
	if j.db == nil {
		j.begin(t, i)
	}
	defer func() {
		if wrong != "" || i == len(j.revisions)-1 {
			require.NoError(t, j.db.Close())
			j.db = nil
		}
	}()
	r := j.revisions[i]
	require.NoError(t, j.run(t, r.up()), "the history that was made at random runs:\n%s%s", before(j.revisions[:i]), r.up())
	above := j.reads(t, j.db)
	if err := j.run(t, r.down()); err != nil {
		return "the down fails: " + err.Error()
	}
	if diff := unlike(j.below, j.reads(t, j.db)); diff != "" {
		return diff
	}
	if err := j.run(t, r.up()); err != nil {
		return "the second up fails: " + err.Error()
	}
	j.below = j.reads(t, j.db)
	return unlike(above, j.below)
}

// begin takes a new database to just below revision i.
func (j *judge) begin(t *testing.T, i int) {
	var err error
	j.db, err = j.engine.New(t.Context())
	require.NoError(t, err)
	j.db.DB().SetMaxOpenConns(1) // BEGIN and ROLLBACK are for the same one
	require.NoError(t, j.run(t, "SELECT 1;\n"+before(j.revisions[:i])), "the history that was made at random runs")
	j.below = j.reads(t, j.db)
}

// run runs SQL in a transaction.
func (j *judge) run(t *testing.T, sql string) error {
	_, err := j.db.DB().ExecContext(t.Context(), "BEGIN;\n"+sql+"COMMIT;")
	if err != nil {
		_, _ = j.db.DB().ExecContext(context.WithoutCancel(t.Context()), "ROLLBACK")
	}
	return err
}

// unlike is what two readings do not have in common.
func unlike(want, got []string) string {
	var diff []string
	for _, w := range want {
		if !slices.Contains(got, w) {
			diff = append(diff, "- "+w)
		}
	}
	for _, g := range got {
		if !slices.Contains(want, g) {
			diff = append(diff, "+ "+g)
		}
	}
	return strings.Join(diff, "\n")
}
