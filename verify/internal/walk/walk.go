package walk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
	"github.com/handrail-db/handrail/verify/rows"
	"github.com/handrail-db/handrail/verify/schema"
)

// Walk walks the history of the engine's dialect on a new database: up, down
// and up again at each revision, then from head to base and to head again. It
// calls see with each stair. A step that fails is part of the stair; the walk
// goes on behind it, in a new database where it must, so that one defect does
// not hide the next. An error is one of the engine, or of see.
func Walk(ctx context.Context, e engine.Engine, s history.Subject, o Options, see func(Stair) error) (Round, error) {
	s = s.Once()
	h, err := s.History(e.Dialect())
	if err != nil {
		return Round{}, err
	}
	assertions, err := s.Assertions(h)
	if err != nil {
		return Round{}, err
	}
	if e, err = s.Admit(e, h); err != nil {
		return Round{}, err
	}
	if o.To != nil {
		i := h.Index(*o.To)
		if i < 0 {
			return Round{}, fmt.Errorf("%s: no revision has version %d", s.Title(), *o.To)
		}
		h.Revisions = h.Revisions[:i+1]
	}
	w := &walker{engine: e, history: h, subject: s, options: o, see: see, cluster: s.ClusterStatements(h), assertions: assertions, unpeopled: o.Unpeopled}
	if len(assertions) > 0 && w.seeded() && w.unpeopled == "" {
		if err := w.climbEmpty(ctx); err != nil {
			return Round{Cluster: w.outside}, err
		}
	}
	if err := w.begin(ctx); err != nil {
		return Round{Cluster: w.outside}, err
	}
	round, err := w.climb(ctx)
	stands := "at the end of the walk"
	if err != nil {
		stands = "where the walk was broken off"
	}
	err = errors.Join(err, w.end(stands))
	round.Kept, round.Cluster = w.kept, w.outside
	return round, err
}

// A walker is a database that climbs a history.
type walker struct {
	engine  engine.Engine
	history history.History
	subject history.Subject
	options Options
	see     func(Stair) error

	cluster []engine.ClusterStatement // of the history
	outside Cluster

	place   *Place          // nil: there is none
	now     schema.Snapshot // the catalogue where the walk stands
	noRound string          // why no round trip is made; "" while nothing speaks against it
	kept    []finding.KeptDatabase

	rows      *rows.Set // the rows where the walk stands; nil where they are not known
	peopled   bool      // a seed has written rows
	unpeopled string    // why no seed writes rows any more

	assertions []history.Assertion
	empty      map[int64][]BrokenPromise // in a database without seeds, by version; nil: there was none
}

// begin takes a new database to base, on a server where nothing is left of an
// earlier one.
func (w *walker) begin(ctx context.Context) error {
	place, err := w.newPlace(ctx, func(ctx context.Context) (Lease, error) {
		lease, err := w.enter(ctx)
		if err == nil {
			lease.mark(SharedStep{Part: "the prelude"})
		}
		return lease, err
	})
	if err != nil {
		return err
	}
	w.place = place
	w.now, err = place.Snapshot(ctx)
	if err != nil {
		return errors.Join(err, w.end("before the first revision"))
	}
	return nil
}

// apart makes a new database at base beside the one of the walk.
func (w *walker) apart(ctx context.Context) (*Place, error) { return w.newPlace(ctx, w.enter) }

func (w *walker) newPlace(ctx context.Context, enter func(context.Context) (Lease, error)) (*Place, error) {
	p, err := settle(ctx, w.history, w.subject, enter)
	if err == nil {
		p.Limit = w.options.StepLimit()
	}
	return p, err
}

// end drops the database and takes back what the walk did to its server; or it
// keeps the database, saying how it stands, where that was asked for. It does
// nothing where there is none.
func (w *walker) end(stands string) error {
	if w.place == nil {
		return nil
	}
	place, err := w.place, w.forget()
	w.place = nil
	if !w.options.Keep || len(w.cluster) > 0 { // a server of its own does not stay either
		return errors.Join(err, place.Close())
	}
	err = errors.Join(err, place.Leave())
	kept, e := place.Database.Keep()
	if e == nil {
		w.kept = append(w.kept, finding.KeptDatabase{Name: place.Database.Name(), Stands: stands, Until: kept.Until, Command: kept.Command})
	}
	return errors.Join(err, e, place.room.Release())
}

