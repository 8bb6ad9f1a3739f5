package attack

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/schema"
)

// A Row is one row of a table: an SQL literal for each column, by its name.
// Columns that the database computes are not in it.
type Row map[string]string

// Sample are what attacks on a table are made of.
type Sample struct {
	There []Row // in the table, at least one
	Fresh []Row // two that are not, and could be
}

// FreshRows is how many rows an attack can bring that collide with none: two,
// so that one that collides can stand in between.
const FreshRows = 2

// Fill inserts the first n rows.
func (t Table) Fill(ctx context.Context, db *sql.DB, n int) error {
	for i := 1; i <= n; i++ {
		if err := t.Row(ctx, db, i); err != nil {
			return fmt.Errorf("insert row %d into %s: %w", i, t.Name, err)
		}
	}
	return nil
}

// Scout fills a migrated database and returns the attacks for any other that
// [Table.Fill] filled with n rows. To know what rows would be new it inserts
// more of them, so that the database itself is of no use for an attack.
func (t Table) Scout(ctx context.Context, db *sql.DB, d dialect.Dialect, n int) ([]Attack, error) {
	snap, err := schema.Inspect(ctx, db, d)
	if err != nil {
		return nil, err
	}
	p, err := NewPrey(snap, d, t.Name)
	if err != nil {
		return nil, err
	}
	if err := t.Fill(ctx, db, n); err != nil {
		return nil, err
	}
	if p.Rows.There, err = p.Read(ctx, db); err != nil {
		return nil, err
	}
	for i := 1; i <= FreshRows; i++ {
		if err := t.Row(ctx, db, n+i); err != nil {
			return nil, fmt.Errorf("insert row %d into %s: %w", n+i, t.Name, err)
		}
		now, err := p.Read(ctx, db)
		if err != nil {
			return nil, err
		}
		known := append(slices.Clone(p.Rows.There), p.Rows.Fresh...)
		p.Rows.Fresh = append(p.Rows.Fresh, Minus(now, known)...)
	}
	if len(p.Rows.There) != n || len(p.Rows.Fresh) != FreshRows {
		return nil, fmt.Errorf("rows of %s: inserted %d and then %d, found %d and then %d", t.Name, n, FreshRows, len(p.Rows.There), len(p.Rows.Fresh))
	}
	return p.Attacks(), nil
}

func Minus(rows, known []Row) []Row {
	return slices.DeleteFunc(slices.Clone(rows), func(r Row) bool {
		return slices.ContainsFunc(known, func(k Row) bool { return maps.Equal(r, k) })
	})
}

// Attacks lists the attacks on a table of a catalogue that holds rows. It
// depends on nothing else: equal arguments give equal attacks.
func Attacks(snap schema.Snapshot, d dialect.Dialect, table string, rows Sample) ([]Attack, error) {
	if len(rows.There) == 0 || len(rows.Fresh) < FreshRows {
		return nil, fmt.Errorf("attacks on %s: want a row that is there and %d that are not, got %d and %d", table, FreshRows, len(rows.There), len(rows.Fresh))
	}
	p, err := NewPrey(snap, d, table)
	if err != nil {
		return nil, err
	}
	p.Rows = rows
	return p.Attacks(), nil
}

// An arsenal is what a dialect has against a table.
type arsenal interface {
	// literal is an expression for the value of a column as an SQL literal,
	// and typed what makes of that one that needs no context.
	literal(c preyColumn) string
	typed(c preyColumn, literal string) string

	// physical names a row where no key does.
	physical() string

	attacks(p *prey) []Attack

	// enter is what makes a session one of a role: what whoever made the
	// table does before and what the session does. Why is not empty where
	// that cannot be.
	enter(ctx context.Context, conn *sql.Conn, p *prey, as Role) (prepare, session []string, why string, err error)

	// Unguard takes off all that could refuse a change of rows.
	Unguard(ctx context.Context, conn *sql.Conn, p *prey) error

	// rows lists the rows of the table as text, whatever columns it has by
	// now; none where there is no table any more.
	rows(ctx context.Context, conn *sql.Conn, p *prey) ([]string, error)

	// release gives a session back as one that nobody has used, or ends it.
	release(ctx context.Context, conn *sql.Conn) error
}

