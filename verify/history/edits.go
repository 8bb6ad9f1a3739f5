package history

import (
	"slices"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/finding"
)

// A Edit is a published revision that is not what it was.
type Edit struct {
	Entry   LockEntry
	Now     *Revision // nil: it is not there any more
	Renamed bool
	Steps   []finding.Direction // whose SQL is another
}

// Label names the revision, as it is called now.
func (d Edit) Label() string {
	if d.Now == nil {
		return d.Entry.String()
	}
	return d.Now.String()
}

// Edits compares a history with its own lock.
func (h History) Edits() []Edit {
	return EditsSince(h.Lock.Entries, h, func(e LockEntry) int { return h.Index(e.Version) })
}

// EditsSince compares a history with what was published, of which find knows
// the place today, -1 where it is gone.
func EditsSince(published []LockEntry, h History, find func(LockEntry) int) []Edit {
	var all []Edit
	for _, e := range published {
		d := Edit{Entry: e}
		i := find(e)
		if i < 0 {
			all = append(all, d)
			continue
		}
		r := h.Revisions[i]
		d.Now, d.Renamed = &r, r.Name != e.Name || r.Version != e.Version
		if !isSumOf(e.Up, h.Dialect, r.Up) {
			d.Steps = append(d.Steps, finding.Up)
		}
		if !isSumOf(e.Down, h.Dialect, r.Down) {
			d.Steps = append(d.Steps, finding.Down)
		}
		if d.Renamed || len(d.Steps) > 0 {
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
	return sum == "" || sum == SQLSum(d, f) || sum == SQLSum(other, f)
}

// Unpublished are the revisions that the lock does not have.
func (h History) Unpublished() []Revision {
	return slices.DeleteFunc(slices.Clone(h.Revisions), func(r Revision) bool {
		return slices.ContainsFunc(h.Lock.Entries, func(e LockEntry) bool { return e.Version == r.Version })
	})
}
