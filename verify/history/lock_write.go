package history

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/handrail-db/handrail/verify/dialect"
)

// A Lock is what a [LockFile] should hold.
type Lock struct {
	File      string     // as findings name it
	Text      []byte     // the whole file
	Changed   bool       // Text is not what the file holds
	Added     []Revision // that are in it and were not before
	Completed []Revision // that get their checksums: format 1 had none
	Rewritten []string   // the lines that say what [Subject.Relock] has changed
	// Differing names the published revisions that are not what they were: their
	// lines stay as they are.
	Differing []string
}

// Lock publishes each revision of a dialect that is not yet in the lock file,
// behind all that stands there. It writes nothing. It is an error if a new revision
// would not be the last, where golang-migrate may never apply it.
func (s Subject) Lock(d dialect.Dialect) (Lock, error) {
	h, err := s.History(d)
	if err != nil {
		return Lock{}, err
	}
	return s.relocked(h, "")
}

// Relock is [Subject.Lock] that also makes each line what its revision is now, and
// leaves the reason in the file. Migrations in TOML or JSON take the places of
// those that are gone.
func (s Subject) Relock(d dialect.Dialect, reason string) (Lock, error) {
	reason = strings.Join(strings.Fields(reason), " ")
	switch {
	case reason == "":
		return Lock{}, errors.New("no reason: say why what is published is rewritten")
	case strings.ContainsFunc(reason, func(r rune) bool { return !unicode.IsPrint(r) }):
		return Lock{}, fmt.Errorf("reason %q: want text that can be printed", reason)
	}
	h, err := s.historyForRelock(d)
	if err != nil {
		return Lock{}, err
	}
	return s.relocked(h, reason)
}

// historyForRelock is the history whatever has become of what is published.
func (s Subject) historyForRelock(d dialect.Dialect) (History, error) {
	folder := s.FS(d)
	if folder == nil {
		return s.History(d)
	}
	names, rove, err := revisionSources(folder)
	if err != nil || !rove {
		return s.History(d)
	}
	h, err := func() (History, error) {
		lock, err := readLock(folder)
		if err != nil {
			return History{}, err
		}
		migrations, err := readRoveFiles(folder, names, lock)
		if err != nil {
			return History{}, err
		}
		published, err := replaced(migrations, lock.Entries)
		if err != nil {
			return History{}, err
		}
		return roveHistory(d, migrations, lock, published)
	}()
	if err != nil {
		return History{}, fmt.Errorf("%s revisions of %s: %w", d, s.Title(), err)
	}
	return h, nil
}

// relocked is the lock of a history. Without a reason nothing that is there
// changes.
func (s Subject) relocked(h History, reason string) (Lock, error) {
	lock := Lock{File: s.Path(h.Dialect, LockFile)}
	w := newLockWriter(h.Lock)
	for _, d := range h.Edits() {
		switch label := d.Label(); {
		case reason == "":
			lock.Differing = append(lock.Differing, label)
		case d.Now == nil:
			w.remove(d.Entry.Version)
			w.reasons = append(w.reasons, lockReason{"removed", label, reason})
		default:
			w.set(EntryOf(h.Dialect, *d.Now))
			w.reasons = append(w.reasons, lockReason{"rewritten", label, reason})
		}
	}
	for _, r := range h.Unpublished() {
		last := h.Lock.last()
		switch {
		case r.Version > last.Version || len(h.Lock.Entries) == 0:
		case reason == "":
			return Lock{}, fmt.Errorf("%s: %s would not be the last: %s is published, and golang-migrate applies nothing below it where that is; give it a version above %d, or say why it may be there: handrail lock --rewrite REASON", lock.File, r, last, last.Version)
		default:
			w.reasons = append(w.reasons, lockReason{"inserted", r.String(), reason})
		}
		w.set(EntryOf(h.Dialect, r))
		lock.Added = append(lock.Added, r)
	}
	if h.Lock.Text != nil && !h.Lock.Summed() {
		for _, r := range h.Revisions {
			if !slices.ContainsFunc(lock.Added, func(a Revision) bool { return a.Version == r.Version }) {
				w.set(EntryOf(h.Dialect, r))
				lock.Completed = append(lock.Completed, r)
			}
		}
	}
	for _, r := range w.reasons {
		lock.Rewritten = append(lock.Rewritten, r.String())
	}
	lock.Text = w.text()
	lock.Changed = !bytes.Equal(lock.Text, h.Lock.Text)
	return lock, nil
}

// last is the last published revision.
func (l Locked) last() LockEntry {
	if len(l.Entries) == 0 {
		return LockEntry{}
	}
	return l.Entries[len(l.Entries)-1]
}

// A lockWriter changes some lines of a lock and leaves all others as they are.
type lockWriter struct {
	was     []byte
	lines   []lockLine
	end     string // of a line
	reasons []lockReason
	changed bool
	rebased bool // the first revision may be another
}

// A lockLine is a revision, or what else stands in a line.
type lockLine struct {
	text  string
	entry *LockEntry // nil: there is none
}

func newLockWriter(l Locked) *lockWriter {
	w := &lockWriter{was: l.Text, end: "\n"}
	if bytes.Contains(l.Text, []byte("\r\n")) {
		w.end = "\r\n"
	}
	if !l.Summed() { // or there is none
		w.changed, w.rebased = true, true
		for _, line := range strings.Split(lockHead+"\n"+strings.TrimSuffix(lockComment, "\n"), "\n") {
			w.lines = append(w.lines, lockLine{text: line})
		}
	}
	if l.Text == nil {
		return w
	}
	entries := map[int]*LockEntry{}
	for i := range l.Entries {
		entries[l.Entries[i].Line] = &l.Entries[i]
	}
	for i, line := range strings.Split(strings.TrimSuffix(string(l.Text), "\n"), "\n") {
		line = strings.TrimSuffix(line, "\r")
		old := !l.Summed() && (i == 0 || line != "" && strings.Contains(lockComment1, line+"\n"))
		if !old {
			w.lines = append(w.lines, lockLine{line, entries[i+1]})
		}
	}
	return w
}

// set puts a revision into its place, in that of the one with its version where
// there is one.
func (w *lockWriter) set(e LockEntry) {
	w.changed = true
	at := len(w.lines)
	for i, line := range w.lines {
		switch {
		case line.entry == nil || line.entry.Version < e.Version:
		case line.entry.Version == e.Version:
			e.Baseline = line.entry.Baseline
			w.lines[i] = lockLine{e.text(), &e}
			return
		default:
			at = min(at, i)
		}
	}
	w.rebased = w.rebased || at < len(w.lines)
	w.lines = slices.Insert(w.lines, at, lockLine{e.text(), &e})
}

func (w *lockWriter) remove(version int64) {
	w.changed, w.rebased = true, true
	w.lines = slices.DeleteFunc(w.lines, func(l lockLine) bool { return l.entry != nil && l.entry.Version == version })
}

// text is the whole file. The first revision of a lock that is made, or that has
// lost its first, is the baseline.
func (w *lockWriter) text() []byte {
	if !w.changed {
		return w.was
	}
	lines, first := slices.Clone(w.lines), true
	for i, line := range lines {
		if line.entry == nil {
			continue
		}
		e := *line.entry
		if e.Baseline != first && w.rebased {
			e.Baseline = first
			lines[i].text = e.text()
		}
		first = false
	}
	for _, r := range w.reasons {
		lines = append(lines, lockLine{text: r.String()})
	}
	var b bytes.Buffer
	for _, line := range lines {
		b.WriteString(line.text + w.end)
	}
	return b.Bytes()
}
