package verify

import (
	"context"
	"fmt"
	"strings"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
	"github.com/handrail-db/handrail/verify/internal/portable"
	"github.com/handrail-db/handrail/verify/internal/walk"
	"github.com/handrail-db/handrail/verify/schema"
	"github.com/handrail-db/handrail/verify/secret"
)

const parityPromise = "both dialects make the same logical schema"

// CheckParity compares the two dialects of a subject: they have the same
// revisions, and after each of them the same tables, columns, nullability,
// defaults by class, keys, foreign keys, indexes, and checks that refuse the same
// rows. It climbs each history once on the first engine of its dialect, and is an
// error if the subject ships on one dialect only, or no engine is given for one.
func CheckParity(ctx context.Context, engines []engine.Engine, s history.Subject) (findings []finding.Finding, items []finding.Item, err error) {
	defer func() { secret.Hidden(&err, nil, &findings, &items) }()
	if !s.Ships(dialect.Postgres) || !s.Ships(dialect.SQLite) {
		return nil, nil, fmt.Errorf("%s: %s", s.Title(), onOneDialect)
	}
	p := newParity(s, true)
	for _, e := range engines {
		if p.sides[e.Dialect()] != nil {
			continue
		}
		if err := p.climb(ctx, e); err != nil {
			return nil, nil, err
		}
	}
	for _, d := range dialect.All() {
		if p.sides[d] == nil {
			return nil, nil, fmt.Errorf("%s: parity: no engine for %s", s.Title(), d)
		}
	}
	c := &course{engine: p.sides[dialect.SQLite].engine.Name(), server: p.sides[dialect.SQLite].server, subject: s, used: map[int]bool{}}
	err = p.judge(ctx, c)
	return c.run.Findings, c.run.Checklist, err
}

const onOneDialect = "the subject ships on one dialect only"

// A parity is what is known of the two dialects of a subject.
type parity struct {
	subject history.Subject
	whole   bool // all revisions are looked at
	sides   map[dialect.Dialect]*side
}

// A side is what a walk saw of one dialect, revision by revision: only what
// changed, so that it takes the memory of a few snapshots however long the history
// is.
type side struct {
	dialect dialect.Dialect
	engine  engine.Engine
	server  engine.Server
	landed  []landed
	stopped string // why the history was not seen to its end; "" where it was
}

// landed is what a revision changed in the tables.
type landed struct {
	version int64
	judged  bool
	tables  map[string]shape // by name; the zero value where one is gone
}

// A shape is what is compared of a table.
type shape struct {
	portable []schema.Object
	raw      []schema.Object // columns and checks, as the catalogue has them
}

func newParity(s history.Subject, whole bool) *parity {
	return &parity{subject: s, whole: whole, sides: map[dialect.Dialect]*side{}}
}

// begin opens the side of an engine, nil where its dialect was seen already.
func (p *parity) begin(e engine.Engine, server engine.Server) *side {
	if p == nil || p.sides[e.Dialect()] != nil || !p.subject.Ships(otherDialect(e.Dialect())) {
		return nil
	}
	p.sides[e.Dialect()] = &side{dialect: e.Dialect(), engine: e, server: server}
	return p.sides[e.Dialect()]
}

// see takes note of what an up changed.
func (s *side) see(stair walk.Stair) {
	switch {
	case s == nil || s.stopped != "":
		return
	case !stair.Up.OK() || stair.Blocked != "":
		s.stopped = fmt.Sprintf("on %s the walk ends at %s", s.engine.Name(), stair.Revision)
		return
	}
	changed := touchedTables(stair.Before, stair.Up.Snapshot)
	s.landed = append(s.landed, landed{stair.Revision.Version, stair.Unjudged == "", s.shapes(stair.Up.Snapshot, changed)})
}

// touchedTables are the tables with which something has happened, by name.
func touchedTables(before, after schema.Snapshot) map[string]bool {
	tables := map[string]bool{}
	for _, change := range schema.Compare(before, after) {
		o := change.Object()
		switch {
		case o.Kind == "table":
			tables[o.Name] = true
		case o.Parent != "":
			tables[o.Parent] = true
		}
		// A foreign key of SQLite may reference the primary key, whichever that is.
		if o.Kind != "primary key" || change.Want == nil {
			continue
		}
		if _, stays := after.Table(o.Parent); stays {
			for _, t := range after.Kind("table") {
				tables[t.Name] = true
			}
		}
	}
	return tables
}

