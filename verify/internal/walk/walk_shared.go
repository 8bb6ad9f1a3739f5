package walk

import (
	"context"
	"errors"
	"slices"

	"github.com/handrail-db/handrail/verify/history"
)

// enter is enter for the walk, which gathers what was changed. Where nobody sees
// its stairs that is an error, as it is of a room.
func (w *walker) enter(ctx context.Context) (Lease, error) {
	r, err := Enter(ctx, w.engine, w.cluster)
	if err != nil || r.watched == nil || w.see == nil {
		return r, err
	}
	release := r.Release
	r.Release = func() error {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookLimit)
		defer cancel()
		return errors.Join(w.gather(ctx, r), release())
	}
	return r, nil
}

// gather looks at what all databases of the server share.
func (w *walker) gather(ctx context.Context, r Lease) error {
	if r.watched == nil {
		return nil
	}
	err := r.watched.look(ctx)
	w.outside.Foreign, w.outside.Compared = r.watched.watch.Foreign, r.watched.compared
	w.outside.Changes = append(w.outside.Changes, r.watched.changes()...)
	for _, gone := range r.watched.others {
		if !slices.Contains(w.outside.Others, gone) {
			w.outside.Others = append(w.outside.Others, gone)
		}
	}
	return err
}

// sharedChanges are those of a revision, since the one before it.
func (w *walker) sharedChanges(ctx context.Context, r history.Revision) ([]SharedChange, error) {
	err := w.gather(ctx, *w.place.room)
	found := w.outside.Changes
	w.outside.Changes = nil
	for i := range found {
		if found[i].Step == nil {
			found[i].Step = &SharedStep{Revision: r, Part: r.String()}
		}
	}
	return found, err
}
