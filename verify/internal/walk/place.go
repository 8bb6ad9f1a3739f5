package walk

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

// A Place is a database that stands in a history, with the migration tool that moves it
// there. Whoever asks for one closes it. It must not be used by several goroutines at once.
type Place struct {
	engine.Stepper
	History  history.History
	Subject  history.Subject
	Database engine.Database
	room     *Lease // that the place has to itself, with the database; nil: both are somebody else's
	tracker  *schema.Tracker
	shared   func(context.Context, *sql.DB) (schema.Snapshot, error) // of what databases share; nil: nothing
	Limit    time.Duration                                           // of a step; 0: none
}

// At makes a new database at base in a history of the subject, on a server that is the
// place's own where the history changes one.
func At(ctx context.Context, e engine.Engine, h history.History, s history.Subject) (*Place, error) {
	e, err := s.Admit(e, h)
	if err != nil {
		return nil, err
	}
	return settle(ctx, h, s, func(ctx context.Context) (Lease, error) { return Enter(ctx, e, s.ClusterStatements(h)) })
}

// settle makes a new database at base, in a room that it ends.
func settle(ctx context.Context, h history.History, s history.Subject, enter func(context.Context) (Lease, error)) (*Place, error) {
	r, err := enter(ctx)
	if err != nil {
		return nil, err
	}
	db, err := r.New(ctx)
	if err != nil {
		return nil, errors.Join(err, r.Release())
	}
	p, err := prepare(ctx, db, h, s)
	if err != nil {
		return nil, errors.Join(err, db.Close(), r.Release())
	}
	p.room, p.shared = &r, r.shared
	return p, nil
}

// Close ends what the place has opened: the tool's connections; the database, unless it
// is somebody else's; and the server, if it is the place's own.
func (p *Place) Close() error {
	err := p.Stepper.Close()
	if p.room == nil {
		return err
	}
	return errors.Join(err, p.Database.Close(), p.room.Release())
}

// Leave ends the tool's connections, for somebody who copies the database: no step can be
// made any more.
func (p *Place) Leave() error { return p.Stepper.Close() }

// Copy copies the database where the place stands. The tool's connections end for that,
// and are made anew.
func (p *Place) Copy(ctx context.Context) (engine.Database, error) {
	if err := p.Leave(); err != nil {
		return nil, err
	}
	db, err := p.Database.Copy(ctx)
	if err != nil {
		return nil, err
	}
	steps, err := openTool(ctx, p.Database, p.History, p.Subject)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	p.Stepper = steps
	return db, nil
}

// On is the place of a database that is there. The tool makes its own tables.
func On(ctx context.Context, db engine.Database, h history.History, s history.Subject) (*Place, error) {
	tracker, err := schema.NewTracker(db.DB(), h.Dialect)
	if err != nil {
		return nil, err
	}
	return tracked(ctx, db, h, s, tracker)
}

// tracked is [On] with a tracker of the database.
func tracked(ctx context.Context, db engine.Database, h history.History, s history.Subject, tracker *schema.Tracker) (*Place, error) {
	steps, err := openTool(ctx, db, h, s)
	if err != nil {
		return nil, err
	}
	return &Place{Stepper: steps, History: h, Subject: s, Database: db, tracker: tracker, Limit: DefaultTimeout}, nil
}

func openTool(ctx context.Context, db engine.Database, h history.History, s history.Subject) (engine.Stepper, error) {
	return golangmigrate.Tool{Dialect: h.Dialect}.Open(ctx, db, h.Steps(), s.Runner)
}

// mark says what the transactions from now on belong to.
func (p *Place) mark(step SharedStep) {
	if p.room != nil {
		p.room.mark(step)
	}
}

// Seed writes the rows that must be there before a revision runs, where there are any.
func (p *Place) Seed(ctx context.Context, r history.Revision, now func() schema.Snapshot) error {
	if r.Seed == nil && p.Subject.Seed == nil {
		return nil
	}
	p.mark(SharedStep{Revision: r, Part: "the seed of " + r.String()})
	return writeSeed(ctx, p.Database, p.History, p.Subject, r, now)
}

