package walk

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/handrail-db/handrail/internal/words"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
	"github.com/handrail-db/handrail/verify/internal/sqltext"
)

// An Asserting is an assertion that is run.
type Asserting struct{ history.Assertion }

// Run runs the assertion in a transaction of its own, and rolls it back. It is
// nil where the assertion holds.
func (a Asserting) Run(ctx context.Context, db *sql.DB, d dialect.Dialect, r engine.Options) (broken *BrokenPromise, err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer func() {
		if d == dialect.SQLite { // no rollback takes back what it has set
			_ = conn.Raw(func(any) error { return driver.ErrBadConn }) // which is how a pool lets go of a session
		}
		if e := conn.Close(); e != nil && !errors.Is(e, sql.ErrConnDone) {
			err = errors.Join(err, e)
		}
	}()
	for _, stmt := range a.begin(d, r) {
		if _, err := conn.ExecContext(ctx, stmt); err != nil {
			return nil, fmt.Errorf("%s: begin: %w", a.File.Name, err)
		}
	}
	broken, err = a.Inside(ctx, conn, d)
	_, e := conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
	if e != nil && d == dialect.SQLite && strings.Contains(e.Error(), "no transaction is active") {
		e = nil // RAISE(ROLLBACK) has done it
	}
	return broken, errors.Join(err, e)
}

// begin are the statements with which the transaction of an assertion begins. Foreign
// keys are enforced where they are while the revisions run: a move has both in
// one transaction, in which SQLite cannot change it.
func (a Asserting) begin(d dialect.Dialect, r engine.Options) []string {
	if d == dialect.SQLite {
		return []string{fmt.Sprintf("PRAGMA foreign_keys = %t", r.ForeignKeys), "BEGIN IMMEDIATE"}
	}
	stmts := []string{"BEGIN", a.SetLimit()}
	if r.Schema != "" {
		stmts = append(stmts, "SET LOCAL search_path = "+dialect.Name(r.Schema))
	}
	return stmts
}

// SetLimit is the statement that limits those behind it on Postgres, to which zero
// is no limit.
func (a Asserting) SetLimit() string {
	return fmt.Sprintf("SET LOCAL statement_timeout = %d", max(1, a.Limit.Milliseconds()))
}

// Inside runs the statements in a transaction that somebody has opened. Each
// statement that must raise has a savepoint.
func (a Asserting) Inside(ctx context.Context, conn engine.Session, d dialect.Dialect) (*BrokenPromise, error) {
	var before []string
	if d == dialect.SQLite {
		var err error
		if before, err = engine.Column(ctx, conn, orphans); err != nil {
			return nil, err
		}
	}
	for _, stmt := range a.Statements {
		broken, err := a.statement(ctx, conn, d, stmt)
		if err != nil || broken != nil {
			return broken, err
		}
	}
	last := a.Statements[len(a.Statements)-1]
	if d == dialect.Postgres {
		began := time.Now()
		if _, err := conn.ExecContext(ctx, "SET CONSTRAINTS ALL IMMEDIATE"); err != nil {
			return a.raised(ctx, last, began, err, "a deferred constraint does not hold at the end: ")
		}
		return nil, nil
	}
	after, err := engine.Column(ctx, conn, orphans)
	if err != nil {
		return nil, err
	}
	for _, o := range after {
		if !slices.Contains(before, o) {
			return a.broken(last, "a foreign key does not hold at the end: "+o), nil
		}
	}
	return nil, nil
}

// orphans are rows of SQLite that refer to nothing.
const orphans = `SELECT format('a row of %s refers to a row of %s that does not exist', "table", parent) || CASE WHEN rowid IS NULL THEN '' ELSE ' (rowid ' || rowid || ')' END FROM pragma_foreign_key_check`

func (a Asserting) statement(ctx context.Context, conn engine.Session, d dialect.Dialect, stmt history.AssertionStatement) (*BrokenPromise, error) {
	if stmt.Raises != nil {
		if _, err := conn.ExecContext(ctx, "SAVEPOINT handrail_raises"); err != nil {
			return nil, err
		}
	}
	began := time.Now()
	returned, err := a.execute(ctx, conn, d, stmt)
	switch {
	case stmt.Raises != nil && err == nil:
		return a.broken(stmt, fmt.Sprintf("it raises nothing, and should raise %q", stmt.Raises)), nil
	case stmt.Raises != nil && (a.late(err, began) || !stmt.Raises.MatchString(err.Error())):
		return a.raised(ctx, stmt, began, err, fmt.Sprintf("it should raise %q, and raises ", stmt.Raises))
	case stmt.Raises != nil:
		_, err := conn.ExecContext(ctx, "ROLLBACK TO SAVEPOINT handrail_raises")
		if err != nil && strings.Contains(err.Error(), "no such savepoint") {
			return a.broken(stmt, "it rolls the whole transaction back, as RAISE(ROLLBACK) and OR ROLLBACK do, and nothing can be asserted behind it: RAISE(ABORT) ends the statement alone"), nil
		}
		return nil, err
	case err != nil:
		return a.raised(ctx, stmt, began, err, "")
	case returned != "":
		first, _, more := strings.Cut(returned, "\n")
		why := "it returns a row: " + first
		if more {
			why = "it returns rows, the first: " + first
		}
		broken := a.broken(stmt, why)
		broken.Rows = returned
		return broken, nil
	}
	return nil, nil
}

