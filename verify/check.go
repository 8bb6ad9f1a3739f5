package verify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/handrail-db/handrail/internal/words"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
	"github.com/handrail-db/handrail/verify/internal/walk"
	"github.com/handrail-db/handrail/verify/schema"
	"github.com/handrail-db/handrail/verify/secret"
)

// Options are what a caller may ask of [Check] beyond its subject.
type Options struct {
	// Progress is called before each step of the walk, where it is not nil,
	// before each half of the round trip, and with Steps 0 before an engine is
	// looked for, which may start a server.
	Progress func(Progress)

	// To is the version at which the walk ends; nil is head.
	To *int64

	// Only says which revisions are looked at; the others are climbed to get
	// there. Nil looks at all.
	Only func(version int64) bool

	// Timeout ends a step that takes longer, which is then a finding. 0 is
	// [walk.DefaultTimeout]; a value below 0 is no limit.
	Timeout time.Duration

	// Keep leaves the databases of the walk for a person to look at: the one
	// it ends in, and each that a failing step made it leave. A run lists them.
	Keep bool

	// FailOn is the severity from which a finding makes the report one that fails,
	// as it says itself; "" is Error.
	FailOn finding.Severity

	// Since narrows what is looked at to the revisions that are new or different
	// since an earlier state, and makes that state published. Nil: there is none.
	Since *Since

	unchanged func(version int64) string // why a revision is left out by Since; "": it is not
	alone     bool                       // the round trip is all that is asked for
	unpeopled string                     // why no seed writes rows; "": they do
	parity    *parity                    // sees the walks; nil: nothing is compared
}

// walk is what the options ask of the walk of a subject.
func (o Options) walk(s history.Subject, h history.History) walk.Options {
	return walk.Options{
		Progress: o.Progress, To: o.To, Timeout: o.Timeout, Keep: o.Keep, Unpeopled: o.unpeopled,
		Unjudged: func(r history.Revision) string { return unjudged(s, o, r) },
		Noted: func(r history.Revision, changes []schema.Change) bool {
			return len(defects(tolerate(changes, namesAgain(h, s, r)))) == 0
		},
	}
}

// unjudged says why a revision is only climbed, "" where it is not.
func unjudged(s history.Subject, o Options, r history.Revision) string {
	switch {
	case s.BelowFloor(r.Version):
		return fmt.Sprintf("the floor is %d", *s.Floor)
	case o.Only != nil && !o.Only(r.Version):
		return "it was not asked for"
	case o.unchanged != nil:
		return o.unchanged(r.Version)
	}
	return ""
}

// whole reports whether nothing is left out.
func (o Options) whole() bool { return o.To == nil && o.Only == nil && o.Since == nil }

// Check verifies a subject on engines: it climbs each history once and judges
// what it saw. Engines of a dialect that the subject does not ship on are left
// out. An engine that is not to be had is a run that was not run, with the
// reason; where it is required the error says so too. Other errors mean that a
// run could not be finished, as where the context ends: the report holds what was
// seen until then, and lists the rest as not run. Where the state of
// [Options].Since cannot be read there is no run at all.
func Check(ctx context.Context, engines []engine.Engine, s history.Subject, o Options) (finding.Report, error) {
	s = s.Once()
	report := finding.Report{Version: 1, Subject: s.Title(), FailOn: o.FailOn}
	if o.Since != nil {
		report.Since = o.Since.Ref
		if err := o.Since.readable(s, engines); err != nil {
			return report, err
		}
	}
	var errs []error
	var passwords []string
	used := map[int]bool{}
	o.parity = newParity(s, o.whole())
	for _, e := range engines {
		if !s.Ships(e.Dialect()) {
			continue
		}
		if ctx.Err() != nil {
			run, _ := notRun(finding.Run{Engine: e.Name(), Dialect: e.Dialect()}, errInterrupted)
			report.Runs = append(report.Runs, run)
			continue
		}
		run, known, err := checkOn(ctx, e, s, o, used)
		passwords = append(passwords, known...) // what one dialect knows is in what compares both
		report.Runs = append(report.Runs, run)
		errs = append(errs, err)
	}
	if err := o.parity.finish(ctx, report.Runs, used); err != nil {
		errs = append(errs, err)
	}
	if n := len(report.Runs); n > 0 && errors.Join(errs...) == nil && o.whole() {
		c := &Pass{engine: report.Runs[n-1].Engine, server: engine.Server{Product: report.Runs[n-1].Server}}
		report.Runs[n-1].Findings = append(report.Runs[n-1].Findings, c.waiverFindings(vettedWaivers(s), used)...)
	}
	report.Review = reviewOf(s, report.Runs)
	report.Summary = finding.Summarize(report.Runs)
	err := errors.Join(errs...)
	secret.Hidden(&err, passwords, &report)
	return report, err
}

