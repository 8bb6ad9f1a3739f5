package walk

import (
	"fmt"
	"time"

	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
	"github.com/handrail-db/handrail/verify/rows"
	"github.com/handrail-db/handrail/verify/schema"
)

// A Stair is what the walk saw at one revision. A landing is nil where the
// walk did not get to that step.
type Stair struct {
	Revision history.Revision
	Before   schema.Snapshot // the catalogue below the revision
	Up       *Landing
	Down     *Landing
	Again    *Landing        // the second way up
	Left     []schema.Change // what an up that failed did to the catalogue
	Account  Account         // what became of the rows
	// Rebuilt names the tables of SQLite that the up makes anew under their
	// name, and Trials are that up in all modes of golang-migrate's driver.
	Rebuilt  []string
	Trials   []Trial
	Manner   Manner
	Promises Promises     // what assertions said
	Second   *SecondRound // nil: there was none
	Repeat   *Repeat      // of a revision about rows; nil: it was not run once more
	// NeedsEmpty is the up on the rows of the seeds, where it failed and runs
	// on empty tables: Up and the rest are then those on empty tables.
	NeedsEmpty *Landing
	// Went says how the walk went on after a step that failed; "" where none
	// did. The next stair begins where this revision's up ended, always.
	Went string
	// Unjudged says why only the up was made, to get to the revisions behind;
	// "" where the revision was looked at.
	Unjudged string
	// Blocked says why the walk did not get to this revision at all.
	Blocked string
	// Shared is what was changed that all databases of the server share, until the
	// walk came from here to the next revision.
	Shared []SharedChange
}

// A Landing is the database after one step.
type Landing struct {
	Err      error // why the step is not what it should be; nil if it is
	State    engine.State
	Snapshot schema.Snapshot
	Leaks    []string      // what the step left in its session
	Took     time.Duration // of the step alone
}

// OK reports whether the step was made and left the version that it should.
func (l *Landing) OK() bool { return l != nil && l.Err == nil }

// A Round is what the walk saw on the way from head to base and up again,
// after the last stair, through all revisions at once.
type Round struct {
	Empty, Full schema.Snapshot        // the catalogue at base and at head, on the way up
	Base, Head  *Landing               // the same after the way down and after the way up again
	Skipped     string                 // why there was no round
	Reached     bool                   // the walk got to head, and Full is the schema there
	Kept        []finding.KeptDatabase // with Options.Keep, also where the walk was broken off
	Cluster     Cluster                // also where the walk was broken off
}

// A Progress tells what the walk does next.
type Progress struct {
	Engine    string
	Revision  history.Revision
	Direction finding.Direction
	Step      int // of Steps, from 1
	Steps     int
	Round     bool // the way from head to base, or up again, through all revisions
}

// An Account is what became of the rows at one stair. Differences are those of the
// rows that were there before the up.
type Account struct {
	Rows            int64  // there were so many before the up
	Tables          int    // in so many tables
	Seeded          bool   // a seed has written some of them
	Unpeopled       string // why none are there that seeds should have written
	Up, Down, Again []rows.Difference
	Own             []rows.Difference // what the down did to the rows that were there after the up
	// Empty names the tables that held no row when the up changed them, in a
	// history with seeds: nobody knows what it does to one.
	Empty []string
	// DownNeedsEmpty: the down failed on these rows, and runs where there are
	// none.
	DownNeedsEmpty bool
	// Smallest are the rows on which a step fails that needs empty tables, as
	// few as were found, as statements to paste.
	Smallest []string
}

// Promises are what assertions said at one stair.
type Promises struct {
	Made            int // assertions that must hold after the up
	Up, Down, Again []BrokenPromise
	// Empty are those broken after the up in a database in which no seed has
	// written rows; Twice says that there was such a database beside the
	// walk's own.
	Empty []BrokenPromise
	Twice bool
	// Residue is what the assertions changed in spite of the rollback.
	Residue     []schema.Change
	ResidueRows []rows.Difference
}

// A BrokenPromise is an assertion that does not hold.
type BrokenPromise struct {
	Assertion history.Assertion
	Line      int
	Statement string // as it stands in the file
	Why       string // the message, or what was returned, in a line
	Rows      string // that were returned, in lines; "" where something raised
	State     string // SQLSTATE; "" where there is none
	Late      bool   // the statement took longer than it may
}

// A Trial is the up of a revision that rebuilds tables of SQLite, in one of the
// modes of golang-migrate's driver.
type Trial struct {
	Mode     string // in words
	Own      bool   // the project runs it so
	Snapshot schema.Snapshot
	Rows     []rows.Difference
	Harm     []string // what foreign_key_check and integrity_check say now and did not before
	Broken   []Broken
}

// Broken is a view or trigger that does not compile any more.
type Broken struct {
	Object schema.Object
	Why    string
}

// A Manner is how the up of a revision goes about its work.
type Manner struct {
	Rewritten []RewrittenTable // tables of Postgres
	Recreated []Recreation     // tables of SQLite that ALTER TABLE could have changed
	Writes    []Write          // statements for SQLite that write rows
}

// A Recreation is a table of SQLite that an up made anew, though statements of
// ALTER TABLE come to the same, as was tried.
type Recreation struct {
	Name, Was  string
	Statements []string          // none: nothing about the table is different
	Renamed    map[string]string // columns
}

// A RewrittenTable is one whose rows the up has written anew, all of them, into
// another file. Of a partitioned table the partitions are counted together.
type RewrittenTable struct {
	Name, Was  string
	Partitions int   // that were rewritten; 0: it has none
	Rows       int64 // that were there
}

// A Write is a statement of an up that writes rows, or another that makes some
// function do it.
type Write struct {
	Table string // "": nobody knows which
	What  string // in a few words: "UPDATE users"
	Line  int
}

// A SecondRound is the down of a revision on a database where rows were written
// at the revision: those of the seed for the next one, or copies.
type SecondRound struct {
	Wrote string // what wrote the rows, in words
	Err   error  // of the down; nil if it runs
	Rows  []rows.Difference
	// First is what the same down took from rows that nobody but its up had
	// written: that is what it is there for.
	First []rows.Difference
}

// A Repeat is what the SQL of a revision that is about rows does when it runs once
// more.
type Repeat struct {
	Err  error // nil: it runs
	Rows []rows.Difference
}

// A Cluster is what a walk saw of the server that others use too.
type Cluster struct {
	Foreign  bool           // it is not handrail's own
	Compared int            // objects
	Others   []string       // what is gone, and nobody knows by whose doing
	Changes  []SharedChange // those that are in no stair
}

// A SharedStep is what changed something that all databases of a server share.
type SharedStep struct {
	Revision  history.Revision
	Direction finding.Direction // "" where it is not a step of a revision
	Part      string            // in words: "0002_users: up", "the seed of 0002_users", "the prelude"
}

// A SharedChange is a change of what all databases of a server share.
type SharedChange struct {
	schema.SharedChange
	Step   *SharedStep // nil: not known
	Hidden bool        // its transaction hides who it is
}

// stepOf is a step of a revision. The second up is its up.
func stepOf(r history.Revision, d finding.Direction) SharedStep {
	if d == finding.Again {
		d = finding.Up
	}
	return SharedStep{Revision: r, Direction: d, Part: fmt.Sprintf("%s: %s", r, d)}
}