func (w *walker) climb(ctx context.Context) (Round, error) {
	empty, blocked := w.now, ""
	for i, r := range w.history.Revisions {
		stair := Stair{Revision: r, Before: w.now, Blocked: blocked}
		if err := errors.Join(r.Up.Runnable(), r.Down.Runnable()); err != nil && blocked == "" {
			return Round{}, fmt.Errorf("revision %s, and with it all behind it, is not verified: %w", r, err)
		}
		if blocked == "" {
			failed := w.stair(ctx, i, &stair)
			var err error
			stair.Shared, err = w.sharedChanges(ctx, r)
			switch {
			case err == nil && len(stair.Shared) > 0 && engine.SQLState(engine.Cause(failed)) != "":
				blocked = fmt.Sprintf("%s has changed the server, and does not run there again", r)
			case failed != nil || err != nil:
				return Round{}, fmt.Errorf("revision %s: %w", r, cmp.Or(failed, err))
			case !stair.Up.OK():
				blocked = fmt.Sprintf("the up of %s fails", r)
			}
		}
		if err := w.see(stair); err != nil {
			return Round{}, err
		}
	}
	round := Round{Empty: empty, Full: w.now}
	if blocked != "" {
		round.Skipped = blocked
		return round, nil
	}
	round.Reached = true
	return round, w.round(ctx, &round)
}

// stair makes the three steps of one revision, the walk standing just below
// it, and leaves the walk standing on it.
func (w *walker) stair(ctx context.Context, i int, stair *Stair) (err error) {
	if stair.Unjudged = w.options.unjudged(stair.Revision); stair.Unjudged != "" {
		return w.pass(ctx, i, stair)
	}
	if err := w.people(ctx, stair); err != nil {
		return err
	}
	at, err := w.points(ctx, stair.Revision)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, at.close()) }()
	on, err := w.firstUp(ctx, i, at, stair)
	if err != nil || !on {
		return err
	}
	back, err := w.wayDown(ctx, i, at, stair)
	if err != nil || !back {
		return err
	}
	return w.secondUp(ctx, i, at, stair)
}

// firstUp makes the up and looks at it. It is false where that ends the stair.
func (w *walker) firstUp(ctx context.Context, i int, at *Points, stair *Stair) (on bool, err error) {
	if stair.Up, err = w.step(ctx, i, finding.Up, stair.Revision.Version); err != nil {
		return false, err
	}
	if !stair.Up.OK() {
		return false, w.upFailed(ctx, i, stair)
	}
	if at.up, err = w.account(ctx, stair.Up, &stair.Account.Up); err != nil {
		return false, err
	}
	if err := at.look(ctx, afterUp, stair); err != nil {
		return false, err
	}
	if len(stair.Promises.Residue)+len(stair.Promises.ResidueRows) > 0 {
		return false, w.withoutAssertions(ctx, i, stair)
	}
	stair.Account.Empty = EmptyTables(stair.Before, stair.Up.Snapshot, w.rows)
	w.now = stair.Up.Snapshot
	return true, nil
}

// wayDown makes the down. It is false where that ends the stair.
func (w *walker) wayDown(ctx context.Context, i int, at *Points, stair *Stair) (back bool, err error) {
	if stair.Revision.Down == nil {
		w.noRound = notRestored
		return false, w.forget()
	}
	below := w.history.Below(i)
	if stair.Down, err = w.step(ctx, i, finding.Down, below); err != nil {
		return false, err
	}
	if !stair.Down.OK() {
		return false, w.stayOrRestart(ctx, i, stair, at.up)
	}
	if at.down, err = w.account(ctx, stair.Down, &stair.Account.Down); err != nil {
		return false, err
	}
	if stair.Account.Own, err = rows.Compare(at.up, at.down, ColumnsIn(stair.Down.Snapshot)); err != nil {
		return false, err
	}
	return true, w.assert(ctx, below, &stair.Promises.Down)
}