// ReportOf is that of runs of the subject which were made one by one, as by [Stairway].
func ReportOf(s history.Subject, runs []finding.Run) finding.Report {
	return finding.Report{Version: 1, Subject: s.Title(), FailOn: finding.Error, Runs: runs, Review: reviewOf(s, runs), Summary: finding.Summarize(runs)}
}

// Stairway verifies a subject on one engine: every revision up, down and up
// again, the catalogue compared after the down and after the second up, then
// from head to base and to head again. Tables that are promised append-only are
// attacked at head.
func Stairway(ctx context.Context, e engine.Engine, s history.Subject) (finding.Run, error) {
	run, _, err := checkOn(ctx, e, s.Once(), Options{}, map[int]bool{})
	return run, err
}

// checkOn verifies a subject on one engine. Passwords are those that stand in files,
// which no report may print: the run has none of them.
func checkOn(ctx context.Context, e engine.Engine, s history.Subject, o Options, used map[int]bool) (done finding.Run, passwords []string, err error) {
	c := &Ledger{Pass: Pass{engine: e.Name(), subject: s, dialect: e.Dialect()}, used: used}
	done, err = c.check(ctx, e, o)
	secret.Hidden(&err, c.hidden, &done)
	return done, c.hidden, err
}

func (c *Ledger) check(ctx context.Context, e engine.Engine, o Options) (finding.Run, error) {
	s := c.subject
	run := finding.Run{Engine: e.Name(), Dialect: e.Dialect()}
	if o.Progress != nil {
		o.Progress(walk.Progress{Engine: e.Name()})
	}
	server, err := e.Server(ctx)
	if err != nil {
		return notRun(run, err)
	}
	run.Server, run.Source = server.String(), server.Source
	c.server, c.run = server, run
	if err := c.files(o.Since); err != nil {
		return c.unfinished("the history can be read", err)
	}
	o = c.since.narrow(o)
	if err := c.notShared(c.commute(ctx, e, o)); err != nil {
		return c.unfinished(commutePromise, err)
	}
	side := o.parity.begin(e, server)
	round, err := walk.Walk(ctx, e, s, o.walk(s, c.history), func(stair walk.Stair) error {
		c.see(stair)
		side.see(stair)
		return nil
	})
	c.run.Kept = round.Kept
	c.whole(c.clusterChanged(round.Cluster.Changes)...)
	if err != nil {
		c.brokenOff(ctx, o)
		return c.unfinished("the whole history is walked", err)
	}
	c.seeRound(round)
	if round.Reached {
		if err := c.notShared(c.drift(ctx, e, round.Full)); err != nil {
			return c.unfinished(declaredPromise, err)
		}
	}
	c.promises()
	c.clusterItem(round.Cluster)
	if !o.alone {
		c.run.Checklist = slices.Concat(c.run.Checklist, []finding.Item{c.guardItem()}, c.namingItems(), c.publishedItems())
	}
	if err := c.notShared(c.appendOnly(ctx, e, o, round)); err != nil {
		return c.unfinished("tables that are promised append-only are attacked", err)
	}
	return c.run, nil
}

// errInterrupted is why an engine was not run when the caller's context ended.
var errInterrupted = errors.New("interrupted")

// brokenOff lists the revisions that a walk which ended too soon has not judged.
func (c *Ledger) brokenOff(ctx context.Context, o Options) {
	h, err := c.subject.History(c.dialect)
	if err != nil {
		return // the walk has said so
	}
	why := "the walk ended before it was judged"
	if ctx.Err() != nil {
		why = errInterrupted.Error()
	}
	for _, r := range h.Revisions[min(len(c.run.Revisions), len(h.Revisions)):] {
		if o.To == nil || r.Version <= *o.To {
			c.see(walk.Stair{Revision: r, Blocked: why})
		}
	}
}

// unfinished is the run as far as it got, without what it was at.
func (c *Ledger) unfinished(promise string, err error) (finding.Run, error) {
	c.run.Unfinished, c.run.Failed = err.Error(), true
	c.run.Checklist = append(c.run.Checklist, finding.Item{Promise: promise, Status: finding.NotRun, Evidence: c.run.Unfinished})
	return c.run, fmt.Errorf("%s (%s): %w", c.engine, c.server, err)
}

