package move

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
	"github.com/handrail-db/handrail/verify/internal/walk"
	"github.com/handrail-db/handrail/verify/secret"
)

// A Position is where a database stands in a history, and what became of the
// attempts to move it.
type Position struct {
	Version   int              `json:"version"` // of this format: 2
	Target    string           `json:"target"`  // shows no password
	Subject   string           `json:"subject"`
	Current   engine.Version   `json:"current"`
	Head      engine.Version   `json:"head"`
	Dirty     bool             `json:"dirty"`
	Unknown   bool             `json:"unknown"` // the history has no revision with the version
	Revisions []RevisionStands `json:"revisions"`
	Moving    *Entry           `json:"moving,omitempty"`  // the attempt that runs now
	Crashed   *Entry           `json:"crashed,omitempty"` // the last attempt began, and nobody is at it any more
	Failed    *Entry           `json:"failed,omitempty"`  // the last attempt did not come to its end, or was taken back
	Asserted  *AssertionsStand `json:"asserted,omitempty"`
	entries   []Entry
}

// A RevisionStands is whether one revision is applied.
type RevisionStands struct {
	Version int64  `json:"version"`
	Label   string `json:"label"`
	State   string `json:"state"` // applied, pending, failed, dirty, late
	// Before is the version that was applied when the revision was not there: late,
	// it was never applied.
	Before *engine.Version `json:"before,omitempty"`
	// Changed: the file is not the one that handrail applied.
	Changed bool   `json:"changed"`
	Entry   *Entry `json:"last,omitempty"` // the last attempt at it; nil: none of handrail's
}

// AssertionsStand is what the assertions say that must hold now.
type AssertionsStand struct {
	Held   int               `json:"held"`
	Broken []finding.Finding `json:"broken"`
}

// Well reports whether a person has nothing to do: it is not dirty, and stands
// at a version of the history, of which no revision was left out, and what was
// asserted holds.
func (s Position) Well() bool {
	return !s.Dirty && !s.Unknown && len(s.Late()) == 0 && (s.Asserted == nil || len(s.Asserted.Broken) == 0)
}

// Pending counts the revisions above the one that the database stands at, those
// among them that failed.
func (s Position) Pending() int { return s.count("pending") + s.count("failed") }

func (s Position) count(state string) (n int) {
	for _, r := range s.Revisions {
		if r.State == state {
			n++
		}
	}
	return n
}

// Position reads where the database stands and changes nothing. With assert it
// runs the assertions that must hold there too, each in a transaction that is
// rolled back.
func (m Move) Position(ctx context.Context, assert bool) (s Position, err error) {
	defer func() { secret.Hidden(&err, nil, &s) }()
	s = Position{Version: 2, Current: engine.Version{Ordinal: engine.Base}, Target: m.Name, Subject: m.Subject.Title(), Revisions: []RevisionStands{}}
	h, assertions, err := m.history()
	if err != nil {
		return s, err
	}
	s.Head = engine.Version{Ordinal: h.Head()}
	if assert {
		s.Asserted = &AssertionsStand{Broken: []finding.Finding{}}
	}
	err = m.look(ctx, func(db *sql.DB, r engine.Options) error {
		if assert {
			s.Asserted = &AssertionsStand{Broken: []finding.Finding{}}
		}
		at, err := standsAt(ctx, db, m.Dialect, r)
		if err != nil {
			return err
		}
		s.Current, s.Dirty = engine.Version{Ordinal: at.Version}, at.Dirty
		s.Unknown = !h.Has(at.Version)
		if s.entries, err = m.entries(ctx, db, r); err != nil || !assert {
			return err
		}
		return m.assertNow(ctx, db, r, assertions, &s)
	})
	if err != nil {
		return s, err
	}
	for _, r := range h.Revisions {
		s.Revisions = append(s.Revisions, s.revision(r))
	}
	s.leftOut(h)
	if n := len(s.entries); n > 0 {
		switch last := &s.entries[n-1]; last.Outcome {
		case Started:
			s.Moving = last
		case Crashed:
			s.Crashed = last
		case Failed, RolledBack:
			s.Failed = last
		}
	}
	return s, nil
}

func (s Position) revision(r history.Revision) RevisionStands {
	stands := RevisionStands{Version: r.Version, Label: r.String(), State: "pending"}
	switch {
	case s.Dirty && r.Version == s.Current.Ordinal:
		stands.State = "dirty"
	case r.Version <= s.Current.Ordinal:
		stands.State = "applied"
	}
	for i := range s.entries {
		e := &s.entries[i]
		if e.Version.Ordinal != r.Version || e.Outcome == Forced {
			continue
		}
		stands.Entry = e
		if e.Outcome == Applied {
			stands.Changed = stands.State == "applied" && e.Direction == finding.Up && e.Checksum != checksum(r.Up)
		}
	}
	// A person who writes down another version has made up for a down, and not for an up.
	if e := stands.Entry; stands.State == "pending" && e.Missed() && (e.Direction == finding.Up || s.Dirty) {
		stands.State = "failed"
	}
	return stands
}

