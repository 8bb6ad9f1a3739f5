package schema_test

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail"
	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/verify"
)

// TestRandomHistories checks histories that nobody wrote and asks pg_dump, or what
// SQLite keeps of each statement, whether the downs give back what they should: a
// check says so of exactly those that do not.
func TestRandomHistories(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		engine    verify.Engine
		few, many uint64
	}{{fixtures.Postgres, 3, 250}, {fixtures.SQLiteMemory, 40, 250}} {
		t.Run(c.engine.Name(), func(t *testing.T) {
			t.Parallel()
			n := c.few
			if exhaustive() {
				n = c.many
			}
			t.Cleanup(func() {
				if !t.Failed() && !t.Skipped() {
					require.NotZero(t, unrestored.Load(), "none of the downs is broken")
				}
			})
			for seed := range n {
				t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
					t.Parallel()
					h := &historian{Rand: rand.New(rand.NewPCG(seed, 1)), dialect: c.engine.Dialect()}
					agreeOn(t, c.engine, h.history(5))
				})
			}
		})
	}
}

// unrestored counts the downs that, in truth, do not give back what was there.
var unrestored atomic.Int64

// restoring are the rules of a down that does not give back what was there.
var restoring = []verify.Rule{
	verify.Residue, verify.Loss, verify.Changed, verify.EmptyDown, verify.DownFails,
}

// agreeOn compares the verdict of a check with the truth, revision by revision.
func agreeOn(t *testing.T, e verify.Engine, history []randomRevision) {
	folder := fstest.MapFS{}
	for i, r := range history {
		folder[fmt.Sprintf("%04d_r.up.sql", i+1)] = &fstest.MapFile{Data: []byte(r.up)}
		folder[fmt.Sprintf("%04d_r.down.sql", i+1)] = &fstest.MapFile{Data: []byte(r.down)}
	}
	s := verify.Subject{Postgres: folder}
	if e.Dialect() == verify.SQLite {
		s = verify.Subject{SQLite: folder}
	}
	run, err := verify.Stairway(t.Context(), e, s)
	require.NoError(t, err)
	if run.NotRun != "" {
		t.Skip(run.NotRun)
	}
	require.Len(t, run.Revisions, len(history))
	for i, what := range truth(t, e, history) {
		if what != "" {
			unrestored.Add(1)
		}
		var said []string
		for _, f := range run.Revisions[i].Findings {
			if slices.Contains(restoring, f.Rule) && f.Counts(verify.Warning) {
				said = append(said, f.String())
			}
		}
		require.Equal(t, what != "", len(said) > 0, "revision %d, whose down %s\nup:\n%s\ndown:\n%s\nthe truth:\n%s\nthe check says:\n%s",
			i+1, orNothing(history[i].wrong), history[i].up, history[i].down, what, strings.Join(said, "\n"))
	}
}

func orNothing(wrong string) string {
	if wrong == "" {
		return "is right"
	}
	return wrong
}

// truth is, for each revision, the difference between what was there before it and
// what its down leaves, as another tool than handrail prints it; "" where there is
// none.
func truth(t *testing.T, e verify.Engine, history []randomRevision) []string {
	var all []string
	db, dump := dumped(t, e)
	before := dump()
	for i, r := range history {
		execute(t, db, r.up)
		after := dump()
		_, err := db.ExecContext(t.Context(), r.down)
		diff := ""
		if err != nil {
			diff = err.Error()
		} else if down := dump(); down != before {
			diff = lineDiff(before, down) + "."
		}
		all = append(all, diff)
		if diff == "" {
			execute(t, db, r.up)
		} else {
			db, dump = dumped(t, e)
			for _, r := range history[:i+1] {
				execute(t, db, r.up)
			}
		}
		require.Equal(t, after, dump(), "the ups of this history give one schema")
		before = after
	}
	return all
}

func execute(t *testing.T, db *handrail.DB, statements string) {
	t.Helper()
	_, err := db.ExecContext(t.Context(), statements)
	require.NoError(t, err, statements)
}

// dumped is a new database and what prints its schema.
func dumped(t *testing.T, e verify.Engine) (*handrail.DB, func() string) {
	db := handrail.Scratch(t, e)
	if e.Dialect() == verify.Postgres {
		return db, pgDump(t, db)
	}
	return db, func() string { return sqliteDump(t, db.DB) }
}

// sqliteDump is the text of all statements that SQLite keeps, without quotes and
// white space, which its ALTER TABLE changes.
func sqliteDump(t *testing.T, db *sql.DB) string {
	rows, err := db.QueryContext(t.Context(), "SELECT type || ' ' || name || ' ' || tbl_name || ' ' || coalesce(sql, '') FROM sqlite_schema ORDER BY type, name")
	require.NoError(t, err)
	defer rows.Close() //nolint:errcheck // rows.Err tells
	var b strings.Builder
	for rows.Next() {
		var line string
		require.NoError(t, rows.Scan(&line))
		b.WriteString(blanks.ReplaceAllString(line, "") + "\n")
	}
	require.NoError(t, rows.Err())
	return b.String()
}

var blanks = regexp.MustCompile(`[\s"]+`)
