package history

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/finding"
)

// LockFile is the file beside the revisions that says which of them are
// published, and what they were then. Its first line is the version of its format;
// each other is a revision, the reason why one was rewritten, or a comment that
// begins with #:
//
//	handrail.lock 2
//	0001 event_store UP DOWN baseline
//	0002 append_only UP DOWN
//	rewritten 0002_append_only because nobody had it yet
//
// UP and DOWN are checksums of the SQL, or - where there is no file. The first
// revision is the baseline. Of migrations in TOML or JSON the version is the
// ordinal, which it gives them for good; it has no gap. Whoever adds a revision
// appends a line, so that two branches which do meet in a merge conflict.
const LockFile = "handrail.lock"

// lockFormat is the format that is written. Format 1 had ordinals and names of
// migrations in TOML or JSON, and no checksums.
const lockFormat = 2

const (
	lockHead    = "handrail.lock 2"
	lockComment = `# Each published revision: version, name, checksums of the SQL of its up and its down.
# Comments and white space in them do not count. "handrail lock" appends what is new; a line
# that is here changes by "handrail lock --rewrite REASON" alone, which leaves the reason here.
# In a merge conflict keep the lines that are published, remove the others, run it again.
`
	lockComment1 = `# The ordinal and the name of each published migration, in the order in which databases
# apply them. "handrail lock" appends what is new; a line that is here never changes.
# In a merge conflict keep the lines that are published, remove the others, run it again.
`
)

// A lockReason is why a line of a lock was rewritten.
type lockReason struct {
	verb    string // rewritten, removed, inserted
	Label   string // of the revision
	Because string
}

// readLock reads the lock of a folder; without one nothing is published.
func readLock(folder fs.FS) (Locked, error) {
	text, err := readPlain(folder, LockFile)
	if errors.Is(err, fs.ErrNotExist) {
		return Locked{}, nil
	}
	if err != nil {
		return Locked{}, err
	}
	return parseLock(text)
}

var lockHeadPattern = regexp.MustCompile(`^handrail\.lock ([0-9]+)$`)

