package verify

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/golang-migrate/migrate/v4/database"
)

// A conductor stands between golang-migrate and its driver: it makes a step of
// what golang-migrate does with a revision (dirty version, file, clean version)
// and of the assertions, in one transaction wherever that can be.
type conductor struct {
	database.Driver // for what no step needs
	move            Move
	driver          MoveDriver
	history         History
	assertions      []Assertion
	runner          Runner // located
	table           versionTable
	ledger          ledger
	server          string

	ctx   context.Context
	at    State
	body  []byte // of the step; nil: it has no file
	entry Entry  // of the step
	lost  bool   // the connection: nothing could be written down
}

var _ database.Driver = (*conductor)(nil)

func (m Move) conductor(ctx context.Context, driver MoveDriver, h History, assertions []Assertion) (*conductor, error) {
	r, err := located(ctx, driver.Session(), m.Dialect, m.Subject.Runner)
	if err != nil {
		return nil, err
	}
	c := &conductor{
		Driver: driver, move: m, driver: driver, history: h, assertions: assertions, runner: r,
		table: newVersionTable(m.Dialect, r), ledger: newLedger(m.Dialect, r),
	}
	if c.at, err = standsAt(ctx, driver.Session(), m.Dialect, r); err != nil {
		return nil, err
	}
	c.server, err = serverOf(ctx, driver.Session(), m.Dialect)
	return c, err
}

// prepare makes the history's table and ends what nobody is at any more.
func (c *conductor) prepare(ctx context.Context) error {
	s := c.driver.Session()
	if err := c.ledger.create(ctx, s); err != nil {
		return err
	}
	return c.ledger.bury(ctx, s)
}

// Lock and Unlock have nothing to do: the move holds the lock from beginning to end.
func (c *conductor) Lock() error { return nil }

func (c *conductor) Unlock() error { return nil }

func (c *conductor) Version() (int, bool, error) {
	if c.at == (State{Version: Base}) {
		return database.NilVersion, false, nil
	}
	return int(c.at.Version), c.at.Dirty, nil
}

// Run keeps the file until golang-migrate says that the step is at its end.
func (c *conductor) Run(file io.Reader) (err error) {
	c.body, err = io.ReadAll(file)
	return err
}

func (c *conductor) SetVersion(version int, dirty bool) error {
	if dirty {
		c.body = nil
		return nil
	}
	return c.step(int64(version))
}

// A notInTransaction is why a step has to be made golang-migrate's plain way.
// What was begun is rolled back.
type notInTransaction struct{ why string }

func (e notInTransaction) Error() string { return e.why }

// A promiseError is an assertion that does not hold.
type promiseError struct {
	step   PlannedStep
	broken BrokenPromise
	fate   string
}

func (e *promiseError) Error() string {
	return fmt.Sprintf("%s: %s: %s", place(e.broken.Assertion.File.at(e.broken.Line)), shortStatement(e.broken.Statement), e.broken.Why)
}

// step makes a step to a version and writes down what became of it.
func (c *conductor) step(version int64) error {
	r, d := c.revision(version)
	step := c.move.planned(r, d, version, c.assertions)
	c.entry = Entry{Version: Version(r.Version), Revision: r.String(), Direction: d, Checksum: checksum(r.file(d)), Fate: Started, Who: c.move.Who, From: new(Version(c.at.Version)), mover: c.driver.Mover()}
	if err := c.ledger.begin(c.ctx, c.driver.Session(), &c.entry); err != nil {
		return c.failed(step, err)
	}
	err := error(notInTransaction{step.Plain})
	if step.Plain == "" {
		if err = c.whole(step, version); c.at.Dirty {
			step.Plain = endedItself
		}
	}
	var plain notInTransaction
	if errors.As(err, &plain) {
		step.Plain = plain.why
		err = c.plain(step, version)
	}
	if err != nil {
		return c.failed(step, err)
	}
	return c.renew()
}

// endedItself is why a step was not in a transaction whose file has a COMMIT that
// its text does not show: the server reads strings otherwise than we do where
// standard_conforming_strings is off.
const endedItself = "it ended the transaction"

