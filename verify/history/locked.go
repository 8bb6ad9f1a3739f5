package history

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
