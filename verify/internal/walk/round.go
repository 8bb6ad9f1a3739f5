package walk

import (
	"context"
	"time"

	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
)

// round goes from head to base and to head again.
func (w *walker) round(ctx context.Context, round *Round) error {
	if round.Skipped = w.noRound; round.Skipped != "" {
		return nil
	}
	head := w.history.Head()
	var err error
	if round.Base, err = w.travel(ctx, engine.Base); err != nil || !round.Base.OK() {
		return err
	}
	round.Head, err = w.travel(ctx, head)
	return err
}

func (w *walker) travel(ctx context.Context, to int64) (*Landing, error) {
	if w.options.Progress != nil {
		d, n := finding.Again, len(w.history.Revisions)
		if to == engine.Base {
			d = finding.Down
		}
		w.options.Progress(Progress{Engine: w.engine.Name(), Direction: d, Step: n, Steps: n, Round: true})
	}
	w.place.room.mark(SharedStep{Part: "the way from head to base and to head again"})
	start := time.Now()
	err := w.place.GoTo(ctx, to)
	landing := &Landing{Took: time.Since(start)}
	if err := w.look(ctx, landing, err, to); err != nil || landing.OK() {
		return landing, err
	}
	landing.State, err = w.place.State(ctx)
	if err != nil { // the version table is gone: where it broke is not known
		landing.State = engine.State{Version: engine.Base}
	}
	return landing, nil
}
