package walk

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
)

// assert runs the assertions that must hold at a version.
func (w *walker) assert(ctx context.Context, version int64, into *[]BrokenPromise) error {
	var err error
	_, *into, err = runAssertions(ctx, w.place.Database, w.assertions, version, w.history.Dialect, w.subject.Runner)
	return err
}

// withoutAssertions makes the stair again in a new database, without the
// assertions of its revision, which have left something behind.
func (w *walker) withoutAssertions(ctx context.Context, i int, stair *Stair) error {
	seen := stair.Promises
	w.assertions = slices.DeleteFunc(w.assertions, func(a history.Assertion) bool { return a.Revision.Version == stair.Revision.Version })
	if err := w.renew(ctx, i, fmt.Sprintf("at %s: its assertions have changed it", stair.Revision)); err != nil {
		return err
	}
	*stair = Stair{Revision: stair.Revision, Before: w.now}
	err := w.stair(ctx, i, stair)
	stair.Promises.Made, stair.Promises.Up = seen.Made, seen.Up
	stair.Promises.Residue, stair.Promises.ResidueRows = seen.Residue, seen.ResidueRows
	if stair.Went == "" {
		stair.Went = "went on in a new database, because its assertions have changed the old one"
	}
	return err
}

// climbEmpty runs the assertions at each landing on the way up in a database
// without rows of seeds. It goes as far as that way leads.
func (w *walker) climbEmpty(ctx context.Context) (err error) {
	p, err := w.apart(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	w.empty = map[int64][]BrokenPromise{}
	for _, r := range w.history.Revisions {
		p.room.mark(stepOf(r, finding.Up))
		if err := p.Step(ctx, finding.Up); err != nil {
			return context.Cause(ctx) // the walk will meet it
		}
		if _, w.empty[r.Version], err = runAssertions(ctx, p.Database, w.assertions, r.Version, w.history.Dialect, w.subject.Runner); err != nil {
			return err
		}
	}
	return nil
}

func (w *walker) seeded() bool { return Seeded(w.subject, w.history) }

// Seeded reports whether anybody writes rows in a history.
func Seeded(s history.Subject, h history.History) bool {
	return s.Seed != nil || slices.ContainsFunc(h.Revisions, func(r history.Revision) bool { return r.Seed != nil })
}
