package move

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/golang-migrate/migrate/v4"

	"github.com/handrail-db/handrail/internal/words"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
	"github.com/handrail-db/handrail/verify/internal/golangmigrate"
	"github.com/handrail-db/handrail/verify/internal/walk"
	"github.com/handrail-db/handrail/verify/secret"
)

// A Move takes one database, that somebody owns, to a version of a history.
type Move struct {
	Name    string // of the database, for a person; shows no password
	URL     string // for commands to paste; shows no password
	Who     string // makes the move, for the history
	Subject history.Subject
	Dialect dialect.Dialect
	Version int64             // of the subject's history, or Base
	Way     finding.Direction // [Up] or [Down]; the other way is refused. "": either
	Target  engine.Target

	// From is where a person saw the database stand who agreed to a way down;
	// nil: nobody was asked.
	From *engine.State

	// LockTimeout is how long a statement waits for a lock, and the move for
	// somebody else who moves the database. 0: for a mover without end, for a
	// lock as long as the database does by itself.
	LockTimeout time.Duration

	// Retries is how often a step is made once more that a lock, a deadlock or
	// a transaction beside it has ended, where nothing of it is left.
	Retries int

	// Flags of the command line that say where the version table is, for
	// commands to paste.
	Flags []string

	// Waiting is called where somebody else moves the database, before the
	// move waits for that; nil: nobody wants to know.
	Waiting func(mover string)

	// Tell is called with a line for a person about what goes on beside the
	// move: a lock of somebody unknown, a step that is made once more; nil:
	// nobody wants to know.
	Tell func(line string)
}

// tell tells a line, if somebody wants to know.
func (m Move) tell(format string, args ...any) {
	if m.Tell != nil {
		m.Tell(fmt.Sprintf(format, args...))
	}
}

// A Plan is what a move would do.
type Plan struct {
	At    engine.State
	Steps []PlannedStep

	AssertionTimeout time.Duration // of each statement of an assertion
}

// Down reports whether the plan has a way down.
func (p Plan) Down() bool { return len(p.Steps) > 0 && p.Steps[0].Direction == finding.Down }

// A PlannedStep is one revision of a plan.
type PlannedStep struct {
	Revision   history.Revision
	Direction  finding.Direction
	Plain      string // why it does not run in one transaction with its assertions; "": it does
	Back       bool   // there is a file that takes it back
	Assertions int    // that must hold after it
}

// String is the step as a line for a person.
func (s PlannedStep) String() string {
	line := fmt.Sprintf("%s %s: ", s.Direction, s.Revision)
	if s.Plain == "" {
		if s.Assertions == 0 {
			return line + "in one transaction"
		}
		return line + "in one transaction with " + words.Plural(s.Assertions, "assertion")
	}
	line += "not in a transaction of handrail's, because of " + s.Plain
	if s.Assertions == 0 {
		return line
	}
	back := "nothing can take it back"
	if s.Back {
		back = "where one does not hold the " + string(s.Direction.Opposite()) + " takes it back"
	}
	return line + "; then " + words.Plural(s.Assertions, "assertion") + ", and " + back
}

// runnable is an error where a file of a plan cannot be run: then nothing runs.
func (m Move) runnable(steps []PlannedStep) error {
	for _, s := range steps {
		f := s.Revision.File(s.Direction)
		if err := history.RowsFromClient(m.Dialect, f); err != nil {
			name, line := m.Subject.Place(m.Dialect, f, walk.ErrorLine(f, err))
			return fmt.Errorf("%s: nothing is run: %s: %w", m.Name, finding.Place(name, line), err)
		}
	}
	return nil
}

// A Moved is where a database stood before a move and where it stands.
type Moved struct {
	Before, After engine.State
	// Broken is the assertion that does not hold; nil: there is none, or the
	// move ended with an error.
	Broken *finding.Finding
	// Then says what became of the revision that broke it.
	Then string
}

