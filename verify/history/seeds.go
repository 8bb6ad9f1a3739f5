package history

import (
	"fmt"
	"io/fs"
	"regexp"
	"strings"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/internal/sqltext"
)

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

// CheckSeed refuses what cannot be a seed: nothing at all, what would end the
// transaction that it runs in, rows that only a client can send.
func CheckSeed(d dialect.Dialect, f *File) error {
	statements := sqltext.Parse(d, f.SQL).Statements
	if len(statements) == 0 {
		return fmt.Errorf("%s: no statement is in it: write rows, or delete the file", f.Name)
	}
	if err := NoTransaction(d, f, "a seed runs in a transaction that handrail opens and commits: leave it out"); err != nil {
		return err
	}
	for _, stmt := range statements {
		if stmt.Copies("from", "stdin") {
			return fmt.Errorf("%s: COPY FROM STDIN: the rows would have to come from a client: write INSERT, as pg_dump --inserts does", finding.Place(f.At(stmt.Line)))
		}
	}
	return nil
}

// NoTransaction refuses a file that would end the transaction that it runs in.
func NoTransaction(d dialect.Dialect, f *File, why string) error {
	for _, stmt := range sqltext.Parse(d, f.SQL).Statements {
		if stmt.Transaction() != "" {
			return fmt.Errorf("%s: %s: %s", finding.Place(f.At(stmt.Line)), strings.ToUpper(stmt.Tokens[0].Text), why)
		}
	}
	return nil
}
