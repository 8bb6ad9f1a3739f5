package verify

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"strconv"
	"strings"
)

// LockFile is the file beside migrations in TOML or JSON that gives the name of
// each its ordinal, for good. Its first line is the version of its format; each
// other is an ordinal and a name, or a comment that begins with #. Ordinals count
// from 1 without a gap. Whoever adds a migration appends a line, so that two
// branches which do meet in a merge conflict.
const LockFile = "handrail.lock"

const (
	lockHead    = "handrail.lock 1"
	lockComment = `# The ordinal and the name of each published migration, in the order in which databases
# apply them. "handrail lock" appends what is new; a line that is here never changes.
# In a merge conflict keep the lines that are published, remove the others, run it again.
`
)

// A lockEntry is a name with its ordinal.
type lockEntry struct {
	ordinal int64
	name    string
	line    int
}

// readLock reads the lock of a folder; without one nothing has an ordinal.
func readLock(folder fs.FS) (text []byte, entries []lockEntry, err error) {
	text, err = fs.ReadFile(folder, LockFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	entries, err = parseLock(text)
	return text, entries, err
}

func parseLock(text []byte) ([]lockEntry, error) {
	var entries []lockEntry
	lines := strings.Split(string(text), "\n")
	for i, line := range lines {
		if line = strings.TrimRight(line, "\r"); conflictMark(line) {
			return nil, fmt.Errorf("%s: a merge conflict: two branches have each added a migration; keep the lines that are published, remove the others and the marks, and run handrail lock", place(LockFile, i+1))
		}
	}
	if strings.TrimSpace(lines[0]) != lockHead {
		return nil, fmt.Errorf("%s: want %q, the version of the format, got %q", place(LockFile, 1), lockHead, strings.TrimSpace(lines[0]))
	}
	line := map[string]int{}
	for i, text := range lines[1:] {
		text = strings.TrimSpace(text)
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		e, err := parseLockEntry(text)
		e.line = i + 2
		want := int64(len(entries)) + 1
		switch {
		case err != nil:
		case e.ordinal != want:
			err = fmt.Errorf("ordinal %d where %d comes next; a line that was published never changes and never goes", e.ordinal, want)
		case line[e.name] != 0:
			err = fmt.Errorf("%s has an ordinal in line %d", e.name, line[e.name])
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", place(LockFile, e.line), err)
		}
		line[e.name] = e.line
		entries = append(entries, e)
	}
	return entries, nil
}

// conflictMark reports whether git has left a line for a person to decide.
func conflictMark(line string) bool {
	for _, mark := range []string{"<<<<<<<", "|||||||", "=======", ">>>>>>>"} {
		if strings.HasPrefix(line, mark) {
			return true
		}
	}
	return false
}

func parseLockEntry(text string) (lockEntry, error) {
	fields := strings.Fields(text)
	if len(fields) != 2 {
		return lockEntry{}, fmt.Errorf("want an ordinal and a name, got %q", text)
	}
	ordinal, err := strconv.ParseInt(fields[0], 10, 64)
	if err != nil || ordinal < 1 || ordinal == math.MaxInt64 {
		return lockEntry{}, fmt.Errorf("ordinal %q: want a number from 1 on", fields[0])
	}
	if !migrationName.MatchString(fields[1]) {
		return lockEntry{}, fmt.Errorf("%q is no name of a migration: %s", fields[1], nameRule)
	}
	return lockEntry{ordinal: ordinal, name: fields[1]}, nil
}

// ErrOwnVersions is the error of a lock for files that have versions of their own,
// as golang-migrate's do.
var ErrOwnVersions = errors.New("its files have versions of their own: " + LockFile + " is for migrations in TOML or JSON")

// A Lock is what a [LockFile] should hold.
type Lock struct {
	File  string     // as findings name it
	Text  []byte     // the whole file
	Added []Revision // that have an ordinal in it and had none before
}

// Lock gives an ordinal to each migration that has none, in the order in which
// they are applied, behind all that stands in the lock file. It writes nothing. It
// is [ErrOwnVersions] if the history has versions of its own.
func (s Subject) Lock(d Dialect) (Lock, error) {
	h, err := s.History(d)
	if err != nil {
		return Lock{}, err
	}
	if !h.rove() {
		return Lock{}, fmt.Errorf("%s: %w", s.name(), ErrOwnVersions)
	}
	text, _, err := readLock(s.FS(d))
	if err != nil {
		return Lock{}, err
	}
	lock := Lock{File: s.file(d, LockFile), Added: h.Provisional()}
	lock.Text = appendLock(text, lock.Added)
	return lock, nil
}

// appendLock is the text of a lock file with more revisions, every byte that was
// there unchanged.
func appendLock(text []byte, added []Revision) []byte {
	if len(added) == 0 {
		return text
	}
	var b strings.Builder
	switch {
	case len(text) == 0:
		b.WriteString(lockHead + "\n" + lockComment)
	case !bytes.HasSuffix(text, []byte("\n")):
		b.WriteByte('\n')
	}
	for _, r := range added {
		fmt.Fprintf(&b, "%d %s\n", r.Version, r.Name)
	}
	out := b.String()
	if bytes.Contains(text, []byte("\r\n")) {
		out = strings.ReplaceAll(out, "\n", "\r\n")
	}
	return append(bytes.Clone(text), out...)
}
