package walk

import (
	"cmp"
	"context"
	"fmt"

	"github.com/handrail-db/handrail/verify/history"
	"github.com/handrail-db/handrail/verify/schema"
)

// seed writes the rows that must be there before a revision runs, and reports
// whether there were any to write.
func (w *walker) seed(ctx context.Context, r history.Revision) (wrote bool, err error) {
	if w.unpeopled != "" || r.Seed == nil && w.subject.Seed == nil {
		return false, nil
	}
	err = w.place.Seed(ctx, r, func() schema.Snapshot { return w.now })
	w.peopled = w.peopled || err == nil
	return err == nil, err
}

// newRows writes the rows of a revision where the walk stands, and looks that
// nothing but rows has changed.
func (w *walker) newRows(ctx context.Context, r history.Revision) (wrote bool, err error) {
	if wrote, err = w.seed(ctx, r); err != nil || !wrote {
		return wrote, err
	}
	now, err := w.place.Snapshot(ctx)
	if err != nil {
		return wrote, err
	}
	if changes := schema.Roots(schema.Compare(w.now, now)); len(changes) > 0 {
		return wrote, fmt.Errorf("%s: a seed writes rows, and this one changes %s", cmp.Or(w.seedName(r), "Subject.Seed"), changes[0].Object())
	}
	return wrote, w.forget()
}

// people writes the rows of a revision and counts what is there.
func (w *walker) people(ctx context.Context, stair *Stair) error {
	_, err := w.newRows(ctx, stair.Revision)
	if err != nil {
		return err
	}
	if w.rows == nil {
		if w.rows, err = w.read(ctx, w.now); err != nil {
			return err
		}
	}
	stair.Account.Rows, stair.Account.Tables = w.rows.Count(), len(w.rows.Tables)
	stair.Account.Seeded, stair.Account.Unpeopled = w.peopled, w.unpeopled
	return nil
}

// seedName is the seed file of a revision as messages show it, "" where it has
// none.
func (w *walker) seedName(r history.Revision) string {
	if r.Seed == nil {
		return ""
	}
	return w.subject.Path(w.history.Dialect, r.Seed.Name)
}
