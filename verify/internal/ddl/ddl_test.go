package ddl_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail"
	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/internal/corpus"
	"github.com/handrail-db/handrail/verify/internal/ddl"
	"github.com/handrail-db/handrail/verify/schema"
)

// An exception is a change after which the schema cannot be written, or to which
// no statements lead.
type exception struct {
	reason string // what the error, or the comment, must say
	undo   string // makes a schema that can be written of it again
	skip   bool   // the change is not made at all
}

// unwritable are the changes after which no SQL makes the schema.
var unwritable = map[string]exception{
	"index invalid": {
		"an index that is not valid is what a failed CREATE INDEX CONCURRENTLY has left",
		"UPDATE pg_index SET indisvalid = true WHERE indexrelid = 'ix_t_order'::regclass", false,
	},
	"user mapping": {
		"its options may be passwords, of which nothing but a hash is known",
		"DROP USER MAPPING FOR PUBLIC SERVER fs", false,
	},
	"user mapping options": {skip: true}, // as above
}

// byHand are the changes that a person has to make, in one direction at least.
var byHand = map[string]string{
	"postgres: columns in another order": "nothing but a new table has another column order",
	"postgres: column order alone":       "nothing but a new table has another column order",
	"postgres: enum label in the middle": "Postgres takes no label away from an enum",
	// Default privileges that are in force give a new object more than it shall have.
	"postgres: function dropped": "privileges on function public.fb(x integer)",

	"sqlite: column with check":         "DROP COLUMN refuses k",
	"sqlite: column with reference":     "DROP COLUMN refuses r",
	"sqlite: column renamed":            "column zz stands before others",
	"sqlite: column dropped":            "column zz stands before others",
	"sqlite: case of a literal changed": "check (a <> 'Abc') on li goes or differs",
}

// undone are changes that can be written, but only in the long form: they are
// taken back, so that those behind them are written in the short one.
var undone = map[string]string{
	"extension comment": "COMMENT ON EXTENSION pg_trgm IS 'text similarity measurement and index searching based on trigrams'",
}

// exhaustive reports whether tests may take minutes to go through all that there is.
func exhaustive() bool { return os.Getenv("HANDRAIL_EXHAUSTIVE") != "" }

func define(t *testing.T, db *handrail.DB) ddl.Definition {
	t.Helper()
	d, err := ddl.Define(t.Context(), db.DB, db.Engine.Dialect())
	require.NoError(t, err)
	return d
}

