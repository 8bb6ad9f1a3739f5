package verify

import (
	"context"
	"errors"
	"fmt"

	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
	"github.com/handrail-db/handrail/verify/internal/generate"
	"github.com/handrail-db/handrail/verify/internal/words"
	"github.com/handrail-db/handrail/verify/rows"
	"github.com/handrail-db/handrail/verify/schema"
)

// A SecondRound is the down of a revision on a database where rows were written
// at the revision: those of the seed for the next one, or copies.
type SecondRound struct {
	Wrote string // what wrote the rows, in words
	Err   error  // of the down; nil if it runs
	Rows  []rows.Difference
	// First is what the same down took from rows that nobody but its up had
	// written: that is what it is there for.
	First []rows.Difference
}

// secondRound writes rows where the walk stands, in a copy of the database, and
// goes down there. Up and down are the rows of the first round.
func (w *walk) secondRound(ctx context.Context, i int, stair *Stair, up, down *rows.Set) (err error) {
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
	other.limit = w.options.timeout()
	defer func() { err = errors.Join(err, other.Close()) }()
	there, err := rows.Read(ctx, db.DB(), w.history.Dialect, stair.Again.Snapshot)
	if err != nil {
		return err
	}
	defer there.Close() //nolint:errcheck // a set that is read has nothing to lose
	if there.Count() == up.Count() {
		return nil // nothing was written
	}
	round.Err = other.step(ctx, finding.Down)
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
	columns := columnsIn(stair.Down.Snapshot)
	round.Rows, err = rows.Compare(there, left, columns)
	if err == nil {
		round.First, err = rows.Compare(up, down, columns)
	}
	return err
}

// A Repeat is what the SQL of a revision that is about rows does when it runs once
// more.
type Repeat struct {
	Err  error // nil: it runs
	Rows []rows.Difference
}

// repeat runs the SQL of a revision that leaves the schema alone again, in a copy
// of the database. What begins or ends a transaction of its own is left out.
func (w *walk) repeat(ctx context.Context, stair *Stair, held *rows.Set) (err error) {
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
	stair.Repeat = &Repeat{Err: runScript(ctx, db.DB(), w.history.Dialect, w.subject.Runner, r.Up, nothingMore)}
	if stair.Repeat.Err != nil {
		return ctx.Err()
	}
	now, err := rows.Read(ctx, db.DB(), w.history.Dialect, stair.Up.Snapshot)
	if err != nil {
		return err
	}
	stair.Repeat.Rows, err = rows.Compare(held, now, columnsIn(stair.Up.Snapshot))
	return errors.Join(err, now.Close())
}

// repeatFindings judges that.
func (j *rowJudge) repeatFindings() []finding.Finding {
	r := j.stair.Repeat
	if r == nil || r.Err == nil && len(r.Rows) == 0 {
		return nil
	}
	f := j.finding(finding.NotIdempotent, j.stair.Revision, finding.Up)
	f.Hint = "let it skip what is done: WHERE … IS NULL, ON CONFLICT DO NOTHING"
	if r.Err != nil {
		f.Severity = finding.Warning // it does no harm
		f.Message = fmt.Sprintf("%s: its SQL fails when it is run once more: %s", j.stair.Revision, words.OneLine(r.Err))
		return []finding.Finding{f}
	}
	d := r.Rows[0]
	f.Object = &finding.ObjectRef{Kind: "table", Name: d.Table.Name}
	f.Message = fmt.Sprintf("%s: its SQL run once more changes rows of %s", j.stair.Revision, d.Table.Name)
	f.Want, f.Got = rowSides(d)
	return []finding.Finding{f}
}

// rowCopies are statements that copy a row in each table that the up changed and
// that was there before. A key gets a value of its own.
func rowCopies(stair *Stair, up *rows.Set) []string {
	var statements []string
	there := columnsIn(stair.Before)
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

// secondFindings judges the second round.
func (j *rowJudge) secondFindings() []finding.Finding {
	r := j.stair.Second
	if r == nil {
		return nil
	}
	if r.Err != nil {
		f := j.failed(finding.DownNeedsEmpty, j.stair, finding.Down, &Landing{Err: r.Err}, "let the down bring such rows into order first")
		f.Message = fmt.Sprintf("%s: down fails on rows that were written at the revision (%s): %s", j.stair.Revision, r.Wrote, words.OneLine(engine.Cause(r.Err)))
		return []finding.Finding{f}
	}
	j.second = true
	defer func() { j.second = false }()
	var findings []finding.Finding
	for _, d := range r.Rows {
		usual := did(r.First, d.Table.Name)
		d.Lost, d.Changed, d.Added = max(0, d.Lost-usual.Lost), max(0, d.Changed-usual.Changed), 0
		if d.Gone || !hasTable(j.stair.Before, d.Table.Name) || d.Unread() != "" {
			continue
		}
		for _, f := range j.tally(d, finding.Down) {
			f.Message += " that were written at the revision (" + r.Wrote + ")"
			findings = append(findings, f)
		}
	}
	return findings
}
