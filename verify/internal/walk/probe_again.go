package walk

import (
	"context"
	"errors"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/history"
	"github.com/handrail-db/handrail/verify/rows"
	"github.com/handrail-db/handrail/verify/schema"
)

// repeating runs the SQL of a revision that leaves the schema alone again, in a copy
// of the database. What begins or ends a transaction of its own is left out.
type repeating struct{}

func (repeating) Name() string { return "again" }

func (repeating) Wants(d dialect.Dialect, r history.Revision, _ schema.Snapshot) Wish {
	if r.Up == nil || history.NoTransaction(d, r.Up, "") != nil || len(r.Up.Script(d).Statements) == 0 {
		return Nothing
	}
	return ToLook
}

func (repeating) Look(ctx context.Context, at *Points, stair *Stair) (err error) {
	r := stair.Revision
	if !at.peopled || !stair.Before.Equal(stair.Up.Snapshot) {
		return nil
	}
	db, err := at.place.Copy(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	stair.Repeat = &Repeat{Err: RunScript(ctx, db.DB(), at.history.Dialect, at.subject.Runner, r.Up, NothingMore)}
	if stair.Repeat.Err != nil {
		return ctx.Err()
	}
	now, err := rows.Read(ctx, db.DB(), at.history.Dialect, stair.Up.Snapshot)
	if err != nil {
		return err
	}
	stair.Repeat.Rows, err = rows.Compare(at.again, now, ColumnsIn(stair.Up.Snapshot))
	return errors.Join(err, now.Close())
}
