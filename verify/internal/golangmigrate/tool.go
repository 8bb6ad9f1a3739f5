// Package golangmigrate makes the steps of a history as golang-migrate does: by its own
// library, on its own drivers, which an engine's databases have.
package golangmigrate

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/golang-migrate/migrate/v4"
	"github.com/golang-migrate/migrate/v4/database"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
)

// A Tool is golang-migrate for the databases of a dialect.
type Tool struct{ Dialect dialect.Dialect }

var _ engine.Tool = Tool{}

// Name is golang-migrate.
func (Tool) Name() string { return "golang-migrate" }

// Traits are those of golang-migrate, from its source: Steps reads a missing down as an
// empty one, and Up looks only above the version where the database stands.
func (Tool) Traits() engine.Traits {
	return engine.Traits{Table: defaultTable, SilentWithoutDown: true}
}

// Open implements [engine.Tool]. The database must be an [engine.Driven].
func (t Tool) Open(ctx context.Context, db engine.Database, steps []engine.Step, o engine.Options) (engine.Stepper, error) {
	driven, ok := engine.DrivenOf(db)
	if !ok {
		return nil, fmt.Errorf("golang-migrate has no driver for database %s", db.Name())
	}
	driver, err := driven.Driver(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("golang-migrate on database %s: %w", db.Name(), Explain(err))
	}
	m, err := migrate.NewWithInstance("handrail", Source(steps), db.Name(), driver)
	if err != nil {
		return nil, errors.Join(Explain(err), driver.Close())
	}
	return &stepper{TableOf(t.Dialect, o), db, driver, m, t.Dialect == dialect.SQLite && o.NoTxWrap}, nil
}

// A stepper is golang-migrate on one database.
type stepper struct {
	table   VersionTable
	db      engine.Database
	driver  engine.Driver
	migrate *migrate.Migrate
	bare    bool // no transaction is around a file: it may have its own
}

func (s *stepper) Up(ctx context.Context) error { return s.steps(ctx, 1) }

func (s *stepper) Down(ctx context.Context) error { return s.steps(ctx, -1) }

// steps makes n steps, upwards or, where n is negative, downwards.
func (s *stepper) steps(ctx context.Context, n int) error {
	return s.bound(ctx, func() error { return s.migrate.Steps(n) })
}

func (s *stepper) To(ctx context.Context, version int64) error {
	err := s.bound(ctx, func() error {
		if version == engine.Base {
			return s.migrate.Down()
		}
		return s.migrate.Migrate(uint(version))
	})
	if errors.Is(err, migrate.ErrNoChange) {
		return nil
	}
	return err
}

// bound runs steps that end when the context does.
func (s *stepper) bound(ctx context.Context, steps func() error) error {
	s.driver.Bind(ctx)
	err := steps()
	s.abandon(ctx, err)
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return Explain(err)
}

// abandon ends the transaction that a file of SQLite which failed may have left
// open, as the end of golang-migrate's own session does: until then nobody else can
// write, nor read where the database is in memory.
func (s *stepper) abandon(ctx context.Context, failure error) {
	if failure == nil || !s.bare {
		return
	}
	s.driver.Bind(context.WithoutCancel(ctx))
	_ = s.driver.Run(strings.NewReader("ROLLBACK")) // fails where none is open
}

func (s *stepper) Force(ctx context.Context, version int64) error {
	s.driver.Bind(ctx)
	return s.migrate.Force(int(version))
}

// State reads the version table itself: golang-migrate's own reading hides a
// dirty base and, on SQLite, every error.
func (s *stepper) State(ctx context.Context) (engine.State, error) {
	return s.table.Read(ctx, s.db.DB())
}

func (s *stepper) Tables() []string { return s.table.Names }

func (s *stepper) Leaks(ctx context.Context) ([]string, error) {
	s.driver.Bind(ctx)
	return s.driver.Leaks(ctx)
}

func (s *stepper) Close() error { return s.driver.Close() }

// Explain gives an error of golang-migrate's driver what the database said, which
// cannot be unwrapped there: it is a value from one driver, a pointer from the other.
func Explain(err error) error {
	var value database.Error
	var pointer *database.Error
	switch {
	case errors.As(err, &value):
		return &engine.StepError{Tool: err, Err: value.OrigErr, Line: int(value.Line), Query: string(value.Query)}
	case errors.As(err, &pointer):
		return &engine.StepError{Tool: err, Err: pointer.OrigErr}
	}
	return err
}

// Cause is what the database said in an error of golang-migrate's, the error itself where
// it said nothing.
func Cause(err error) error { return engine.Cause(Explain(err)) }
