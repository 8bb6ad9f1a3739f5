package verify

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
)

// run runs the assertion in a transaction of its own, and rolls it back. It is
// nil where the assertion holds.
func (a Assertion) run(ctx context.Context, db *sql.DB, d Dialect, r Runner) (broken *BrokenPromise, err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close() //nolint:errcheck // goes back to the pool
	for _, stmt := range begin(d, r) {
		if _, err := conn.ExecContext(ctx, stmt); err != nil {
			return nil, fmt.Errorf("%s: begin: %w", a.File.Name, err)
		}
	}
	broken, err = a.inside(ctx, conn, d)
	_, e := conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
	if e != nil && d == SQLite && strings.Contains(e.Error(), "no transaction is active") {
		e = nil // RAISE(ROLLBACK) has done it
	}
	return broken, errors.Join(err, e)
}

// begin are the statements with which the transaction of an assertion begins.
func begin(d Dialect, r Runner) []string {
	if d == SQLite {
		return []string{"BEGIN IMMEDIATE"}
	}
	stmts := []string{"BEGIN", fmt.Sprintf("SET LOCAL statement_timeout = %d", assertTimeout.Milliseconds())}
	if r.Schema != "" {
		stmts = append(stmts, "SET LOCAL search_path = "+quoteIdentifier(r.Schema))
	}
	return stmts
}

// inside runs the statements in a transaction that somebody has opened. Each
// statement that must raise has a savepoint.
func (a Assertion) inside(ctx context.Context, conn Session, d Dialect) (*BrokenPromise, error) {
	var before []string
	if d == SQLite {
		var err error
		if before, err = column(ctx, conn, orphans); err != nil {
			return nil, err
		}
	}
	for _, stmt := range a.statements {
		broken, err := a.statement(ctx, conn, stmt)
		if err != nil || broken != nil {
			return broken, err
		}
	}
	last := a.statements[len(a.statements)-1]
	if d == Postgres {
		if _, err := conn.ExecContext(ctx, "SET CONSTRAINTS ALL IMMEDIATE"); err != nil {
			return a.raised(ctx, last, err, "a deferred constraint does not hold at the end: ")
		}
		return nil, nil
	}
	after, err := column(ctx, conn, orphans)
	if err != nil {
		return nil, err
	}
	for _, o := range after {
		if !slices.Contains(before, o) {
			return &BrokenPromise{Assertion: a, Line: last.line, Statement: last.sql, Why: "a foreign key does not hold at the end: " + o}, nil
		}
	}
	return nil, nil
}

// orphans are rows of SQLite that refer to nothing.
const orphans = `SELECT format('a row of %s refers to a row of %s that does not exist', "table", parent) || CASE WHEN rowid IS NULL THEN '' ELSE ' (rowid ' || rowid || ')' END FROM pragma_foreign_key_check`

func (a Assertion) statement(ctx context.Context, conn Session, stmt assertion) (*BrokenPromise, error) {
	if stmt.raises != nil {
		if _, err := conn.ExecContext(ctx, "SAVEPOINT handrail_raises"); err != nil {
			return nil, err
		}
	}
	returned, err := a.execute(ctx, conn, stmt)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	switch {
	case stmt.raises != nil && err == nil:
		return &BrokenPromise{Assertion: a, Line: stmt.line, Statement: stmt.sql, Why: fmt.Sprintf("it raises nothing, and should raise %q", stmt.raises)}, nil
	case stmt.raises != nil && !stmt.raises.MatchString(err.Error()):
		return a.raised(ctx, stmt, err, fmt.Sprintf("it should raise %q, and raises ", stmt.raises))
	case stmt.raises != nil:
		_, err := conn.ExecContext(ctx, "ROLLBACK TO SAVEPOINT handrail_raises")
		if err != nil && strings.Contains(err.Error(), "no such savepoint") {
			err = fmt.Errorf("%s: it rolls the whole transaction back, as RAISE(ROLLBACK) and OR ROLLBACK do, and nothing can be asserted behind it: RAISE(ABORT) ends the statement alone", place(a.File.Name, stmt.line))
		}
		return nil, err
	case err != nil:
		return a.raised(ctx, stmt, err, "")
	case returned != "":
		first, _, more := strings.Cut(returned, "\n")
		why := "it returns a row: " + first
		if more {
			why = "it returns rows, the first: " + first
		}
		return &BrokenPromise{Assertion: a, Line: stmt.line, Statement: stmt.sql, Why: why, Rows: returned}, nil
	}
	return nil, nil
}

func (a Assertion) raised(ctx context.Context, stmt assertion, err error, what string) (*BrokenPromise, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return &BrokenPromise{Assertion: a, Line: stmt.line, Statement: stmt.sql, Why: what + oneLine(err), State: sqlState(err)}, nil
}

// mostRows is how many rows of a SELECT are shown as evidence.
const mostRows = 5

// runs counts the statements of assertions that were run.
var runs atomic.Int64

// execute runs a statement. The rows that it returns are evidence, a line each,
// whatever kind of statement it is: one that is not taken for a query would pass
// unseen.
func (a Assertion) execute(ctx context.Context, conn Session, stmt assertion) (returned string, err error) {
	// A driver may keep the plan of a text that it has seen, which is wrong when
	// the schema is another by now.
	text := fmt.Sprintf("/* %d */ %s", runs.Add(1), stmt.sql)
	rows, err := conn.QueryContext(ctx, text)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	names, err := rows.Columns()
	if err != nil {
		return "", err
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
		parts := make([]string, len(names))
		for i, v := range values {
			text := "NULL"
			if s := v.(*sql.NullString); s.Valid {
				text = s.String
			}
			parts[i] = names[i] + " = " + text
		}
		lines = append(lines, strings.Join(strings.Fields(strings.Join(parts, ", ")), " "))
	}
	if len(names) == 0 && len(lines) > 0 {
		lines = []string{"a row without columns"}
	}
	return strings.Join(lines, "\n"), rows.Err()
}
