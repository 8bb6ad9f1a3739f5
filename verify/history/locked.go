package history

import (
	"regexp"
	"strconv"
)

// A Locked is what a lock says.
type Locked struct {
	Text    []byte // nil: there is none
	format  int
	Entries []LockEntry
	Reasons []lockReason
}

// A LockEntry is a published revision.
type LockEntry struct {
	Version  int64
	Digits   string // the version as it stands there
	Name     string
	Up, Down string // checksums; "": not known
	Baseline bool
	Line     int
}

// String names the revision as its files did.
func (e LockEntry) String() string { return e.Digits + "_" + e.Name }

// Summed reports whether the lock holds checksums.
func (l Locked) Summed() bool { return l.format >= lockFormat }

// lockFormat is the format that is written. Format 1 had ordinals and names of
// migrations in TOML or JSON, and no checksums.
const lockFormat = 2

// A lockReason is why a line of a lock was rewritten.
type lockReason struct {
	verb    string // rewritten, removed, inserted
	Label   string // of the revision
	Because string
}

// String is the reason as its line in a lock.
func (r lockReason) String() string {
	return r.verb + " " + lockName(r.Label) + " because " + r.Because
}

// lockName is a name as a lock holds it.
func lockName(name string) string {
	if plainName.MatchString(name) {
		return name
	}
	return strconv.Quote(name)
}

// plainName is a name that a line can hold as it is.
var plainName = regexp.MustCompile(`^[\pL\pN_.+:@~()-]+$`)
