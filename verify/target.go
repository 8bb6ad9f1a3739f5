package verify

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/golang-migrate/migrate/v4/database"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/internal/sqltext"
	"github.com/handrail-db/handrail/verify/secret"
)

// A MoveTarget is a database that somebody owns, which a [Move] changes.
type MoveTarget interface {
	// Look is a pool of connections for reading; it makes nothing. It is nil
	// where there is no database yet. A statement waits for a lock as long as
	// the limit says; 0: as long as the database does by itself.
	Look(ctx context.Context, limit time.Duration) (*sql.DB, error)

	// Open connects with golang-migrate's driver, which makes its version
	// table where there is none, and waits until nobody else moves the
	// database by a lock that can be known. Nobody takes such a lock until the
	// driver is closed, whatever a revision does to its own session.
	Open(ctx context.Context, o Opening) (MoveDriver, error)

	// Movers are those who move the database now, as [MoveDriver.Mover]
	// names them, and strangers those who hold a lock that may be
	// golang-migrate's, under a name that cannot be known. The names of schema
	// and table are those of golang-migrate's version table; a schema is
	// Postgres' only.
	Movers(ctx context.Context, db Session, schema, table string) (movers, strangers []string, err error)
}

// An Opening is what a target is opened with.
type Opening struct {
	Runner        Runner
	Schema, Table string        // of golang-migrate's version table
	LockTimeout   time.Duration // how long to wait for each lock, and for a mover; 0: see [Move.LockTimeout]
}

// A MoveDriver is golang-migrate's driver on one connection, which handrail
// uses too.
type MoveDriver interface {
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
	// [MoveTarget.Movers], with commas between them.
	Mover() string
}

// A Session is one connection to a database.
type Session interface {
	querier
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// located are the runner's options with the schema that is meant where they name
// none: that of the user on Postgres.
func located(ctx context.Context, db Session, d dialect.Dialect, r Runner) (Runner, error) {
	if d != dialect.Postgres || r.Schema != "" {
		return r, nil
	}
	schemas, err := column(ctx, db, "SELECT coalesce(current_schema(), 'public')")
	if err == nil {
		r.Schema = schemas[0]
	}
	return r, err
}

// schemaThere is an error where a move has no schema to go to: golang-migrate makes
// none.
func schemaThere(ctx context.Context, db querier, d dialect.Dialect, r Runner) error {
	if d != dialect.Postgres {
		return nil
	}
	found, err := column(ctx, db, "SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname = $1", r.Schema)
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("no schema %q: create it, as golang-migrate does not", r.Schema)
	}
	return err
}

// tableThere reports whether a table is there, by its name as SQL.
func tableThere(ctx context.Context, db querier, d dialect.Dialect, sqlName, bare string) (bool, error) {
	query, arg := "SELECT name FROM sqlite_master WHERE type = 'table' AND name = ?", bare
	if d == dialect.Postgres {
		query, arg = "SELECT c::text FROM pg_catalog.to_regclass($1) c WHERE c IS NOT NULL", sqlName
	}
	found, err := column(ctx, db, query, arg)
	return len(found) > 0, err
}

// A Fate says what became of an attempt at a revision.
type Fate string

// Crashed is a started one whose owner is gone.
const (
	Started    Fate = "started"
	Applied    Fate = "applied"
	Failed     Fate = "failed"
	RolledBack Fate = "rolled back"
	Crashed    Fate = "crashed"
	Forced     Fate = "forced"
)

// An Entry is one attempt at a revision, a row of handrail_history.
type Entry struct {
	ID         int64             `json:"id"`
	Version    Version           `json:"version"`
	Revision   string            `json:"revision"` // as its files are called: 0007_add_email; base for a way that [Forced] it
	Direction  finding.Direction `json:"direction,omitempty"`
	Checksum   string            `json:"checksum,omitempty"` // SHA-256 of the file; "": there is none
	Fate       Fate              `json:"status"`
	Who        string            `json:"who"`
	Began      time.Time         `json:"began"`
	Seconds    float64           `json:"seconds"`
	Assertions int               `json:"assertions"` // that were run and held
	Error      string            `json:"error,omitempty"`
	From       *Version          `json:"from,omitempty"` // where the database stood; nil: an older handrail did not write it

	mover string
}

// atBase is [Entry].Revision for a way to base.
const atBase = "base"

// historyName is the table of attempts, beside golang-migrate's version table,
// which stays the truth about the version.
const historyName = "handrail_history"

// A ledger is that table.
type ledger struct {
	dialect dialect.Dialect
	name    string // as SQL
	from    bool   // it has the column for [Entry].From
}

func newLedger(d dialect.Dialect, r Runner) ledger {
	if d == dialect.SQLite {
		return ledger{dialect: d, name: "main." + historyName}
	}
	return ledger{dialect: d, name: dialect.Name(newVersionTable(d, r).space) + "." + historyName}
}

func (l *ledger) create(ctx context.Context, s Session) error {
	there, err := tableThere(ctx, s, l.dialect, l.name, historyName)
	if err != nil {
		return err
	}
	if there { // a role that may not create tables may use one
		return l.extend(ctx, s)
	}
	l.from = true
	id, moment := "bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY", "timestamptz"
	if l.dialect == dialect.SQLite {
		id, moment = "INTEGER PRIMARY KEY AUTOINCREMENT", "text"
	}
	return l.exec(ctx, s, "CREATE TABLE IF NOT EXISTS "+l.name+` (
  id `+id+`,
  version bigint NOT NULL,
  revision text NOT NULL,
  direction text NOT NULL,
  checksum text NOT NULL,
  status text NOT NULL,
  who text NOT NULL,
  mover text NOT NULL,
  began `+moment+` NOT NULL,
  seconds double precision NOT NULL DEFAULT 0,
  assertions integer NOT NULL DEFAULT 0,
  error text NOT NULL DEFAULT '',
  came_from bigint)`)
}

