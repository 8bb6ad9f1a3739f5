package verify

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
	"github.com/handrail-db/handrail/verify/internal/golangmigrate"
	"github.com/handrail-db/handrail/verify/schema"
)

// A stepper moves one database through a history by the migration tool.
type stepper struct {
	engine.Stepper
	history history.History
	db      engine.Database
	tracker *schema.Tracker
	shared  func(context.Context, *sql.DB) (schema.Snapshot, error) // of what databases share; nil: nothing
	limit   time.Duration                                           // of a step; 0: none
}

// newStepper prepares the database for the tool, which makes its own tables there.
func newStepper(ctx context.Context, db engine.Database, h history.History, r engine.Options) (*stepper, error) {
	tracker, err := schema.NewTracker(db.DB(), h.Dialect)
	if err != nil {
		return nil, err
	}
	return trackedStepper(ctx, db, h, r, tracker)
}

// trackedStepper is newStepper with a tracker of the database.
func trackedStepper(ctx context.Context, db engine.Database, h history.History, r engine.Options, tracker *schema.Tracker) (*stepper, error) {
	steps, err := golangmigrate.Tool{Dialect: h.Dialect}.Open(ctx, db, h.Steps(), r)
	if err != nil {
		return nil, err
	}
	return &stepper{steps, h, db, tracker, nil, DefaultTimeout}, nil
}

// prepare runs the subject's prelude on a new database and makes it ready for
// golang-migrate.
func prepare(ctx context.Context, db engine.Database, h history.History, s history.Subject) (*stepper, error) {
	tracker, err := schema.NewTracker(db.DB(), h.Dialect)
	if err != nil {
		return nil, err
	}
	if err := tracker.Begin(ctx, engine.OriginOf(db)); err != nil {
		return nil, err
	}
	if err := prelude(ctx, db, h.Dialect, s); err != nil {
		return nil, err
	}
	return trackedStepper(ctx, db, h, s.Runner, tracker)
}

// prelude runs what must be there before the first revision.
func prelude(ctx context.Context, db engine.Database, d dialect.Dialect, s history.Subject) error {
	if s.Prelude == "" {
		return nil
	}
	if err := history.NULByte(s.Prelude); err != nil {
		return fmt.Errorf("prelude: %w", err)
	}
	if err := history.RowsFromClient(d, &history.File{SQL: s.Prelude}); err != nil {
		return history.Placed("prelude", err)
	}
	if _, err := db.DB().ExecContext(ctx, s.Prelude); err != nil {
		return fmt.Errorf("prelude: %w", engine.ExplainWall(err))
	}
	return nil
}

// step makes the next step up, or takes the last one back.
func (s *stepper) step(ctx context.Context, d finding.Direction) error {
	ctx, done := s.limited(ctx, 1)
	defer done()
	if d == finding.Down {
		return s.Down(ctx)
	}
	return s.Up(ctx)
}

// to moves to a version, or to Base. It is no error to be there already.
func (s *stepper) to(ctx context.Context, version int64) error {
	ctx, done := s.limited(ctx, len(s.history.Revisions))
	defer done()
	return s.To(ctx, version)
}

// errTooLong is the end of a step that took longer than Options.Timeout.
var errTooLong = errors.New("no end in sight")

// limited is the context of n steps.
func (s *stepper) limited(ctx context.Context, n int) (context.Context, context.CancelFunc) {
	if s.limit == 0 {
		return ctx, func() {}
	}
	limit := s.limit * time.Duration(n)
	return context.WithTimeoutCause(ctx, limit, fmt.Errorf("%w after %s", errTooLong, limit))
}

// snapshot reads the catalogue without the tool's own tables.
func (s *stepper) snapshot(ctx context.Context) (schema.Snapshot, error) {
	snap, err := s.tracker.Inspect(ctx)
	if err == nil && doubt != nil {
		err = doubt(ctx, s.db.DB(), s.history.Dialect, snap)
	}
	return s.withCluster(ctx, snap.Without(ownTables(s.Tables())), err)
}

// doubt looks at every snapshot that a walk takes, in the tests, where it is
// not nil.
var doubt func(context.Context, *sql.DB, dialect.Dialect, schema.Snapshot) error

// ownTables tells the tables of a tool from the objects of a history, by the names that a
// catalogue may have for them.
func ownTables(names []string) func(schema.Object) bool {
	return func(o schema.Object) bool {
		return o.Kind == "table" && slices.ContainsFunc(names, func(name string) bool {
			return o.Name == name || strings.ReplaceAll(o.Name, `"`, "") == name
		})
	}
}

// errorLine is the line in the file at which a statement failed, 0 where nobody says.
func errorLine(f *history.File, err error) int {
	if rows := (history.ClientRows{}); errors.As(err, &rows) {
		return rows.Line
	}
	var step *engine.StepError
	if !errors.As(golangmigrate.Explain(err), &step) {
		return 0
	}
	if f == nil {
		return step.Line
	}
	return step.LineIn(f.SQL)
}