// Plan says what the move would do. It changes nothing. Where the database is
// dirty because somebody moves it, it waits for that.
func (m Move) Plan(ctx context.Context) (plan Plan, err error) {
	defer func() { secret.Hidden(&err, nil) }()
	h, assertions, err := m.aim()
	if err != nil {
		return Plan{}, err
	}
	at, err := m.settled(ctx)
	if err != nil {
		return Plan{}, err
	}
	if err := m.refuse(h, at); err != nil {
		return Plan{At: at}, err
	}
	steps := m.steps(h, assertions, at.Version)
	for _, s := range steps {
		if err := s.Revision.File(s.Direction).Runnable(); err != nil {
			return Plan{At: at}, fmt.Errorf("%s: %w", m.Subject.Title(), err)
		}
	}
	return Plan{at, steps, m.Subject.AssertionLimit()}, m.runnable(steps)
}

func (m Move) history() (history.History, []history.Assertion, error) {
	h, err := m.Subject.History(m.Dialect)
	if err != nil {
		return h, nil, err
	}
	if err := h.Published(); m.Way != finding.Down && err != nil {
		return h, nil, fmt.Errorf("%s: %w", m.Subject.Title(), err)
	}
	assertions, err := m.Subject.Assertions(h)
	if err != nil {
		return h, nil, fmt.Errorf("%s: %w", m.Subject.Title(), err)
	}
	return h, assertions, nil
}

// aim is history, of which the move's version must be one.
func (m Move) aim() (history.History, []history.Assertion, error) {
	h, assertions, err := m.history()
	if err == nil && !h.Has(m.Version) {
		err = fmt.Errorf("%s: no revision has version %d", m.Subject.Title(), m.Version)
	}
	return h, assertions, err
}

// steps are those from a version to the move's.
func (m Move) steps(h history.History, all []history.Assertion, at int64) []PlannedStep {
	var steps []PlannedStep
	from, to := h.Index(at), h.Index(m.Version)
	for i := from + 1; i <= to; i++ {
		steps = append(steps, m.planned(h.Revisions[i], finding.Up, h.Revisions[i].Version, all))
	}
	for i := from; i > to; i-- {
		steps = append(steps, m.planned(h.Revisions[i], finding.Down, h.Below(i), all))
	}
	return steps
}

func (m Move) planned(r history.Revision, d finding.Direction, version int64, all []history.Assertion) PlannedStep {
	s := PlannedStep{Revision: r, Direction: d, Plain: whyPlain(m.Dialect, m.Subject.Runner, r.File(d)), Back: r.File(d.Opposite()) != nil}
	for _, a := range all {
		if a.Holds(version) {
			s.Assertions++
		}
	}
	return s
}

// lookLimit is how long it may take to see where a broken move ended.
const lookLimit = 10 * time.Second

// settleEvery is how often a database that somebody moves is looked at.
const settleEvery = 50 * time.Millisecond

// settled reads where the database stands, when nobody is in the middle of a step,
// and changes nothing.
func (m Move) settled(ctx context.Context) (s engine.State, err error) {
	s = engine.State{Version: engine.Base} // where there is no database yet
	told := m.Waiting == nil
	err = m.look(ctx, func(db *sql.DB, r engine.Options) error {
		if err := schemaThere(ctx, db, m.Dialect, r); err != nil {
			return err
		}
		waiting, end := engine.WithLockTimeout(ctx, m.LockTimeout)
		defer end()
		for {
			// In this order: who is not there any more has written before.
			movers, strangers, err := m.movers(ctx, db, r)
			if err != nil {
				return err
			}
			if s, err = standsAt(ctx, db, m.Dialect, r); err != nil || !s.Dirty {
				return err
			}
			if len(movers) == 0 {
				m.name(strangers)
				return nil
			}
			if !told {
				m.Waiting(movers[0])
				told = true
			}
			select {
			case <-waiting.Done():
				return context.Cause(waiting)
			case <-time.After(settleEvery):
			}
		}
	})
	return s, err
}

// name names those who may move the database too, for whom nothing waits.
func (m Move) name(strangers []string) {
	for _, s := range strangers {
		m.tell("%s, which may be golang-migrate's for a URL that is spelt otherwise: handrail does not wait for it, and gives up where it moves the database", s)
	}
}

