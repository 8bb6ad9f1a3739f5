package verify

import (
	"slices"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/finding"
)

// A departure is a published revision that is not what it was.
type departure struct {
	entry   lockEntry
	now     *Revision // nil: it is not there any more
	renamed bool
	steps   []finding.Direction // whose SQL is another
}

// label names the revision, as it is called now.
func (d departure) label() string {
	if d.now == nil {
		return d.entry.String()
	}
	return d.now.String()
}

// departures compares a history with its own lock.
func (h History) departures() []departure {
	return departuresFrom(h.lock.entries, h, func(e lockEntry) int { return h.Index(e.version) })
}

// departuresFrom compares a history with what was published, of which find knows
// the place today, -1 where it is gone.
func departuresFrom(published []lockEntry, h History, find func(lockEntry) int) []departure {
	var all []departure
	for _, e := range published {
		d := departure{entry: e}
		i := find(e)
		if i < 0 {
			all = append(all, d)
			continue
		}
		r := h.Revisions[i]
		d.now, d.renamed = &r, r.Name != e.name || r.Version != e.version
		if !isSumOf(e.up, h.Dialect, r.Up) {
			d.steps = append(d.steps, finding.Up)
		}
		if !isSumOf(e.down, h.Dialect, r.Down) {
			d.steps = append(d.steps, finding.Down)
		}
		if d.renamed || len(d.steps) > 0 {
			all = append(all, d)
		}
	}
	return all
}

// isSumOf reports whether a checksum, where it is known, is that of a file. It may
// have been made when the folder was taken for one of the other dialect, which
// reads a few characters otherwise.
func isSumOf(sum string, d dialect.Dialect, f *File) bool {
	other := dialect.SQLite
	if d == dialect.SQLite {
		other = dialect.Postgres
	}
	return sum == "" || sum == sqlSum(d, f) || sum == sqlSum(other, f)
}

// unpublished are the revisions that the lock does not have.
func (h History) unpublished() []Revision {
	return slices.DeleteFunc(slices.Clone(h.Revisions), func(r Revision) bool {
		return slices.ContainsFunc(h.lock.entries, func(e lockEntry) bool { return e.version == r.Version })
	})
}
