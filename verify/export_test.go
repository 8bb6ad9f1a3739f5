package verify

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
	"github.com/handrail-db/handrail/verify/internal/walk"
	"github.com/handrail-db/handrail/verify/schema"
)

// In make exhaustive, and where Doubting asks for it, the catalogue is read whole
// beside what a tracker makes of it.
func init() {
	exhaustive := os.Getenv("HANDRAIL_EXHAUSTIVE") != ""
	walk.Doubt = func(ctx context.Context, db *sql.DB, d dialect.Dialect, tracked schema.Snapshot) error {
		if !exhaustive && ctx.Value(doubting{}) == nil {
			return nil
		}
		whole, err := schema.Inspect(ctx, db, d)
		if diff := schema.Diff(whole, tracked); err == nil && diff != "" {
			err = fmt.Errorf("the tracker lost its way:\n%s", diff)
		}
		return err
	}
}

type doubting struct{}

// Doubting is a context in which each snapshot of a walk is compared with a whole
// reading.
func Doubting(ctx context.Context) context.Context {
	return context.WithValue(ctx, doubting{}, true)
}

// Trusting is what f does without that.
func Trusting(f func()) {
	defer func(d func(context.Context, *sql.DB, dialect.Dialect, schema.Snapshot) error) { walk.Doubt = d }(walk.Doubt)
	walk.Doubt = nil
	f()
}

// Blind is what f does without looking at rows. No other walk may be under way.
func Blind(f func()) {
	defer func() { walk.Blind = false }()
	walk.Blind = true
	f()
}

// StepsAlone makes the steps of a walk through golang-migrate and looks at
// nothing: the floor of a benchmark.
func StepsAlone(ctx context.Context, e engine.Engine, s history.Subject) (err error) {
	h, err := s.History(e.Dialect())
	if err != nil {
		return err
	}
	db, err := e.New(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	p, err := walk.On(ctx, db, h, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	for range h.Revisions {
		for _, d := range []finding.Direction{finding.Up, finding.Down, finding.Up} {
			if err := p.Step(ctx, d); err != nil {
				return err
			}
		}
	}
	if err := p.GoTo(ctx, engine.Base); err != nil {
		return err
	}
	return p.GoTo(ctx, h.Head())
}

// Reviewed is which rules break which line of the review.
func Reviewed() map[string][]finding.Rule {
	lines := map[string][]finding.Rule{}
	for _, line := range reviewLines {
		lines[line.item] = line.rules
	}
	return lines
}

// Unreviewed are the rules that break none, each with the reason.
func Unreviewed() map[finding.Rule]string { return unreviewed }

// Promised is which rules break which promise of a checklist.
func Promised() map[string][]finding.Rule { return promiseRules }

// Unpromised are the rules that break none, each with the reason.
func Unpromised() map[finding.Rule]string { return unpromised }

// AppendPromise is the end of the promise about a table.
const AppendPromise = appendPromise
