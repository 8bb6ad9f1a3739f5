package walk

import (
	"context"
	"errors"

	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
	"github.com/handrail-db/handrail/verify/internal/generate"
	"github.com/handrail-db/handrail/verify/rows"
	"github.com/handrail-db/handrail/verify/schema"
)

// secondRound writes rows where the walk stands, in a copy of the database, and
// goes down there. Up and down are the rows of the first round.
func (w *walker) secondRound(ctx context.Context, i int, stair *Stair, up, down *rows.Set) (err error) {
	if !w.peopled {
		return nil
	}
	var next history.Revision
	if i+1 < len(w.history.Revisions) {
		next = w.history.Revisions[i+1]
	}
	seeds := next.Seed != nil || i+1 < len(w.history.Revisions) && w.subject.Seed != nil
	copies := []string{}
	if !seeds {
		if copies = rowCopies(stair, up); len(copies) == 0 {
			return nil
		}
	}
	db, err := w.place.Copy(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	round := &SecondRound{Wrote: "copies of rows"}
	if seeds {
		round.Wrote = "the seed of " + next.String()
		if err := writeSeed(ctx, db, w.history, w.subject, next, nil); err != nil {
			return ctx.Err() // the walk will meet it too, and say so
		}
	}
	for _, stmt := range copies {
		_, _ = db.DB().ExecContext(ctx, stmt) // a copy that some constraint refuses is no row
	}
	other, err := On(ctx, db, w.history, w.subject)
	if err != nil {
		return err
	}
	other.Limit = w.options.StepLimit()
	defer func() { err = errors.Join(err, other.Close()) }()
	there, err := rows.Read(ctx, db.DB(), w.history.Dialect, stair.Again.Snapshot)
	if err != nil {
		return err
	}
	defer there.Close() //nolint:errcheck // a set that is read has nothing to lose
	if there.Count() == up.Count() {
		return nil // nothing was written
	}
	round.Err = other.Step(ctx, finding.Down)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	stair.Second = round
	if round.Err != nil {
		w.noRound = notRestored
		return nil
	}
	left, err := rows.Read(ctx, db.DB(), w.history.Dialect, stair.Down.Snapshot)
	if err != nil {
		return err
	}
	defer left.Close() //nolint:errcheck // as above
	columns := ColumnsIn(stair.Down.Snapshot)
	round.Rows, err = rows.Compare(there, left, columns)
	if err == nil {
		round.First, err = rows.Compare(up, down, columns)
	}
	return err
}

// repeat runs the SQL of a revision that leaves the schema alone again, in a copy
// of the database. What begins or ends a transaction of its own is left out.
func (w *walker) repeat(ctx context.Context, stair *Stair, held *rows.Set) (err error) {
	r := stair.Revision
	if !w.peopled || r.Up == nil || !stair.Before.Equal(stair.Up.Snapshot) || history.NoTransaction(w.history.Dialect, r.Up, "") != nil ||
		len(r.Up.Script(w.history.Dialect).Statements) == 0 {
		return nil
	}
	db, err := w.place.Copy(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	stair.Repeat = &Repeat{Err: RunScript(ctx, db.DB(), w.history.Dialect, w.subject.Runner, r.Up, NothingMore)}
	if stair.Repeat.Err != nil {
		return ctx.Err()
	}
	now, err := rows.Read(ctx, db.DB(), w.history.Dialect, stair.Up.Snapshot)
	if err != nil {
		return err
	}
	stair.Repeat.Rows, err = rows.Compare(held, now, ColumnsIn(stair.Up.Snapshot))
	return errors.Join(err, now.Close())
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
