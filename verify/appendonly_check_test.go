package verify_test

import (
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/verify"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
)

// Triggers that refuse every change of log, in each dialect.
const (
	guardedOnPostgres = `
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON log FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON log FOR EACH STATEMENT EXECUTE FUNCTION refuse();
ALTER TABLE log ENABLE ALWAYS TRIGGER no_change, ENABLE ALWAYS TRIGGER no_truncate;`
	guardedOnSQLite = `
CREATE TRIGGER no_update BEFORE UPDATE ON log BEGIN SELECT RAISE(ABORT, 'no'); END;
CREATE TRIGGER no_delete BEFORE DELETE ON log BEGIN SELECT RAISE(ABORT, 'no'); END;`
)

// oneRevision is a history of one revision without a way down, and perhaps the
// seed of a second one that does nothing.
func oneRevision(up, seed string) fstest.MapFS {
	folder := fstest.MapFS{"1_log.up.sql": {Data: []byte(up)}}
	if seed != "" {
		folder["2_seeded.up.sql"] = &fstest.MapFile{Data: []byte("SELECT 1;")}
		folder["2_seeded.seed.sql"] = &fstest.MapFile{Data: []byte(seed)}
	}
	return folder
}

// promiseOf is how the promise about log fared, and what was found.
func promiseOf(t *testing.T, e engine.Engine, s history.Subject, o verify.Options) (string, []string) {
	t.Helper()
	report, err := verify.Check(t.Context(), []engine.Engine{e}, s, o)
	ran(t, report.Runs[0], err)
	require.NoError(t, err)
	said := ""
	for _, item := range report.Runs[0].Checklist {
		if item.Promise == "log is append-only" {
			said = string(item.Status) + ": " + item.Evidence
		}
	}
	var findings []string
	for _, f := range report.Runs[0].Findings {
		if f.Rule == finding.AppendOnly {
			findings = append(findings, f.String())
		}
	}
	return said, findings
}

var attacked = regexp.MustCompile(`^pass: [1-9][0-9]* attacks, [1-9][0-9]* of them refused, and every row as it was$`)

