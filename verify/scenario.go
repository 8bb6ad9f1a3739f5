package verify

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/handrail-db/handrail/internal/words"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
	"github.com/handrail-db/handrail/verify/internal/walk"
	"github.com/handrail-db/handrail/verify/rows"
	"github.com/handrail-db/handrail/verify/schema"
	"github.com/handrail-db/handrail/verify/secret"
)

// A Hook writes rows, or looks at them: an error says what is not as it should
// be.
type Hook func(ctx context.Context, db *sql.DB, d dialect.Dialect) error

// Data is a data migration under test: rows as they were before it, and what
// they must be afterwards.
//
// The database climbs to From, Seed writes rows, it goes to To and AfterUp looks
// at them; it goes back to From, where AfterDown looks and every row that Seed
// left must be what it was; it goes to To again and AfterUp looks again. Then the
// SQL of each revision on the way that leaves the schema alone runs once more and
// must change nothing.
type Data struct {
	Name string // in reports; "" is that of the revision To

	// From and To are versions of the history; both are required, and From is
	// below To.
	From, To int64

	Seed, AfterUp, AfterDown Hook // nil: nothing is done

	// Awkward are further rows, each alone beside those of Seed, in a database
	// of its own: values that a conversion may not survive, by name.
	Awkward map[string]Hook
}

// A Rollback is the way from one revision to a later one and back, with rows.
//
// The database climbs to From, Seed writes rows, it goes to To and back to From.
// There the catalogue and every row must be what they were, and Expect looks.
// Going to From again must change nothing.
type Rollback struct {
	Name     string // in reports; "" is that of the revision From
	From, To int64  // From may be Base
	Seed     Hook   // at From
	AtTo     Hook   // at To, before the way back; nil: nothing is done
	Expect   []Expectation

	// Budget is how long the way back may take. It stands in the report beside
	// the time that it took, and decides nothing: machines differ.
	Budget time.Duration
}

// An Expectation is one numbered check after a rollback.
type Expectation struct {
	ID    string // "V1.3"
	What  string // "the columns are gone"
	Check Hook
}

// CheckData runs a data migration on an engine. Findings are in the run, as
// those of a walk are; so is what a hook has to say. An error means that it could
// not be run: a version that the history has not, rows that cannot be written.
func CheckData(ctx context.Context, e engine.Engine, s history.Subject, m Data) (done finding.Run, err error) {
	defer func() { secret.Hidden(&err, nil, &done) }()
	sc, err := newScenario(ctx, e, s, m.From, m.To, "Data")
	if err != nil || sc.run.NotRun != "" {
		return sc.run, err
	}
	sc.promise = named(m.Name, "data migration "+sc.label())
	seeds := []struct {
		name string
		hook Hook
	}{{"", nil}}
	for _, name := range slices.Sorted(maps.Keys(m.Awkward)) {
		seeds = append(seeds, struct {
			name string
			hook Hook
		}{name, m.Awkward[name]})
	}
	for _, seed := range seeds {
		if err := sc.data(ctx, m, seed.name, seed.hook); err != nil {
			return sc.run, fmt.Errorf("%s on %s: %w", sc.promise, e.Name(), err)
		}
	}
	return sc.run, nil
}

// CheckRollback runs a rollback on an engine, in the way of [CheckData].
func CheckRollback(ctx context.Context, e engine.Engine, s history.Subject, r Rollback) (done finding.Run, err error) {
	defer func() { secret.Hidden(&err, nil, &done) }()
	sc, err := newScenario(ctx, e, s, r.From, r.To, "Rollback")
	if err != nil || sc.run.NotRun != "" {
		return sc.run, err
	}
	sc.promise = named(r.Name, fmt.Sprintf("rollback of %s to %s", sc.label(), sc.at(r.From)))
	if err := sc.rollback(ctx, r); err != nil {
		return sc.run, fmt.Errorf("%s on %s: %w", sc.promise, e.Name(), err)
	}
	return sc.run, nil
}

func named(name, otherwise string) string {
	if name != "" {
		return name
	}
	return otherwise
}

// A scenario is a database on a way of its own through a part of a history.
type scenario struct {
	Ledger
	engine   engine.Engine
	history  history.History
	from, to int64
	between  []history.Revision // above from, up to to
	promise  string

	place *walk.Place
}

