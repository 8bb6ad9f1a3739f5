package verify

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"

	"github.com/handrail-db/handrail/verify/rows"
	"github.com/handrail-db/handrail/verify/schema"
)

// A Seeder writes rows into a database that stands just below a revision. They
// stay there for all revisions behind it. It must not change the schema.
type Seeder func(ctx context.Context, db *sql.DB, d Dialect, below Revision) error

var seedFile = regexp.MustCompile(`^([0-9]+)_(.*)\.seed\.sql$`)

// readSeeds gives each revision the seed file that is called like it.
func readSeeds(folder fs.FS, byVersion map[int64]*Revision) error {
	entries, err := fs.ReadDir(folder, ".")
	if err != nil {
		return err
	}
	for _, e := range entries {
		parts := seedFile.FindStringSubmatch(e.Name())
		if parts == nil || e.IsDir() {
			continue
		}
		r, err := companionOf(byVersion, e.Name(), parts[1], parts[2])
		if err != nil {
			return err
		}
		if r.Seed != nil {
			return fmt.Errorf("%s: revision %s has a seed in %s", e.Name(), r, r.Seed.Name)
		}
		if r.Seed, err = readSQL(folder, e.Name()); err != nil {
			return err
		}
	}
	return nil
}

// noTransaction refuses a file that would end the transaction that it runs in.
func noTransaction(d Dialect, f *File, why string) error {
	for _, stmt := range parseScript(d, f.SQL).statements {
		for _, word := range []string{"begin", "start", "commit", "end", "rollback", "abort", "prepare"} {
			if stmt.begins(word) {
				return fmt.Errorf("%s: %s: %s", place(f.Name, stmt.line), strings.ToUpper(word), why)
			}
		}
	}
	return nil
}

// runSeed runs the statements of a seed in one transaction.
func runSeed(ctx context.Context, db *sql.DB, d Dialect, r Runner, f *File) (err error) {
	if err := noTransaction(d, f, "a seed runs in a transaction that handrail opens and commits"); err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("%s: %w", f.Name, err)
	}
	defer func() {
		if e := tx.Rollback(); e != nil && !errors.Is(e, sql.ErrTxDone) {
			err = errors.Join(err, e)
		}
	}()
	if d == Postgres && r.Schema != "" {
		if _, err := tx.ExecContext(ctx, "SET LOCAL search_path = "+quoteIdentifier(r.Schema)); err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	for _, stmt := range parseScript(d, f.SQL).statements {
		if _, err := tx.ExecContext(ctx, stmt.sql); err != nil {
			return fmt.Errorf("%s: %w", place(f.Name, stmt.line), err)
		}
	}
	if err := tx.Commit(); err != nil { // a deferred constraint speaks here
		return fmt.Errorf("%s: at the end of the seed: %w", f.Name, err)
	}
	return nil
}

// seed writes the rows that must be there before a revision runs, and reports
// whether there were any to write.
func (w *walk) seed(ctx context.Context, r Revision) (wrote bool, err error) {
	if w.unpeopled != "" || r.Seed == nil && w.subject.Seed == nil {
		return false, nil
	}
	if r.Seed != nil {
		f := &File{w.subject.file(w.history.Dialect, r.Seed.Name), r.Seed.SQL}
		if err := runSeed(ctx, w.db.DB(), w.history.Dialect, w.subject.Runner, f); err != nil {
			return false, err
		}
	}
	if w.subject.Seed != nil {
		if err := w.subject.Seed(ctx, w.db.DB(), w.history.Dialect, r); err != nil {
			return false, fmt.Errorf("Subject.Seed below %s: %w", r, err)
		}
	}
	w.peopled = true
	return true, nil
}

// people writes the rows of a revision, looks that nothing else has changed, and
// counts what is there.
func (w *walk) people(ctx context.Context, stair *Stair) error {
	wrote, err := w.seed(ctx, stair.Revision)
	if err != nil {
		return err
	}
	if wrote {
		now, err := w.stepper.snapshot(ctx)
		if err != nil {
			return err
		}
		if changes := schema.Roots(schema.Compare(w.now, now)); len(changes) > 0 {
			return fmt.Errorf("%s: a seed writes rows, and this one changes %s", cmp.Or(seedName(stair.Revision), "Subject.Seed"), changes[0].Object())
		}
		if err := w.forget(); err != nil {
			return err
		}
	}
	if w.rows == nil {
		if w.rows, err = rows.Read(ctx, w.db.DB(), w.history.Dialect, w.now); err != nil {
			return err
		}
	}
	stair.Account.Rows, stair.Account.Tables = w.rows.Count(), len(w.rows.Tables)
	stair.Account.Seeded, stair.Account.Unpeopled = w.peopled, w.unpeopled
	return nil
}

func seedName(r Revision) string {
	if r.Seed == nil {
		return ""
	}
	return r.Seed.Name
}
