package verify

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
)

// Since is an earlier state of a subject, that of the branch which a change is to
// get into, for one: with it [Check] looks closely at the revisions that are new or
// different today, and climbs the others. What was there is published, whether or
// not a lock says so: a revision that is not what it was then is edited.
type Since struct {
	// Ref is what reports call the state: "main".
	Ref string

	// Published are the folders as they were, by dialect; see [history.Subject.At]. Where
	// one is not there, everything is new.
	Published map[dialect.Dialect]fs.FS
}

// A sinceView is a history beside an earlier state of it.
type sinceView struct {
	ref       string
	was       history.History
	published []history.LockEntry // with their version in was
	changes   map[int64]finding.Change
	places    map[string]int // of revisions today, by key
	today     history.History
}

// view compares a history with its earlier state.
func (s *Since) view(h history.History) (*sinceView, error) {
	v := &sinceView{ref: s.Ref, changes: map[int64]finding.Change{}, places: map[string]int{}, today: h}
	if folder := s.Published[h.Dialect]; folder != nil {
		var err error
		if v.was, err = history.Read(folder, h.Dialect); err != nil && !errors.Is(err, history.ErrNoRevisions) {
			return nil, fmt.Errorf("the revisions of %s: %w", s.Ref, err)
		}
	}
	for i, r := range h.Revisions {
		v.places[v.key(r.Version, r.Name)] = i
	}
	v.publish()
	then := map[string]history.Revision{}
	for _, r := range v.was.Revisions {
		then[v.key(r.Version, r.Name)] = r
	}
	for _, r := range h.Revisions {
		old, ok := then[v.key(r.Version, r.Name)]
		switch {
		case !ok:
			v.changes[r.Version] = finding.New
		case !sameRevision(h.Dialect, old, r):
			v.changes[r.Version] = finding.Different
		}
	}
	return v, nil
}

// readable is an error where the earlier state cannot be read, or the subject of
// today.
func (s *Since) readable(subject history.Subject, engines []engine.Engine) error {
	for _, d := range dialect.All() {
		if !subject.Ships(d) || !slices.ContainsFunc(engines, func(e engine.Engine) bool { return e.Dialect() == d }) {
			continue
		}
		h, err := subject.History(d)
		if err != nil {
			continue // which the run says better
		}
		if _, err := s.view(h); err != nil {
			return err
		}
	}
	return nil
}

// narrow leaves out the revisions that are as they were.
func (v *sinceView) narrow(o Options) Options {
	if v == nil {
		return o
	}
	o.unchanged = func(version int64) string {
		if v.changes[version] == "" {
			return "it is as it was in " + v.ref
		}
		return ""
	}
	return o
}

// unlooked is a revision that is as it was, "" where there is none: what it does is
// no matter of what has changed since.
func (v *sinceView) unlooked() string {
	if v != nil {
		for _, r := range v.today.Revisions {
			if v.changes[r.Version] == "" {
				return r.String()
			}
		}
	}
	return ""
}

// change is what a revision is beside the earlier state.
func (v *sinceView) change(r history.Revision) finding.Change {
	if v == nil {
		return ""
	}
	return v.changes[r.Version]
}

// key tells a revision from all others at any time: by version, or by name where
// versions may be provisional.
func (v *sinceView) key(version int64, name string) string {
	if v.today.TOMLJSON() {
		return name
	}
	return fmt.Sprint(version)
}

// publish lists what was there then. Of migrations in TOML or JSON that is what had
// an ordinal: nobody applies another.
func (v *sinceView) publish() {
	baseline := int64(-1)
	if e := v.was.Lock.Entries; len(e) > 0 && e[0].Baseline {
		baseline = e[0].Version
	}
	for _, r := range v.was.Revisions {
		if r.Migration == nil || r.Migration.Listed {
			e := history.EntryOf(v.was.Dialect, r)
			e.Baseline = e.Version == baseline
			v.published = append(v.published, e)
		}
	}
}

// place is where a revision of then stands today, -1 where it does not.
func (v *sinceView) place(e history.LockEntry) int {
	if i, ok := v.places[v.key(e.Version, e.Name)]; ok {
		return i
	}
	return -1
}

// accepted is the reason that the lock gives since then for what became of a
// revision, "" where it gives none.
func (v *sinceView) accepted(label string) string {
	for _, r := range v.today.Lock.Reasons {
		if r.Label == label && !slices.Contains(v.was.Lock.Reasons, r) {
			return r.Because
		}
	}
	return ""
}

// counted says how many revisions are new and how many changed.
func (v *sinceView) counted() string {
	of := map[finding.Change][]string{}
	for _, r := range v.today.Revisions {
		of[v.changes[r.Version]] = append(of[v.changes[r.Version]], r.String())
	}
	var parts []string
	for _, c := range []finding.Change{finding.New, finding.Different} {
		if n := len(of[c]); n > 0 {
			parts = append(parts, fmt.Sprintf("%s: %s", c, strings.Join(of[c], ", ")))
		}
	}
	if len(parts) == 0 {
		return "no revision is new or changed since " + v.ref
	}
	return strings.Join(parts, "; ")
}

// sameRevision reports whether nothing of a revision has changed: name, SQL,
// seed and assertions, in which a comment may say something.
func sameRevision(d dialect.Dialect, a, b history.Revision) bool {
	return a.Name == b.Name && history.SQLSum(d, a.Up) == history.SQLSum(d, b.Up) && history.SQLSum(d, a.Down) == history.SQLSum(d, b.Down) &&
		sameText(a.Seed, b.Seed) && slices.EqualFunc(a.Asserts, b.Asserts, sameText)
}

func sameText(a, b *history.File) bool {
	if a == nil || b == nil {
		return a == b
	}
	lines := func(f *history.File) string { return strings.ReplaceAll(f.SQL, "\r\n", "\n") }
	return lines(a) == lines(b)
}
