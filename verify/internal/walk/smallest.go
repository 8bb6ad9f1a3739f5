package walk

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/rows"
)

// Limits of the search for the smallest set of rows: it is a help, and must not
// take longer than the walk.
const (
	mostCandidates = 200
	mostTrials     = 60
)

// A shrinker looks for the smallest set of rows on which a step still fails, by
// making it again and again on copies of a database without any.
type shrinker struct {
	walk      *walker
	base      engine.Database
	direction finding.Direction
	failed    error // as the walk has seen it
	trials    int   // made so far
}

// smallest is the smallest set of rows found, as statements to paste, on which a
// step of revision i fails as it did on all rows. It is nil where the failure
// does not show on these rows alone, or there are too many to try.
func (w *walker) smallest(ctx context.Context, i int, d finding.Direction, held *rows.Set, failed error) (_ []string, err error) {
	statements, err := insertsOf(held)
	if err != nil || len(statements) == 0 {
		return nil, err
	}
	p, err := w.apart(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	s := &shrinker{walk: w, base: p.Database, direction: d, failed: failed}
	climb := i
	if d == finding.Down {
		climb = i + 1
	}
	if climb > 0 {
		err = p.GoTo(ctx, w.history.Below(climb))
	}
	if err = errors.Join(err, p.Leave()); err != nil {
		return nil, err
	}
	if still, err := s.fails(ctx, statements); err != nil || !still {
		return nil, err
	}
	return s.shrink(ctx, statements)
}

// insertsOf are the statements that write all rows of a set.
func insertsOf(held *rows.Set) ([]string, error) {
	if held.Count() > mostCandidates {
		return nil, nil
	}
	var statements []string
	for _, t := range held.Tables {
		err := t.Each(func(row rows.Row) error {
			statements = append(statements, t.Insert(row))
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return statements, nil
}

// shrink leaves out ever smaller parts of the rows, as long as the step fails
// without them (the ddmin algorithm of Zeller and Hildebrandt).
func (s *shrinker) shrink(ctx context.Context, statements []string) ([]string, error) {
	for parts := 2; len(statements) > 1 && s.trials < mostTrials; {
		size := (len(statements) + parts - 1) / parts
		smaller := false
		for from := 0; from < len(statements); from += size {
			rest := append(append([]string(nil), statements[:from]...), statements[min(from+size, len(statements)):]...)
			fails, err := s.fails(ctx, rest)
			if err != nil {
				return nil, err
			}
			if fails {
				statements, parts, smaller = rest, max(parts-1, 2), true
				break
			}
		}
		switch {
		case smaller:
		case size == 1:
			return statements, nil
		default:
			parts = min(parts*2, len(statements))
		}
	}
	return statements, nil
}

// fails reports whether the step fails on these rows as it did on all. Rows that
// cannot be written, because others that they refer to are missing, show nothing.
func (s *shrinker) fails(ctx context.Context, statements []string) (_ bool, err error) {
	if s.trials++; s.trials > mostTrials || len(statements) == 0 {
		return false, nil
	}
	db, err := s.base.Copy(ctx)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if !writeAll(ctx, db.DB(), statements) {
		return false, ctx.Err()
	}
	p, err := On(ctx, db, s.walk.history, s.walk.subject)
	if err != nil {
		return false, err
	}
	p.Limit = s.walk.options.StepLimit()
	defer func() { err = errors.Join(err, p.Close()) }()
	failed := p.Step(ctx, s.direction)
	if ctx.Err() != nil {
		return false, context.Cause(ctx)
	}
	return failed != nil && sameFailure(engine.Cause(failed), engine.Cause(s.failed)), nil
}

// sameFailure reports whether two errors are about the same, perhaps of other
// rows.
func sameFailure(a, b error) bool {
	if state := engine.SQLState(a); state != "" {
		return state == engine.SQLState(b)
	}
	return a.Error() == b.Error()
}

// writeAll writes rows in whatever order their foreign keys allow. A row that is
// there already, because the history itself has written it, is no obstacle.
func writeAll(ctx context.Context, db *sql.DB, statements []string) bool {
	for len(statements) > 0 {
		var refused []string
		for _, stmt := range statements {
			if _, err := db.ExecContext(ctx, stmt); err != nil && !alreadyThere(err) {
				refused = append(refused, stmt)
			}
		}
		if len(refused) == len(statements) {
			return false
		}
		statements = refused
	}
	return true
}

// alreadyThere reports whether a row was refused because of one with its key.
func alreadyThere(err error) bool {
	return engine.SQLState(err) == "23505" || strings.Contains(err.Error(), "UNIQUE constraint failed")
}
