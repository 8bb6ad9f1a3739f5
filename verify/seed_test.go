package verify_test

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/verify"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/history"
)

// people is a history of two revisions, to which a test adds a seed.
var people = map[string]string{
	"0001_people.up.sql":   "CREATE TABLE people (id int PRIMARY KEY, name text NOT NULL CHECK (name <> ''), boss int REFERENCES people DEFERRABLE INITIALLY DEFERRED);",
	"0001_people.down.sql": "DROP TABLE people;",
	"0002_nick.up.sql":     "ALTER TABLE people ADD COLUMN nick text;",
	"0002_nick.down.sql":   "ALTER TABLE people DROP COLUMN nick;",
}

// refusing are triggers that take no row, for each dialect.
var refusing = map[dialect.Dialect]string{
	dialect.Postgres: `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'nobody comes in'; END $$;
		CREATE TRIGGER tr_door BEFORE INSERT ON people FOR EACH ROW EXECUTE FUNCTION refuse();`,
	dialect.SQLite: "CREATE TRIGGER tr_door BEFORE INSERT ON people BEGIN SELECT RAISE(ABORT, 'nobody comes in'); END;",
}

// TestBadSeeds gives a history seeds that cannot be: the error names the place,
// and nothing behind it counts as verified.
func TestBadSeeds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, reason     string
		file             string // "" is the seed of 0002_nick
		seed             string
		refuse           bool // by a trigger
		schema           string
		postgres, sqlite string // what the error says; "" is none
	}{
		{name: "good", reason: "near miss: nothing is wrong", seed: "INSERT INTO people VALUES (1, 'Ada', 2), (2, 'Bo', NULL);"},
		{
			name: "check", reason: "constraint, file and line", seed: "INSERT INTO people VALUES (1, 'Ada', NULL);\n\nINSERT INTO people\nVALUES (2, '', NULL);",
			postgres: `revision 0002_nick: db/0002_nick.seed.sql:3: ERROR: new row for relation "people" violates check constraint "people_name_check" (SQLSTATE 23514)`,
			sqlite:   "revision 0002_nick: db/0002_nick.seed.sql:3: constraint failed: CHECK constraint failed: name <> '' (275)",
		},
		{
			name: "key", reason: "constraint, file and line", seed: "INSERT INTO people VALUES (1, 'Ada', NULL), (1, 'Bo', NULL);",
			postgres: `revision 0002_nick: db/0002_nick.seed.sql:1: ERROR: duplicate key value violates unique constraint "people_pkey" (SQLSTATE 23505)`,
			sqlite:   "revision 0002_nick: db/0002_nick.seed.sql:1: constraint failed: UNIQUE constraint failed: people.id (1555)",
		},
		{
			name: "not null", reason: "column, file and line", seed: "INSERT INTO people (id) VALUES (1);",
			postgres: `revision 0002_nick: db/0002_nick.seed.sql:1: ERROR: null value in column "name" of relation "people" violates not-null constraint (SQLSTATE 23502)`,
			sqlite:   "revision 0002_nick: db/0002_nick.seed.sql:1: constraint failed: NOT NULL constraint failed: people.name (1299)",
		},
		{
			name: "deferred", reason: "a constraint speaks at the end", seed: "INSERT INTO people VALUES (1, 'Ada', 7);",
			postgres: `revision 0002_nick: db/0002_nick.seed.sql: at the end of the seed: ERROR: insert or update on table "people" violates foreign key constraint "people_boss_fkey" (SQLSTATE 23503)`,
			sqlite:   "revision 0002_nick: db/0002_nick.seed.sql: at the end of the seed: constraint failed: FOREIGN KEY constraint failed (787)",
		},
		{
			name: "table not there", reason: "the up would have to run first", seed: "INSERT INTO nicks VALUES (1);",
			postgres: `revision 0002_nick: db/0002_nick.seed.sql:1: ERROR: relation "nicks" does not exist (SQLSTATE 42P01); the seed of 0002_nick runs before its up`,
			sqlite:   "revision 0002_nick: db/0002_nick.seed.sql:1: SQL logic error: no such table: nicks (1); the seed of 0002_nick runs before its up",
		},
		{
			name: "column not there", reason: "the up would have to run first", seed: "INSERT INTO people (id, name, nick) VALUES (1, 'Ada', 'a');",
			postgres: `revision 0002_nick: db/0002_nick.seed.sql:1: ERROR: column "nick" of relation "people" does not exist (SQLSTATE 42703); the seed of 0002_nick runs before its up`,
			sqlite:   "revision 0002_nick: db/0002_nick.seed.sql:1: SQL logic error: table people has no column named nick (1); the seed of 0002_nick runs before its up",
		},
		{
			name: "begin", reason: "the transaction is handrail's", seed: "BEGIN;\nINSERT INTO people VALUES (1, 'Ada', NULL);\nCOMMIT;",
			postgres: "revision 0002_nick: db/0002_nick.seed.sql:1: BEGIN: a seed runs in a transaction that handrail opens and commits: leave it out",
			sqlite:   "revision 0002_nick: db/0002_nick.seed.sql:1: BEGIN: a seed runs in a transaction that handrail opens and commits: leave it out",
		},
		{
			name: "commit", reason: "the transaction is handrail's", seed: "INSERT INTO people VALUES (1, 'Ada', NULL);\nCOMMIT;",
			postgres: "revision 0002_nick: db/0002_nick.seed.sql:2: COMMIT: a seed runs in a transaction that handrail opens and commits: leave it out",
			sqlite:   "revision 0002_nick: db/0002_nick.seed.sql:2: COMMIT: a seed runs in a transaction that handrail opens and commits: leave it out",
		},
		{
			name: "rollback", reason: "the rows would be gone", seed: "INSERT INTO people VALUES (1, 'Ada', NULL);\nROLLBACK;",
			postgres: "revision 0002_nick: db/0002_nick.seed.sql:2: ROLLBACK: a seed runs in a transaction that handrail opens and commits: leave it out",
			sqlite:   "revision 0002_nick: db/0002_nick.seed.sql:2: ROLLBACK: a seed runs in a transaction that handrail opens and commits: leave it out",
		},
		{name: "savepoint", reason: "near miss: a transaction inside is no harm", seed: "SAVEPOINT s;\nINSERT INTO people VALUES (1, 'Ada', NULL);\nROLLBACK TO s;\nINSERT INTO people VALUES (2, 'Bo', NULL);"},
		{
			name: "no revision", reason: "nothing would run it", file: "0003_shoes.seed.sql", seed: "SELECT 1;",
			postgres: "postgres revisions of migrations: 0003_shoes.seed.sql: no revision has version 3",
			sqlite:   "sqlite revisions of migrations: 0003_shoes.seed.sql: no revision has version 3",
		},
		{
			name: "another name", reason: "it is for another revision, or one of them is misnamed", file: "0002_nicks.seed.sql", seed: "SELECT 1;",
			postgres: "postgres revisions of migrations: 0002_nicks.seed.sql: revision 2 is called 0002_nick",
			sqlite:   "sqlite revisions of migrations: 0002_nicks.seed.sql: revision 2 is called 0002_nick",
		},
		{name: "padded otherwise", reason: "near miss: the version is the same", file: "2_nick.seed.sql", seed: "INSERT INTO people VALUES (1, 'Ada', NULL);"},
		{
			name: "schema", reason: "a seed writes rows", seed: "INSERT INTO people VALUES (1, 'Ada', NULL);\nCREATE TABLE shoes (id int);",
			postgres: "revision 0002_nick: db/0002_nick.seed.sql: a seed writes rows, and this one changes table public.shoes",
			sqlite:   "revision 0002_nick: db/0002_nick.seed.sql: a seed writes rows, and this one changes table shoes",
		},
		{
			name: "empty", reason: "it says nothing", seed: "",
			postgres: "revision 0002_nick: db/0002_nick.seed.sql: no statement is in it: write rows, or delete the file",
			sqlite:   "revision 0002_nick: db/0002_nick.seed.sql: no statement is in it: write rows, or delete the file",
		},
		{
			name: "comment", reason: "it says nothing", seed: "-- INSERT INTO people VALUES (1, 'Ada', NULL);\n",
			postgres: "revision 0002_nick: db/0002_nick.seed.sql: no statement is in it: write rows, or delete the file",
			sqlite:   "revision 0002_nick: db/0002_nick.seed.sql: no statement is in it: write rows, or delete the file",
		},
		{
			name: "copy", reason: "there is no client that sends rows", seed: "COPY people (id, name) FROM stdin;\n1\tAda\n\\.\n",
			postgres: "revision 0002_nick: db/0002_nick.seed.sql:1: COPY FROM STDIN: the rows would have to come from a client: write INSERT, as pg_dump --inserts does",
			sqlite:   "revision 0002_nick: db/0002_nick.seed.sql:1: COPY FROM STDIN: the rows would have to come from a client: write INSERT, as pg_dump --inserts does",
		},
		{
			name: "syntax", reason: "file and line", seed: "INSERT INTO people VALUES (1, 'Ada', NULL);\nINSRT INTO people VALUES (2, 'Bo', NULL);",
			postgres: `revision 0002_nick: db/0002_nick.seed.sql:2: ERROR: syntax error at or near "INSRT" (SQLSTATE 42601)`,
			sqlite:   `revision 0002_nick: db/0002_nick.seed.sql:2: SQL logic error: near "INSRT": syntax error (1)`,
		},
		{
			name: "trigger", reason: "which one is named", refuse: true, seed: "INSERT INTO people VALUES (1, 'Ada', NULL);",
			postgres: "revision 0002_nick: db/0002_nick.seed.sql:1: ERROR: nobody comes in (SQLSTATE P0001); what may have refused it: trigger tr_door on public.people",
			sqlite:   "revision 0002_nick: db/0002_nick.seed.sql:1: constraint failed: nobody comes in (1811); what may have refused it: trigger tr_door on people",
		},
		{
			name: "trigger elsewhere", reason: "a constraint names itself, whatever triggers there are", refuse: true, seed: "INSERT INTO nobody VALUES (1);",
			postgres: `revision 0002_nick: db/0002_nick.seed.sql:1: ERROR: relation "nobody" does not exist (SQLSTATE 42P01); the seed of 0002_nick runs before its up`,
			sqlite:   "revision 0002_nick: db/0002_nick.seed.sql:1: SQL logic error: no such table: nobody (1); the seed of 0002_nick runs before its up",
		},
		{name: "runner's schema", reason: "near miss: names without a schema are there", schema: "tenant_a", seed: "INSERT INTO people VALUES (1, 'Ada', NULL);"},
		{
			name: "outside the runner's schema", reason: "and nowhere else", schema: "tenant_a", seed: "INSERT INTO public.people VALUES (1, 'Ada', NULL);",
			postgres: `revision 0002_nick: db/0002_nick.seed.sql:1: ERROR: relation "public.people" does not exist (SQLSTATE 42P01); the seed of 0002_nick runs before its up`,
		},
		{name: "settings", reason: "near miss: what a seed sets ends with it", seed: "SET search_path = pg_catalog; INSERT INTO public.people VALUES (1, 'Ada', NULL);"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, e := range fixtures.All() {
				if e.Dialect() == dialect.SQLite && (c.schema != "" || c.name == "settings") {
					continue
				}
				t.Run(e.Name(), func(t *testing.T) {
					folder := fstest.MapFS{}
					files := maps.Clone(people)
					if c.refuse {
						files["0001_people.up.sql"] += refusing[e.Dialect()]
						files["0001_people.down.sql"] += map[dialect.Dialect]string{dialect.Postgres: "DROP FUNCTION refuse()"}[e.Dialect()]
					}
					if c.file == "" {
						c.file = "0002_nick.seed.sql"
					}
					files[c.file] = c.seed
					for name, text := range files {
						folder[name] = &fstest.MapFile{Data: []byte(text)}
					}
					s := history.Subject{Postgres: folder, Dir: "db"}
					s.Runner.Schema = c.schema
					if c.schema != "" {
						s.Runner.MigrationsTable = `"meta"."version s"`
					}
					want := c.postgres
					if e.Dialect() == dialect.SQLite {
						s.Postgres, s.SQLite, want = nil, folder, c.sqlite
					}
					run, err := verify.Stairway(t.Context(), e, s)
					ran(t, run, err)
					if want == "" {
						require.NoError(t, err, c.reason)
						return
					}
					require.EqualError(t, err, e.Name()+" ("+run.Server+"): "+want, c.reason)
					require.Equal(t, want, run.Unfinished)
				})
			}
		})
	}
}

