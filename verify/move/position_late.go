package move

import (
	"context"
	"slices"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
)

// leftOut marks the revisions that were never applied though the database stands
// above them.
func (s *Position) leftOut(h history.History) {
	for i := range s.Revisions {
		if r := &s.Revisions[i]; r.State == "applied" {
			if r.Before = s.passed(h, i); r.Before != nil {
				r.State = "late"
			}
		}
	}
}

// passed is the version that was applied when the revision at a place of the history
// was not there: an attempt of handrail's went from below it to above. It is nil where
// no attempt shows that, as where golang-migrate alone has moved the database. A
// person who has [Forced] a version vouches for what is below it, and what was
// applied under another version, which now is not it, has only a new one.
func (s *Position) passed(h history.History, i int) (by *engine.Version) {
	v, sum := engine.Version{Ordinal: h.Revisions[i].Version}, checksum(h.Revisions[i].Up)
	for _, e := range s.entries {
		switch {
		case e.Outcome == Forced, e.Outcome == Applied && e.Version == v:
			by = nil
		case e.Outcome != Applied || e.Direction != finding.Up:
		case e.Checksum == sum && sumAt(h, e.Version.Ordinal) != sum:
			return nil
		case e.From != nil && e.From.Ordinal < v.Ordinal && v.Ordinal < e.Version.Ordinal:
			by = new(e.Version)
		}
	}
	return by
}

// sumAt is the checksum of the up at a version, "" where there is none.
func sumAt(h history.History, version int64) string {
	if i := h.Index(version); i >= 0 {
		return checksum(h.Revisions[i].Up)
	}
	return ""
}

// Late are the revisions that were left out: they sort before one that was applied
// when they were not there.
func (s Position) Late() []RevisionStands {
	return slices.DeleteFunc(slices.Clone(s.Revisions), func(r RevisionStands) bool { return r.State != "late" })
}

// hasFrom reports whether the table has the column for [Entry].From, which older
// ones have not.
func (l ledger) hasFrom(ctx context.Context, db engine.Querier) (bool, error) {
	query, arg := "SELECT name FROM pragma_table_info(?, 'main') WHERE name = 'came_from'", historyName
	if l.dialect == dialect.Postgres {
		query, arg = "SELECT attname::text FROM pg_catalog.pg_attribute WHERE attrelid = pg_catalog.to_regclass($1) AND attname = 'came_from' AND NOT attisdropped", l.name
	}
	found, err := engine.Column(ctx, db, query, arg)
	return len(found) > 0, err
}

// extend gives an older table the column, where the role may.
func (l *ledger) extend(ctx context.Context, s engine.Session) (err error) {
	if l.from, err = l.hasFrom(ctx, s); err != nil || l.from {
		return err
	}
	err = l.exec(ctx, s, "ALTER TABLE "+l.name+" ADD COLUMN came_from bigint")
	l.from = err == nil
	if engine.SQLState(err) == "42501" { // it is another's table
		return nil
	}
	return err
}