func parseLock(text []byte) (Locked, error) {
	lines := strings.Split(string(text), "\n")
	for i, line := range lines {
		if conflictMark(strings.TrimRight(line, "\r")) {
			return Locked{}, fmt.Errorf("%s: a merge conflict: two branches have each added a migration; keep the lines that are published, remove the others and the marks, and run handrail lock", finding.Place(LockFile, i+1))
		}
	}
	l := Locked{Text: text}
	head := strings.TrimSpace(lines[0])
	if m := lockHeadPattern.FindStringSubmatch(head); m != nil {
		l.format, _ = strconv.Atoi(m[1])
	}
	switch {
	case l.format > lockFormat:
		return Locked{}, fmt.Errorf("%s: format %d is that of a newer handrail: this one knows formats up to %d", finding.Place(LockFile, 1), l.format, lockFormat)
	case l.format < 1:
		return Locked{}, fmt.Errorf("%s: want %q, the version of the format, got %q", finding.Place(LockFile, 1), lockHead, head)
	}
	for i, text := range lines[1:] {
		text = strings.TrimSpace(text)
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		if err := l.parseLine(text, i+2); err != nil {
			return Locked{}, fmt.Errorf("%s: %w", finding.Place(LockFile, i+2), err)
		}
	}
	if !l.Summed() {
		return l, withoutGap(l.Entries)
	}
	return l, nil
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

// lockVerbs begin the lines that keep a reason.
var lockVerbs = []string{"rewritten", "removed", "inserted"}

// parseLine adds what one line says.
func (l *Locked) parseLine(text string, line int) error {
	if verb, _, _ := strings.Cut(text, " "); l.Summed() && slices.Contains(lockVerbs, verb) {
		reason, err := parseReason(verb, text)
		l.Reasons = append(l.Reasons, reason)
		return err
	}
	parse := parseEntry
	if !l.Summed() {
		parse = parseEntry1
	}
	e, err := parse(text)
	if err != nil {
		return err
	}
	e.Line = line
	if n := len(l.Entries); n > 0 && l.Summed() {
		switch last := l.Entries[n-1]; {
		case e.Baseline:
			return fmt.Errorf("%s is no baseline: that is the first revision of the lock", e)
		case e.Version == last.Version:
			return fmt.Errorf("version %d is in line %d already", e.Version, last.Line)
		case e.Version < last.Version:
			return fmt.Errorf("version %d stands behind version %d of line %d; they stand in order", e.Version, last.Version, last.Line)
		}
	}
	l.Entries = append(l.Entries, e)
	return nil
}

var (
	lockVersion = regexp.MustCompile(`^[0-9]+$`)
	lockSum     = regexp.MustCompile(fmt.Sprintf(`^([0-9a-f]{%d}|%s)$`, sumLength, NoSQL))
)

// parseEntry reads a revision of format 2.
func parseEntry(text string) (LockEntry, error) {
	fields, err := lockFields(text)
	if err != nil {
		return LockEntry{}, err
	}
	if len(fields) < 4 || len(fields) > 5 || len(fields) == 5 && fields[4] != "baseline" {
		return LockEntry{}, fmt.Errorf("want VERSION NAME UP DOWN [baseline], got %q", text)
	}
	e := LockEntry{Digits: fields[0], Name: fields[1], Up: fields[2], Down: fields[3], Baseline: len(fields) == 5}
	if e.Version, err = strconv.ParseInt(e.Digits, 10, 64); err != nil || !lockVersion.MatchString(e.Digits) {
		return LockEntry{}, fmt.Errorf("version %q: want a number", e.Digits)
	}
	for _, sum := range fields[2:4] {
		if !lockSum.MatchString(sum) {
			return LockEntry{}, fmt.Errorf("%q is no checksum: want %d hexadecimal digits, or %s where there is no file", sum, sumLength, NoSQL)
		}
	}
	return e, nil
}

// parseEntry1 reads a migration of format 1.
func parseEntry1(text string) (LockEntry, error) {
	fields := strings.Fields(text)
	if len(fields) != 2 {
		return LockEntry{}, fmt.Errorf("want an ordinal and a name, got %q", text)
	}
	ordinal, err := strconv.ParseInt(fields[0], 10, 64)
	if err != nil || ordinal < 1 || ordinal == math.MaxInt64 {
		return LockEntry{}, fmt.Errorf("ordinal %q: want a number from 1 on", fields[0])
	}
	if !MigrationName.MatchString(fields[1]) {
		return LockEntry{}, fmt.Errorf("%q is no name of a migration: %s", fields[1], NameRule)
	}
	return LockEntry{Version: ordinal, Digits: ordinalDigits(ordinal), Name: fields[1]}, nil
}

// ordinalDigits is an ordinal as reports and locks have it.
func ordinalDigits(ordinal int64) string { return fmt.Sprintf("%04d", ordinal) }

// withoutGap refuses a lock of migrations in TOML or JSON that leaves out an
// ordinal, or has a name twice.
func withoutGap(entries []LockEntry) error {
	line := map[string]int{}
	for i, e := range entries {
		want := int64(1)
		if i > 0 {
			want = entries[i-1].Version + 1
		} else if e.Baseline {
			want = e.Version // older ones were replaced by it
		}
		var err error
		switch {
		case e.Version != want:
			err = fmt.Errorf("ordinal %d where %d comes next; a line that was published never changes and never goes", e.Version, want)
		case line[e.Name] != 0:
			err = fmt.Errorf("%s has an ordinal in line %d", e.Name, line[e.Name])
		}
		if err != nil {
			return fmt.Errorf("%s: %w", finding.Place(LockFile, e.Line), err)
		}
		line[e.Name] = e.Line
	}
	return nil
}

// parseReason reads a line like: rewritten 0002_append_only because REASON.
func parseReason(verb, text string) (lockReason, error) {
	r := lockReason{verb: verb}
	label, rest, err := lockField(strings.TrimPrefix(text, verb))
	if err == nil {
		rest, because := strings.CutPrefix(strings.TrimSpace(rest), "because ")
		r.Label, r.Because = label, strings.TrimSpace(rest)
		if !because || r.Because == "" || label == "" {
			err = fmt.Errorf("want %s REVISION because REASON, got %q", verb, text)
		}
	}
	return r, err
}

// String is the reason as its line in a lock.
func (r lockReason) String() string {
	return r.verb + " " + lockName(r.Label) + " because " + r.Because
}

// lockFields are the words of a line.
func lockFields(text string) (fields []string, err error) {
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		var field string
		if field, text, err = lockField(text); err != nil {
			return nil, err
		}
		fields = append(fields, field)
	}
	return fields, nil
}

// lockField is the first word of a line, which stands in quotes where it could
// not be told from the rest.
func lockField(text string) (field, rest string, err error) {
	text = strings.TrimSpace(text)
	if !strings.HasPrefix(text, `"`) {
		end := strings.IndexAny(text, " \t")
		if end < 0 {
			end = len(text)
		}
		return text[:end], text[end:], nil
	}
	quoted, err := strconv.QuotedPrefix(text)
	if err == nil {
		field, err = strconv.Unquote(quoted)
	}
	if err != nil {
		return "", "", fmt.Errorf("a name in quotes that is not closed: %s", text)
	}
	return field, text[len(quoted):], nil
}

// plainName is a name that a line can hold as it is.
var plainName = regexp.MustCompile(`^[\pL\pN_.+:@~()-]+$`)

// lockName is a name as a lock holds it.
func lockName(name string) string {
	if plainName.MatchString(name) {
		return name
	}
	return strconv.Quote(name)
}

// text is the revision as its line in a lock.
func (e LockEntry) text() string {
	line := e.Digits + " " + lockName(e.Name) + " " + e.Up + " " + e.Down
	if e.Baseline {
		line += " baseline"
	}
	return line
}

// EntryOf is a revision as a lock has it.
func EntryOf(d dialect.Dialect, r Revision) LockEntry {
	return LockEntry{Version: r.Version, Digits: r.Digits, Name: r.Name, Up: SQLSum(d, r.Up), Down: SQLSum(d, r.Down)}
}
