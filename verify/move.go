package verify

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/golang-migrate/migrate/v4"
)

// A Move takes one database, that somebody owns, to a version of a history.
type Move struct {
	Name    string // of the database, for a person; shows no password
	Subject Subject
	Dialect Dialect
	Version int64     // of the subject's history; 0 is base
	Way     Direction // [Up] or [Down]; the other way is refused. "": either

	// Open connects to the database with golang-migrate's driver.
	Open func(context.Context, Runner) (Driver, error)
}

// Make makes the move through golang-migrate and says where the database stood
// and where it stands, whether or not it got to the end. An error names the
// file that did not run. Nothing is run on a database that is dirty, or that
// stands at a version which the history does not have.
func (m Move) Make(ctx context.Context) (before, after State, err error) {
	h, err := m.Subject.History(m.Dialect)
	if err != nil {
		return State{}, State{}, err
	}
	if err := h.Published(); m.Way != Down && err != nil {
		return State{}, State{}, fmt.Errorf("%s: %w", m.Subject.name(), err)
	}
	if m.Version != 0 && h.Index(m.Version) < 0 {
		return State{}, State{}, fmt.Errorf("%s: no revision has version %d", m.Subject.name(), m.Version)
	}
	driver, err := m.Open(ctx, m.Subject.Runner)
	if err != nil {
		return State{}, State{}, err
	}
	defer func() { err = errors.Join(err, driver.Close()) }()
	if before, err = stands(driver); err != nil {
		return State{}, State{}, err
	}
	if err := m.refuse(h, before); err != nil {
		return before, before, err
	}
	if err = m.run(ctx, driver, h); err == nil {
		after, err = stands(driver)
		return before, after, err
	}
	after, e := m.look(ctx, driver)
	if e != nil {
		return before, before, errors.Join(fmt.Errorf("%s: %w", m.Name, describe(err)), fmt.Errorf("where it stands is not known: %w", e))
	}
	return before, after, m.broken(h, before, after, err)
}

func (m Move) run(ctx context.Context, driver Driver, h History) error {
	runner, err := migrate.NewWithInstance("handrail", historySource{h}, "target", driver)
	if err != nil {
		return err
	}
	return (&stepper{history: h, driver: driver, migrate: runner}).to(ctx, m.Version)
}

// stands reads where the database stands, through golang-migrate's driver.
func stands(driver Driver) (State, error) {
	version, dirty, err := driver.Version()
	return State{max(0, int64(version)), dirty}, describe(err)
}

// lookLimit is how long it may take to see where a broken move ended.
const lookLimit = 10 * time.Second

// look reads where the database stands after a move that did not come to its
// end, on a new connection: an interrupted statement may have taken the old one
// with it.
func (m Move) look(ctx context.Context, broken Driver) (State, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookLimit)
	defer cancel()
	_ = broken.Close() // Make closes it too, which hurts nobody
	driver, err := m.Open(ctx, m.Subject.Runner)
	if err != nil {
		return State{}, err
	}
	state, err := stands(driver)
	return state, errors.Join(err, driver.Close())
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

// broken is the error of a move with the file that did not run, where the
// version table tells: golang-migrate writes the version that a step leads to,
// dirty, before it runs the file.
func (m Move) broken(h History, before, after State, err error) error {
	if !after.Dirty {
		return fmt.Errorf("%s: %w", m.Name, describe(err))
	}
	i := h.Index(after.Version) // -1 at base
	file := func(r Revision) *File { return r.Up }
	if m.Version < before.Version {
		i++
		file = func(r Revision) *File { return r.Down }
	}
	where := after.String()
	if i >= 0 && i < len(h.Revisions) && file(h.Revisions[i]) != nil {
		where = place(m.Subject.at(m.Dialect, file(h.Revisions[i]), errorLine(err)))
	}
	return errors.Join(fmt.Errorf("%s: %s: %w", m.Name, where, describe(err)), m.dirty(after))
}

// dirty says what a dirty version table means and how to go on. Handrail does
// not clean it up: nobody but a person knows what the step has left.
func (m Move) dirty(at State) error {
	table := m.Subject.Runner.MigrationsTable
	if table == "" {
		table = "schema_migrations"
	}
	return fmt.Errorf("%s is dirty at %s: a step to it has begun and did not end well\n"+
		"    remedy: look at what the step left, finish it or undo it by hand, then write down where the schema stands:\n"+
		"    UPDATE %s SET version = …, dirty = false; for base, DELETE FROM %s", m.Name, State{Version: at.Version}, table, table)
}
