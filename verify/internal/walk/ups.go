package walk

import (
	"context"
	"errors"
	"fmt"

	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
)

// Assertions climbs a history, without rows and, where there are seeds, with theirs,
// and runs assertions at each landing. See is called with each stair, of which there is
// nothing but what the assertions said.
func Assertions(ctx context.Context, e engine.Engine, s history.Subject, h history.History, assertions []history.Assertion, see func(Stair)) (err error) {
	w := &walker{engine: e, history: h, subject: s, cluster: s.ClusterStatements(h), assertions: assertions}
	if w.seeded() {
		if err := w.climbEmpty(ctx); err != nil {
			return err
		}
	}
	if err := w.begin(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.end("at the end")) }()
	for _, r := range h.Revisions {
		if _, err := w.seed(ctx, r); err != nil {
			return err
		}
		if err := w.place.Step(ctx, finding.Up); err != nil {
			return fmt.Errorf("revision %s: %w", r, Describe(err))
		}
		stair := Stair{Revision: r}
		stair.Promises.Empty, stair.Promises.Twice = w.empty[r.Version], w.empty != nil
		if stair.Promises.Made, stair.Promises.Up, err = runAssertions(ctx, w.place.Database, w.assertions, r.Version, h.Dialect, s.Runner); err != nil {
			return err
		}
		see(stair)
	}
	return nil
}

// Ups climbs a history without rows and looks at each landing. A revision that does
// not run is an error, after its stair was seen.
func Ups(ctx context.Context, e engine.Engine, s history.Subject, h history.History, see func(Stair)) (err error) {
	if e, err = s.Admit(e, h); err != nil {
		return err
	}
	w := &walker{engine: e, history: h, subject: s, cluster: s.ClusterStatements(h)}
	if err := w.begin(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.end("at the end")) }()
	for i, r := range h.Revisions {
		stair := Stair{Revision: r, Before: w.now}
		if stair.Up, err = w.step(ctx, i, finding.Up, r.Version); err != nil {
			return fmt.Errorf("revision %s: %w", r, err)
		}
		see(stair)
		if !stair.Up.OK() {
			return fmt.Errorf("revision %s: %w", r, Describe(stair.Up.Err))
		}
		w.now = stair.Up.Snapshot
	}
	return nil
}
