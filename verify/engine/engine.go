package engine

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/golang-migrate/migrate/v4/database"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/schema"
)

// An Engine makes databases that are new, empty and handrail's own. It may be
// used by several goroutines at once.
//
// Every method that makes a database returns an [Unavailable] error where the
// engine is not to be had on this machine.
type Engine interface {
	// Name is what users call it: "postgres", "sqlite-file", "sqlite-memory".
	Name() string

	Dialect() dialect.Dialect

	// Server says in a few words which server and version answers, and
	// where it comes from.
	Server(ctx context.Context) (Server, error)

	// New makes an empty database.
	New(ctx context.Context) (Database, error)

	// Clone makes a copy of the template called key. Where there is no such
	// template yet it is built once, by build on an empty database, and
	// kept: key must change whenever what build does changes. Two callers
	// with one key at the same time, in one process or in two, build once.
	Clone(ctx context.Context, key string, build func(context.Context, Database) error) (Database, error)
}

// A Server describes what answers behind an [Engine].
type Server struct {
	Product string // "Postgres", "SQLite"
	Version string // as the server says it: "17.6"
	Source  string // where it comes from: "Docker, image postgres:17"

	// Reach says what SQL could do there that shows in no catalogue, where that
	// could touch what is not handrail's; "" where nothing speaks for it.
	Reach string
}

// String is the product with its version, which every line that names an
// engine shows.
func (s Server) String() string { return s.Product + " " + s.Version }

// A Database is one scratch database. Its owner must end it with Close or Keep.
type Database interface {
	// Name tells it from all others on its server.
	Name() string

	// DB is a pool of connections to it, which Close and Keep close.
	DB() *sql.DB

	// Copy makes another database with the same schema and rows. Nobody may
	// be using this one: its Drivers are closed, its pool is idle.
	Copy(ctx context.Context) (Database, error)

	// Close closes the connections and drops the database.
	Close() error

	// Keep closes the connections, leaves the database for a person to look
	// at, and says how to open it.
	Keep() (Kept, error)
}

// A Copied is a [Database] that may be a physical copy of something that nobody
// changes, as the new databases of a Postgres server are.
type Copied interface {
	Database

	// Origin is the same for all copies of that; nil where the database is none.
	Origin() *schema.Origin
}

// OriginOf is that of a database, nil where it has none.
func OriginOf(db Database) *schema.Origin {
	if c, ok := db.(Copied); ok {
		return c.Origin()
	}
	return nil
}

// A Driven is a [Database] that golang-migrate has a driver for.
type Driven interface {
	Database

	// Driver is golang-migrate's own driver, on connections of its own, with
	// these options. Closing it does not close DB.
	Driver(ctx context.Context, o Options) (Driver, error)
}

// A Wrapped is a [Database] around another.
type Wrapped interface{ Unwrap() Database }

// DrivenOf is the database itself, or the one that it is around, which golang-migrate has
// a driver for.
func DrivenOf(db Database) (Driven, bool) {
	for {
		if driven, ok := db.(Driven); ok {
			return driven, true
		}
		wrapped, ok := db.(Wrapped)
		if !ok {
			return nil, false
		}
		db = wrapped.Unwrap()
	}
}

// A Driver is golang-migrate's driver of one database. Its methods take no
// context; Bind gives it one, which ends whatever statement runs when it ends.
type Driver interface {
	database.Driver
	Bind(ctx context.Context)

	// Leaks lists what the session of the driver has that a new one would not
	// have, left by the steps so far: settings, a role, temporary objects, an
	// open transaction. It then resets the session, so that nothing is listed
	// twice and the next step does not depend on it.
	Leaks(ctx context.Context) ([]string, error)
}

// Kept says where a database that was left behind is to be found.
type Kept struct {
	Until   string // in words: until when it will be there
	Command string // opens it, from a shell; shows no password
}

// String is a line for a person.
func (k Kept) String() string {
	return fmt.Sprintf("kept until %s; open it with: %s", k.Until, k.Command)
}

// An Attempt is one way of getting at an engine that did not work.
type Attempt struct {
	What   string // what was tried
	Why    string // why it did not work
	Remedy string // how to make it work
}

// Unavailable is the error of an [Engine] that is not to be had here.
type Unavailable struct {
	Engine string
	Tried  []Attempt
	// Excused says who took the engine out on purpose; "" where nobody did.
	Excused string
	// Required says who insists on the engine ("CI=true"); "" where nobody
	// does and a check may be left out, as long as it says so.
	Required string
}

// Error lists all that was tried, each with its remedy, a line each.
func (u *Unavailable) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "engine %s is not available", u.Engine)
	if u.Excused != "" {
		fmt.Fprintf(&b, ": %s", u.Excused)
	}
	if u.Required != "" {
		fmt.Fprintf(&b, ", and %s requires it (HANDRAIL_WITHOUT=%s does without)", u.Required, u.Engine)
	}
	for _, a := range u.Tried {
		fmt.Fprintf(&b, "\n  %s: %s", a.What, a.Why)
		if a.Remedy != "" {
			fmt.Fprintf(&b, "\n      remedy: %s", a.Remedy)
		}
	}
	return b.String()
}
