package walk

import (
	"context"

	"github.com/handrail-db/handrail/verify/history"
)

// points are those of a revision that comes next.
func (w *walker) points(ctx context.Context, r history.Revision) (*Points, error) {
	p := &Points{
		history: w.history, subject: w.subject, options: w.options, place: w.place, peopled: w.peopled,
		rows: w.rows, assertions: w.assertions, empty: w.empty,
	}
	for _, probe := range afterUp {
		if probe.Wants(w.history.Dialect, r, w.now) == ToKeep {
			var err error
			p.below, err = w.place.Database.Copy(ctx)
			return p, err
		}
	}
	return p, nil
}
