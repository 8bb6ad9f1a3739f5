package schema

import (
	"context"
	"maps"
	"slices"
	"sync"
)

// An Origin is what databases are made as physical copies of, row by row, with the
// same oids and the numbers of the same transactions, as those of a Postgres server
// are of its template0. It remembers what a [Tracker] has read in the first of them.
// All of them are on one server, and nobody writes to what they are copies of. The
// zero value remembers nothing yet. It may be used by several goroutines at once.
type Origin struct {
	mu    sync.Mutex
	known *Tracker // nil: nothing; nobody changes it
}

// Begin makes of a new tracker one that has seen the database as it was made: what
// is known of its origin holds for it, but for rows that were written since. To its
// database nothing may have been written yet. Where nothing is known, it is read. An
// origin of nil, and an engine whose reader cannot tell, leave the tracker new.
func (t *Tracker) Begin(ctx context.Context, o *Origin) error {
	copied, ok := t.reader.(copier)
	if o == nil || !ok {
		return nil
	}
	if known := o.recall(); known != nil {
		t.parts, t.reader = known.parts, known.reader.(copier).copy()
		return nil
	}
	if _, err := t.Inspect(ctx); err != nil {
		return err
	}
	o.remember(&Tracker{dialect: t.dialect, reader: copied.copy(), parts: t.parts})
	return nil
}

// A copier is a reader whose state holds for a physical copy of its database.
type copier interface {
	reader
	copy() reader
}

func (o *Origin) recall() *Tracker {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.known
}

func (o *Origin) remember(t *Tracker) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.known = t
}

var _ copier = (*postgresReader)(nil)

// copy is the state for a copy of the database. Whatever is written to that later
// than now has numbers from the horizon on; what it does not share with the database
// is compared by content.
func (r *postgresReader) copy() reader {
	c := *r
	c.counts = make([]map[pgObject]int, len(r.counts))
	for i, counts := range r.counts {
		c.counts[i] = maps.Clone(counts)
	}
	c.totals, c.used = slices.Clone(r.totals), maps.Clone(r.used)
	return &c
}
