package verify

import (
	"context"
	"errors"
)

// StepsAlone makes the steps of a walk through golang-migrate and looks at
// nothing: the floor of a benchmark.
func StepsAlone(ctx context.Context, e Engine, s Subject) (err error) {
	h, err := s.History(e.Dialect())
	if err != nil {
		return err
	}
	db, err := e.New(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	stepper, err := newStepper(ctx, db, h, s.Runner)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stepper.close()) }()
	for range h.Revisions {
		for _, n := range []int{1, -1, 1} {
			if err := stepper.steps(ctx, n); err != nil {
				return err
			}
		}
	}
	if err := stepper.to(ctx, 0); err != nil {
		return err
	}
	return stepper.to(ctx, h.Head())
}
