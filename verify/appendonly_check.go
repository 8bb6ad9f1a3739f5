package verify

import (
	"context"
	"errors"
	"fmt"
	"path"

	"github.com/handrail-db/handrail/verify/attack"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
	"github.com/handrail-db/handrail/verify/internal/generate"
	"github.com/handrail-db/handrail/verify/internal/walk"
	"github.com/handrail-db/handrail/verify/schema"
)

// appendOnly attacks the tables that are promised append-only, at head, once an
// engine: with the rows of the seeds, and with more that are made of them or, where
// there are none, of what the catalogue says.
func (c *Ledger) appendOnly(ctx context.Context, e engine.Engine, o Options, round walk.Round) error {
	for _, table := range c.subject.AppendOnly {
		why := c.outOfReach(o, round)
		if _, ok := round.Full.Table(table); why == "" && !ok {
			c.noSuchTable(table)
			continue
		}
		if why == "" {
			var err error
			if why, err = c.attack(ctx, e, table); err != nil {
				return err
			}
		}
		if why != "" {
			c.run.Checklist = append(c.run.Checklist, finding.Item{Promise: attack.Promise(table), Status: finding.NotRun, Evidence: why})
		}
	}
	return nil
}

// outOfReach says why a walk has not judged head, where tables are attacked; ""
// where it has.
func (c *Pass) outOfReach(o Options, round walk.Round) string {
	head := c.history.Head()
	switch {
	case !round.Reached:
		return "the walk does not get to head: " + round.Skipped
	case o.To != nil && *o.To != head, o.Only != nil && !o.Only(head):
		return "it is attacked at head, which was not asked for"
	}
	return ""
}

// noSuchTable says that a promise is about nothing.
func (c *Ledger) noSuchTable(table string) {
	f := finding.Finding{
		Rule: finding.AppendOnly, Severity: finding.Error, Engine: c.engine, Server: c.server.String(), Object: &finding.ObjectRef{Kind: "table", Name: table},
		Message: fmt.Sprintf("%s is promised append-only, and at head there is no such table, or more than one", table),
		Hint:    "write the name as the catalogue has it, or take the promise back",
	}
	if line, ok := c.subject.PromisedAt[table]; ok {
		f.File, f.Line = path.Join(c.subject.Dir, history.ConfigFile), line
	}
	findings := c.whole(f)
	item := finding.Item{Promise: attack.Promise(table)}
	item.Status, item.Evidence = broken(findings)
	c.run.Checklist = append(c.run.Checklist, item)
}

// attack makes the attacks on a table. Why says what is in the way, "" where
// nothing is.
func (c *Ledger) attack(ctx context.Context, e engine.Engine, table string) (why string, err error) {
	head, err := c.atHead(ctx, e, true)
	if err != nil && ctx.Err() == nil { // the walk has said it of the rows
		head, err = c.atHead(ctx, e, false)
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w", attack.Promise(table), err)
	}
	defer func() { err = errors.Join(err, head.Close()) }()
	g := &seededGround{dialect: e.Dialect(), table: table, head: head.Database}
	if err := g.inhabit(ctx); err != nil {
		if no := new(generate.NoRowError); errors.As(err, &no) {
			return "there is no row to attack: " + no.Why, nil
		}
		return "", fmt.Errorf("%s: %w", attack.Promise(table), err)
	}
	j := &attack.Judgement{Engine: c.engine, Server: c.server.String(), Without: map[string][]string{}}
	if err := j.Round(ctx, &attack.Ground{From: g}); err != nil {
		if no := new(generate.NoRowError); errors.As(err, &no) {
			return "no row can be made that is new: " + no.Why, nil
		}
		return "", fmt.Errorf("%s: %w", attack.Promise(table), err)
	}
	findings := c.whole(j.ByRemedy()...)
	items := j.Items(table)
	if items[0].Status == finding.Fail {
		items[0].Status, _ = broken(findings)
		if items[0].Status == finding.Waived {
			_, items[0].Evidence = broken(findings)
		}
	}
	c.run.Checklist = append(c.run.Checklist, items...)
	return "", nil
}

// atHead is a database that has climbed to head, with the rows of the seeds or without.
// No step can be made there any more.
func (c *Pass) atHead(ctx context.Context, e engine.Engine, seeds bool) (*walk.Place, error) {
	p, err := walk.At(ctx, e, c.history, c.subject)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(p.Climb(ctx, seeds), p.Leave()); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

// A seededGround is a table with rows that are there and more that are made.
type seededGround struct {
	dialect dialect.Dialect
	table   string
	head    engine.Database
	snap    schema.Snapshot
}

var _ attack.Source = (*seededGround)(nil)

// inhabit makes as many rows as attacks are to find, as far as they can be made.
// One must be there.
func (g *seededGround) inhabit(ctx context.Context) (err error) {
	if g.snap, err = schema.Inspect(ctx, g.head.DB(), g.dialect); err != nil {
		return err
	}
	p, err := attack.NewPrey(g.snap, g.dialect, g.table)
	if err != nil {
		return err
	}
	there, err := p.Read(ctx, g.head.DB())
	if err != nil {
		return err
	}
	made, err := g.make(ctx, g.head, max(0, attack.RowsAttacked-len(there)))
	if no := new(generate.NoRowError); errors.As(err, &no) && len(there)+made > 0 {
		err = nil // those that are there will do
	}
	if err != nil {
		return err
	}
	return g.with(ctx, g.head, func(m *generate.Maker) error { return m.Reserve(ctx, g.table, attack.FreshRows) })
}

// make adds rows to the table, and reports how many it could.
func (g *seededGround) make(ctx context.Context, db engine.Database, n int) (made int, err error) {
	err = g.with(ctx, db, func(m *generate.Maker) error {
		for ; made < n; made++ {
			if err := m.Add(ctx, g.table); err != nil {
				return err
			}
		}
		return nil
	})
	return made, err
}

// with makes rows in a transaction, of which those are kept that could be made.
func (g *seededGround) with(ctx context.Context, db engine.Database, f func(*generate.Maker) error) (err error) {
	conn, err := db.DB().Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, generate.EndSession(conn)) }()
	m := generate.NewMaker(conn, g.dialect, g.snap)
	if err := m.Begin(ctx); err != nil {
		return err
	}
	return errors.Join(f(m), m.End(ctx))
}

// Scout finds out what attacks there are, with rows that would be new.
func (g *seededGround) Scout(ctx context.Context) (_ []attack.Attack, err error) {
	db, err := g.head.Copy(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	p, err := attack.NewPrey(g.snap, g.dialect, g.table)
	if err != nil {
		return nil, err
	}
	if p.Rows.There, err = p.Read(ctx, db.DB()); err != nil {
		return nil, err
	}
	if _, err := g.make(ctx, db, attack.FreshRows); err != nil {
		return nil, err
	}
	now, err := p.Read(ctx, db.DB())
	if err != nil {
		return nil, err
	}
	p.Rows.Fresh = attack.Minus(now, p.Rows.There)
	if len(p.Rows.There) == 0 || len(p.Rows.Fresh) != attack.FreshRows {
		return nil, &generate.NoRowError{Why: fmt.Sprintf("%d rows are there, and of %d that were made %d are new", len(p.Rows.There), attack.FreshRows, len(p.Rows.Fresh))}
	}
	return p.Attacks(), nil
}

// Ready is a database with the rows that attacks find.
func (g *seededGround) Ready(ctx context.Context) (engine.Database, error) { return g.head.Copy(ctx) }