func (l ledger) exec(ctx context.Context, s Session, query string, args ...any) error {
	if l.dialect == dialect.SQLite {
		query = strings.ReplaceAll(query, "$", "?")
	}
	if _, err := s.ExecContext(ctx, query, args...); err != nil {
		return fmt.Errorf("%s: %w", historyName, err)
	}
	return nil
}

const moments = "2006-01-02T15:04:05.000Z"

// begin writes an entry and gives it its ID.
func (l ledger) begin(ctx context.Context, s Session, e *Entry) error {
	cast := ""
	if l.dialect == dialect.Postgres {
		cast = "::text::timestamptz"
	}
	columns, values := "version, revision, direction, checksum, status, who, mover, began", "$1, $2, $3, $4, $5, $6, $7, $8"+cast
	e.Began = time.Now().UTC().Truncate(time.Millisecond)
	args := []any{e.Version, e.Revision, string(e.Direction), e.Checksum, string(e.Fate), e.Who, e.mover, e.Began.Format(moments)}
	if l.from && e.From != nil {
		columns, values, args = columns+", came_from", values+", $9", append(args, *e.From)
	}
	query := "INSERT INTO " + l.name + " (" + columns + ") VALUES (" + values + ") RETURNING id"
	if l.dialect == dialect.SQLite {
		query = strings.ReplaceAll(query, "$", "?")
	}
	rows, err := s.QueryContext(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("%s: %w", historyName, err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err tells
	for rows.Next() {
		if err := rows.Scan(&e.ID); err != nil {
			return fmt.Errorf("%s: %w", historyName, err)
		}
	}
	return rows.Err()
}

// end writes what became of an entry.
func (l ledger) end(ctx context.Context, s Session, e *Entry, status Fate) error {
	e.Seconds, e.Error = time.Since(e.Began).Seconds(), secret.Hide(e.Error)
	err := l.exec(ctx, s, "UPDATE "+l.name+" SET status = $1, seconds = $2, assertions = $3, error = $4 WHERE id = $5",
		string(status), e.Seconds, e.Assertions, e.Error, e.ID)
	if err == nil {
		e.Fate = status
	}
	return err
}

// bury marks what was started and never ended. Whoever calls it holds the lock,
// so that nobody who has started is alive.
func (l ledger) bury(ctx context.Context, s Session) error {
	return l.exec(ctx, s, "UPDATE "+l.name+" SET status = $1 WHERE status = $2", string(Crashed), string(Started))
}

// read lists the entries, oldest first. Where there is no table there are none.
func (l ledger) read(ctx context.Context, db querier) (entries []Entry, err error) {
	there, err := tableThere(ctx, db, l.dialect, l.name, historyName)
	if err != nil || !there {
		return nil, err
	}
	began := "began"
	if l.dialect == dialect.Postgres {
		began = `to_char(began AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
	}
	from := "came_from"
	if there, err = l.hasFrom(ctx, db); err != nil {
		return nil, err
	} else if !there {
		from = "NULL"
	}
	rows, err := db.QueryContext(ctx, "SELECT id, version, revision, direction, checksum, status, who, mover, "+began+", seconds, assertions, error, "+from+" FROM "+l.name+" ORDER BY id")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", historyName, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var e Entry
		var began string
		if err := rows.Scan(&e.ID, &e.Version, &e.Revision, &e.Direction, &e.Checksum, &e.Fate, &e.Who, &e.mover, &began, &e.Seconds, &e.Assertions, &e.Error, &e.From); err != nil {
			return nil, fmt.Errorf("%s: %w", historyName, err)
		}
		if e.Revision == atBase {
			e.Version = Base // of older entries it is 0
		}
		if e.Began, err = time.Parse(moments, began); err != nil {
			return nil, fmt.Errorf("%s: %w", historyName, err)
		}
		entries = append(entries, e)
	}
	return entries, rows.Err()
}

// whyPlain is why a file cannot run in a transaction that handrail opens, with
// the line; "" where its text tells nothing of the kind. Some things only the
// server knows, when it runs them.
func whyPlain(d dialect.Dialect, r Runner, f *File) string {
	if f == nil {
		return ""
	}
	if d == dialect.Postgres && r.MultiStatement {
		return "multi_statement, which runs each statement by itself"
	}
	for _, stmt := range sqltext.Parse(d, f.SQL).Statements {
		if what := alone(d, r, stmt); what != "" {
			return fmt.Sprintf("%s in line %d", what, stmt.Line)
		}
	}
	return ""
}

// alone is what a statement says that no transaction around it can have.
func alone(d dialect.Dialect, r Runner, s sqltext.Statement) string {
	if words := s.Transaction(); words != "" {
		return "its own " + words
	}
	if d == dialect.SQLite {
		for _, word := range []string{"pragma", "vacuum", "attach", "detach"} {
			if r.NoTxWrap && s.Begins(word) {
				return strings.ToUpper(word)
			}
		}
		return ""
	}
	if slices.ContainsFunc(s.Tokens, func(l sqltext.Token) bool { return l.Is("concurrently") }) && !s.Begins("refresh") {
		return "CONCURRENTLY"
	}
	for _, words := range [][]string{{"vacuum"}, {"alter", "system"}, {"create", "database"}, {"drop", "database"}, {"create", "tablespace"}, {"drop", "tablespace"}} {
		if s.Begins(words...) {
			return strings.ToUpper(strings.Join(words, " "))
		}
	}
	return ""
}
