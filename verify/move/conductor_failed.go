package move

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/handrail-db/handrail/internal/words"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/internal/golangmigrate"
	"github.com/handrail-db/handrail/verify/internal/walk"
)

// failed writes down that a step did not come to its end, and says so with the
// file.
func (c *conductor) failed(step PlannedStep, err error) error {
	if cause := context.Cause(c.ctx); cause != nil {
		err = cause
	}
	status := Failed
	var broken *promiseError
	if errors.As(err, &broken) {
		err = broken
		if !c.at.Dirty {
			status = RolledBack
		}
	}
	c.entry.Error = words.OneLine(golangmigrate.Cause(err))
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.ctx), lookLimit)
	defer cancel()
	c.driver.Bind(ctx)
	defer c.driver.Bind(c.ctx)
	if c.entry.ID != 0 && c.entry.Outcome == Started {
		e := c.reset(ctx)
		if e == nil {
			e = c.ledger.end(ctx, c.driver.Session(), &c.entry, status)
		}
		c.lost = e != nil
	}
	if broken != nil {
		return broken
	}
	where := step.Revision.String()
	if f := step.Revision.File(step.Direction); f != nil {
		where = finding.Place(c.move.Subject.Place(c.move.Dialect, f, walk.ErrorLine(f, err)))
	}
	failure := fmt.Errorf("%s: %s: %w", c.move.Name, where, golangmigrate.Cause(err))
	if moved := (*movedError)(nil); errors.As(err, &moved) {
		return errors.Join(failure, fmt.Errorf("    %s", c.overtaken(step)))
	}
	if c.at.Dirty {
		failure = errors.Join(failure, fmt.Errorf("    %s", c.left(step)))
	}
	switch {
	case c.lost: // what follows is not known yet
		return failure
	case c.at.Dirty:
		return errors.Join(failure, c.move.dirty(c.at))
	}
	return errors.Join(failure, fmt.Errorf("    %s was one transaction, which is rolled back: the database is as it was at %s", step.Revision, c.at))
}

// overtaken says what is there of a step that somebody else's step has come before.
func (c *conductor) overtaken(step PlannedStep) string {
	if !c.ran {
		return fmt.Sprintf("nothing of %s is run: look at the new plan", step.Revision)
	}
	return fmt.Sprintf("%s ran outside of a transaction of handrail's (%s), and its version is not written down\n"+
		"    remedy: look at what both have left, then say where the schema stands: %s", step.Revision, step.Plain, c.move.forceCommand("VERSION"))
}

// left says what a file that did not run to its end, outside of a transaction of
// handrail's, has left.
func (c *conductor) left(step PlannedStep) string {
	what := fmt.Sprintf("%s ran outside of a transaction of handrail's (%s): ", step.Revision, step.Plain)
	f := step.Revision.File(step.Direction)
	if f == nil {
		return what + "it has no file"
	}
	stmts := f.Script(c.move.Dialect).Statements
	own := step.Plain == endedItself
	for _, s := range stmts {
		own = own || strings.HasPrefix(alone(c.move.Dialect, c.runner, s), "its own ")
	}
	switch {
	case len(stmts) == 1:
		return what + "it is one statement, which did not come to its end; what it works on may be there and not be usable, like an index that is invalid"
	case c.runner.MultiStatement && c.move.Dialect == dialect.Postgres, c.move.Dialect == dialect.SQLite:
		return what + "the statements before the one that failed are applied, unless a transaction of its own held them; the one that failed and those behind it are not"
	case own:
		return what + "what its own transactions committed before the error is applied; the rest is not"
	}
	return what + "its statements are one transaction to the server, which is rolled back: nothing of it is applied"
}
