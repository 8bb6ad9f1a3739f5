package attack

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/handrail-db/handrail/internal/words"
	"github.com/handrail-db/handrail/verify/internal/generate"
)

// A Result is what came of an attack.
type Result struct {
	Err    error    // the refusal; nil: the attack passed
	Code   string   // SQLSTATE or SQLite's extended result code; "" where it passed
	Before int      // rows that were there
	Lost   []string // rows that were there and are not any more, as text
	New    []string // rows that were not there
	// NotRun says why the attack proves nothing; "" where it does.
	NotRun string
}

// Changed reports whether a row is not as it was. On Postgres a row that was
// written again with the same values is another: its version is part of it.
func (r Result) Changed() bool { return len(r.Lost) > 0 }

func (r Result) verb() string {
	if len(r.New) == 0 {
		return "removes"
	}
	return "changes"
}

// Run makes the attack on a database that is as [Table.Scout] was told, in a
// session of its own, of which nothing goes into the next. It compares every row
// before and after. The error is that of a database that cannot be used at all.
//
// What should be refused is first tried in a transaction that takes the table's
// guards off and is rolled back. If it fails there too, the refusal would be no
// merit of the guards, and the result says that the attack was not run.
func (a Attack) Run(ctx context.Context, db *sql.DB) (r Result, err error) {
	if a.impossible != "" {
		return Result{NotRun: a.impossible}, nil
	}
	observer, err := db.Conn(ctx)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, a.release(ctx, observer)) }()
	prepare, role, why, err := a.prey.Arsenal.enter(ctx, observer, a.prey, a.As)
	if err != nil || why != "" {
		return Result{NotRun: why}, err
	}
	if why, err := say(ctx, observer, append(prepare, a.Prepare...)); err != nil || why != "" {
		return Result{NotRun: why}, err
	}
	before, err := a.prey.Arsenal.rows(ctx, observer, a.prey)
	if err != nil {
		return r, err
	}
	if r, err = a.strike(ctx, db, role); err != nil || r.NotRun != "" {
		return r, err
	}
	after, err := a.prey.Arsenal.rows(ctx, observer, a.prey)
	r.Before, r.Lost, r.New = len(before), missing(before, after), missing(after, before)
	return r, err
}

// release gives the observer's connection back, without a setting that preparations
// may have left in it.
func (a Attack) release(ctx context.Context, observer *sql.Conn) error {
	if len(a.Prepare) > 0 {
		return a.prey.Arsenal.release(ctx, observer)
	}
	return observer.Close()
}

// undo takes the preparations back. Where it fails the database is as they left it.
func (a Attack) undo(ctx context.Context, db *sql.DB) error {
	if a.Undo == nil {
		return errors.New("what is prepared cannot be undone")
	}
	for _, text := range a.Undo {
		if _, err := db.ExecContext(ctx, text); err != nil {
			return err
		}
	}
	return nil
}

// say runs statements that are to pass. Where one does not, that is a reason
// not to go on.
func say(ctx context.Context, conn *sql.Conn, statements []string) (why string, err error) {
	for _, text := range statements {
		if _, err := conn.ExecContext(ctx, text); err != nil {
			return text + ": " + words.OneLine(err), generate.Unusable(err)
		}
	}
	return "", nil
}

// strike makes the attack in a session of its own: its settings, then the
// attempt without guards, then the role and the attack itself.
func (a Attack) strike(ctx context.Context, db *sql.DB, role []string) (r Result, err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, a.prey.Arsenal.release(ctx, conn)) }()
	if r.NotRun, err = say(ctx, conn, a.Session); err != nil || r.NotRun != "" {
		return r, err
	}
	if r.NotRun, err = a.control(ctx, conn); err != nil || r.NotRun != "" {
		return r, err
	}
	if r.NotRun, err = say(ctx, conn, role); err != nil || r.NotRun != "" {
		return r, err
	}
	_, r.Err = conn.ExecContext(ctx, a.SQL)
	r.Code = generate.ErrorCode(r.Err)
	return r, generate.Unusable(r.Err)
}

// control makes what should be refused where nothing guards the table, and
// undoes it. It says why the attack does not work there either.
func (a Attack) control(ctx context.Context, conn *sql.Conn) (why string, err error) {
	if a.Want != Refused {
		return "", nil
	}
	if _, err := conn.ExecContext(ctx, "BEGIN"); err != nil {
		return "", err
	}
	if err := a.prey.Arsenal.Unguard(ctx, conn, a.prey); err != nil {
		return "", fmt.Errorf("take the guards off %s: %w", a.prey.object.Name, err)
	}
	_, failed := conn.ExecContext(ctx, a.SQL)
	if err := generate.Unusable(failed); err != nil {
		return "", err
	}
	// A failure may have ended the transaction already (OR ROLLBACK).
	if _, err := conn.ExecContext(ctx, "ROLLBACK"); err != nil && failed == nil {
		return "", fmt.Errorf("undo %s: %w", a.Name, err)
	}
	// What not even who made the table may do is not for a guard to refuse.
	if failed != nil && generate.ErrorCode(failed) != insufficientPrivilege {
		return "it does not work where nothing guards the table either: " + words.OneLine(failed), nil
	}
	return "", nil
}

// insufficientPrivilege is Postgres' SQLSTATE for what a role may not do.
const insufficientPrivilege = "42501"

// missing lists what is in one list and not in the other, as often as it is.
func missing(list, from []string) []string {
	count := map[string]int{}
	for _, text := range from {
		count[text]++
	}
	var gone []string
	for _, text := range list {
		if count[text]--; count[text] < 0 {
			gone = append(gone, text)
		}
	}
	return gone
}
