package engine

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/golang-migrate/migrate/v4/database"
)

// A Target is a database that somebody owns, which a [Move] changes.
type Target interface {
	// Look is a pool of connections for reading; it makes nothing. It is nil
	// where there is no database yet. A statement waits for a lock as long as
	// the limit says; 0: as long as the database does by itself.
	Look(ctx context.Context, limit time.Duration) (*sql.DB, error)

	// Open connects with golang-migrate's driver, which makes its version
	// table where there is none, and waits until nobody else moves the
	// database by a lock that can be known. Nobody takes such a lock until the
	// driver is closed, whatever a revision does to its own session.
	Open(ctx context.Context, o Opening) (TargetDriver, error)

	// Movers are those who move the database now, as [TargetDriver.Mover]
	// names them, and strangers those who hold a lock that may be
	// golang-migrate's, under a name that cannot be known. The names of schema
	// and table are those of golang-migrate's version table; a schema is
	// Postgres' only.
	Movers(ctx context.Context, db Session, schema, table string) (movers, strangers []string, err error)
}

// An Opening is what a target is opened with.
type Opening struct {
	Options       Options
	Schema, Table string        // of golang-migrate's version table
	LockTimeout   time.Duration // how long to wait for each lock, and for a mover; 0: see [Move.LockTimeout]
}

// A TargetDriver is golang-migrate's driver on one connection, which handrail
// uses too.
type TargetDriver interface {
	Driver

	// Session is that connection. It must not be used during a call of the
	// driver.
	Session() Session

	// Unwrapped is the driver that opens no transaction of its own around a
	// file.
	Unwrapped() database.Driver

	// InTransaction reports whether a transaction is open, as far as the
	// server says so.
	InTransaction() bool

	// Restore sets back, within a transaction, what no rollback takes back:
	// SQLite's pragmas.
	Restore(ctx context.Context) error

	// Mover names the owners of the connection and of the lock for
	// [Target.Movers], with commas between them.
	Mover() string
}

// WithLockTimeout is a context that ends when a wait for somebody else who moves
// the database has taken as long as the limit; 0: no limit.
func WithLockTimeout(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	if limit == 0 {
		return ctx, func() {}
	}
	return context.WithTimeoutCause(ctx, limit, fmt.Errorf("somebody else still moves it after %s, the lock timeout", limit))
}
