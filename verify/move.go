package verify

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/golang-migrate/migrate/v4"
)

// A Move takes one database, that somebody owns, to a version of a history.
type Move struct {
	Name    string // of the database, for a person; shows no password
	URL     string // for commands to paste; shows no password
	Who     string // makes the move, for the history
	Subject Subject
	Dialect Dialect
	Version int64     // of the subject's history; 0 is base
	Way     Direction // [Up] or [Down]; the other way is refused. "": either
	Target  MoveTarget

	// From is where a person saw the database stand who agreed to a way down;
	// nil: nobody was asked.
	From *State

	// Waiting is called where somebody else moves the database, before the
	// move waits for that; nil: nobody wants to know.
	Waiting func(mover string)
}

// A Plan is what a move would do.
type Plan struct {
	At    State
	Steps []PlannedStep

	AssertionTimeout time.Duration // of each statement of an assertion
}

// Down reports whether the plan has a way down.
func (p Plan) Down() bool { return len(p.Steps) > 0 && p.Steps[0].Direction == Down }

// A PlannedStep is one revision of a plan.
type PlannedStep struct {
	Revision   Revision
	Direction  Direction
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
		return line + "in one transaction with " + plural(s.Assertions, "assertion")
	}
	line += "not in a transaction of handrail's, because of " + s.Plain
	if s.Assertions == 0 {
		return line
	}
	back := "nothing can take it back"
	if s.Back {
		back = "where one does not hold the " + string(s.Direction.opposite()) + " takes it back"
	}
	return line + "; then " + plural(s.Assertions, "assertion") + ", and " + back
}

func (d Direction) opposite() Direction {
	if d == Down {
		return Up
	}
	return Down
}

// A Moved is where a database stood before a move and where it stands.
type Moved struct {
	Before, After State
	// Broken is the assertion that does not hold; nil: there is none, or the
	// move ended with an error.
	Broken *Finding
	// Then says what became of the revision that broke it.
	Then string
}

// Plan says what the move would do. It changes nothing. Where the database is
// dirty because somebody moves it, it waits for that.
func (m Move) Plan(ctx context.Context) (Plan, error) {
	h, assertions, err := m.history()
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
		if err := s.Revision.file(s.Direction).runnable(); err != nil {
			return Plan{At: at}, fmt.Errorf("%s: %w", m.Subject.name(), err)
		}
	}
	return Plan{at, steps, m.Subject.assertionTimeout()}, nil
}

func (m Move) history() (History, []Assertion, error) {
	h, err := m.Subject.History(m.Dialect)
	if err != nil {
		return h, nil, err
	}
	if err := h.Published(); m.Way != Down && err != nil {
		return h, nil, fmt.Errorf("%s: %w", m.Subject.name(), err)
	}
	if m.Version != 0 && h.Index(m.Version) < 0 {
		return h, nil, fmt.Errorf("%s: no revision has version %d", m.Subject.name(), m.Version)
	}
	assertions, err := m.Subject.assertions(h)
	if err != nil {
		return h, nil, fmt.Errorf("%s: %w", m.Subject.name(), err)
	}
	return h, assertions, nil
}

// steps are those from a version to the move's.
func (m Move) steps(h History, all []Assertion, at int64) []PlannedStep {
	var steps []PlannedStep
	from, to := h.Index(at), h.Index(m.Version)
	for i := from + 1; i <= to; i++ {
		steps = append(steps, m.planned(h.Revisions[i], Up, h.Revisions[i].Version, all))
	}
	for i := from; i > to; i-- {
		below := int64(0)
		if i > 0 {
			below = h.Revisions[i-1].Version
		}
		steps = append(steps, m.planned(h.Revisions[i], Down, below, all))
	}
	return steps
}