// look calls f with a pool for reading, if there is a database; more than once
// where a lock ends it and there are retries.
func (m Move) look(ctx context.Context, f func(*sql.DB, engine.Options) error) error {
	return m.again(ctx, "looking where it stands", func() error { return m.lookOnce(ctx, f) })
}

func (m Move) lookOnce(ctx context.Context, f func(*sql.DB, engine.Options) error) (err error) {
	db, err := m.Target.Look(ctx, m.LockTimeout)
	if err != nil || db == nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	r, err := located(ctx, db, m.Dialect, m.Subject.Runner)
	if err == nil {
		err = f(db, r)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", m.Name, err)
	}
	return nil
}

// standsAt reads the version table, which may not be there.
func standsAt(ctx context.Context, db engine.Session, d dialect.Dialect, r engine.Options) (engine.State, error) {
	table := golangmigrate.TableOf(d, r)
	there, err := tableThere(ctx, db, d, table.SQLName, table.Name)
	if err != nil || !there {
		return engine.State{Version: engine.Base}, err
	}
	return table.Read(ctx, db)
}

// Make makes the move through golang-migrate and says where the database stood
// and where it stands, whether or not it got to the end. Each revision and its
// assertions are one transaction wherever they can be. An assertion that does
// not hold is an outcome; an error names the file that did not run. Nothing is
// run on a database that is dirty, or that stands at a version which the history
// does not have.
func (m Move) Make(ctx context.Context) (out Moved, err error) {
	defer func() { secret.Hidden(&err, nil, &out) }()
	h, assertions, err := m.aim()
	if err != nil {
		return out, err
	}
	driver, err := m.open(ctx)
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, driver.Close()) }()
	c, err := m.conductor(ctx, driver, h, assertions)
	if err != nil {
		return out, fmt.Errorf("%s: %w", m.Name, err)
	}
	out.Before, out.After = c.at, c.at
	if err := m.refuse(h, c.at); err != nil {
		return out, err
	}
	if m.From != nil && m.From.Version != c.at.Version {
		return out, fmt.Errorf("%s was at %s when the plan was made, and is at %s by now: look at the new plan", m.Name, m.From, c.at)
	}
	if m.Version == c.at.Version {
		return out, nil
	}
	if err := m.runnable(m.steps(h, assertions, c.at.Version)); err != nil {
		return out, err
	}
	if err := c.prepare(ctx); err != nil {
		return out, fmt.Errorf("%s: %w", m.Name, err)
	}
	err = c.run(ctx, m.Version)
	out.After = c.at
	var broken *promiseError
	switch {
	case errors.As(err, &broken):
		f := m.finding(c.server, broken.step.Revision, broken.step.Direction, broken.broken)
		out.Broken, out.Then = &f, broken.fate
		return out, nil
	case err != nil && c.lost:
		return m.afterLoss(ctx, out, c, err)
	}
	return out, err
}

