package verify

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/handrail-db/handrail/internal/words"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
	"github.com/handrail-db/handrail/verify/internal/golangmigrate"
	"github.com/handrail-db/handrail/verify/internal/walk"
	"github.com/handrail-db/handrail/verify/schema"
)

const commutePromise = "neighbours that do not need each other give the same schema either way"

// A swap is two neighbours of a history, made the other way about.
type swap struct {
	first, second history.Revision // in the order of the history
	failed        *history.Revision
	err           error           // of failed
	want, got     schema.Snapshot // after both
}

// commute makes each two neighbours of migrations in TOML or JSON, neither of which
// needs the other, the other way about, on a copy of the database in which they
// are made in order. What it finds is about the second. A migration that does not
// run at all is left to the walk.
func (c *Ledger) commute(ctx context.Context, e engine.Engine, o Options) (err error) {
	h := c.history
	pairs := c.independent(o)
	if !h.TOMLJSON() || len(pairs) == 0 {
		return nil
	}
	swaps, why, err := c.swaps(ctx, e, o, pairs)
	if err != nil {
		return err
	}
	item := finding.Item{Promise: commutePromise, Status: finding.Pass, Evidence: words.Plural(len(swaps), "pair")}
	if why != "" {
		item.Status, item.Evidence = finding.NotRun, why
	}
	var all []finding.Finding
	for _, s := range swaps {
		found := c.orderMatters(s)
		for _, waivers := range [][]finding.Waiver{c.subject.Allow, c.ownWaivers(s.second)} { // the line is written before the revision is judged
			waive(found, waivers, map[int]bool{})
		}
		c.lints[s.second.Version] = append(c.lints[s.second.Version], found...)
		all = append(all, found...)
	}
	if status, said := fate(all, promiseRules[commutePromise]); status != "" && (why == "" || status != finding.Waived) {
		item.Status, item.Evidence = status, said
	}
	c.run.Checklist = append(c.run.Checklist, item)
	return nil
}

// independent are the places of the revisions that are looked at and do not need
// the one before them.
func (c *Pass) independent(o Options) []int {
	var places []int
	for i := 1; i < len(c.history.Revisions); i++ {
		first, second := c.history.Revisions[i-1], c.history.Revisions[i]
		if o.To != nil && second.Version > *o.To {
			break
		}
		if second.Migration != nil && !second.Migration.Needs(first.Migration) && unjudged(c.subject, o, second) == "" {
			places = append(places, i)
		}
	}
	return places
}

// swaps climbs a new database in order as far as the last pair, and makes each
// pair on a copy of it. Why says what is in the way of that.
func (c *Pass) swaps(ctx context.Context, e engine.Engine, o Options, pairs []int) (all []swap, why string, err error) {
	h := c.history
	if len(c.subject.ClusterStatements(h)) > 0 {
		return nil, "a history that changes its server cannot be made twice on it", nil
	}
	if e, err = c.subject.Admit(e, h); err != nil {
		return nil, "", err
	}
	room, err := walk.Enter(ctx, e, nil)
	if err != nil {
		return nil, "", err
	}
	defer func() { err = errors.Join(err, room.Release()) }()
	db, err := room.New(ctx)
	if err != nil {
		return nil, "", err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := walk.Prelude(ctx, db, c.dialect, c.subject); err != nil {
		return nil, "", err
	}
	for i := range pairs[len(pairs)-1] + 1 {
		r := h.Revisions[i]
		if slices.Contains(pairs, i+1) {
			s := swap{first: r, second: h.Revisions[i+1]}
			if err := c.otherWay(ctx, db, o, i, &s); err != nil {
				return nil, "", err
			}
			all = append(all, s)
		}
		if err := c.stepOn(ctx, db, h, o); err != nil {
			all = slices.DeleteFunc(all, func(s swap) bool { return s.first.Version == r.Version || s.second.Version == r.Version })
			return all, fmt.Sprintf("the up of %s fails", r), context.Cause(ctx) // the walk will meet it
		}
		if k := slices.IndexFunc(all, func(s swap) bool { return s.second.Version == r.Version }); k >= 0 {
			if all[k].want, err = c.schemaOf(ctx, db); err != nil {
				return nil, "", err
			}
		}
	}
	return all, "", nil
}

// otherWay makes the revisions at i and i+1 the other way about on a copy of a
// database that stands below them.
func (c *Pass) otherWay(ctx context.Context, db engine.Database, o Options, i int, s *swap) (err error) {
	copied, err := db.Copy(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, copied.Close()) }()
	h := history.History{Dialect: c.dialect, Revisions: slices.Clone(c.history.Revisions)}
	h.Revisions[i], h.Revisions[i+1] = s.second, s.first
	h.Revisions[i].Version, h.Revisions[i+1].Version = s.first.Version, s.second.Version
	for _, r := range []*history.Revision{&s.second, &s.first} {
		if err := c.stepOn(ctx, copied, h, o); err != nil {
			if ctx.Err() != nil || engine.Environmental(err) && copied.DB().PingContext(ctx) != nil {
				return err
			}
			s.failed, s.err = r, err
			return nil
		}
	}
	s.got, err = c.schemaOf(ctx, copied)
	return err
}

// stepOn makes one step up, in a session of its own.
func (c *Pass) stepOn(ctx context.Context, db engine.Database, h history.History, o Options) (err error) {
	p, err := walk.On(ctx, db, h, c.subject)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	p.Limit = o.walk(c.subject, c.history).StepLimit()
	return walk.Describe(p.Step(ctx, finding.Up))
}

// schemaOf is the catalogue without golang-migrate's own table.
func (c *Pass) schemaOf(ctx context.Context, db engine.Database) (schema.Snapshot, error) {
	snap, err := schema.Inspect(ctx, db.DB(), c.dialect)
	return snap.Without(walk.OwnTables(golangmigrate.TableOf(c.dialect, c.subject.Runner).Names)), err
}

// orderMatters judges a swap.
func (c *Pass) orderMatters(s swap) []finding.Finding {
	begin := c.finding(finding.OrderMatters, s.second, finding.Up)
	begin.File, begin.Line = c.subject.Path(c.dialect, s.second.Migration.File), s.second.Migration.Line
	begin.Hint = fmt.Sprintf("add %q to the deps of %s, if it needs it", s.first.Name, s.second.Name)
	neither := fmt.Sprintf("%s does not say that it needs %s", s.second, s.first)
	if s.failed != nil {
		begin.Message = fmt.Sprintf("%s; the other way about the up of %s fails: %s", neither, s.failed, words.OneLine(s.err))
		return []finding.Finding{begin}
	}
	var findings []finding.Finding
	for _, change := range tolerate(schema.Roots(schema.Compare(s.want, s.got)), c.namesRound()) {
		f := aboutChange(begin, change.Change)
		how := "is another"
		switch {
		case unnamed(change.Object()):
		case change.Want == nil:
			how = "is there besides"
		case change.Got == nil:
			how = "is missing"
		}
		f.Message = fmt.Sprintf("%s; the other way about %s %s", neither, change.Object(), how)
		soften(&f, change)
		findings = append(findings, f)
	}
	return findings
}