func (m Move) planned(r Revision, d Direction, version int64, all []Assertion) PlannedStep {
	s := PlannedStep{Revision: r, Direction: d, Plain: whyPlain(m.Dialect, m.Subject.Runner, r.file(d)), Back: r.file(d.opposite()) != nil}
	for _, a := range all {
		if a.holds(version) {
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
func (m Move) settled(ctx context.Context) (s State, err error) {
	told := m.Waiting == nil
	err = m.look(ctx, func(db *sql.DB, r Runner) error {
		if err := schemaThere(ctx, db, m.Dialect, r); err != nil {
			return err
		}
		for {
			// In this order: who is not there any more has written before.
			movers, err := m.movers(ctx, db, r)
			if err != nil {
				return err
			}
			if s, err = standsAt(ctx, db, m.Dialect, r); err != nil || !s.Dirty || len(movers) == 0 {
				return err
			}
			if !told {
				m.Waiting(movers[0])
				told = true
			}
			select {
			case <-ctx.Done():
				return context.Cause(ctx)
			case <-time.After(settleEvery):
			}
		}
	})
	return s, err
}

// look calls f with a pool for reading, if there is a database.
func (m Move) look(ctx context.Context, f func(*sql.DB, Runner) error) (err error) {
	db, err := m.Target.Look(ctx)
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
func standsAt(ctx context.Context, db Session, d Dialect, r Runner) (State, error) {
	table := newVersionTable(d, r)
	there, err := tableThere(ctx, db, d, table.sqlName, table.name)
	if err != nil || !there {
		return State{}, err
	}
	return table.read(ctx, db)
}

// Make makes the move through golang-migrate and says where the database stood
// and where it stands, whether or not it got to the end. Each revision and its
// assertions are one transaction wherever they can be. An assertion that does
// not hold is an outcome; an error names the file that did not run. Nothing is
// run on a database that is dirty, or that stands at a version which the history
// does not have.
func (m Move) Make(ctx context.Context) (out Moved, err error) {
	h, assertions, err := m.history()
	if err != nil {
		return out, err
	}
	if err := m.wait(ctx); err != nil {
		return out, err
	}
	driver, err := m.Target.Open(ctx, m.Subject.Runner)
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

// wait tells whom the move has to wait for.
func (m Move) wait(ctx context.Context) error {
	if m.Waiting == nil {
		return nil
	}
	return m.look(ctx, func(db *sql.DB, r Runner) error {
		movers, err := m.movers(ctx, db, r)
		if err == nil && len(movers) > 0 {
			m.Waiting(movers[0])
		}
		return err
	})
}

func (m Move) movers(ctx context.Context, db *sql.DB, r Runner) ([]string, error) {
	table := newVersionTable(m.Dialect, r)
	return m.Target.Movers(ctx, db, table.space, table.name)
}

// afterLoss reads where the database stands after a move whose connection was
// lost, on a new one, and writes down what became of the revision.
func (m Move) afterLoss(ctx context.Context, out Moved, c *conductor, failed error) (Moved, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookLimit)
	defer cancel()
	_ = c.driver.Close() // Make closes it too, which hurts nobody
	driver, err := m.Target.Open(ctx, m.Subject.Runner)
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
func (m Move) refuse(h History, at State) error {
	switch {
	case at.Dirty:
		return m.dirty(at)
	case at.Version != 0 && h.Index(at.Version) < 0:
		return fmt.Errorf("%s is at %s, which %s does not have", m.Name, at, m.Subject.name())
	case m.Way == Down && m.Version > at.Version:
		return fmt.Errorf("%s is at %s, below version %d: down does not go up", m.Name, at, m.Version)
	case m.Way == Up && m.Version < at.Version:
		return fmt.Errorf("%s is at %s, above version %d: up does not go down", m.Name, at, m.Version)
	}
	return nil
}

// dirty says what a dirty version table means and how to go on. Handrail does
// not clean it up: nobody but a person knows what the step has left.
func (m Move) dirty(at State) error {
	return fmt.Errorf("%s is dirty at %s: a step to it has begun and did not end well\n"+
		"    remedy: look at what the step left, finish it or undo it by hand, then say where the schema stands:\n"+
		"    %s", m.Name, State{Version: at.Version}, m.forceCommand("VERSION"))
}

// forceCommand writes down a version and runs nothing.
func (m Move) forceCommand(version string) string {
	words := []string{"handrail force", version}
	switch dir := m.Subject.Dir; {
	case strings.Trim(dir, plainCharacters) != "":
		words = append(words, shellQuote(dir))
	case dir != "":
		words = append(words, dir)
	}
	return strings.Join(append(words, "--url", shellQuote(m.URL), "--yes"), " ")
}

// plainCharacters mean themselves to every shell.
const plainCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./"

// shellQuote writes an argument for a shell to paste.
func shellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// Force writes that the database stands at a version, clean, and runs nothing: a
// person has looked. The history has an entry of it.
func (m Move) Force(ctx context.Context) (out Moved, err error) {
	h, _, err := m.history()
	if err != nil {
		return out, err
	}
	if err := m.wait(ctx); err != nil {
		return out, err
	}
	driver, err := m.Target.Open(ctx, m.Subject.Runner)
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
		err = c.force(ctx, m.Version)
		out.After = c.at
	}
	if err != nil {
		return out, fmt.Errorf("%s: %w", m.Name, err)
	}
	return out, nil
}

// run goes to a version through golang-migrate, which hands each step to c.
func (c *conductor) run(ctx context.Context, version int64) error {
	runner, err := migrate.NewWithInstance("handrail", historySource{c.history}, "target", c)
	if err != nil {
		return err
	}
	runner.LockTimeout = math.MaxInt64
	c.ctx = ctx
	c.driver.Bind(ctx)
	if version == 0 {
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
func (c *conductor) revision(version int64) (Revision, Direction) {
	if version > c.at.Version {
		return c.history.Revisions[c.history.Index(version)], Up
	}
	return c.history.Revisions[c.history.Index(c.at.Version)], Down
}

// holding are the assertions that must hold at a version.
func (c *conductor) holding(version int64) []Assertion {
	return slices.DeleteFunc(slices.Clone(c.assertions), func(a Assertion) bool { return !a.holds(version) })
}
