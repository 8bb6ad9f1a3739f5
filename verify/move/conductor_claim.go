package move

import (
	"context"
	"fmt"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
)

// A movedError says that somebody else has moved the database since the step was
// planned.
type movedError struct{ was, is engine.State }

func (e *movedError) Error() string {
	return fmt.Sprintf("the plan began at %s, and the database is at %s by now: somebody else moves it", e.was, e.is)
}

// claim begins a transaction that writes the version. Its first statement locks the
// version table: golang-migrate and every other run of handrail wait for the
// table when they write, whatever name they lock by, and who only reads it does
// not. Where the table does not say any more what the plan began from, nothing is
// begun. A role or a search_path that a revision has left does not count.
func (c *conductor) claim(ctx context.Context) error {
	if err := c.reset(ctx); err != nil {
		return err
	}
	if err := c.begin(ctx); err != nil {
		return err
	}
	err := c.unmoved(ctx)
	if err != nil {
		_ = c.rollback() // fails where the connection is lost, and the server does it
	}
	return err
}

func (c *conductor) unmoved(ctx context.Context) error {
	s := c.driver.Session()
	if c.move.Dialect == dialect.Postgres {
		// Not the row: there is none at base, and golang-migrate makes a new one.
		if _, err := s.ExecContext(ctx, "LOCK TABLE "+c.table.SQLName+" IN SHARE ROW EXCLUSIVE MODE"); err != nil {
			return fmt.Errorf("lock version table %s: %w", c.table.Label(), err)
		}
	}
	is, err := c.table.Read(ctx, s)
	if err == nil && is != c.at {
		err = &movedError{c.at, is}
	}
	return err
}

// write writes a version into the version table, in the transaction that is open.
func (c *conductor) write(ctx context.Context, at engine.State) error {
	// Not TRUNCATE, as golang-migrate has it: who only reads would have to wait.
	stmts := []string{"DELETE FROM " + c.table.SQLName}
	if at != (engine.State{Version: engine.Base}) {
		dirty := map[bool]string{false: "false", true: "true"}[at.Dirty]
		if c.move.Dialect == dialect.SQLite {
			dirty = map[bool]string{false: "0", true: "1"}[at.Dirty]
		}
		stmts = append(stmts, fmt.Sprintf("INSERT INTO %s (version, dirty) VALUES (%d, %s)", c.table.SQLName, at.Version, dirty))
	}
	for _, stmt := range stmts {
		if _, err := c.driver.Session().ExecContext(ctx, stmt); err != nil {
			return fmt.Errorf("version table %s: %w", c.table.Label(), err)
		}
	}
	return nil
}

// markDirty writes down that the database stands at a version which nobody
// vouches for, in a transaction of its own.
func (c *conductor) markDirty(version int64) error {
	if err := c.claim(c.ctx); err != nil {
		return err
	}
	at := engine.State{Version: version, Dirty: true}
	if err := c.write(c.ctx, at); err != nil {
		_ = c.rollback() // fails where the connection is lost, and the server does it
		return err
	}
	if _, err := c.driver.Session().ExecContext(c.ctx, "COMMIT"); err != nil {
		_ = c.rollback() // SQLite's is still open where somebody reads
		return err
	}
	c.at = at
	return nil
}
