package schema

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/handrail-db/handrail/verify/dialect"
)

// A Tracker reads the catalogue of one database again and again. Each time it
// gives what [Inspect] would give, and reads anew only what may have changed
// since the last time, so that a small change costs little in a large schema.
// It is not for use by several goroutines at once.
type Tracker struct {
	db      *sql.DB
	dialect dialect.Dialect
	reader  reader
	parts   []part // sorted
}

// A part is an object with what it was read with.
type part struct {
	Object
	of owner
}

// An owner is what is read as a whole: on Postgres a relation, function or type
// by its oid, on SQLite a row of sqlite_schema. The zero value owns all else.
type owner struct {
	kind string
	id   int64
}

// A reader reads what may have changed since it was last called.
type reader interface {
	// read calls stale with each owner whose parts are to be forgotten, and
	// returns the parts that take their place. With all, everything is read
	// and forgotten.
	read(ctx context.Context, db *sql.DB, all bool, stale func(owner)) (fresh []part, everything bool, err error)
}

var readers = map[dialect.Dialect]func() reader{
	dialect.Postgres: func() reader { return &postgresReader{used: map[string]bool{}} },
	dialect.SQLite:   func() reader { return &sqliteReader{} },
}

// NewTracker tracks the database behind db, of which nothing is read yet.
func NewTracker(db *sql.DB, dialect dialect.Dialect) (*Tracker, error) {
	make, ok := readers[dialect]
	if !ok {
		return nil, fmt.Errorf("track catalogue: unknown dialect %q", dialect)
	}
	return &Tracker{db: db, dialect: dialect, reader: make()}, nil
}

// Inspect reads the catalogue as it is now. After an error the next call reads
// it whole.
func (t *Tracker) Inspect(ctx context.Context) (Snapshot, error) {
	gone := map[owner]bool{}
	fresh, everything, err := t.reader.read(ctx, t.db, t.parts == nil, func(o owner) { gone[o] = true })
	if err != nil {
		t.parts = nil
		return Snapshot{}, fmt.Errorf("inspect %s catalogue: %w", t.dialect, err)
	}
	var kept []part
	if !everything {
		kept = slices.DeleteFunc(slices.Clone(t.parts), func(p part) bool { return gone[p.of] })
	}
	for _, p := range fresh {
		slices.SortFunc(p.Props, compareProps)
	}
	slices.SortFunc(fresh, compareParts)
	t.parts = merge(kept, fresh)
	objects := make([]Object, len(t.parts))
	for i, p := range t.parts {
		objects[i] = p.Object
	}
	return Snapshot{objects}, nil
}

func compareParts(a, b part) int { return compareWhole(a.Object, b.Object) }

// merge joins two sorted lists into one; it is never nil.
func merge(a, b []part) []part {
	merged := make([]part, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		n, _ := slices.BinarySearchFunc(a, b[0], compareParts)
		merged = append(append(merged, a[:n]...), b[0])
		a, b = a[n:], b[1:]
	}
	return append(append(merged, a...), b...)
}