func newScenario(ctx context.Context, e engine.Engine, s history.Subject, from, to int64, what string) (*scenario, error) {
	sc := &scenario{engine: e, from: from, to: to}
	sc.run = finding.Run{Engine: e.Name()}
	h, err := s.History(e.Dialect())
	if err != nil {
		return sc, err
	}
	switch {
	case h.Index(to) < 0:
		return sc, fmt.Errorf("%s.To: no revision of %s has version %d: say up to which version it goes", what, s.Title(), to)
	case from == engine.Base && what == "Data", !h.Has(from):
		return sc, fmt.Errorf("%s.From: no revision of %s has version %s: say at which version the rows are written", what, s.Title(), engine.Version{Ordinal: from})
	case from >= to:
		return sc, fmt.Errorf("%s.From is %d and must be below %s.To, which is %d", what, from, what, to)
	}
	server, err := e.Server(ctx)
	if err != nil {
		sc.run, err = notRun(sc.run, err)
		return sc, err
	}
	sc.run.Server, sc.run.Source = server.String(), server.Source
	sc.Ledger = Ledger{Pass: Pass{engine: e.Name(), server: server, subject: s, dialect: e.Dialect()}, used: map[int]bool{}, run: sc.run}
	sc.history = h
	for _, r := range h.Revisions {
		if r.Version > from && r.Version <= to {
			sc.between = append(sc.between, r)
		}
	}
	return sc, nil
}

// revision is what findings are about: the one on the way, or all as one.
func (sc *scenario) revision() history.Revision {
	if len(sc.between) == 1 {
		return sc.between[0]
	}
	last := sc.between[len(sc.between)-1]
	return history.Revision{Version: last.Version, Name: last.Name, Digits: sc.between[0].Digits + " to " + last.Digits}
}

func (sc *scenario) label() string { return sc.revision().String() }

// at names a version.
func (sc *scenario) at(version int64) string {
	if version == engine.Base {
		return "base"
	}
	return sc.history.Revisions[sc.history.Index(version)].String()
}

// open makes a database at from.
func (sc *scenario) open(ctx context.Context) error {
	db, err := walk.Migrated(ctx, sc.engine, sc.subject, sc.from)
	if err != nil {
		return err
	}
	if sc.place, err = walk.On(ctx, db, sc.history, sc.subject); err != nil {
		return errors.Join(err, db.Close())
	}
	return nil
}

func (sc *scenario) close() error { return errors.Join(sc.place.Close(), sc.place.Database.Close()) }

// write runs hooks that write rows.
func (sc *scenario) write(ctx context.Context, hooks ...Hook) error {
	for _, h := range hooks {
		if h == nil {
			continue
		}
		if err := h(ctx, sc.place.Database.DB(), sc.dialect); err != nil {
			return fmt.Errorf("write rows at %s: %w", sc.at(sc.from), err)
		}
	}
	return nil
}

// look reads what is there.
func (sc *scenario) look(ctx context.Context) (schema.Snapshot, *rows.Set, error) {
	snap, err := sc.place.Snapshot(ctx)
	if err != nil {
		return snap, nil, err
	}
	set, err := rows.Read(ctx, sc.place.Database.DB(), sc.dialect, snap)
	return snap, set, err
}

// move goes to a version. That a revision does not run there is a finding, and
// false.
func (sc *scenario) move(ctx context.Context, to int64, rule finding.Rule, d finding.Direction) (bool, error) {
	err := sc.place.GoTo(ctx, to)
	if ctx.Err() != nil {
		return false, context.Cause(ctx)
	}
	if err == nil {
		return true, nil
	}
	f := sc.finding(rule, sc.revision(), d)
	f.Message = fmt.Sprintf("%s: on the way to %s with rows: %s", sc.promise, sc.at(to), words.OneLine(engine.Cause(err)))
	f.Line = walk.ErrorLine(nil, err)
	f.Hint = "make the revision run on rows like these"
	sc.found(f)
	return false, nil
}

func (sc *scenario) found(f finding.Finding) { sc.run.Findings = append(sc.run.Findings, f) }

// check runs a hook that looks at rows; what it says is a finding.
func (sc *scenario) check(ctx context.Context, what string, d finding.Direction, h Hook) error {
	if h == nil {
		return nil
	}
	err := h(ctx, sc.place.Database.DB(), sc.dialect)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	item := finding.Item{Promise: sc.promise + ": " + what, Status: finding.Pass}
	if err != nil {
		f := sc.finding(finding.ScenarioFails, sc.revision(), d)
		f.Message = fmt.Sprintf("%s: %s: %s", sc.promise, what, err)
		f.Hint = "see the message"
		sc.found(f)
		item.Status, item.Evidence = finding.Fail, err.Error()
	}
	sc.run.Checklist = append(sc.run.Checklist, item)
	return nil
}