// TestSeedHook writes rows by a function, which is asked below each revision.
func TestSeedHook(t *testing.T) {
	t.Parallel()
	for _, e := range fixtures.All() {
		t.Run(e.Name(), func(t *testing.T) {
			t.Parallel()
			folder := fstest.MapFS{}
			for name, text := range people {
				folder[name] = &fstest.MapFile{Data: []byte(text)}
			}
			folder["0002_nick.down.sql"] = &fstest.MapFile{Data: []byte("ALTER TABLE people DROP COLUMN nick; DELETE FROM people WHERE id = 2;")}
			s := history.Subject{Postgres: folder}
			if e.Dialect() == dialect.SQLite {
				s = history.Subject{SQLite: folder}
			}
			s.Seed = func(ctx context.Context, db *sql.DB, d dialect.Dialect, below history.Revision) error {
				require.Equal(t, e.Dialect(), d)
				if below.Version != 2 {
					return nil
				}
				_, err := db.ExecContext(ctx, "INSERT INTO people (id, name) VALUES (1, 'Ada'), (2, 'Bo')")
				return err
			}
			run, err := verify.Stairway(t.Context(), e, s)
			ran(t, run, err)
			require.NoError(t, err)
			var said []string
			for _, f := range run.All() {
				said = append(said, string(f.Severity)+" "+strings.ReplaceAll(f.Message, "public.", ""))
			}
			require.Equal(t, []string{"error 0002_nick: down loses 1 of 2 rows of people"}, said)

			s.Seed = func(ctx context.Context, db *sql.DB, _ dialect.Dialect, _ history.Revision) error {
				_, err := db.ExecContext(ctx, "CREATE TABLE shoes (id int)")
				return err
			}
			_, err = verify.Stairway(t.Context(), e, s)
			require.ErrorContains(t, err, "revision 0001_people: Subject.Seed: a seed writes rows, and this one changes table ")

			s.Seed = func(context.Context, *sql.DB, dialect.Dialect, history.Revision) error {
				return errors.New("no rows today")
			}
			_, err = verify.Stairway(t.Context(), e, s)
			require.ErrorContains(t, err, "Subject.Seed below 0001_people: no rows today")
		})
	}
}
