package walk

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
	"github.com/handrail-db/handrail/verify/internal/sqltext"
	"github.com/handrail-db/handrail/verify/schema"
)

// NothingMore is for a script of which an error says all.
func NothingMore(error, sqltext.Statement) string { return "" }

// RunScript runs the statements of a file in one transaction, whatever the file
// says of it, in a session that ends with it: what a seed sets is nobody else's.
// Why says what the error of a statement leaves open.
func RunScript(ctx context.Context, db *sql.DB, d dialect.Dialect, r engine.Options, f *history.File, why func(error, sqltext.Statement) string) (err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", f.Name, err)
	}
	defer func() {
		_ = conn.Raw(func(any) error { return driver.ErrBadConn }) // which is how a pool lets go of a session
		if e := conn.Close(); e != nil && !errors.Is(e, sql.ErrConnDone) {
			err = errors.Join(err, e)
		}
	}()
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("%s: %w", f.Name, err)
	}
	defer func() {
		if e := tx.Rollback(); e != nil && !errors.Is(e, sql.ErrTxDone) {
			err = errors.Join(err, e)
		}
	}()
	if d == dialect.Postgres && r.Schema != "" {
		if _, err := tx.ExecContext(ctx, "SET LOCAL search_path = "+dialect.Name(r.Schema)); err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	for _, stmt := range f.Script(d).Statements {
		if stmt.Transaction() != "" {
			continue
		}
		if _, err := tx.ExecContext(ctx, stmt.SQL); err != nil {
			return fmt.Errorf("%s: %w%s", finding.Place(f.At(stmt.Line)), engine.ExplainWall(err), why(err, stmt))
		}
	}
	if err := tx.Commit(); err != nil { // a deferred constraint speaks here
		return fmt.Errorf("%s: at the end of the seed: %w", f.Name, err)
	}
	return nil
}

// whySeedFails is what the error of a statement does not say: at which revision
// the seed runs, where something is not there, and which triggers may have
// refused the rows.
func whySeedFails(err error, stmt sqltext.Statement, below history.Revision, snap schema.Snapshot) string {
	text, state := err.Error(), engine.SQLState(err)
	switch {
	case slices.Contains([]string{"42P01", "42703", "42704", "3F000"}, state), strings.Contains(text, "no such table"), strings.Contains(text, "has no column named"):
		return fmt.Sprintf("; the seed of %s runs before its up", below)
	case strings.HasPrefix(state, "42"), strings.HasPrefix(state, "22"), strings.HasPrefix(state, "23"),
		strings.Contains(text, "constraint failed") && !strings.Contains(text, "(1811)"), strings.Contains(text, "syntax error"):
		return ""
	}
	if fire := triggersOn(stmt, snap); len(fire) > 0 {
		return "; what may have refused it: " + strings.Join(fire, ", ")
	}
	return ""
}

// triggersOn lists the triggers of the tables that a statement names.
func triggersOn(stmt sqltext.Statement, snap schema.Snapshot) []string {
	var fire []string
	for _, o := range snap.Kind("trigger") {
		table := sqltext.Parse(dialect.Postgres, o.Parent).Statements // "public.users"
		if len(table) == 0 {
			continue
		}
		name := sqltext.LastName(table[0].Tokens)
		if slices.ContainsFunc(stmt.Tokens, func(l sqltext.Token) bool { return l.IsName() && strings.EqualFold(l.Text, name) }) {
			fire = append(fire, o.String())
		}
	}
	return fire
}

// writeSeed writes the rows of a revision into a database that stands below it: those of
// its seed file and those of the subject. Now is the catalogue there, for what an error
// leaves open; nil: it is not known.
func writeSeed(ctx context.Context, db engine.Database, h history.History, s history.Subject, r history.Revision, now func() schema.Snapshot) error {
	if r.Seed != nil {
		f := s.Shown(h.Dialect, r.Seed)
		if err := history.CheckSeed(h.Dialect, f); err != nil {
			return err
		}
		why := func(err error, stmt sqltext.Statement) string {
			if now == nil {
				return whySeedFails(err, stmt, r, schema.Snapshot{})
			}
			return whySeedFails(err, stmt, r, now())
		}
		if err := RunScript(ctx, db.DB(), h.Dialect, s.Runner, f, why); err != nil {
			return err
		}
	}
	if s.Seed != nil {
		if err := s.Seed(ctx, db.DB(), h.Dialect, r); err != nil {
			return fmt.Errorf("Subject.Seed below %s: %w", r, engine.ExplainWall(err))
		}
	}
	return nil
}
