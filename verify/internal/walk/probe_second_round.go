package walk

import (
	"context"
	"errors"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
	"github.com/handrail-db/handrail/verify/internal/generate"
	"github.com/handrail-db/handrail/verify/rows"
	"github.com/handrail-db/handrail/verify/schema"
)

// secondRound writes rows where the walk stands, in a copy of the database, and goes down
// there.
type secondRound struct{}

func (secondRound) Name() string { return "second round" }

func (secondRound) Wants(dialect.Dialect, history.Revision, schema.Snapshot) Wish { return ToLook }

func (secondRound) Look(ctx context.Context, at *Points, stair *Stair) (err error) {
	if !at.peopled {
		return nil
	}
	var next history.Revision
	i := at.history.Index(stair.Revision.Version) + 1
	if i < len(at.history.Revisions) {
		next = at.history.Revisions[i]
	}
	seeds := next.Seed != nil || i < len(at.history.Revisions) && at.subject.Seed != nil
	copies := []string{}
	if !seeds {
		if copies = rowCopies(stair, at.up); len(copies) == 0 {
			return nil
		}
	}
	db, err := at.place.Copy(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	round := &SecondRound{Wrote: "copies of rows"}
	if seeds {
		round.Wrote = "the seed of " + next.String()
		if err := writeSeed(ctx, db, at.history, at.subject, next, nil); err != nil {
			return ctx.Err() // the walk will meet it too, and say so
		}
	}
	for _, stmt := range copies {
		_, _ = db.DB().ExecContext(ctx, stmt) // a copy that some constraint refuses is no row
	}
	other, err := On(ctx, db, at.history, at.subject)
	if err != nil {
		return err
	}
	other.Limit = at.options.StepLimit()
	defer func() { err = errors.Join(err, other.Close()) }()
	there, err := rows.Read(ctx, db.DB(), at.history.Dialect, stair.Again.Snapshot)
	if err != nil {
		return err
	}
	defer there.Close() //nolint:errcheck // a set that is read has nothing to lose
	if there.Count() == at.up.Count() {
		return nil // nothing was written
	}
	round.Err = other.Step(ctx, finding.Down)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	stair.Second = round
	if round.Err != nil {
		return nil
	}
	left, err := rows.Read(ctx, db.DB(), at.history.Dialect, stair.Down.Snapshot)
	if err != nil {
		return err
	}
	defer left.Close() //nolint:errcheck // as above
	columns := ColumnsIn(stair.Down.Snapshot)
	round.Rows, err = rows.Compare(there, left, columns)
	if err == nil {
		round.First, err = rows.Compare(at.up, at.down, columns)
	}
	return err
}

// rowCopies are statements that copy a row in each table that the up changed and
// that was there before. A key gets a value of its own.
func rowCopies(stair *Stair, up *rows.Set) []string {
	var statements []string
	there := ColumnsIn(stair.Before)
	done := map[string]bool{}
	for _, c := range schema.Compare(stair.Before, stair.Up.Snapshot) {
		o := c.Object()
		name := o.Parent
		if o.Kind == "table" {
			name = o.Name
		}
		t := up.Table(name)
		if _, ok := there(name); !ok || t == nil || t.Count == 0 || done[name] {
			continue
		}
		done[name] = true
		if stmt := t.Copy(generate.UniqueColumns(stair.Up.Snapshot, name)); stmt != "" {
			statements = append(statements, stmt)
		}
	}
	return statements
}
