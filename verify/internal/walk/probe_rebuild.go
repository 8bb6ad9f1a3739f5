package walk

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/internal/words"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
	"github.com/handrail-db/handrail/verify/internal/sqltext"
	"github.com/handrail-db/handrail/verify/rows"
	"github.com/handrail-db/handrail/verify/schema"
)

// modes are those in which golang-migrate's driver can run a file.
var modes = []struct {
	noTxWrap, foreignKeys bool
	words                 string
}{
	{false, false, "in a transaction, foreign keys off"},
	{false, true, "in a transaction, foreign keys on"},
	{true, false, "without a transaction, foreign keys off"},
	{true, true, "without a transaction, foreign keys on"},
}

// rebuilding makes an up of SQLite that rebuilds tables in all modes of the driver.
type rebuilding struct{}

func (rebuilding) Name() string { return "rebuild" }

func (rebuilding) Wants(d dialect.Dialect, r history.Revision, before schema.Snapshot) Wish {
	return wishIf(len(rebuilds(d, r, before)) > 0)
}

// rebuilds names the tables that an up drops or renames and that were there, if
// it copies rows at all: else nothing is rebuilt, but thrown away.
func rebuilds(d dialect.Dialect, r history.Revision, before schema.Snapshot) []string {
	if d != dialect.SQLite || r.Up == nil {
		return nil
	}
	var tables []string
	there, copies := ColumnsIn(before), false
	for _, stmt := range r.Up.Script(d).Statements {
		name := ""
		copies = copies || (stmt.Begins("insert") || stmt.Begins("create", "table")) && slices.ContainsFunc(stmt.Tokens, func(l sqltext.Token) bool { return l.Is("select") })
		switch {
		case stmt.Begins("drop", "table", "if", "exists"):
			name = sqltext.LastName(stmt.Tokens[4:])
		case stmt.Begins("drop", "table"):
			name = sqltext.LastName(stmt.Tokens[2:])
		case stmt.Begins("alter", "table") && len(stmt.Tokens) > 4 && slices.ContainsFunc(stmt.Tokens, func(l sqltext.Token) bool { return l.Is("rename") }):
			name = sqltext.LastName(stmt.Tokens[2:3])
		}
		for _, o := range before.Kind("table") {
			if _, ok := there(o.Name); ok && strings.EqualFold(o.Name, name) && !slices.Contains(tables, o.Name) {
				tables = append(tables, o.Name)
			}
		}
	}
	if !copies {
		return nil
	}
	return tables
}

// Look makes the up in every mode; in its own the walk has made it.
func (rebuilding) Look(ctx context.Context, at *Points, stair *Stair) error {
	for _, t := range rebuilds(at.history.Dialect, stair.Revision, stair.Before) {
		if HasTable(stair.Up.Snapshot, t) {
			stair.Rebuilt = append(stair.Rebuilt, t)
		}
	}
	if len(stair.Rebuilt) == 0 {
		return nil
	}
	before, err := examine(ctx, at.below.DB(), stair.Before)
	if err != nil {
		return err
	}
	own := at.subject.Runner
	for _, m := range modes {
		runner := own
		runner.NoTxWrap, runner.ForeignKeys = m.noTxWrap, m.foreignKeys
		if runner == own {
			h, err := examine(ctx, at.place.Database.DB(), stair.Up.Snapshot)
			if err != nil {
				return err
			}
			stair.Trials = append(stair.Trials, Trial{m.words, true, stair.Up.Snapshot, stair.Account.Up, h.harmSince(before), h.brokenSince(before)})
			continue
		}
		trial, err := at.trial(ctx, before, runner)
		if err != nil {
			return fmt.Errorf("%s: %w", m.words, err)
		}
		if trial != nil {
			trial.Mode = m.words
			stair.Trials = append(stair.Trials, *trial)
		}
	}
	return nil
}

// trial makes the up once more, from the same rows, in another mode. It is nil
// where the up does not run in that mode: nobody can use it then.
func (p *Points) trial(ctx context.Context, before health, runner engine.Options) (_ *Trial, err error) {
	db, err := p.below.Copy(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	moded := p.subject
	moded.Runner = runner
	other, err := On(ctx, db, p.history, moded)
	if err != nil {
		return nil, err
	}
	other.Limit = p.options.StepLimit()
	defer func() { err = errors.Join(err, other.Close()) }()
	if err := other.Step(ctx, finding.Up); err != nil {
		return nil, context.Cause(ctx)
	}
	trial := &Trial{}
	if trial.Snapshot, err = other.Snapshot(ctx); err != nil {
		return nil, err
	}
	set, err := rows.Read(ctx, db.DB(), dialect.SQLite, trial.Snapshot)
	if err != nil {
		return nil, err
	}
	defer set.Close() //nolint:errcheck // a set that is read has nothing to lose
	if trial.Rows, err = rows.Compare(p.rows, set, ColumnsIn(trial.Snapshot)); err != nil {
		return nil, err
	}
	h, err := examine(ctx, db.DB(), trial.Snapshot)
	trial.Harm, trial.Broken = h.harmSince(before), h.brokenSince(before)
	return trial, err
}

// A health is what SQLite says of a database when asked.
type health struct {
	harm   []string
	broken []Broken
}

func (h health) harmSince(before health) []string {
	return slices.DeleteFunc(slices.Clone(h.harm), func(s string) bool { return slices.Contains(before.harm, s) })
}

func (h health) brokenSince(before health) []Broken {
	return slices.DeleteFunc(slices.Clone(h.broken), func(b Broken) bool {
		return slices.ContainsFunc(before.broken, func(o Broken) bool { return o.Object.String() == b.Object.String() })
	})
}

// examine asks SQLite about the rows, and about views and triggers by compiling
// what uses them.
func examine(ctx context.Context, db *sql.DB, snap schema.Snapshot) (health, error) {
	var h health
	for _, pragma := range []string{
		orphans,
		`SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok'`,
	} {
		found, err := engine.Column(ctx, db, pragma)
		if err != nil {
			// A foreign key to a table that cannot be its parent is an error
			// of the check itself.
			found = []string{words.OneLine(err)}
		}
		h.harm = append(h.harm, found...)
	}
	for _, o := range snap.Objects {
		var uses []string
		name := dialect.Name(o.Name)
		switch o.Kind {
		case "view":
			uses = []string{"SELECT * FROM " + name}
		case "trigger":
			name = dialect.Name(o.Parent)
			for _, p := range snap.Of(o.Parent, "column") {
				uses = append(uses, "UPDATE "+name+" SET "+dialect.Name(p.Name)+" = NULL")
			}
			uses = append(uses, "DELETE FROM "+name, "INSERT INTO "+name+" DEFAULT VALUES")
		}
		for _, use := range uses {
			err := compiles(ctx, db, use)
			if err != nil && !(o.Kind == "trigger" && ofItsOwn(err)) {
				h.broken = append(h.broken, Broken{o, words.OneLine(err)})
				break
			}
		}
	}
	return h, ctx.Err()
}

// ofItsOwn reports whether a statement does not compile for a reason of its own:
// a generated column cannot be set, a view without such a trigger not written.
func ofItsOwn(err error) bool {
	text := err.Error()
	return strings.Contains(text, "cannot UPDATE generated column") || strings.Contains(text, "cannot modify")
}

// compiles asks SQLite to compile a statement, and runs nothing.
func compiles(ctx context.Context, db *sql.DB, stmt string) error {
	rows, err := db.QueryContext(ctx, "EXPLAIN "+stmt)
	if err != nil {
		return err
	}
	return errors.Join(rows.Err(), rows.Close())
}