// markDirty writes down that the database stands at a version which nobody
// vouches for.
func (c *conductor) markDirty(version int64) error {
	if err := c.begin(c.ctx); err != nil {
		return err
	}
	to := State{version, true}
	err := c.write(to)
	if err == nil {
		_, err = c.driver.Session().ExecContext(c.ctx, "COMMIT")
	}
	if err != nil {
		return errors.Join(err, c.rollback())
	}
	c.at = to
	return nil
}

// write puts a state into the version table. It does not TRUNCATE, as
// golang-migrate does: who only reads would have to wait.
func (c *conductor) write(to State) error {
	stmts := []string{"DELETE FROM " + c.table.sqlName}
	if to != (State{Version: Base}) {
		dirty := "false"
		switch {
		case to.Dirty && c.move.Dialect == SQLite:
			dirty = "1"
		case c.move.Dialect == SQLite:
			dirty = "0"
		case to.Dirty:
			dirty = "true"
		}
		stmts = append(stmts, fmt.Sprintf("INSERT INTO %s (version, dirty) VALUES (%d, %s)", c.table.sqlName, to.Version, dirty))
	}
	for _, stmt := range stmts {
		if _, err := c.driver.Session().ExecContext(c.ctx, stmt); err != nil {
			return fmt.Errorf("version table %s: %w", c.table.label(), err)
		}
	}
	return nil
}

// whole makes a step, its assertions, the version and the history one
// transaction.
func (c *conductor) whole(step PlannedStep, version int64) (err error) {
	if err := c.begin(c.ctx); err != nil {
		return err
	}
	ended := false
	defer func() {
		if err != nil && !ended {
			_ = c.rollback() // fails where the connection is lost, and the server does it
		}
	}()
	if c.body != nil {
		if err := c.driver.Unwrapped().Run(bytes.NewReader(c.body)); err != nil {
			said := driverError(err)
			switch state := sqlState(said); {
			case state == "" || lostConnection(said):
				return err // SQLite's own errors may end the transaction, and take all of it back
			case !c.driver.InTransaction():
				ended = true
				return errors.Join(err, c.markDirty(version))
			case state == "25001" || state == "2D000": // active SQL transaction, invalid transaction termination
				return notInTransaction{oneLine(said)}
			}
			return err
		}
	}
	if !c.driver.InTransaction() {
		ended = true
		if err := c.markDirty(version); err != nil {
			return err
		}
		step.Plain = endedItself
		return c.settle(step, version)
	}
	broken, err := c.assert(version)
	if err != nil {
		return err
	}
	if broken != nil {
		if broken.State == "55P04" { // unsafe use of a new value of an enum
			return notInTransaction{"a new label of an enum, which " + broken.Assertion.File.Name + " uses"}
		}
		return &promiseError{step, *broken, fmt.Sprintf("%s and its assertions were one transaction, which is rolled back: nothing of it is there", step.Revision)}
	}
	return c.commit(version, Applied)
}

// commit writes version and history into the transaction that is open, and ends
// it. A role or a search_path that the revision has left does not count, neither
// here nor in the next step.
func (c *conductor) commit(version int64, status Fate) error {
	s := c.driver.Session()
	if err := c.reset(c.ctx); err != nil {
		return err
	}
	if err := c.write(State{Version: version}); err != nil {
		return err
	}
	if c.entry.ID != 0 {
		if err := c.ledger.end(c.ctx, s, &c.entry, status); err != nil {
			return err
		}
	}
	if _, err := s.ExecContext(c.ctx, "COMMIT"); err != nil {
		c.entry.Fate = Started
		return err
	}
	c.at = State{Version: version}
	return nil
}

// plain makes a step as golang-migrate alone does, dirty meanwhile; then come the
// assertions.
func (c *conductor) plain(step PlannedStep, version int64) error {
	if err := c.markDirty(version); err != nil {
		return err
	}
	if c.body != nil {
		if err := c.runPlain(c.body); err != nil {
			return err
		}
	}
	return c.settle(step, version)
}

