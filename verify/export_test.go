package verify

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/handrail-db/handrail/verify/schema"
)

// In all tests the catalogue is read whole beside what a tracker makes of it.
func init() { doubt = readWhole }

func readWhole(ctx context.Context, db *sql.DB, d Dialect, tracked schema.Snapshot) error {
	whole, err := schema.Inspect(ctx, db, d)
	if diff := schema.Diff(whole, tracked); err == nil && diff != "" {
		err = fmt.Errorf("the tracker lost its way:\n%s", diff)
	}
	return err
}

// Trusting is what f does without that.
func Trusting(f func()) {
	defer func() { doubt = readWhole }()
	doubt = nil
	f()
}

// Blind is what f does without looking at rows. No other walk may be under way.
func Blind(f func()) {
	defer func() { blind = false }()
	blind = true
	f()
}

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

// Reviewed is which rules break which line of the review.
func Reviewed() map[string][]Rule {
	lines := map[string][]Rule{}
	for _, line := range reviewLines {
		lines[line.item] = line.rules
	}
	return lines
}

// Unreviewed are the rules that break none, each with the reason.
func Unreviewed() map[Rule]string { return unreviewed }

// Statements are those into which a script is split, as they stand in it.
func Statements(d Dialect, sql string) []string {
	var texts []string
	for _, stmt := range parseScript(d, sql).statements {
		texts = append(texts, stmt.sql)
	}
	return texts
}
