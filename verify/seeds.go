package verify

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"regexp"
	"strings"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/internal/sqltext"
)

// A Seeder writes rows into a database that stands just below a revision. They
// stay there for all revisions behind it. It must not change the schema, and must
// leave no connection open. It is called for one revision more than once: in each
// new database that the walk takes, and in a copy of it for the second round.
type Seeder func(ctx context.Context, db *sql.DB, d dialect.Dialect, below Revision) error

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

// checkSeed refuses what cannot be a seed: nothing at all, what would end the
// transaction that it runs in, rows that only a client can send.
func checkSeed(d dialect.Dialect, f *File) error {
	statements := sqltext.Parse(d, f.SQL).Statements
	if len(statements) == 0 {
		return fmt.Errorf("%s: no statement is in it: write rows, or delete the file", f.Name)
	}
	if err := noTransaction(d, f, "a seed runs in a transaction that handrail opens and commits: leave it out"); err != nil {
		return err
	}
	for _, stmt := range statements {
		if stmt.Copies("from", "stdin") {
			return fmt.Errorf("%s: COPY FROM STDIN: the rows would have to come from a client: write INSERT, as pg_dump --inserts does", finding.Place(f.at(stmt.Line)))
		}
	}
	return nil
}

// noTransaction refuses a file that would end the transaction that it runs in.
func noTransaction(d dialect.Dialect, f *File, why string) error {
	for _, stmt := range sqltext.Parse(d, f.SQL).Statements {
		if stmt.Transaction() != "" {
			return fmt.Errorf("%s: %s: %s", finding.Place(f.at(stmt.Line)), strings.ToUpper(stmt.Tokens[0].Text), why)
		}
	}
	return nil
}