// runPlain runs a file and ends a transaction that it leaves open: well, as
// golang-migrate does without knowing it, or not, where it is broken.
func (c *conductor) runPlain(body []byte) error {
	err := c.driver.Run(bytes.NewReader(body))
	switch {
	case err != nil:
		_ = c.rollback() // the file's own transaction, if one is open
		return err
	case c.move.Dialect == Postgres && c.driver.InTransaction():
		_, err = c.driver.Session().ExecContext(c.ctx, "COMMIT")
	}
	return err
}

// settle runs the assertions after a file that is applied. Where one does not hold
// the file of the other direction takes it back, if there is one.
func (c *conductor) settle(step PlannedStep, version int64) error {
	if err := c.renew(); err != nil {
		return err
	}
	if err := c.begin(c.ctx); err != nil {
		return err
	}
	broken, err := c.assert(version)
	if e := c.rollback(); err != nil || e != nil {
		return errors.Join(err, e)
	}
	if broken == nil {
		if err := c.begin(c.ctx); err != nil {
			return err
		}
		return c.commit(version, Applied)
	}
	failure := &promiseError{step: step, broken: *broken}
	back := step.Revision.file(step.Direction.opposite())
	was := c.below(step)
	applied := fmt.Sprintf("%s is applied, all of it, and was not in a transaction (%s)", step.Revision, step.Plain)
	if back == nil {
		failure.fate = fmt.Sprintf("%s; there is no %s to take it back: the database is marked dirty\n"+
			"    remedy: mend the rows and keep it: %s\n"+
			"    or undo it by hand: %s",
			applied, step.Direction.opposite(), c.move.forceCommand(word(version)), c.move.forceCommand(word(was)))
		return failure
	}
	if err = c.markDirty(was); err == nil {
		err = c.runPlain([]byte(back.SQL))
	}
	if err != nil {
		failure.fate = fmt.Sprintf("%s; %s, which takes it back, did not run: %s: the database is marked dirty\n    remedy: undo it by hand: %s",
			applied, c.move.Subject.file(c.move.Dialect, back.Name), oneLine(driverError(err)), c.move.forceCommand(word(was)))
		return failure
	}
	failure.fate = fmt.Sprintf("%s was not in a transaction (%s); %s has taken it back", step.Revision, step.Plain, c.move.Subject.file(c.move.Dialect, back.Name))
	c.entry.Error = oneLine(failure)
	if err := c.begin(c.ctx); err != nil {
		return err
	}
	if err := c.commit(was, RolledBack); err != nil {
		return err
	}
	return failure
}

// below is the version that a step began at.
func (c *conductor) below(step PlannedStep) int64 {
	if step.Direction == Down {
		return step.Revision.Version
	}
	return c.history.below(c.history.Index(step.Revision.Version))
}

// word is a version as the commands take it.
func word(version int64) string { return Version(version).String() }

// assert runs the assertions that must hold at a version, in the transaction that
// is open, until one does not.
func (c *conductor) assert(version int64) (*BrokenPromise, error) {
	s := c.driver.Session()
	exec := func(stmts ...string) error {
		for _, stmt := range stmts {
			if _, err := s.ExecContext(c.ctx, stmt); err != nil {
				return err
			}
		}
		return nil
	}
	const point = "handrail_assertion"
	holding := c.holding(version)
	if len(holding) > 0 && c.move.Dialect == Postgres {
		// What the revision has put off is the revision's.
		if err := exec("SAVEPOINT "+point, "SET CONSTRAINTS ALL IMMEDIATE", "ROLLBACK TO SAVEPOINT "+point); err != nil {
			return nil, err
		}
	}
	c.entry.Assertions = 0
	for _, a := range holding {
		if err := exec("SAVEPOINT " + point); err != nil {
			return nil, fmt.Errorf("%s: %w", a.File.Name, err)
		}
		if c.move.Dialect == Postgres {
			err := exec("RESET ALL", "RESET ROLE", a.setLimit())
			if err != nil {
				return nil, fmt.Errorf("%s: %w", a.File.Name, err)
			}
		}
		if err := c.driver.Restore(c.ctx); err != nil {
			return nil, fmt.Errorf("%s: %w", a.File.Name, err)
		}
		broken, err := a.inside(c.ctx, s, c.move.Dialect)
		if err != nil || broken != nil {
			return broken, err
		}
		if err := exec("ROLLBACK TO SAVEPOINT "+point, "RELEASE SAVEPOINT "+point); err != nil {
			return nil, fmt.Errorf("%s: %w", a.File.Name, err)
		}
		c.entry.Assertions++
	}
	return nil, nil
}

