package move

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

	"github.com/handrail-db/handrail/internal/words"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
	"github.com/handrail-db/handrail/verify/internal/golangmigrate"
	"github.com/handrail-db/handrail/verify/internal/walk"
)

// A conductor stands between golang-migrate and its driver: it makes a step of
// what golang-migrate does with a revision (dirty version, file, clean version)
// and of the assertions, in one transaction wherever that can be.
type conductor struct {
	database.Driver // for what no step needs
	move            Move
	driver          engine.TargetDriver
	history         history.History
	assertions      []history.Assertion
	runner          engine.Options // located
	table           golangmigrate.VersionTable
	ledger          ledger
	server          string

	ctx   context.Context
	at    engine.State
	body  []byte // of the step; nil: it has no file
	entry Entry  // of the step
	lost  bool   // the connection: nothing could be written down
	ran   bool   // the step's file, or a part of it, outside of a transaction of handrail's
}

var _ database.Driver = (*conductor)(nil)

func (m Move) conductor(ctx context.Context, driver engine.TargetDriver, h history.History, assertions []history.Assertion) (*conductor, error) {
	r, err := located(ctx, driver.Session(), m.Dialect, m.Subject.Runner)
	if err != nil {
		return nil, err
	}
	c := &conductor{
		Driver: driver, move: m, driver: driver, history: h, assertions: assertions, runner: r,
		table: golangmigrate.TableOf(m.Dialect, r), ledger: newLedger(m.Dialect, r),
	}
	if c.at, err = standsAt(ctx, driver.Session(), m.Dialect, r); err != nil {
		return nil, err
	}
	c.server, err = serverOf(ctx, driver.Session(), m.Dialect)
	return c, err
}

// opening is what the target was opened with.
func (c *conductor) opening() engine.Opening {
	return engine.Opening{Options: c.move.Subject.Runner, Schema: c.table.Space, Table: c.table.Name, LockTimeout: c.move.LockTimeout}
}

// prepare names those who may be in the way, makes the history's table and ends what
// nobody is at any more.
func (c *conductor) prepare(ctx context.Context) error {
	s := c.driver.Session()
	_, strangers, err := c.move.movers(ctx, s, c.runner)
	if err != nil {
		return err
	}
	c.move.name(strangers)
	return c.move.again(ctx, "the history", func() error {
		if err := c.ledger.create(ctx, s); err != nil {
			return err
		}
		return c.ledger.crash(ctx, s)
	})
}

// Lock and Unlock have nothing to do: the move holds the lock from beginning to end.
func (c *conductor) Lock() error { return nil }

func (c *conductor) Unlock() error { return nil }

