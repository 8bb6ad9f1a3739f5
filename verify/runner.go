package verify

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/golang-migrate/migrate/v4"
	"github.com/golang-migrate/migrate/v4/database"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/history"
	"github.com/handrail-db/handrail/verify/schema"
)

// A stepper moves one database through a history by golang-migrate.
type stepper struct {
	history history.History
	table   versionTable
	db      engine.Database
	driver  engine.Driver
	migrate *migrate.Migrate
	tracker *schema.Tracker
	shared  func(context.Context, *sql.DB) (schema.Snapshot, error) // of what databases share; nil: nothing
	limit   time.Duration                                           // of a step; 0: none
	bare    bool                                                    // no transaction is around a file: it may have its own
}

// newStepper prepares the database for golang-migrate, which makes its version
// table there.
func newStepper(ctx context.Context, db engine.Database, h history.History, r engine.Options) (*stepper, error) {
	tracker, err := schema.NewTracker(db.DB(), h.Dialect)
	if err != nil {
		return nil, err
	}
	return trackedStepper(ctx, db, h, r, tracker)
}

// trackedStepper is newStepper with a tracker of the database.
func trackedStepper(ctx context.Context, db engine.Database, h history.History, r engine.Options, tracker *schema.Tracker) (*stepper, error) {
	driver, err := db.Driver(ctx, r)
	if err != nil {
		return nil, fmt.Errorf("golang-migrate on database %s: %w", db.Name(), err)
	}
	m, err := migrate.NewWithInstance("handrail", historySource{h}, db.Name(), driver)
	if err != nil {
		return nil, errors.Join(err, driver.Close())
	}
	return &stepper{h, newVersionTable(h.Dialect, r), db, driver, m, tracker, nil, DefaultTimeout, h.Dialect == dialect.SQLite && r.NoTxWrap}, nil
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

// close releases golang-migrate's connections; the database stays.
func (s *stepper) close() error { return s.driver.Close() }

// steps makes n steps, upwards or, where n is negative, downwards.
func (s *stepper) steps(ctx context.Context, n int) error {
	ctx, done := s.limited(ctx, max(n, -n))
	defer done()
	s.driver.Bind(ctx)
	err := s.migrate.Steps(n)
	s.abandon(ctx, err)
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
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

// to moves to a version, or to Base. It is no error to be there already.
func (s *stepper) to(ctx context.Context, version int64) error {
	ctx, done := s.limited(ctx, len(s.history.Revisions))
	defer done()
	s.driver.Bind(ctx)
	var err error
	if version == engine.Base {
		err = s.migrate.Down()
	} else {
		err = s.migrate.Migrate(uint(version))
	}
	s.abandon(ctx, err)
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	if errors.Is(err, migrate.ErrNoChange) {
		return nil
	}
	return err
}

// errTooLong is the end of a step that took longer than Options.Timeout.
var errTooLong = errors.New("no end in sight")

// limited is the context of n steps. When they are done the driver goes on without
// their limit.
func (s *stepper) limited(ctx context.Context, n int) (_ context.Context, done func()) {
	if s.limit == 0 {
		return ctx, func() {}
	}
	limit := s.limit * time.Duration(n)
	limited, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("%w after %s", errTooLong, limit))
	return limited, func() {
		cancel()
		s.driver.Bind(ctx)
	}
}

// force writes that the database stands at a version, clean, and runs nothing.
func (s *stepper) force(ctx context.Context, version int64) error {
	s.driver.Bind(ctx)
	return s.migrate.Force(int(version))
}

// state reads the version table itself: golang-migrate's own reading hides a
// dirty base and, on SQLite, every error.
func (s *stepper) state(ctx context.Context) (engine.State, error) {
	return s.table.read(ctx, s.db.DB())
}

// snapshot reads the catalogue without golang-migrate's own table.
func (s *stepper) snapshot(ctx context.Context) (schema.Snapshot, error) {
	snap, err := s.tracker.Inspect(ctx)
	if err == nil && doubt != nil {
		err = doubt(ctx, s.db.DB(), s.history.Dialect, snap)
	}
	return s.withCluster(ctx, snap.Without(s.table.owns), err)
}

// doubt looks at every snapshot that a walk takes, in the tests, where it is
// not nil.
var doubt func(context.Context, *sql.DB, dialect.Dialect, schema.Snapshot) error

// A versionTable is where golang-migrate keeps the version.
type versionTable struct {
	space   string   // the schema that it is in; "" on SQLite
	name    string   // of the table alone, for a person
	sqlName string   // as it is written in SQL
	names   []string // what the catalogue may call it
}

// newVersionTable follows golang-migrate's rules for naming the table.
func newVersionTable(d dialect.Dialect, r engine.Options) versionTable {
	table := r.MigrationsTable
	if table == "" {
		table = "schema_migrations"
	}
	if d == dialect.SQLite {
		bare := strings.Trim(table, "\"`[]")
		return versionTable{"", bare, "main." + table, []string{bare}} // a temporary one of the name would come first
	}
	space := r.Schema
	if space == "" {
		space = "public"
	}
	if strings.HasPrefix(table, `"`) {
		parts := strings.Split(strings.Trim(table, `"`), `"."`)
		if len(parts) == 2 {
			space = parts[0]
		}
		table = parts[len(parts)-1]
	}
	name := dialect.Name(space) + "." + dialect.Name(table)
	return versionTable{space, table, name, []string{name, space + "." + table}}
}

// owns reports whether an object of the catalogue is the version table itself.
func (t versionTable) owns(o schema.Object) bool {
	if o.Kind != "table" {
		return false
	}
	for _, name := range t.names {
		if o.Name == name || strings.ReplaceAll(o.Name, `"`, "") == name {
			return true
		}
	}
	return false
}

// label names the table for a person.
func (t versionTable) label() string {
	if t.space == "" {
		return t.name
	}
	return t.sqlName
}

// mostVersions are shown of a version table that has too many.
const mostVersions = 5

// read is what the table says; no row is Base.
func (t versionTable) read(ctx context.Context, db engine.Session) (engine.State, error) {
	state, n, first := engine.State{Version: engine.Base}, 0, []string{}
	rows, err := db.QueryContext(ctx, "SELECT version, dirty FROM "+t.sqlName)
	if err != nil {
		return state, fmt.Errorf("read version table %s: %w", t.label(), err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err tells
	for ; rows.Next(); n++ {
		if err := rows.Scan(&state.Version, &state.Dirty); err != nil {
			return state, fmt.Errorf("read version table %s: %w", t.label(), err)
		}
		if n < mostVersions {
			first = append(first, state.String())
		}
	}
	switch err := rows.Err(); {
	case err != nil:
		return state, fmt.Errorf("read version table %s: %w", t.label(), err)
	case n > 1:
		return engine.State{Version: engine.Base}, fmt.Errorf("version table %s has %d rows, where one says where the schema stands: %s\n"+
			"    remedy: look where it stands, DELETE FROM %s, and write that down: handrail force VERSION", t.label(), n, strings.Join(first, "; "), t.label())
	}
	return state, nil
}

// errorLine is the line in the file at which a statement failed, 0 where the
// driver does not say.
func errorLine(f *history.File, err error) int {
	if rows := (history.ClientRows{}); errors.As(err, &rows) {
		return rows.Line
	}
	var value database.Error
	if !errors.As(err, &value) {
		return 0
	}
	line, query := int(value.Line), string(value.Query)
	if f == nil || len(query) >= len(f.SQL) {
		return line
	}
	// With multi_statement the driver sends the file in pieces, and counts from the
	// beginning of each.
	if strings.Count(f.SQL, query) != 1 {
		return 0
	}
	if line == 0 {
		blank := query[:len(query)-len(strings.TrimLeft(query, " \t\r\n"))]
		line = 1 + strings.Count(blank, "\n")
	}
	return line + strings.Count(f.SQL[:strings.Index(f.SQL, query)], "\n")
}

// driverError is the error of the database inside what golang-migrate returns,
// which cannot be unwrapped: a value from one driver, a pointer from the other.
func driverError(err error) error {
	var value database.Error
	var pointer *database.Error
	switch {
	case errors.As(err, &value):
		return value.OrigErr
	case errors.As(err, &pointer):
		return pointer.OrigErr
	}
	return err
}
