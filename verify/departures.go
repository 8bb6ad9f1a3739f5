package verify

import "slices"

// A departure is a published revision that is not what it was.
type departure struct {
	entry   lockEntry
	now     *Revision // nil: it is not there any more
	renamed bool
	steps   []Direction // whose SQL is another
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
		now := entryOf(h.Dialect, r)
		if e.up != "" && e.up != now.up {
			d.steps = append(d.steps, Up)
		}
		if e.down != "" && e.down != now.down {
			d.steps = append(d.steps, Down)
		}
		if d.renamed || len(d.steps) > 0 {
			all = append(all, d)
		}
	}
	return all
}

// unpublished are the revisions that the lock does not have.
func (h History) unpublished() []Revision {
	return slices.DeleteFunc(slices.Clone(h.Revisions), func(r Revision) bool {
		return slices.ContainsFunc(h.lock.entries, func(e lockEntry) bool { return e.version == r.Version })
	})
}