func (c *conductor) Version() (int, bool, error) {
	if c.at == (engine.State{Version: engine.Base}) {
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
	broken walk.BrokenPromise
	fate   string
}

func (e *promiseError) Error() string {
	return fmt.Sprintf("%s: %s: %s", finding.Place(e.broken.Assertion.File.At(e.broken.Line)), finding.ShortStatement(e.broken.Statement), e.broken.Why)
}

// step makes a step to a version, once more where there are retries and somebody
// else was in the way.
func (c *conductor) step(version int64) error {
	r, d := c.revision(version)
	return c.move.again(c.ctx, fmt.Sprintf("%s %s", d, r), func() error {
		err := c.attempt(r, d, version)
		if err != nil && (c.ran || c.lost || c.at.Dirty) {
			return leftError{err}
		}
		return err
	})
}

// attempt makes a step to a version and writes down what became of it.
func (c *conductor) attempt(r history.Revision, d finding.Direction, version int64) error {
	step := c.move.planned(r, d, version, c.assertions)
	c.ran = false
	c.entry = Entry{Version: engine.Version{Ordinal: r.Version}, Revision: r.String(), Direction: d, Checksum: checksum(r.File(d)), Outcome: Started, Who: c.move.Who, From: new(engine.Version{Ordinal: c.at.Version}), mover: c.driver.Mover()}
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

// whole makes a step, its assertions, the version and the history one
// transaction.
func (c *conductor) whole(step PlannedStep, version int64) (err error) {
	if err := c.claim(c.ctx); err != nil {
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
			said := golangmigrate.Cause(err)
			switch state := engine.SQLState(said); {
			case state == "" || engine.LostConnection(said):
				return err // SQLite's own errors may end the transaction, and take all of it back
			case !c.driver.InTransaction():
				ended, c.ran = true, true
				return errors.Join(err, c.markDirty(version))
			case state == "25001" || state == "2D000": // active SQL transaction, invalid transaction termination
				return notInTransaction{words.OneLine(said)}
			}
			return err
		}
	}
	if !c.driver.InTransaction() {
		ended, c.ran = true, true
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
func (c *conductor) commit(version int64, status Outcome) error {
	s := c.driver.Session()
	if err := c.reset(c.ctx); err != nil {
		return err
	}
	if err := c.write(c.ctx, engine.State{Version: version}); err != nil {
		return err
	}
	if c.entry.ID != 0 {
		if err := c.ledger.end(c.ctx, s, &c.entry, status); err != nil {
			return err
		}
	}
	if _, err := s.ExecContext(c.ctx, "COMMIT"); err != nil {
		c.entry.Outcome = Started
		return err
	}
	c.at = engine.State{Version: version}
	return nil
}

// plain makes a step as golang-migrate alone does, dirty meanwhile; then come the
// assertions.
func (c *conductor) plain(step PlannedStep, version int64) error {
	if err := c.markDirty(version); err != nil {
		return err
	}
	if c.body != nil {
		c.ran = true
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
	case c.move.Dialect == dialect.Postgres && c.driver.InTransaction():
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
		return c.finish(version, Applied)
	}
	failure := &promiseError{step: step, broken: *broken}
	back := step.Revision.File(step.Direction.Opposite())
	was := c.below(step)
	applied := fmt.Sprintf("%s is applied, all of it, and was not in a transaction (%s)", step.Revision, step.Plain)
	if back == nil {
		failure.fate = fmt.Sprintf("%s; there is no %s to take it back: the database is marked dirty\n"+
			"    remedy: mend the rows and keep it: %s\n"+
			"    or undo it by hand: %s",
			applied, step.Direction.Opposite(), c.move.forceCommand(word(version)), c.move.forceCommand(word(was)))
		return failure
	}
	if err = c.markDirty(was); err == nil {
		err = c.runPlain([]byte(back.SQL))
	}
	if err != nil {
		dirty := ": the database is marked dirty"
		if moved := (*movedError)(nil); errors.As(err, &moved) {
			dirty = ""
		}
		failure.fate = fmt.Sprintf("%s; %s, which takes it back, did not run: %s%s\n    remedy: undo it by hand: %s",
			applied, c.move.Subject.Path(c.move.Dialect, back.Name), words.OneLine(golangmigrate.Cause(err)), dirty, c.move.forceCommand(word(was)))
		return failure
	}
	failure.fate = fmt.Sprintf("%s was not in a transaction (%s); %s has taken it back", step.Revision, step.Plain, c.move.Subject.Path(c.move.Dialect, back.Name))
	c.entry.Error = words.OneLine(failure)
	if err := c.finish(was, RolledBack); err != nil {
		return err
	}
	return failure
}

// finish writes version and history in a transaction of their own.
func (c *conductor) finish(version int64, status Outcome) error {
	if err := c.claim(c.ctx); err != nil {
		return err
	}
	err := c.commit(version, status)
	if err != nil {
		_ = c.rollback() // fails where the connection is lost, and the server does it
	}
	return err
}

// below is the version that a step began at.
func (c *conductor) below(step PlannedStep) int64 {
	if step.Direction == finding.Down {
		return step.Revision.Version
	}
	return c.history.Below(c.history.Index(step.Revision.Version))
}

// word is a version as the commands take it.
func word(version int64) string { return engine.Version{Ordinal: version}.String() }

// assert runs the assertions that must hold at a version, in the transaction that
// is open, until one does not.
func (c *conductor) assert(version int64) (*walk.BrokenPromise, error) {
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
	if len(holding) > 0 && c.move.Dialect == dialect.Postgres {
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
		if c.move.Dialect == dialect.Postgres {
			err := exec("RESET ALL", "RESET ROLE", walk.Asserting{Assertion: a}.SetLimit())
			if err != nil {
				return nil, fmt.Errorf("%s: %w", a.File.Name, err)
			}
		}
		if err := c.driver.Restore(c.ctx); err != nil {
			return nil, fmt.Errorf("%s: %w", a.File.Name, err)
		}
		broken, err := walk.Asserting{Assertion: a}.Inside(c.ctx, s, c.move.Dialect)
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

func (c *conductor) begin(ctx context.Context) error {
	stmt := "BEGIN"
	if c.move.Dialect == dialect.SQLite {
		stmt = "BEGIN IMMEDIATE"
	}
	_, err := c.driver.Session().ExecContext(ctx, stmt)
	return err
}

// rollback ends a transaction, if there is one, also where the context has ended.
func (c *conductor) rollback() error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.ctx), lookLimit)
	defer cancel()
	c.driver.Bind(ctx)
	defer c.driver.Bind(c.ctx)
	_, err := c.driver.Session().ExecContext(ctx, "ROLLBACK")
	if err != nil && c.move.Dialect == dialect.SQLite && strings.Contains(err.Error(), "no transaction is active") {
		return nil // the error has done it
	}
	return err
}

// renew gives what follows a session of SQLite's like a new one, as reset does on
// Postgres: it cannot within a transaction.
func (c *conductor) renew() error {
	if c.move.Dialect != dialect.SQLite {
		return nil
	}
	if _, err := c.driver.Leaks(c.ctx); err != nil {
		return fmt.Errorf("set the session back: %w", err)
	}
	return nil
}

// reset gives what follows a session like a new one, as a check does.
func (c *conductor) reset(ctx context.Context) error {
	if c.move.Dialect != dialect.Postgres {
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
	c.entry = Entry{Version: engine.Version{Ordinal: version}, Revision: name, Outcome: Started, Who: c.move.Who, From: new(engine.Version{Ordinal: c.at.Version}), mover: c.driver.Mover()}
	if err := c.claim(ctx); err != nil {
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

func checksum(f *history.File) string {
	if f == nil {
		return ""
	}
	sum := sha256.Sum256([]byte(f.SQL))
	return hex.EncodeToString(sum[:])
}
