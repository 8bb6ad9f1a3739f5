package walk

import (
	"context"
	"errors"
	"fmt"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
	"github.com/handrail-db/handrail/verify/rows"
	"github.com/handrail-db/handrail/verify/schema"
)

func runAssertions(ctx context.Context, db engine.Database, all []history.Assertion, version int64, d dialect.Dialect, r engine.Options) (made int, broken []BrokenPromise, err error) {
	for _, a := range all {
		if !a.Holds(version) {
			continue
		}
		made++
		b, err := Asserting{a}.Run(ctx, db.DB(), d, r)
		if err != nil {
			return made, broken, fmt.Errorf("assertion %s at version %d: %w", a.File.Name, version, err)
		}
		if b != nil {
			broken = append(broken, *b)
		}
	}
	return made, broken, nil
}

// asserting runs the assertions after an up, and looks that they left nothing.
type asserting struct{}

func (asserting) Name() string { return "assertions" }

func (asserting) Wants(dialect.Dialect, history.Revision, schema.Snapshot) Wish { return ToLook }

func (asserting) Look(ctx context.Context, at *Points, stair *Stair) error {
	p := &stair.Promises
	var err error
	at.place.mark(SharedStep{Revision: stair.Revision, Direction: finding.Up, Part: fmt.Sprintf("an assertion after %s", stair.Revision)})
	p.Made, p.Up, err = runAssertions(ctx, at.place.Database, at.assertions, stair.Revision.Version, at.history.Dialect, at.subject.Runner)
	if err != nil || p.Made == 0 {
		return err
	}
	p.Empty, p.Twice = at.empty[stair.Revision.Version], at.empty != nil
	snap, err := at.place.Snapshot(ctx)
	if err != nil {
		return err
	}
	p.Residue = schema.Roots(schema.Compare(stair.Up.Snapshot, snap))
	now, err := rows.Read(ctx, at.place.Database.DB(), at.history.Dialect, snap)
	if err != nil {
		return err
	}
	p.ResidueRows, err = rows.Compare(at.up, now, ColumnsIn(snap))
	return errors.Join(err, now.Close())
}