// secondUp makes the up once more, and leaves the walk standing on the revision.
func (w *walker) secondUp(ctx context.Context, i int, at *Points, stair *Stair) (err error) {
	if stair.Again, err = w.step(ctx, i, finding.Again, stair.Revision.Version); err != nil {
		return err
	}
	switch {
	case !stair.Again.OK():
		return w.restart(ctx, i, stair, "the second up fails")
	case !stair.Again.Snapshot.Equal(stair.Up.Snapshot):
		return w.restart(ctx, i, stair, w.otherSchema(stair))
	case !stair.Down.Snapshot.Equal(stair.Before):
		w.noRound = notRestored
	}
	w.now = stair.Again.Snapshot // equal, and of the tables that are there
	again, err := w.account(ctx, stair.Again, &stair.Account.Again)
	if err != nil {
		return err
	}
	if err := w.assert(ctx, stair.Revision.Version, &stair.Promises.Again); err != nil {
		return errors.Join(err, again.Close())
	}
	same, err := sameRows(w.rows, at.up, again, stair.Again.Snapshot)
	if err != nil || !same {
		return errors.Join(err, again.Close(), w.restart(ctx, i, stair, "the second up leaves other rows"))
	}
	at.again = again
	err = errors.Join(at.look(ctx, afterAgain, stair), w.forget())
	if stair.Second != nil && stair.Second.Err != nil {
		w.noRound = notRestored
	}
	w.rows = again
	return err
}

// otherSchema says how the schema after a second up differs from that after the
// first: what is tolerated is noted, and breaks no promise.
func (w *walker) otherSchema(stair *Stair) string {
	if w.options.Noted != nil && w.options.Noted(stair.Revision, schema.Roots(schema.Compare(stair.Up.Snapshot, stair.Again.Snapshot))) {
		return "the second up gives the schema with the differences that are noted"
	}
	return "the second up gives another schema"
}

// pass climbs a revision that is not looked at.
func (w *walker) pass(ctx context.Context, i int, stair *Stair) error {
	wrote, err := w.newRows(ctx, stair.Revision)
	if err != nil {
		return err
	}
	if stair.Up, err = w.step(ctx, i, finding.Up, stair.Revision.Version); err != nil {
		return err
	}
	if !stair.Up.OK() {
		stair.Unjudged = "" // nobody can pass it
		return w.upFailed(ctx, i, stair)
	}
	if wrote {
		w.noRound = cmp.Or(w.noRound, fmt.Sprintf("%s is not looked at, and nobody knows what its down does to the rows of its seed", stair.Revision))
	}
	w.now = stair.Up.Snapshot
	return w.forget()
}

// step makes one step and looks at what it left. The error is that of an
// engine that does not do its part; that of a revision is in the landing.
func (w *walker) step(ctx context.Context, i int, d finding.Direction, want int64) (*Landing, error) {
	if w.options.Progress != nil {
		w.options.Progress(Progress{Engine: w.engine.Name(), Revision: w.history.Revisions[i], Direction: d, Step: i + 1, Steps: len(w.history.Revisions)})
	}
	w.place.room.mark(stepOf(w.history.Revisions[i], d))
	start := time.Now()
	err := w.place.Step(ctx, d)
	landing := &Landing{Took: time.Since(start)}
	err = w.look(ctx, landing, err, want)
	if err == nil && d == finding.Up && landing.Err != nil { // a down that names a role wrong is a defect
		err = engine.LackingError(engine.Cause(landing.Err), lackingRole(engine.Cause(landing.Err), w.history))
	}
	return landing, err
}