// notRun is the run of an engine that is not there. That is an error only
// where somebody requires the engine.
func notRun(run finding.Run, err error) (finding.Run, error) {
	run.NotRun = err.Error()
	run.Checklist = []finding.Item{{Promise: "the history is verified on " + run.Engine, Status: finding.NotRun, Evidence: run.NotRun}}
	var missing *engine.Unavailable
	if errors.As(err, &missing) {
		run.Excused = missing.Excused
		if missing.Required == "" {
			return run, nil
		}
	}
	run.Failed = true
	return run, err
}

// files judges what stands in the folder, before anything runs, beside an earlier
// state where there is one.
func (c *Ledger) files(since *Since) error {
	h, err := c.subject.History(c.dialect)
	var twice *history.DuplicateVersion
	if errors.As(err, &twice) {
		c.run.Findings = append(c.run.Findings, finding.Finding{
			Rule: finding.VersionDuplicate, Severity: finding.Error, Engine: c.engine, Server: c.server.String(), Version: &twice.Version,
			File: c.subject.Path(c.dialect, twice.Second), Message: twice.Error(), Hint: "give one of them a version of its own",
		})
	}
	if err != nil {
		return err
	}
	c.history, c.subject.Allow = h, vetted(c.subject.Allow, h)
	if _, err := c.subject.Naming.Validate(); err != nil {
		return err
	}
	if since != nil {
		if c.since, err = since.view(h); err != nil {
			return err
		}
	}
	c.lints, c.unlike = c.byVersion(c.lint(h)), c.byVersion(c.published())
	return nil
}

// byVersion are findings by the revision that they are about; those about none of
// the history are about the whole of it.
func (c *Ledger) byVersion(findings []finding.Finding) map[int64][]finding.Finding {
	of := map[int64][]finding.Finding{}
	for _, f := range findings {
		if f.Version == nil || c.history.Index(*f.Version) < 0 {
			c.whole(f)
		} else {
			of[*f.Version] = append(of[*f.Version], f)
		}
	}
	return of
}

// see judges one stair and writes down what was promised and seen.
func (c *Ledger) see(s walk.Stair) {
	findings := append(c.clusterChanged(s.Shared), c.judge(s)...)
	if s.Unjudged == "" {
		findings = append(c.lints[s.Revision.Version], findings...)
	}
	findings = append(slices.Clone(c.unlike[s.Revision.Version]), findings...)
	waive(findings, c.subject.Allow, c.used)
	own, usedOwn := c.ownWaivers(s.Revision), map[int]bool{}
	waive(findings, own, usedOwn)
	if s.Unjudged == "" && s.Blocked == "" {
		findings = append(findings, c.waiverFindings(own, usedOwn)...)
	}
	items, notMade := checklist(s, findings)
	verdict := finding.Verdict{
		Version: s.Revision.Version, Name: s.Revision.Name, Label: s.Revision.String(), Change: c.since.change(s.Revision),
		Verdict: standing(s, findings), Findings: findings, Timings: timings(s), Went: s.Went, NotMade: notMade,
	}
	fillEffects(&verdict, c.dialect, s)
	if !walk.Seeded(c.subject, c.history) {
		if tables := notInhabited(s); tables != "" {
			c.bare = append(c.bare, tables+" by "+s.Revision.String())
		}
	} else if item, ok := rowItem(s, findings); ok {
		items = append(items, item)
		if item.Status == finding.NotRun {
			verdict.Unseen = item.Evidence
		}
	}
	c.run.Revisions = append(c.run.Revisions, verdict)
	c.run.Checklist = append(append(c.run.Checklist, items...), promiseItems(s, findings)...)
}

func timings(s walk.Stair) finding.Timings {
	seconds := func(l *walk.Landing) float64 {
		if l == nil {
			return 0
		}
		return l.Took.Seconds()
	}
	return finding.Timings{Up: seconds(s.Up), Down: seconds(s.Down), Again: seconds(s.Again)}
}

const noDownFile = "the revision has no down file"

// checklist is what a revision promises of the schema: it goes up, its down
// restores what was there, it goes up again to the same schema.
func checklist(s walk.Stair, findings []finding.Finding) (items []finding.Item, notMade map[finding.Direction]string) {
	notMade = map[finding.Direction]string{}
	lines := []struct {
		direction finding.Direction
		promise   string
		landing   *walk.Landing
	}{
		{finding.Up, upPromise, s.Up},
		{finding.Down, downPromise, s.Down},
		{finding.Again, againPromise, s.Again},
	}
	why := s.Blocked
	for _, line := range lines {
		item := finding.Item{Revision: s.Revision.String(), Promise: line.promise, Status: finding.Pass}
		status, said := fate(findings, promiseRules[line.promise])
		if status != finding.Waived {
			why = cmp.Or(said, why)
		}
		switch {
		case status != "":
			item.Status, item.Evidence = status, said
		case s.Unjudged != "" && line.landing == nil:
			item.Status, item.Evidence = finding.NotRun, s.Unjudged
		case line.landing == nil && s.Revision.Down == nil && s.Up.OK():
			item.Status, item.Evidence = finding.NotApplicable, noDownFile
		case line.landing == nil:
			item.Status, item.Evidence = finding.NotRun, why
		default:
			item.Evidence = words.Plural(len(line.landing.Snapshot.Objects), "object") + " in the catalogue"
			if noted(findings, promiseRules[line.promise]) {
				item.Evidence += ", but for what is noted"
			}
		}
		if line.landing == nil {
			notMade[line.direction] = item.Evidence
		}
		items = append(items, item)
	}
	return items, notMade
}

