package verify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

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

// The promises of a squash.
const (
	squashSchema = "the new history makes the schema of the old one"
	squashRows   = "the new history writes the rows of the old one"
)

// Squash verifies on engines that a history may be replaced by another, a new
// baseline: see [CheckSquash]. It is an error if they are not of the same dialects.
// Engines that are not to be had are runs that were not run, as in [Check].
func Squash(ctx context.Context, engines []engine.Engine, old, squashed history.Subject) (finding.Report, error) {
	report := SquashReport(old, squashed, nil)
	for _, e := range engines {
		if err := bothShip(e.Dialect(), old, squashed); err != nil {
			return report, err
		}
	}
	var errs []error
	for _, e := range engines {
		if !squashed.Ships(e.Dialect()) {
			continue
		}
		if ctx.Err() != nil {
			run, _ := notRun(finding.Run{Engine: e.Name()}, errInterrupted)
			report.Runs = append(report.Runs, run)
			continue
		}
		run, err := CheckSquash(ctx, e, old, squashed)
		report.Runs = append(report.Runs, run)
		errs = append(errs, err)
	}
	report.Summary = finding.Summarize(report.Runs)
	return report, errors.Join(errs...)
}

// SquashReport is the report of runs of [CheckSquash].
func SquashReport(old, squashed history.Subject, runs []finding.Run) finding.Report {
	return finding.Report{Version: 1, Subject: squashed.Title(), Against: old.Title(), Runs: runs, Summary: finding.Summarize(runs)}
}

// CheckSquash verifies on one engine that two histories end alike: with the same
// catalogue, and the same rows, which are those that the revisions themselves
// write; seeds write none. What the server or the clock chooses may differ, and is a note:
// columns in another order, automatic names, values of a serial or an identity
// that no INSERT of either history gives, and those that differ when the old
// history is climbed twice.
func CheckSquash(ctx context.Context, e engine.Engine, old, squashed history.Subject) (done finding.Run, err error) {
	defer func() { secret.Hidden(&err, nil, &done) }()
	run := finding.Run{Engine: e.Name()}
	if err := bothShip(e.Dialect(), old, squashed); err != nil {
		return run, err
	}
	if !squashed.Ships(e.Dialect()) {
		return run, fmt.Errorf("%s: no revisions for %s", squashed.Title(), e.Dialect())
	}
	server, err := e.Server(ctx)
	if err != nil {
		return notRun(run, err)
	}
	run.Server, run.Source = server.String(), server.Source
	sq := &squash{
		Ledger: Ledger{Pass: Pass{engine: e.Name(), server: server, subject: squashed, dialect: e.Dialect()}, used: map[int]bool{}, run: run},
		on:     e, old: old,
	}
	if err := sq.compare(ctx); err != nil {
		return sq.unfinished(squashSchema, err)
	}
	return sq.run, nil
}

// bothShip is an error where one of two histories has revisions in a dialect and
// the other has none.
func bothShip(d dialect.Dialect, old, squashed history.Subject) error {
	for _, s := range []history.Subject{old, squashed} {
		if !s.Ships(d) && (old.Ships(d) || squashed.Ships(d)) {
			return fmt.Errorf("%s: no revisions for %s: a history is replaced in each dialect that it has", s.Title(), d)
		}
	}
	return nil
}

// A squash is the comparing of two histories, of which the new one is the course's.
type squash struct {
	Ledger
	on  engine.Engine
	old history.Subject
}

// An ending is what a history leaves at its head.
type ending struct {
	history history.History
	schema  schema.Snapshot
	rows    *rows.Set
	next    map[string]int64 // value of a sequence
}