// shapes are the tables with these names, by the name that they have in a portable
// snapshot.
func (s *side) shapes(snap schema.Snapshot, full map[string]bool) map[string]shape {
	found := map[string]shape{}
	for name := range full {
		found[s.local(name)] = shape{}
	}
	var some schema.Snapshot
	for _, o := range snap.Objects {
		mine := full[o.Parent] || o.Kind == "table" && full[o.Name]
		if mine || o.Kind == "schema" || o.Kind == "primary key" {
			some.Objects = append(some.Objects, o)
		}
		if mine && (o.Kind == "column" || o.Kind == "check") {
			t := found[s.local(o.Parent)]
			t.raw = append(t.raw, o)
			found[s.local(o.Parent)] = t
		}
	}
	for _, o := range portable.Portable(some).Objects {
		name := o.Parent
		if o.Kind == "table" {
			name = o.Name
		}
		t := found[name]
		t.portable = append(t.portable, o)
		found[name] = t
	}
	return found
}

// local is the name of a table without its schema, in lower case: SQLite does not
// tell cases apart.
func (s *side) local(name string) string {
	return strings.ToLower(names{dialect: s.dialect}.local(name))
}

// climb sees a history without walking it: ups alone, and no rows.
func (p *parity) climb(ctx context.Context, e engine.Engine) (err error) {
	h, err := p.subject.History(e.Dialect())
	if err != nil {
		return err
	}
	server, err := e.Server(ctx)
	if err != nil {
		return err
	}
	of := p.begin(e, server)
	return walk.Ups(ctx, e, p.subject, h, func(stair walk.Stair) {
		if p.subject.BelowFloor(stair.Revision.Version) {
			stair.Unjudged = "the floor"
		}
		of.see(stair)
	})
}

// A pair is a revision on both dialects, or on one.
type pair struct {
	of    map[dialect.Dialect]*history.Revision
	until map[dialect.Dialect]int64 // the version at which each dialect stands then
}

func (p pair) any() history.Revision {
	if r := p.of[dialect.Postgres]; r != nil {
		return *r
	}
	return *p.of[dialect.SQLite]
}

// pairUp puts the revisions of two histories together: by version or, of migrations
// in TOML or JSON, by name. It reports false where two follow each other the other
// way about, so that only the ends can be compared.
func pairUp(a, b history.History) ([]pair, bool) {
	key := func(r history.Revision) string { return fmt.Sprint(r.Version) }
	if a.TOMLJSON() && b.TOMLJSON() {
		key = func(r history.Revision) string { return r.Name }
	}
	in := func(h history.History) map[string]bool {
		set := map[string]bool{}
		for _, r := range h.Revisions {
			set[key(r)] = true
		}
		return set
	}
	inA, inB := in(a), in(b)
	var all []pair
	until := map[dialect.Dialect]int64{a.Dialect: engine.Base, b.Dialect: engine.Base}
	i, k := 0, 0
	add := func(x, y *history.Revision) {
		p := pair{map[dialect.Dialect]*history.Revision{}, map[dialect.Dialect]int64{}}
		for d, r := range map[dialect.Dialect]*history.Revision{a.Dialect: x, b.Dialect: y} {
			if r != nil {
				p.of[d], until[d] = r, r.Version
			}
			p.until[d] = until[d]
		}
		all = append(all, p)
	}
	for i < len(a.Revisions) || k < len(b.Revisions) {
		var x, y *history.Revision
		if i < len(a.Revisions) {
			x = &a.Revisions[i]
		}
		if k < len(b.Revisions) {
			y = &b.Revisions[k]
		}
		switch {
		case x != nil && y != nil && key(*x) == key(*y):
			add(x, y)
			i, k = i+1, k+1
		case x != nil && !inB[key(*x)] && (y == nil || inA[key(*y)] || x.Version < y.Version):
			add(x, nil)
			i++
		case y != nil && !inA[key(*y)]:
			add(nil, y)
			k++
		default:
			return nil, false
		}
	}
	return all, true
}