// data makes one round of a data migration.
func (sc *scenario) data(ctx context.Context, m Data, awkward string, more Hook) (err error) {
	if err := sc.open(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sc.close()) }()
	if err := sc.write(ctx, m.Seed, more); err != nil {
		return err
	}
	before, was, err := sc.look(ctx)
	if err != nil {
		return err
	}
	defer was.Close() //nolint:errcheck // a set that is read has nothing to lose
	if ok, err := sc.move(ctx, sc.to, finding.UpFails, finding.Up); err != nil || !ok {
		return err
	}
	up, held, err := sc.look(ctx)
	if err != nil {
		return err
	}
	defer held.Close() //nolint:errcheck // as above
	suffix := ""
	if awkward != "" {
		suffix = " (" + awkward + ")"
	}
	if err := sc.check(ctx, "after the up"+suffix, finding.Up, m.AfterUp); err != nil {
		return err
	}
	if ok, err := sc.move(ctx, sc.from, finding.DownFails, finding.Down); err != nil || !ok {
		return err
	}
	if awkward == "" {
		sc.inhabited(before, was, up)
	}
	if err := sc.back(ctx, before, was, up, "every row is what it was after the down"+suffix); err != nil {
		return err
	}
	if err := sc.check(ctx, "after the down"+suffix, finding.Down, m.AfterDown); err != nil {
		return err
	}
	if ok, err := sc.move(ctx, sc.to, finding.ReupFails, finding.Again); err != nil || !ok {
		return err
	}
	if err := sc.check(ctx, "after the second up"+suffix, finding.Again, m.AfterUp); err != nil {
		return err
	}
	return sc.idempotent(ctx, suffix)
}

// inhabited says which of the tables that the way up changed held no row: nobody
// knows what becomes of one.
func (sc *scenario) inhabited(before schema.Snapshot, was *rows.Set, up schema.Snapshot) {
	if empty := walk.EmptyTables(before, up, was); len(empty) > 0 {
		sc.run.Checklist = append(sc.run.Checklist, finding.Item{
			Promise: sc.promise + ": every table that changes holds rows", Status: finding.NotRun,
			Evidence: "not inhabited when the up changed it: " + strings.Join(empty, ", "),
		})
	}
}

// back judges what is there after the way back.
func (sc *scenario) back(ctx context.Context, before schema.Snapshot, was *rows.Set, up schema.Snapshot, promise string) error {
	after, is, err := sc.look(ctx)
	if err != nil {
		return err
	}
	defer is.Close() //nolint:errcheck // a set that is read has nothing to lose
	differences, err := rows.Compare(was, is, walk.ColumnsIn(after))
	if err != nil {
		return err
	}
	stair := walk.Stair{Revision: sc.revision(), Before: before, Up: &walk.Landing{Snapshot: up}, Down: &walk.Landing{Snapshot: after}}
	stair.Account = walk.Account{Rows: was.Count(), Tables: len(was.Tables), Seeded: true, Down: differences}
	j := &rowJudge{Pass: &sc.Pass, stair: stair, said: map[string]bool{}}
	var findings []finding.Finding
	for _, change := range tolerate(schema.Roots(schema.Compare(before, after)), sc.namesRound()) {
		f := sc.finding(finding.Changed, stair.Revision, finding.Down)
		switch {
		case change.Want == nil:
			f.Rule = finding.Residue
		case change.Got == nil:
			f.Rule = finding.Loss
		}
		f.Message = fmt.Sprintf("%s: %s is not as it was at %s", sc.promise, change.Object(), sc.at(sc.from))
		f.Hint = "restore it in the down exactly as it was"
		soften(&f, change)
		findings = append(findings, aboutChange(f, change.Change))
	}
	for _, d := range differences {
		findings = append(findings, j.differs(d, finding.Down)...)
	}
	sc.waived(findings)
	item := finding.Item{Promise: sc.promise + ": " + promise, Status: finding.Pass}
	item.Evidence = fmt.Sprintf("%s in %s, %s in the catalogue", words.Plural64(was.Count(), "row"), words.Plural(len(was.Tables), "table"), words.Plural(len(after.Objects), "object"))
	for _, f := range findings {
		switch {
		case f.Waived != "" && item.Status == finding.Pass:
			item.Status, item.Evidence = finding.Waived, f.Waived
		case f.Counts(finding.Warning):
			item.Status, item.Evidence = f.Against()
		}
		sc.found(f)
	}
	sc.run.Checklist = append(sc.run.Checklist, item)
	return nil
}

// waived marks the findings that the files on the way, or handrail.toml, accept.
func (sc *scenario) waived(findings []finding.Finding) {
	waive(findings, sc.subject.Allow, sc.used)
	for _, r := range sc.between {
		waivers := sc.waivers(r)
		for i := range waivers {
			waivers[i].Revision = nil // a finding is about the whole way
		}
		waive(findings, waivers, map[int]bool{})
	}
}