func (sq *squash) compare(ctx context.Context) (err error) {
	old, err := sq.climb(ctx, sq.old, "the old history")
	if err != nil || old == nil {
		return err
	}
	defer func() { err = errors.Join(err, old.rows.Close()) }()
	now, err := sq.climb(ctx, sq.subject, "the new history")
	if err != nil || now == nil {
		return err
	}
	defer func() { err = errors.Join(err, now.rows.Close()) }()
	sq.history = now.history
	sq.item(squashSchema, fmt.Sprintf("%s compared", words.Plural(len(old.schema.Objects), "object")), sq.schemas(old, now))
	differences, err := rows.Compare(old.rows, now.rows, walk.ColumnsIn(now.schema))
	if err != nil {
		return err
	}
	findings, err := sq.rowFindings(ctx, old, now, differences)
	if err != nil {
		return err
	}
	evidence := fmt.Sprintf("%s in %s", words.Plural64(old.rows.Count(), "row"), words.Plural(len(old.rows.Tables), "table"))
	if old.rows.Count() == 0 {
		evidence = "neither writes any"
	}
	sq.item(squashRows, evidence, append(findings, sq.sequences(old, now)...))
	return nil
}

// item writes down what was found of a promise.
func (sq *squash) item(promise, evidence string, findings []finding.Finding) {
	waive(findings, sq.subject.Allow, sq.used)
	for _, r := range sq.history.Revisions {
		waivers := sq.waivers(r)
		for i := range waivers {
			waivers[i].Revision = nil // it is about what all revisions leave
		}
		waive(findings, waivers, map[int]bool{})
	}
	item := finding.Item{Promise: promise, Status: finding.Pass, Evidence: evidence}
	if status, said := fate(findings, []finding.Rule{finding.SquashDiffers}); status != "" {
		item.Status, item.Evidence = status, said
	}
	sq.run.Findings = append(sq.run.Findings, findings...)
	sq.run.Checklist = append(sq.run.Checklist, item)
}

// finding begins one about the whole of the new history.
func (sq *squash) finding(object finding.ObjectRef) finding.Finding {
	return finding.Finding{Rule: finding.SquashDiffers, Severity: finding.Error, Engine: sq.engine, Server: sq.server.String(), Object: &object}
}

// climb takes a new database to the head of a history and reads it. That a
// revision does not run is a finding, and no ending.
func (sq *squash) climb(ctx context.Context, s history.Subject, what string) (_ *ending, err error) {
	h, err := s.History(sq.dialect)
	if err != nil {
		return nil, err
	}
	p, err := walk.At(ctx, sq.on, h, s)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	if err := p.GoTo(ctx, h.Head()); err != nil {
		return nil, sq.doesNotClimb(ctx, p, what, err)
	}
	end := &ending{history: h}
	if end.schema, err = p.Snapshot(ctx); err != nil {
		return nil, err
	}
	if end.next, err = nextValues(ctx, p.Database.DB(), sq.dialect); err != nil {
		return nil, err
	}
	end.rows, err = rows.Read(ctx, p.Database.DB(), sq.dialect, end.schema)
	return end, err
}

// doesNotClimb is the finding that a history does not run; the error is that of
// the machine.
func (sq *squash) doesNotClimb(ctx context.Context, p *walk.Place, what string, failed error) error {
	cause := engine.Cause(failed)
	if err := engine.LackingError(cause, engine.Lacking(cause)); err != nil {
		return err
	}
	if ctx.Err() != nil || engine.Environmental(cause) {
		return failed
	}
	state, err := p.State(ctx)
	if err != nil {
		return errors.Join(failed, err)
	}
	f := finding.Finding{Rule: finding.UpFails, Severity: finding.Error, Engine: sq.engine, Server: sq.server.String()}
	f.Message = fmt.Sprintf("%s does not run: %s", what, words.OneLine(cause))
	if i := p.History.Index(state.Version); i >= 0 {
		r := p.History.Revisions[i]
		f.Version, f.Name, f.Direction = &r.Version, r.Name, finding.Up
		f.Message = fmt.Sprintf("%s: up of %s fails: %s", what, r, words.OneLine(cause))
		if r.Up != nil {
			f.File, f.Line = p.Subject.Place(sq.dialect, r.Up, walk.ErrorLine(r.Up, failed))
		}
	}
	f.Hint = "handrail check says more about a history"
	sq.run.Findings = append(sq.run.Findings, f)
	sq.run.Checklist = append(sq.run.Checklist, finding.Item{Promise: squashSchema, Status: finding.NotRun, Evidence: f.Message}, finding.Item{Promise: squashRows, Status: finding.NotRun, Evidence: f.Message})
	return nil
}