// open tells whom the move has to wait for, waits, and opens the database.
func (m Move) open(ctx context.Context) (driver engine.TargetDriver, err error) {
	at := m.Subject.Runner
	err = m.look(ctx, func(db *sql.DB, r engine.Options) error {
		at = r
		movers, _, err := m.movers(ctx, db, r)
		if err == nil && len(movers) > 0 && m.Waiting != nil {
			m.Waiting(movers[0])
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	table := golangmigrate.TableOf(m.Dialect, at)
	err = m.again(ctx, "opening it", func() error {
		driver, err = m.Target.Open(ctx, engine.Opening{Options: m.Subject.Runner, Schema: table.Space, Table: table.Name, LockTimeout: m.LockTimeout})
		return err
	})
	return driver, err
}

func (m Move) movers(ctx context.Context, db engine.Session, r engine.Options) (movers, strangers []string, err error) {
	table := golangmigrate.TableOf(m.Dialect, r)
	return m.Target.Movers(ctx, db, table.Space, table.Name)
}

// afterLoss reads where the database stands after a move whose connection was
// lost, on a new one, and writes down what became of the revision.
func (m Move) afterLoss(ctx context.Context, out Moved, c *conductor, failed error) (Moved, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookLimit)
	defer cancel()
	_ = c.driver.Close() // Make closes it too, which hurts nobody
	driver, err := m.Target.Open(ctx, c.opening())
	if err == nil {
		out.After, err = standsAt(ctx, driver.Session(), m.Dialect, c.runner)
		if err == nil && c.entry.ID != 0 {
			err = c.ledger.exec(ctx, driver.Session(), "UPDATE "+c.ledger.name+" SET status = $1, error = $2, seconds = $3 WHERE id = $4 AND status = $5",
				string(Failed), c.entry.Error, time.Since(c.entry.Began).Seconds(), c.entry.ID, string(Started))
		}
		err = errors.Join(err, driver.Close())
	}
	if err != nil {
		return out, errors.Join(failed, fmt.Errorf("where it stands is not known: %w; ask handrail status", err))
	}
	if out.After.Dirty {
		return out, errors.Join(failed, m.dirty(out.After))
	}
	return out, failed
}

// refuse says why the move cannot be made from where the database stands.
func (m Move) refuse(h history.History, at engine.State) error {
	switch {
	case at.Dirty:
		return m.dirty(at)
	case !h.Has(at.Version):
		return fmt.Errorf("%s is at %s, which %s does not have", m.Name, at, m.Subject.Title())
	case m.Way == finding.Down && m.Version > at.Version:
		return fmt.Errorf("%s is at %s, below version %d: down does not go up", m.Name, at, m.Version)
	case m.Way == finding.Up && m.Version < at.Version:
		return fmt.Errorf("%s is at %s, above version %d: up does not go down", m.Name, at, m.Version)
	}
	return m.missing(h, at.Version)
}

// dirty says what a dirty version table means and how to go on. Handrail does
// not clean it up: nobody but a person knows what the step has left.
func (m Move) dirty(at engine.State) error {
	return fmt.Errorf("%s is dirty at %s: a step to it has begun and did not end well\n"+
		"    remedy: look at what the step left, finish it or undo it by hand, then say where the schema stands:\n"+
		"    %s", m.Name, engine.State{Version: at.Version}, m.forceCommand("VERSION"))
}

// Force writes that the database stands at a version, clean, and runs nothing: a
// person has looked. The history has an entry of it.
func (m Move) Force(ctx context.Context) (out Moved, err error) {
	defer func() { secret.Hidden(&err, nil) }()
	h, _, err := m.aim()
	if err != nil {
		return out, err
	}
	driver, err := m.open(ctx)
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, driver.Close()) }()
	c, err := m.conductor(ctx, driver, h, nil)
	if err == nil {
		out.Before, out.After = c.at, c.at
		err = c.prepare(ctx)
	}
	if err == nil {
		err = m.again(ctx, "force", func() error { return c.force(ctx, m.Version) })
		out.After = c.at
	}
	if err != nil {
		return out, fmt.Errorf("%s: %w", m.Name, err)
	}
	return out, nil
}

// run goes to a version through golang-migrate, which hands each step to c.
func (c *conductor) run(ctx context.Context, version int64) error {
	runner, err := migrate.NewWithInstance("handrail", golangmigrate.Source(c.history.Steps()), "target", c)
	if err != nil {
		return err
	}
	runner.LockTimeout = math.MaxInt64
	c.ctx = ctx
	c.driver.Bind(ctx)
	if version == engine.Base {
		err = runner.Down()
	} else {
		err = runner.Migrate(uint(version))
	}
	if errors.Is(err, migrate.ErrNoChange) {
		return nil
	}
	return err
}

// revision is the one that a step from where the database stands to a version
// runs, and its direction.
func (c *conductor) revision(version int64) (history.Revision, finding.Direction) {
	if version > c.at.Version {
		return c.history.Revisions[c.history.Index(version)], finding.Up
	}
	return c.history.Revisions[c.history.Index(c.at.Version)], finding.Down
}

// holding are the assertions that must hold at a version.
func (c *conductor) holding(version int64) []history.Assertion {
	return slices.DeleteFunc(slices.Clone(c.assertions), func(a history.Assertion) bool { return !a.Holds(version) })
}