// look fills a landing with what is there after a step.
func (w *walker) look(ctx context.Context, l *Landing, stepErr error, want int64) error {
	if ctx.Err() != nil { // whatever the cause is, it is not the revision
		return context.Cause(ctx)
	}
	if stepErr != nil {
		l.Err = stepErr
		if err := engine.LackingError(engine.Cause(stepErr), engine.Lacking(engine.Cause(stepErr))); err != nil {
			return err
		}
		if engine.RefusedByWall(engine.Cause(stepErr)) {
			return engine.ExplainWall(engine.Cause(stepErr))
		}
		if errors.Is(stepErr, ErrTooLong) || !w.environmental(ctx, engine.Cause(stepErr)) {
			return nil
		}
		return engine.Cause(stepErr)
	}
	var err error
	if l.State, err = w.place.State(ctx); err != nil {
		if w.environmental(ctx, err) {
			return err
		}
		l.Err = err
		return nil
	}
	if (l.State != engine.State{Version: want}) {
		l.Err = fmt.Errorf("the version table says %s, want %s", l.State, engine.State{Version: want})
		return nil
	}
	if l.Leaks, err = w.place.Leaks(ctx); err != nil {
		return fmt.Errorf("look at the session: %w", err)
	}
	l.Snapshot, err = w.place.Snapshot(ctx)
	return err
}

// environmental reports whether an error speaks of the machine and not of the
// revision. A lost connection does so only where no other can be made either:
// SQL can kill its own.
func (w *walker) environmental(ctx context.Context, err error) bool {
	return engine.Environmental(err) && !(engine.LostConnection(err) && w.place.Database.DB().PingContext(ctx) == nil)
}

// stayOrRestart goes on after a down that failed: where it stands if the down
// changed nothing, which the catalogue tells and not the error, else in a new
// database.
func (w *walker) stayOrRestart(ctx context.Context, i int, stair *Stair, up *rows.Set) error {
	var err error
	if w.peopled && !errors.Is(stair.Down.Err, ErrTooLong) {
		if stair.Account.DownNeedsEmpty, err = w.runsEmpty(ctx, i, finding.Down); err != nil {
			return err
		}
		if stair.Account.DownNeedsEmpty {
			if stair.Account.Smallest, err = w.smallest(ctx, i, finding.Down, up, stair.Down.Err); err != nil {
				return err
			}
		}
	}
	want := engine.State{Version: stair.Revision.Version}
	snap, err := w.place.Snapshot(ctx)
	if err == nil && snap.Equal(stair.Up.Snapshot) && w.untouched(ctx, up, snap) && w.place.Force(ctx, want.Version) == nil {
		if state, err := w.place.State(ctx); err == nil && state == want {
			if err := w.forget(); err != nil {
				return err
			}
			stair.Went, w.noRound = "stayed in its database, where the failing down has changed nothing", notRestored
			return nil
		}
	}
	return w.restart(ctx, i, stair, "the down fails")
}

// restart goes on in a new database, climbed to revision i without judging.
// Each revision begins in a session that the one before it has not changed, as
// it did when it was judged.
func (w *walker) restart(ctx context.Context, i int, stair *Stair, why string) error {
	stair.Went, w.noRound = "went on in a new database, because "+why, notRestored
	return w.renew(ctx, i+1, fmt.Sprintf("at %s: %s", stair.Revision, why))
}

// renew takes a new database up the first n revisions, with the rows that seeds
// write on the way. Stands says how the old one stands, if it is kept.
func (w *walker) renew(ctx context.Context, n int, stands string) error {
	if err := w.end(stands); err != nil {
		return err
	}
	if err := w.begin(ctx); err != nil {
		return err
	}
	for _, r := range w.history.Revisions[:n] {
		if _, err := w.seed(ctx, r); err != nil {
			return err
		}
		w.place.room.mark(stepOf(r, finding.Up))
		err := w.place.Step(ctx, finding.Up)
		if err == nil {
			_, err = w.place.Leaks(ctx)
		}
		if err != nil {
			return fmt.Errorf("climb a new database to where the last one was left: %w", err)
		}
	}
	var err error
	w.now, err = w.place.Snapshot(ctx)
	return err
}

const notRestored = "not every down restores what was before it"