func changes(n int) string {
	if n == 1 {
		return "1 revision changes"
	}
	return words.Plural(n, "revision") + " change"
}

// fate is what findings of some rules say of a promise: that an error or a warning
// stands against it, and which; or why that may be. "" where they say nothing.
func fate(findings []finding.Finding, rules []finding.Rule) (finding.Status, string) {
	var about []finding.Finding
	for _, f := range findings {
		if broken, ok := f.Breaks(rules); ok {
			about = append(about, broken)
		}
	}
	slices.Reverse(about) // the last says most: what comes of the others
	return fared(about)
}

// fared is fate by findings that are all about the promise: the first of the worst.
func fared(findings []finding.Finding) (status finding.Status, said string) {
	rank := []finding.Status{"", finding.Waived, finding.Warns, finding.Fail}
	for _, f := range findings {
		if s, text := f.Against(); slices.Index(rank, s) > slices.Index(rank, status) {
			status, said = s, text
		}
	}
	return status, said
}

// noted reports whether there is a note of one of some rules.
func noted(findings []finding.Finding, rules []finding.Rule) bool {
	return slices.ContainsFunc(findings, func(f finding.Finding) bool { return f.Severity == finding.Note && slices.Contains(rules, f.Rule) })
}

// whole adds findings that are about the whole history.
func (c *Ledger) whole(findings ...finding.Finding) []finding.Finding {
	waive(findings, c.subject.Allow, c.used)
	c.run.Findings = append(c.run.Findings, findings...)
	return findings
}

// broken is how a promise fared that has findings: notes alone break none, and are
// what there is to say.
func broken(findings []finding.Finding) (finding.Status, string) {
	if status, said := fared(findings); status != "" {
		return status, said
	}
	return finding.Pass, findings[0].Message
}

// onlyClimbed is a revision that nobody judges, because it is as it was or below the
// floor, "" where there is none.
func (c *Pass) onlyClimbed() string {
	if first := c.history.Revisions[0]; c.subject.BelowFloor(first.Version) {
		return first.String()
	}
	return c.since.unlooked()
}

func (c *Ledger) seeRound(r walk.Round) {
	found := c.roundFindings(r)
	if climbed := c.onlyClimbed(); len(found) > 0 && climbed != "" {
		r.Skipped = fmt.Sprintf("%s is only climbed, and its down may be one that does not restore what was before it: %s", climbed, found[0].Message)
		found = nil
	}
	findings := c.whole(found...)
	item := finding.Item{Promise: roundPromise, Status: finding.Pass}
	switch {
	case r.Skipped != "":
		item.Status, item.Evidence = finding.NotRun, r.Skipped
	case len(findings) > 0:
		item.Status, item.Evidence = broken(findings)
	default:
		item.Evidence = fmt.Sprintf("%s at base, %d at head, golang-migrate's own table left aside", words.Plural(len(r.Base.Snapshot.Objects), "object"), len(r.Head.Snapshot.Objects))
	}
	c.run.Checklist = append(c.run.Checklist, item)
}

// mostBare is how many revisions are named of those that changed empty tables.
const mostBare = 3

// promises lists what is promised beside the revisions and is not checked by a
// walk without rows.
func (c *Ledger) promises() {
	if n := len(c.bare); n > 0 {
		named := strings.Join(c.bare[:min(n, mostBare)], "; ")
		if n > mostBare {
			named += fmt.Sprintf("; and by %d more", n-mostBare)
		}
		c.run.Checklist = append(c.run.Checklist, finding.Item{
			Promise: rowsPromise, Status: finding.NotRun,
			Evidence: fmt.Sprintf("no row was in what %s: %s; write rows into NNNN_name.seed.sql, or in Subject.Seed", changes(n), named),
		})
	}
}

// A Progress tells what a check does next.
type Progress = walk.Progress

// DefaultTimeout is how long a step of a check may take where nobody says otherwise.
const DefaultTimeout = walk.DefaultTimeout