// Missed reports whether an attempt was made and did not succeed.
func (e *Entry) Missed() bool {
	return e != nil && (e.Outcome == Failed || e.Outcome == RolledBack || e.Outcome == Crashed)
}

// entries lists the attempts. One that was started by somebody who is gone has
// crashed.
func (m Move) entries(ctx context.Context, db *sql.DB, r engine.Options) ([]Entry, error) {
	entries, err := newLedger(m.Dialect, r).read(ctx, db)
	if err != nil {
		return nil, err
	}
	started := slices.ContainsFunc(entries, func(e Entry) bool { return e.Outcome == Started })
	if !started {
		return entries, nil
	}
	movers, _, err := m.movers(ctx, db, r)
	if err != nil {
		return nil, err
	}
	// Read again: an attempt may have ended in between.
	if entries, err = newLedger(m.Dialect, r).read(ctx, db); err != nil {
		return nil, err
	}
	for i := range entries {
		last := i == len(entries)-1 // nobody makes two at once
		if e := &entries[i]; e.Outcome == Started && (!last || !e.alive(movers)) {
			e.Outcome = Crashed
		}
	}
	return entries, nil
}

// alive reports whether an owner of the attempt is among the movers.
func (e Entry) alive(movers []string) bool {
	return slices.ContainsFunc(strings.Split(e.mover, ", "), func(owner string) bool { return slices.Contains(movers, owner) })
}

// Attempts are those to move one database.
type Attempts struct {
	Version int     `json:"version"` // of this format: 2
	Target  string  `json:"target"`  // shows no password
	Entries []Entry `json:"entries"` // oldest first
}

// Attempts reads the attempts to move the database and changes nothing.
func (m Move) Attempts(ctx context.Context) (all Attempts, err error) {
	defer func() { secret.Hidden(&err, nil, &all) }()
	all = Attempts{Version: 2, Target: m.Name, Entries: []Entry{}}
	err = m.look(ctx, func(db *sql.DB, r engine.Options) error {
		entries, err := m.entries(ctx, db, r)
		all.Entries = append(all.Entries, entries...)
		return err
	})
	return all, err
}

// assertNow runs the assertions that must hold where the database stands.
func (m Move) assertNow(ctx context.Context, db *sql.DB, r engine.Options, all []history.Assertion, s *Position) error {
	server, err := serverOf(ctx, db, m.Dialect)
	if err != nil {
		return err
	}
	for _, a := range all {
		if s.Dirty || s.Unknown || !a.Holds(s.Current.Ordinal) {
			continue
		}
		broken, err := walk.Asserting{Assertion: a}.Run(ctx, db, m.Dialect, r)
		switch {
		case err != nil:
			return err
		case broken == nil:
			s.Asserted.Held++
		default:
			s.Asserted.Broken = append(s.Asserted.Broken, m.finding(server, a.Revision, "", *broken))
		}
	}
	return nil
}

// serverOf is product and version of a server.
func serverOf(ctx context.Context, db engine.Querier, d dialect.Dialect) (string, error) {
	query, product := "SELECT sqlite_version()", "SQLite "
	if d == dialect.Postgres {
		query, product = "SELECT split_part(current_setting('server_version'), ' ', 1)", "Postgres "
	}
	version, err := engine.Column(ctx, db, query)
	if err != nil {
		return "", err
	}
	return product + version[0], nil
}

// finding is a broken promise as it is reported. The step is that of a revision
// in a direction, or none.
func (m Move) finding(server string, r history.Revision, d finding.Direction, b walk.BrokenPromise) finding.Finding {
	f := finding.Finding{
		Rule: finding.AssertionFailed, Severity: finding.Error, Engine: m.Name, Server: server, Version: &r.Version, Name: r.Name, Direction: d,
		Statement: b.Statement, Got: b.Rows, Hint: "mend the revision, or the rows",
	}
	f.File, f.Line = m.Subject.Place(m.Dialect, b.Assertion.File, b.Line)
	if b.Late {
		f.Hint = history.LateHint
	}
	what := "its assertion does not hold"
	if of := b.Assertion.Revision; of.Version != r.Version {
		what = fmt.Sprintf("the promise of %s does not hold any more", of)
	}
	when := ""
	if d == finding.Down {
		when = "after the down "
	}
	f.Message = fmt.Sprintf("%s: %s%s: %s", r, when, what, b.Why)
	return f
}