// made is the snapshot of a new database in which the text ran.
func made(ctx context.Context, e engine.Engine, text string) (_ schema.Snapshot, err error) {
	db, err := e.New(ctx)
	if err != nil {
		return schema.Snapshot{}, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := db.DB().ExecContext(ctx, text); err != nil {
		return schema.Snapshot{}, err
	}
	return schema.Inspect(ctx, db.DB(), e.Dialect())
}

// proven writes the schema of a database and runs what it has written.
func proven(t *testing.T, e engine.Engine, base schema.Snapshot, d ddl.Definition) (text string, err error) {
	return d.Proven(base, func(sql string) (schema.Snapshot, error) {
		text = sql
		return made(t.Context(), e, sql)
	})
}

// eachChange makes one change after the other, with those that have been undone
// because nothing behind them could be written.
func eachChange(t *testing.T, db *handrail.DB, see func(c corpus.Change, e exception, excepted bool), then func()) {
	changes := corpus.Changes(string(db.Engine.Dialect()) + "_changes.sql")
	require.GreaterOrEqual(t, len(changes), 50)
	for _, c := range changes {
		e, excepted := unwritable[c.Name]
		if e.skip {
			continue
		}
		_, err := db.ExecContext(t.Context(), c.SQL)
		require.NoError(t, err, c.Name)
		see(c, e, excepted)
		for _, undo := range []string{e.undo, undone[c.Name]} {
			_, err := db.ExecContext(t.Context(), undo)
			require.NoError(t, err, c.Name)
		}
		then()
	}
}

// TestWhatIsWrittenMakesTheSchema writes the schema after each of the changes and
// makes it in a new database: the catalogue there is the same.
func TestWhatIsWrittenMakesTheSchema(t *testing.T) {
	for _, e := range []engine.Engine{fixtures.Postgres, fixtures.SQLiteMemory} {
		t.Run(e.Name(), func(t *testing.T) {
			t.Parallel()
			db := handrail.Scratch(t, e)
			base := define(t, db).Snapshot
			seen := 0
			eachChange(t, db, func(c corpus.Change, e exception, excepted bool) {
				// One change comes upon the other, so that each tenth schema holds all.
				if seen++; db.Engine.Dialect() == dialect.Postgres && !exhaustive() && seen%10 != 0 && !excepted {
					return
				}
				text, err := proven(t, db.Engine, base, define(t, db))
				if excepted {
					assert.ErrorContains(t, err, e.reason, c.Name)
					return
				}
				assert.NoError(t, err, "%s\n%s", c.Name, text)
			}, func() {})
		})
	}
}

// TestStatementsLeadFromOneSchemaToTheOther goes, in a second database, to the
// schema after each change, back and again, by nothing but the statements.
func TestStatementsLeadFromOneSchemaToTheOther(t *testing.T) {
	for _, e := range []engine.Engine{fixtures.Postgres, fixtures.SQLiteMemory} {
		t.Run(e.Name(), func(t *testing.T) {
			if e.Dialect() == dialect.Postgres && !exhaustive() {
				t.Skip("goes some 660 ways: make exhaustive does, as CI")
			}
			t.Parallel()
			db := handrail.Scratch(t, e)
			base := define(t, db).Snapshot
			follower := handrail.Scratch(t, e)
			before := define(t, db)
			used, why := map[string]bool{}, ""
			eachChange(t, db, func(c corpus.Change, e exception, excepted bool) {
				after := define(t, db)
				why = goThere(t, follower, after, before, after)
				name := string(db.Engine.Dialect()) + ": " + c.Name
				want := byHand[name]
				if excepted {
					want = e.reason
				}
				if want == "" {
					assert.Empty(t, why, c.Name)
				} else {
					used[name] = true
					assert.Contains(t, why, want, c.Name)
				}
			}, func() {
				before = define(t, db)
				if why != "" {
					text, err := before.DDL(base)
					require.NoError(t, err)
					follower = handrail.Scratch(t, db.Engine)
					_, err = follower.ExecContext(t.Context(), text)
					require.NoError(t, err)
				}
			})
			require.NotEmpty(t, used)
		})
	}
}

// goThere runs the statements to one schema after the other. It says what went
// wrong, or what a person would have to do.
func goThere(t *testing.T, db *handrail.DB, stations ...ddl.Definition) string {
	for _, to := range stations {
		from, err := schema.Inspect(t.Context(), db.DB, db.Engine.Dialect())
		require.NoError(t, err)
		statements, err := ddl.Statements(from, to)
		require.NoError(t, err)
		var text strings.Builder
		manual := false
		for _, s := range statements {
			text.WriteString(s.String() + "\n")
			manual = manual || s.Manual != ""
		}
		if manual {
			return text.String()
		}
		if _, err := db.ExecContext(t.Context(), text.String()); err != nil {
			return fmt.Sprintf("%v\n%s", err, text.String())
		}
		if got := define(t, db); !got.Equal(to.Snapshot) {
			return schema.Diff(to.Snapshot, got.Snapshot) + "\n" + text.String()
		}
	}
	return ""
}

// TestWritesAThousandTables writes a thousand tables, each with a foreign key to another,
// and logs what that takes beside the reading: 0.15 s on a quiet machine.
func TestWritesAThousandTables(t *testing.T) {
	for _, e := range []engine.Engine{fixtures.Postgres, fixtures.SQLiteMemory} {
		t.Run(e.Name(), func(t *testing.T) {
			db := handrail.Scratch(t, e)
			base := define(t, db).Snapshot
			var sql strings.Builder
			for i := range 1000 {
				fmt.Fprintf(&sql, "CREATE TABLE t%d (id int PRIMARY KEY, a text NOT NULL DEFAULT 'x', up int REFERENCES t%d (id), CHECK (id > 0)); CREATE INDEX ix%d ON t%d (a);\n", i, max(0, i-1), i, i)
			}
			_, err := db.ExecContext(t.Context(), sql.String())
			require.NoError(t, err)
			d := define(t, db)
			began := time.Now()
			text, err := d.DDL(base)
			t.Log(time.Since(began))
			require.NoError(t, err)
			require.Equal(t, 1000, strings.Count(text, "CREATE TABLE "))
		})
	}
}