// idempotent runs the SQL of the revisions that leave the schema alone again.
func (sc *scenario) idempotent(ctx context.Context, suffix string) error {
	if len(sc.between) != 1 || sc.between[0].Up == nil {
		return nil // in between others, its SQL would not run on the schema that it is for
	}
	r := sc.between[0]
	before, err := walk.SchemaAt(ctx, sc.engine, sc.subject, sc.from)
	if err != nil {
		return err
	}
	snap, was, err := sc.look(ctx)
	if err != nil {
		return err
	}
	defer was.Close() //nolint:errcheck // a set that is read has nothing to lose
	if !before.Equal(snap) {
		return nil // DDL cannot run twice, and need not
	}
	item := finding.Item{Promise: sc.promise + ": run twice it changes nothing" + suffix, Status: finding.Pass}
	if history.NoTransaction(sc.dialect, r.Up, "") != nil {
		item.Status, item.Evidence = finding.NotRun, "the file begins or ends a transaction of its own"
		sc.run.Checklist = append(sc.run.Checklist, item)
		return nil
	}
	f := sc.finding(finding.NotIdempotent, r, finding.Up)
	if err := walk.RunScript(ctx, sc.place.Database.DB(), sc.dialect, sc.subject.Runner, r.Up, walk.NothingMore); err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		f.Message = fmt.Sprintf("%s: the SQL of %s fails when it is run once more: %s", sc.promise, r, words.OneLine(err))
	} else {
		after, is, err := sc.look(ctx)
		if err != nil {
			return err
		}
		differences, err := rows.Compare(was, is, walk.ColumnsIn(after))
		if err = errors.Join(err, is.Close()); err != nil {
			return err
		}
		if len(differences) > 0 {
			d := differences[0]
			f.Object = &finding.ObjectRef{Kind: "table", Name: d.Table.Name}
			f.Message = fmt.Sprintf("%s: the SQL of %s run once more changes %s", sc.promise, r, d.Table.Name)
			f.Want, f.Got = rowSides(d)
		}
	}
	if f.Message != "" {
		f.Hint = "let it skip what is done: WHERE … IS NULL, ON CONFLICT DO NOTHING"
		all := []finding.Finding{f}
		sc.waived(all)
		sc.found(all[0])
		item.Status, item.Evidence = all[0].Against()
	}
	sc.run.Checklist = append(sc.run.Checklist, item)
	return nil
}

// rollback goes there and back.
func (sc *scenario) rollback(ctx context.Context, r Rollback) (err error) {
	if err := sc.open(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sc.close()) }()
	if err := sc.write(ctx, r.Seed); err != nil {
		return err
	}
	before, was, err := sc.look(ctx)
	if err != nil {
		return err
	}
	defer was.Close() //nolint:errcheck // a set that is read has nothing to lose
	if ok, err := sc.move(ctx, sc.to, finding.UpFails, finding.Up); err != nil || !ok {
		return err
	}
	up, err := sc.place.Snapshot(ctx)
	if err != nil {
		return err
	}
	if err := sc.check(ctx, "at "+sc.at(sc.to), finding.Up, r.AtTo); err != nil {
		return err
	}
	start := time.Now()
	if ok, err := sc.move(ctx, sc.from, finding.DownFails, finding.Down); err != nil || !ok {
		return err
	}
	took := time.Since(start)
	sc.inhabited(before, was, up)
	if err := sc.back(ctx, before, was, up, "catalogue and rows are what they were"); err != nil {
		return err
	}
	for _, x := range r.Expect {
		if err := sc.check(ctx, x.ID+" "+x.What, finding.Down, x.Check); err != nil {
			return err
		}
	}
	if err := sc.standsStill(ctx); err != nil {
		return err
	}
	item := finding.Item{Promise: sc.promise + ": time of the way back", Status: finding.Pass, Evidence: took.Round(time.Millisecond).String()}
	if r.Budget > 0 {
		item.Evidence += fmt.Sprintf(" of a budget of %s", r.Budget)
	}
	sc.run.Checklist = append(sc.run.Checklist, item)
	return nil
}

// standsStill goes once more to where the database is.
func (sc *scenario) standsStill(ctx context.Context) error {
	snap, was, err := sc.look(ctx)
	if err != nil {
		return err
	}
	defer was.Close() //nolint:errcheck // a set that is read has nothing to lose
	if ok, err := sc.move(ctx, sc.from, finding.DownFails, finding.Down); err != nil || !ok {
		return err
	}
	return sc.back(ctx, snap, was, snap, "going there again changes nothing")
}