var arsenals = map[dialect.Dialect]arsenal{dialect.Postgres: postgresArsenal{}, dialect.SQLite: sqliteArsenal{}}

// A prey is a table under attack.
type prey struct {
	Arsenal arsenal
	dialect dialect.Dialect
	object  schema.Object
	name    string // in SQL
	columns []preyColumn
	keys    []preyKey
	blind   []string        // unique indexes that no collision can be made for
	guards  []schema.Object // triggers
	rules   []schema.Object
	Rows    Sample
}

type preyColumn struct {
	name, typ string
	assigned  bool // by the database, always: it takes no value but DEFAULT
}

type preyKey struct {
	name    string
	columns []string
}

// NewPrey reads from the catalogue what there is to attack.
func NewPrey(snap schema.Snapshot, d dialect.Dialect, table string) (*prey, error) {
	o, ok := snap.Table(table)
	if !ok {
		return nil, fmt.Errorf("%s is promised append-only, and there is no such table, or more than one", table)
	}
	a, ok := arsenals[d]
	if !ok {
		return nil, fmt.Errorf("attack table %s: unknown dialect %q", table, d)
	}
	p := &prey{Arsenal: a, dialect: d, object: o, name: o.InSQL(d), guards: snap.Of(o.Name, "trigger"), rules: snap.Of(o.Name, "rule")}
	for _, c := range snap.Of(o.Name, "column") {
		if c.Prop("generated") == "" && c.Prop("hidden") == "" {
			p.columns = append(p.columns, preyColumn{c.Name, c.Prop("type"), c.Prop("identity") == "always"})
		}
	}
	for _, kind := range []string{"primary key", "unique", "index"} {
		for _, k := range snap.Of(o.Name, kind) {
			if k.Key.Unique {
				p.addKey(k)
			}
		}
	}
	return p, nil
}

// addKey adds a key that rows can collide on.
func (p *prey) addKey(k schema.Object) {
	known := func(name string) bool {
		return slices.ContainsFunc(p.columns, func(c preyColumn) bool { return c.name == name })
	}
	if !k.Key.Plain() || slices.ContainsFunc(k.Columns, func(c string) bool { return !known(c) }) {
		p.blind = append(p.blind, k.Name)
		return
	}
	p.keys = append(p.keys, preyKey{k.Name, k.Columns})
}

// Read reads the rows of the table as literals.
func (p *prey) Read(ctx context.Context, db *sql.DB) (_ []Row, err error) {
	var expressions []string
	for _, c := range p.columns {
		expressions = append(expressions, p.Arsenal.literal(c))
	}
	rows, err := db.QueryContext(ctx, "SELECT "+strings.Join(expressions, ", ")+" FROM "+p.name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var all []Row
	for rows.Next() {
		values := make([]string, len(p.columns))
		into := make([]any, len(values))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		row := Row{}
		for i, c := range p.columns {
			row[c.name] = p.Arsenal.typed(c, values[i])
		}
		all = append(all, row)
	}
	return all, rows.Err()
}

// Attacks is the dialect's arsenal, and the exceptions.
func (p *prey) Attacks() []Attack {
	attacks := p.Arsenal.attacks(p)
	for _, name := range p.blind {
		attacks = append(attacks, Attack{Name: "collision on " + name, impossible: "a unique index on an expression, or on a part of the rows: a row that collides cannot be made from the catalogue"})
	}
	for _, x := range Accepted {
		if x.Dialect == p.dialect && x.attack != nil {
			if text := x.attack(p); text != "" {
				attacks = append(attacks, Attack{Name: x.Name, Reason: x.Reason, As: x.As, SQL: text, Want: Possible})
			}
		}
	}
	for i := range attacks {
		attacks[i].prey = p
	}
	return attacks
}