// schemas compares the catalogues.
func (sq *squash) schemas(old, now *ending) []finding.Finding {
	var findings []finding.Finding
	for _, change := range tolerate(schema.Roots(schema.Compare(old.schema, now.schema)), authors{sq.dialect, upsOf(old.history, -1), upsOf(now.history, -1)}) {
		f := aboutChange(sq.finding(finding.ObjectRef{}), change.Change)
		switch {
		case change.Want == nil:
			f.Message = fmt.Sprintf("%s is made by the new history and not by the old one", change.Object())
			f.Hint = "leave it to a revision behind the new baseline: no database of today has it"
		case change.Got == nil:
			f.Message = fmt.Sprintf("%s is made by the old history and not by the new one", change.Object())
			f.Hint = "make it in the new history too; or drop it in a last revision of the old one"
		default:
			f.Message = fmt.Sprintf("%s is made otherwise by the new history than by the old one", change.Object())
			f.Hint = "make it as the old one does: databases of today have that"
		}
		soften(&f, change)
		findings = append(findings, f)
	}
	return findings
}

// rowFindings judges the differences of rows. Those in what the server or the clock
// chooses are told by comparing once more without it.
func (sq *squash) rowFindings(ctx context.Context, old, now *ending, differences []rows.Difference) ([]finding.Finding, error) {
	differences = slices.DeleteFunc(differences, func(d rows.Difference) bool { return d.Gone }) // which is one of the catalogues
	if len(differences) == 0 {
		return nil, nil
	}
	again, err := sq.climb(ctx, sq.old, "the old history, a second time,")
	if err != nil || again == nil {
		return nil, err
	}
	var findings []finding.Finding
	for _, d := range differences {
		f, err := sq.rowFinding(old, now, again, d)
		if err != nil {
			return nil, errors.Join(err, again.rows.Close())
		}
		findings = append(findings, f)
	}
	return findings, again.rows.Close()
}

func (sq *squash) rowFinding(old, now, again *ending, d rows.Difference) (finding.Finding, error) {
	f := sq.finding(finding.ObjectRef{Kind: "table", Name: d.Table.Name})
	f.Hint = "write in the new history what the old one leaves"
	if why := d.Unread(); why != "" {
		f.Message = fmt.Sprintf("nobody knows whether the rows of %s are the same: %s", d.Table.Name, why)
		f.Hint = ""
		return f, nil
	}
	chosen, err := sq.chosen(old, now, again, d.Table.Name)
	if err != nil {
		return f, err
	}
	rest, err := compareWithout(old.rows.Table(d.Table.Name), now.rows.Table(d.Table.Name), chosen, now.schema)
	if err != nil {
		return f, err
	}
	if len(chosen) > 0 && rest.None() {
		f.Message = fmt.Sprintf("the rows of %s are the same in both histories but for %s, which the server or the clock chooses", d.Table.Name, strings.Join(chosen, ", "))
		f.Hint = ""
		f.Severity = finding.Note
		f.Want, f.Got = rowSides(d)
		return f, nil
	}
	var what []string
	for _, kind := range []struct {
		n    int64
		text string
	}{{rest.Lost, "only of the old one"}, {rest.Changed, "with other values"}, {rest.Added, "only of the new one"}} {
		if kind.n > 0 {
			what = append(what, fmt.Sprintf("%s %s", words.Plural64(kind.n, "row"), kind.text))
		}
	}
	f.Message = fmt.Sprintf("the rows of %s are not the same in both histories: %s", d.Table.Name, strings.Join(what, ", "))
	f.Want, f.Got = rowSides(rest)
	return f, nil
}