// begin opens a transaction until whose end nobody else moves the database, by
// whatever tool: the version table is locked, since a row of it would not do. Where
// somebody has moved it since it was last looked at the error is a [movedError] and
// no transaction is open.
func (c *conductor) begin(ctx context.Context) error {
	s := c.driver.Session()
	stmts := []string{"BEGIN", "LOCK TABLE " + c.table.sqlName + " IN SHARE ROW EXCLUSIVE MODE"}
	if c.move.Dialect == SQLite {
		stmts = []string{"BEGIN IMMEDIATE"}
	}
	for i, stmt := range stmts {
		if _, err := s.ExecContext(ctx, stmt); err != nil {
			if i > 0 {
				err = errors.Join(err, c.rollback())
			}
			return err
		}
	}
	at, err := c.table.read(ctx, s)
	if err == nil && at != c.at {
		err = &movedError{c.at, at}
	}
	if err != nil {
		return errors.Join(err, c.rollback())
	}
	return nil
}

// A movedError is a database that somebody else has moved.
type movedError struct{ was, is State }

func (e *movedError) Error() string {
	return fmt.Sprintf("was at %s when the plan was made, and is at %s by now: somebody else moves it, and nothing more is run; look at the new plan", e.was, e.is)
}

// rollback ends a transaction, if there is one, also where the context has ended.
func (c *conductor) rollback() error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.ctx), lookLimit)
	defer cancel()
	c.driver.Bind(ctx)
	defer c.driver.Bind(c.ctx)
	_, err := c.driver.Session().ExecContext(ctx, "ROLLBACK")
	if err != nil && c.move.Dialect == SQLite && strings.Contains(err.Error(), "no transaction is active") {
		return nil // the error has done it
	}
	return err
}

// renew gives what follows a session of SQLite's like a new one, as reset does on
// Postgres: it cannot within a transaction.
func (c *conductor) renew() error {
	if c.move.Dialect != SQLite {
		return nil
	}
	if _, err := c.driver.Leaks(c.ctx); err != nil {
		return fmt.Errorf("set the session back: %w", err)
	}
	return nil
}

// reset gives what follows a session like a new one, as a check does.
func (c *conductor) reset(ctx context.Context) error {
	if c.move.Dialect != Postgres {
		return nil
	}
	for _, stmt := range []string{"RESET SESSION AUTHORIZATION", "RESET ROLE", "RESET ALL"} {
		if _, err := c.driver.Session().ExecContext(ctx, stmt); err != nil {
			return err
		}
	}
	return nil
}

// force writes down a version.
func (c *conductor) force(ctx context.Context, version int64) error {
	c.ctx = ctx
	c.driver.Bind(ctx)
	name := atBase
	if i := c.history.Index(version); i >= 0 {
		name = c.history.Revisions[i].String()
	}
	c.entry = Entry{Version: Version(version), Revision: name, Fate: Started, Who: c.move.Who, From: new(Version(c.at.Version)), mover: c.driver.Mover()}
	if err := c.begin(ctx); err != nil {
		return err
	}
	err := c.ledger.begin(ctx, c.driver.Session(), &c.entry)
	if err == nil {
		err = c.commit(version, Forced)
	}
	if err != nil {
		return errors.Join(err, c.rollback())
	}
	return nil
}

func checksum(f *File) string {
	if f == nil {
		return ""
	}
	sum := sha256.Sum256([]byte(f.SQL))
	return hex.EncodeToString(sum[:])
}