// TestRowsToAttack: a table that nobody has seeded gets rows out of its types and
// checks, one that has some gets more of the kind, and what they refer to.
func TestRowsToAttack(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, postgres, sqlite, seed string }{
		{"a number and a text", "CREATE TABLE log (id bigserial PRIMARY KEY, what text NOT NULL);", "CREATE TABLE log (id INTEGER PRIMARY KEY, what TEXT NOT NULL);", ""},
		{
			"checks",
			"CREATE TABLE log (id char(26) PRIMARY KEY CHECK (length(id) = 26), kind text NOT NULL CHECK (kind IN ('in', 'out')), n int NOT NULL CHECK (n BETWEEN 7 AND 90), at timestamptz NOT NULL);",
			"CREATE TABLE log (id TEXT PRIMARY KEY CHECK (length(id) = 26), kind TEXT NOT NULL CHECK (kind IN ('in', 'out')), n INTEGER NOT NULL CHECK (n BETWEEN 7 AND 90), at TEXT NOT NULL CHECK (at GLOB '????-??-??T*Z')) STRICT;", "",
		},
		{
			"all kinds of types",
			"CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TABLE log (id uuid PRIMARY KEY, m mood NOT NULL, d date NOT NULL, t time NOT NULL, i interval NOT NULL, j jsonb NOT NULL, b bytea NOT NULL, a text[] NOT NULL, r int4range NOT NULL, p numeric(5,2) NOT NULL, f boolean NOT NULL, g int GENERATED ALWAYS AS (1 + 1) STORED, k int GENERATED ALWAYS AS IDENTITY, ip inet NOT NULL);",
			"CREATE TABLE log (id TEXT PRIMARY KEY, r REAL NOT NULL, b BLOB NOT NULL, j TEXT NOT NULL CHECK (json_valid(j)), f INTEGER NOT NULL CHECK (f IN (0, 1)), g INTEGER GENERATED ALWAYS AS (1 + 1) STORED) STRICT, WITHOUT ROWID;", "",
		},
		{
			"what it refers to",
			"CREATE TABLE org (id uuid PRIMARY KEY); CREATE TABLE person (id bigserial PRIMARY KEY, org uuid NOT NULL REFERENCES org, email text NOT NULL UNIQUE); CREATE TABLE log (person bigint PRIMARY KEY REFERENCES person, org uuid NOT NULL REFERENCES org (id), what text);",
			"CREATE TABLE org (id TEXT PRIMARY KEY); CREATE TABLE person (id INTEGER PRIMARY KEY, org TEXT NOT NULL REFERENCES org, email TEXT NOT NULL UNIQUE); CREATE TABLE log (person INTEGER NOT NULL UNIQUE REFERENCES person, org TEXT NOT NULL REFERENCES org (id), what TEXT);", "",
		},
		{
			"a row of a seed that nobody would guess",
			"CREATE TABLE log (code text PRIMARY KEY CHECK (code ~ '^[A-Z]{2}-[0-9]{4}/[a-f]+$'), at timestamptz NOT NULL, day date NOT NULL, doc jsonb NOT NULL);",
			"CREATE TABLE log (code TEXT PRIMARY KEY CHECK (code GLOB '[A-Z][A-Z]-[0-9][0-9][0-9][0-9]/[a-f]*'), at TEXT NOT NULL, day TEXT NOT NULL CHECK (day = date(day, '+0 days')), doc TEXT NOT NULL CHECK (json_type(doc, '$.it''s') = 'integer'));",
			`INSERT INTO log VALUES ('XY-0042/beef', '2024-02-29 12:00:00.000001+00', '2024-02-29', '{"it''s": 1}');`,
		},
	} {
		for _, e := range fixtures.All() {
			t.Run(c.name+"/"+e.Name(), func(t *testing.T) {
				t.Parallel()
				s := history.Subject{AppendOnly: []string{"log"}, SQLite: oneRevision(c.sqlite+guardedOnSQLite, c.seed)}
				if e.Dialect() == dialect.Postgres {
					s = history.Subject{AppendOnly: []string{"log"}, Postgres: oneRevision(c.postgres+guardedOnPostgres, c.seed)}
				}
				said, findings := promiseOf(t, e, s, verify.Options{})
				if e.Dialect() == dialect.SQLite { // REPLACE passes such guards: it must be found
					require.NotEmpty(t, findings)
					for _, f := range findings {
						require.Regexp(t, `REPLACE`, f)
					}
					return
				}
				require.Regexp(t, attacked, said)
				require.Empty(t, findings)
			})
		}
	}
}

// TestAttackNotRun: where nothing can be attacked the reason is given, and never a
// pass.
func TestAttackNotRun(t *testing.T) {
	t.Parallel()
	e := fixtures.SQLiteMemory
	subject := func(up string) history.Subject {
		return history.Subject{AppendOnly: []string{"log"}, SQLite: oneRevision(up, "")}
	}
	impossible := "CREATE TABLE log (id INTEGER PRIMARY KEY, a TEXT NOT NULL CHECK (a GLOB 'x' AND a = 'y'));"
	said, _ := promiseOf(t, e, subject(impossible), verify.Options{})
	require.Equal(t, "not run: there is no row to attack: no row was found that log takes: write one in a seed; the last was refused: constraint failed: CHECK constraint failed: a GLOB 'x' AND a = 'y' (275)", said)

	one := "CREATE TABLE log (id INTEGER PRIMARY KEY CHECK (id = 1));" + guardedOnSQLite
	said, _ = promiseOf(t, e, subject(one), verify.Options{})
	require.True(t, strings.HasPrefix(said, "not run: no row can be made that is new: "), said)

	plain := "CREATE TABLE log (id INTEGER PRIMARY KEY, a TEXT);"
	said, _ = promiseOf(t, e, subject(plain), verify.Options{Only: func(version int64) bool { return version > 1 }})
	require.Equal(t, "not run: it is attacked at head, which was not asked for", said)
	said, findings := promiseOf(t, e, subject(plain), verify.Options{})
	require.Regexp(t, "^fail: [1-9][0-9]* of [1-9][0-9]* attacks; log: UPDATE of", said)
	require.NotEmpty(t, findings)
	said, _ = promiseOf(t, e, subject("CREATE TABLE log (id INTEGER; "), verify.Options{})
	require.Equal(t, "not run: the walk does not get to head: the up of 1_log fails", said)
}