// Climb makes all ups, each on the rows of its seed; without seeds on none.
func (p *Place) Climb(ctx context.Context, seeds bool) error {
	for _, r := range p.History.Revisions {
		if seeds {
			if err := p.Seed(ctx, r, nil); err != nil {
				return err
			}
		}
		if err := p.Step(ctx, finding.Up); err != nil {
			return fmt.Errorf("revision %s: %w", r, Describe(err))
		}
	}
	return nil
}

// prepare runs the subject's prelude on a new database and makes it ready for the tool.
func prepare(ctx context.Context, db engine.Database, h history.History, s history.Subject) (*Place, error) {
	tracker, err := schema.NewTracker(db.DB(), h.Dialect)
	if err != nil {
		return nil, err
	}
	if err := tracker.Begin(ctx, engine.OriginOf(db)); err != nil {
		return nil, err
	}
	if err := Prelude(ctx, db, h.Dialect, s); err != nil {
		return nil, err
	}
	return tracked(ctx, db, h, s, tracker)
}

// Prelude runs what must be there before the first revision.
func Prelude(ctx context.Context, db engine.Database, d dialect.Dialect, s history.Subject) error {
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

// Step makes the next step up, or takes the last one back.
func (p *Place) Step(ctx context.Context, d finding.Direction) error {
	ctx, done := p.limited(ctx, 1)
	defer done()
	if d == finding.Down {
		return p.Down(ctx)
	}
	return p.Up(ctx)
}

// GoTo moves to a version, or to Base. It is no error to be there already.
func (p *Place) GoTo(ctx context.Context, version int64) error {
	ctx, done := p.limited(ctx, len(p.History.Revisions))
	defer done()
	return p.To(ctx, version)
}

// limited is the context of n steps.
func (p *Place) limited(ctx context.Context, n int) (context.Context, context.CancelFunc) {
	if p.Limit == 0 {
		return ctx, func() {}
	}
	limit := p.Limit * time.Duration(n)
	return context.WithTimeoutCause(ctx, limit, fmt.Errorf("%w after %s", ErrTooLong, limit))
}

// Snapshot reads the catalogue without the tool's own tables.
func (p *Place) Snapshot(ctx context.Context) (schema.Snapshot, error) {
	snap, err := p.tracker.Inspect(ctx)
	if err == nil && Doubt != nil {
		err = Doubt(ctx, p.Database.DB(), p.History.Dialect, snap)
	}
	return p.withCluster(ctx, snap.Without(OwnTables(p.Tables())), err)
}

// Doubt looks at every snapshot that a walk takes, in the tests, where it is
// not nil.
var Doubt func(context.Context, *sql.DB, dialect.Dialect, schema.Snapshot) error

// OwnTables tells the tables of a tool from the objects of a history, by the names that a
// catalogue may have for them.
func OwnTables(names []string) func(schema.Object) bool {
	return func(o schema.Object) bool {
		return o.Kind == "table" && slices.ContainsFunc(names, func(name string) bool {
			return o.Name == name || strings.ReplaceAll(o.Name, `"`, "") == name
		})
	}
}

// ErrorLine is the line in the file at which a statement failed, 0 where nobody says.
func ErrorLine(f *history.File, err error) int {
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

// Describe gives an error of golang-migrate the words of the database.
func Describe(err error) error {
	if err == nil {
		return nil
	}
	return engine.ExplainWall(engine.Cause(err))
}

// withCluster adds what databases share to a snapshot, where the walk owns any
// of it.
func (p *Place) withCluster(ctx context.Context, snap schema.Snapshot, err error) (schema.Snapshot, error) {
	if err != nil || p.shared == nil {
		return snap, err
	}
	cluster, err := p.shared(ctx, p.Database.DB())
	return snap.With(cluster), err
}
