package walk

import (
	"context"
	"errors"
	"fmt"

	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/rows"
	"github.com/handrail-db/handrail/verify/schema"
)

// account reads the rows after a step and says what became of those before the
// up. Its set is to be closed by the caller.
func (w *walker) account(ctx context.Context, l *Landing, into *[]rows.Difference) (*rows.Set, error) {
	set, err := w.read(ctx, l.Snapshot)
	if err != nil {
		return nil, err
	}
	*into, err = rows.Compare(w.rows, set, ColumnsIn(l.Snapshot))
	return set, err
}

// Blind is a walk that looks at no row, for the benchmark that says what looking
// costs.
var Blind bool

// read reads the rows where the walk stands.
func (w *walker) read(ctx context.Context, snap schema.Snapshot) (*rows.Set, error) {
	if Blind {
		return &rows.Set{}, nil
	}
	return rows.Read(ctx, w.place.Database.DB(), w.history.Dialect, snap)
}

// forget lets go of the rows where the walk stands, which have changed.
func (w *walker) forget() error {
	err := w.rows.Close()
	w.rows = nil
	return err
}

// untouched reports whether all rows are those of a set.
func (w *walker) untouched(ctx context.Context, set *rows.Set, snap schema.Snapshot) bool {
	now, err := w.read(ctx, snap)
	if err != nil {
		return false
	}
	differences, err := rows.Compare(set, now, ColumnsIn(snap))
	return errors.Join(err, now.Close()) == nil && len(differences) == 0
}

// upFailed goes on after an up that failed. Where that is because of the rows,
// the walk goes on without them.
func (w *walker) upFailed(ctx context.Context, i int, stair *Stair) error {
	if snap, err := w.place.Snapshot(ctx); err == nil { // else the up has broken more than its schema
		stair.Left = schema.Roots(schema.Compare(stair.Before, snap))
	}
	if !w.peopled || errors.Is(stair.Up.Err, ErrTooLong) {
		return nil
	}
	runs, err := w.runsEmpty(ctx, i, finding.Up)
	if err != nil || !runs {
		return err
	}
	needs := stair.Up
	smallest, err := w.smallest(ctx, i, finding.Up, w.rows, needs.Err)
	if err != nil {
		return err
	}
	stair.Left = nil
	w.unpeopled, w.peopled = fmt.Sprintf("the up of %s fails on the rows of the seeds", stair.Revision), false
	if err := w.renew(ctx, i, fmt.Sprintf("at %s: the up fails on the rows of the seeds", stair.Revision)); err != nil {
		return err
	}
	stair.Before = w.now // of the new database, whose tables are not those of the old one
	err = w.stair(ctx, i, stair)
	stair.NeedsEmpty, stair.Account.Smallest = needs, smallest
	if stair.Went == "" {
		stair.Went = "went on in a new database without the rows of the seeds, on which the up fails"
	}
	return err
}

// runsEmpty reports whether a step of a revision that failed on rows runs in a
// new database, in which no seed has written any.
func (w *walker) runsEmpty(ctx context.Context, i int, d finding.Direction) (runs bool, err error) {
	p, err := w.apart(ctx)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	climb := i
	if d == finding.Down {
		climb = i + 1
	}
	if climb > 0 {
		if err := p.GoTo(ctx, w.history.Below(climb)); err != nil {
			return false, err
		}
	}
	err = p.Step(ctx, d)
	if ctx.Err() != nil {
		return false, context.Cause(ctx)
	}
	return err == nil, nil
}