func (a Asserting) broken(stmt history.AssertionStatement, why string) *BrokenPromise {
	return &BrokenPromise{Assertion: a.Assertion, Line: stmt.Line, Statement: stmt.SQL, Why: why}
}

// raised is the promise that an error breaks, unless it comes from without.
func (a Asserting) raised(ctx context.Context, stmt history.AssertionStatement, began time.Time, err error, what string) (*BrokenPromise, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if engine.RefusedByWall(err) {
		return nil, fmt.Errorf("%s: %w", finding.Place(a.File.At(stmt.Line)), engine.ExplainWall(err))
	}
	if a.late(err, began) {
		broken := a.broken(stmt, fmt.Sprintf("it takes longer than %s, the assertion_timeout", a.Limit))
		broken.Late = true
		return broken, nil
	}
	broken := a.broken(stmt, what+words.OneLine(err))
	broken.State = engine.SQLState(err)
	return broken, nil
}

// late reports whether an error is that of a statement which took too long. A
// server has one code for that and for a person who cancels.
func (a Asserting) late(err error, began time.Time) bool {
	return time.Since(began) >= a.Limit && (engine.SQLState(err) == "57014" || errors.Is(err, context.DeadlineExceeded) || engine.Interrupted(err))
}

// mostRows is how many rows of a SELECT are shown as evidence.
const mostRows = 5

// runs counts the statements of assertions that were run.
var runs atomic.Int64

// execute runs a statement. The rows that it returns are evidence, a line each,
// whatever kind of statement it is: one that is not taken for a query would pass
// unseen.
func (a Asserting) execute(ctx context.Context, conn engine.Session, d dialect.Dialect, stmt history.AssertionStatement) (returned string, err error) {
	text := stmt.SQL
	if d == dialect.SQLite {
		limited, end := context.WithTimeout(ctx, a.Limit)
		defer end()
		ctx = limited
		switch {
		case stmt.Raises != nil: // it may be the last of its rows that does
			_, err := conn.ExecContext(ctx, text)
			return "", err
		case isQuery(stmt):
			text = allAtOnce(text)
		}
	}
	// A driver may keep the plan of a text that it has seen, which is wrong when
	// the schema is another by now.
	text = fmt.Sprintf("/* %d */ %s", runs.Add(1), text)
	rows, err := conn.QueryContext(ctx, text)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	names, err := rows.Columns()
	if err != nil {
		return "", err
	}
	shown := names
	if len(names) > 0 && names[len(names)-1] == countName {
		shown = names[:len(names)-1]
	}
	var lines []string
	for rows.Next() && len(lines) < mostRows {
		values := make([]any, len(names))
		for i := range values {
			values[i] = new(sql.NullString)
		}
		if err := rows.Scan(values...); err != nil {
			return "", err
		}
		parts := make([]string, len(shown))
		for i := range parts {
			text := "NULL"
			if s := values[i].(*sql.NullString); s.Valid {
				text = s.String
			}
			parts[i] = names[i] + " = " + text
		}
		lines = append(lines, strings.Join(strings.Fields(strings.Join(parts, ", ")), " "))
	}
	if len(shown) == 0 && len(lines) > 0 {
		lines = []string{"a row without columns"}
	}
	return strings.Join(lines, "\n"), rows.Err()
}

// isQuery reports whether a statement of SQLite can stand in the place of a table.
func isQuery(a history.AssertionStatement) bool {
	writes := func(l sqltext.Token) bool { return l.Is("into") || l.Is("update") || l.Is("delete") }
	return a.Begins("select") || a.Begins("values") || a.Begins("with") && !slices.ContainsFunc(a.Tokens, writes)
}

// countName is the column that [allAtOnce] adds.
const countName = "handrail_count"

// allAtOnce is a query that has found all the rows that are shown before it returns
// the first: only until then does SQLite's driver end it in time.
func allAtOnce(query string) string {
	return fmt.Sprintf("SELECT *, count(*) OVER () AS %s FROM (SELECT * FROM (%s\n) LIMIT %d)", countName, query, mostRows)
}
