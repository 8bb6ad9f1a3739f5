package verify_test

import (
	"io/fs"
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

// history is a folder of one revision for each text, the last of which has
// version 9.
func of(texts ...string) fs.FS {
	folder := fstest.MapFS{}
	for i, text := range texts {
		folder["000"+string(rune('9'-len(texts)+i+1))+"_r.up.sql"] = file(text)
	}
	return folder
}

// TestSquash: what a new history leaves is compared with what the old one does.
func TestSquash(t *testing.T) {
	t.Parallel()
	roles := "CREATE TABLE roles (id int PRIMARY KEY, name text);"
	for _, c := range []struct {
		name, reason string
		old, squash  string // revisions, with a line --- between; {serial} and {now} are those of a dialect
		want         []string
		items        string
		on           dialect.Dialect // "": both
	}{
		{
			"the same", "by another way", roles + "\n---\nALTER TABLE roles RENAME TO r;\n---\nALTER TABLE r RENAME TO roles; INSERT INTO roles VALUES (1, 'a'), (2, 'b'); DELETE FROM roles WHERE id = 2",
			roles + "INSERT INTO roles (name, id) VALUES ('a', 1)", nil, "pass 1 row in 1 table", dialect.SQLite,
		},
		{"nothing but tables", "no row", roles, roles, nil, "pass neither writes any", ""},
		{
			"columns in another order", "a note, as everywhere", "CREATE TABLE t (a int, b int); ALTER TABLE t ADD COLUMN c text; INSERT INTO t VALUES (1, 2, 'c')",
			"CREATE TABLE t (c text, a int, b int); INSERT INTO t VALUES ('c', 1, 2)",
			[]string{"note table {public}t is made otherwise by the new history than by the old one (the same columns in another order: a column that is added again stands last)"},
			"pass 1 row in 1 table", "",
		},
		{
			"a name that the server chose", "a note, as everywhere", "CREATE TABLE t (a int); ALTER TABLE t RENAME a TO b; ALTER TABLE t ADD CHECK (b > 0); ALTER TABLE t ADD CHECK (b < 9)",
			"CREATE TABLE t (b int, CHECK (b < 9), CHECK (b > 0))",
			[]string{
				"note check t_b_check1 on public.t is made otherwise by the new history than by the old one (the same with another name that the server chose: it was t_b_check)",
				"note check t_b_check on public.t is made otherwise by the new history than by the old one (the same with another name that the server chose: it was t_b_check1)",
			},
			"pass neither writes any", dialect.Postgres,
		},
		{
			"an object less", "that databases have", roles + "CREATE INDEX ix_name ON roles (name);", roles,
			[]string{"error index {public}ix_name on {public}roles is made by the old history and not by the new one"},
			"pass neither writes any", "",
		},
		{
			"an object more", "that no database has", roles, roles + "CREATE TABLE more (id int)",
			[]string{"error table {public}more is made by the new history and not by the old one"},
			"pass neither writes any", "",
		},
		{
			"another type", "is another column", roles, strings.Replace(roles, "id int", "id bigint", 1),
			[]string{"error column {public}roles.id is made otherwise by the new history than by the old one"},
			"pass neither writes any", "",
		},
		{
			"rows", "that are lost, changed and more", roles + "INSERT INTO roles VALUES (1, 'a'), (2, 'b'), (3, 'c')", roles + "INSERT INTO roles VALUES (1, 'A'), (3, 'c'), (4, 'd')",
			[]string{"error the rows of {public}roles are not the same in both histories: 1 row only of the old one, 1 row with other values, 1 row only of the new one"},
			"fail", "",
		},
		{
			"rows of a table that the new one leaves out", "the table says it", roles + "INSERT INTO roles VALUES (1, 'a')", "CREATE TABLE other (id int)",
			[]string{"error table {public}other is made by the new history and not by the old one", "error table {public}roles is made by the old history and not by the new one"},
			"pass 1 row in 1 table", "",
		},
		{
			"no row at all", "where the old one has some", roles + "INSERT INTO roles VALUES (1, 'a')", roles,
			[]string{"error the rows of {public}roles are not the same in both histories: 1 row only of the old one"},
			"fail", "",
		},
		{
			"a serial", "which nobody gives", "CREATE TABLE t (id {serial}, name text); INSERT INTO t (name) VALUES ('x'), ('a'); DELETE FROM t WHERE name = 'x'",
			"CREATE TABLE t (id {serial}, name text); INSERT INTO t (name) VALUES ('a')",
			[]string{"note the rows of {public}t are the same in both histories but for id, which the server or the clock chooses"},
			"pass 1 row in 1 table", "",
		},
		{
			"a serial that is given", "somebody may rely on it", "CREATE TABLE t (id {serial}, name text); INSERT INTO t (id, name) VALUES (7, 'a')",
			"CREATE TABLE t (id {serial}, name text); INSERT INTO t (name) VALUES ('a')",
			[]string{"error the rows of {public}t are not the same in both histories: 1 row with other values"},
			"fail", "",
		},
		{
			"an identity", "which nobody gives", "CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY, name text); INSERT INTO t (name) VALUES ('x'), ('a'); DELETE FROM t WHERE name = 'x'",
			"CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY, name text); INSERT INTO t (name) VALUES ('a')",
			[]string{"note the rows of public.t are the same in both histories but for id, which the server or the clock chooses"},
			"pass 1 row in 1 table", dialect.Postgres,
		},
		{
			"times and what is random", "differ each time that the old one is climbed", "CREATE TABLE t (name text, at text DEFAULT {now}, key text); INSERT INTO t (name, key) VALUES ('a', {random})",
			"CREATE TABLE t (name text, at text DEFAULT {now}, key text); INSERT INTO t (name, key) VALUES ('a', {random})",
			[]string{"note the rows of {public}t are the same in both histories but for at, key, which the server or the clock chooses"},
			"pass 1 row in 1 table", "",
		},
		{
			"random keys and another name", "what is left counts", "CREATE TABLE t (key text PRIMARY KEY, name text); INSERT INTO t VALUES ({random}, 'a'), ({random}, 'b')",
			"CREATE TABLE t (key text PRIMARY KEY, name text); INSERT INTO t VALUES ({random}, 'a'), ({random}, 'c')",
			[]string{"error the rows of {public}t are not the same in both histories: 1 row with other values"},
			"fail", "",
		},
		{
			"a sequence left behind", "the next row meets one that is there", "CREATE TABLE t (id serial PRIMARY KEY); INSERT INTO t DEFAULT VALUES; INSERT INTO t DEFAULT VALUES",
			"CREATE TABLE t (id serial PRIMARY KEY); INSERT INTO t VALUES (1), (2)",
			[]string{"error sequence public.t_id_seq gives 1 next in the new history, and public.t.id holds values up to 2: the next rows meet them"},
			"fail", dialect.Postgres,
		},
		{
			"a sequence that is set", "as the remedy says", "CREATE TABLE t (id serial PRIMARY KEY); INSERT INTO t DEFAULT VALUES; INSERT INTO t DEFAULT VALUES",
			"CREATE TABLE t (id serial PRIMARY KEY); INSERT INTO t VALUES (1), (2); SELECT setval('public.t_id_seq', (SELECT max(id) FROM public.t))",
			nil, "pass 2 rows in 1 table", dialect.Postgres,
		},
		{
			"a sequence that the old one leaves behind too", "is not for a squash to say", "CREATE TABLE t (id serial PRIMARY KEY); INSERT INTO t VALUES (1)", "CREATE TABLE t (id serial PRIMARY KEY); INSERT INTO t VALUES (1)",
			nil, "pass 1 row in 1 table", dialect.Postgres,
		},
		{
			"waived", "beside the SQL of the new one", roles + "CREATE INDEX ix_name ON roles (name);", "-- handrail:allow squash-differs ix_name because it is dropped everywhere\n" + roles,
			[]string{"waived index {public}ix_name on {public}roles is made by the old history and not by the new one"},
			"pass neither writes any", "",
		},
		{
			"a role", "on a server of its own", "CREATE ROLE squash_role; " + roles + " GRANT SELECT ON roles TO squash_role", "CREATE ROLE squash_role LOGIN; " + roles + " GRANT SELECT ON roles TO squash_role",
			[]string{"error role squash_role is made otherwise by the new history than by the old one"},
			"pass neither writes any", dialect.Postgres,
		},
		{
			"a new history that does not run", "is a finding", roles, roles + "\n---\nSELECT * FROM nowhere",
			[]string{"up-fails the new history: up of 0009_r fails: …"},
			"not run …", "",
		},
		{
			"an old history that does not run", "is one too", "SELECT * FROM nowhere\n---\n" + roles, roles,
			[]string{"up-fails the old history: up of 0008_r fails: …"},
			"not run …", "",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, e := range fixtures.All() {
				if c.on != "" && c.on != e.Dialect() {
					continue
				}
				words := map[dialect.Dialect]*strings.Replacer{
					dialect.Postgres: strings.NewReplacer("{serial}", "serial PRIMARY KEY", "{now}", "now()", "{random}", "gen_random_uuid()", "{public}", "public."),
					dialect.SQLite:   strings.NewReplacer("{serial}", "INTEGER PRIMARY KEY", "{now}", "(strftime('%f', 'now') || random())", "{random}", "hex(randomblob(16))", "{public}", ""),
				}[e.Dialect()]
				subject := func(text string) history.Subject {
					folder := of(strings.Split(words.Replace(text), "\n---\n")...)
					return history.Subject{Postgres: folder, SQLite: folder}
				}
				t.Run(e.Name(), func(t *testing.T) {
					run, err := verify.CheckSquash(t.Context(), e, subject(c.old), subject(c.squash))
					ran(t, run, err)
					require.NoError(t, err)
					var found, want []string
					for _, f := range run.Findings {
						found = append(found, squashTold(f))
					}
					for _, w := range c.want {
						want = append(want, words.Replace(w))
					}
					require.Equal(t, want, found, c.reason)
					require.Len(t, run.Checklist, 2)
					item := run.Checklist[1]
					if item.Status == finding.Fail || item.Status == finding.NotRun {
						item.Evidence = strings.TrimPrefix("…", map[bool]string{true: "…"}[item.Status == finding.Fail])
					}
					require.Equal(t, c.items, strings.TrimSpace(string(item.Status)+" "+item.Evidence), c.reason)
				})
			}
		})
	}
}

// squashTold is a finding in short, without what a server says in its own words.
func squashTold(f finding.Finding) string {
	message := f.Message
	severity := string(f.Severity)
	switch {
	case f.Waived != "":
		severity = "waived"
	case f.Rule == finding.UpFails:
		severity = string(f.Rule)
		message = message[:strings.Index(message, "fails: ")+len("fails: ")] + "…"
	}
	return severity + " " + message
}

// TestSquashOfOtherDialects: a history is replaced in each dialect that it has.
func TestSquashOfOtherDialects(t *testing.T) {
	t.Parallel()
	folder := of("SELECT 1")
	both, one := history.Subject{Name: "old", Postgres: folder, SQLite: folder}, history.Subject{Name: "new", SQLite: folder}
	report, err := verify.Squash(t.Context(), fixtures.All(), both, one)
	require.EqualError(t, err, "new: no revisions for postgres: a history is replaced in each dialect that it has")
	require.Empty(t, report.Runs)
	report, err = verify.Squash(t.Context(), []engine.Engine{fixtures.SQLiteMemory}, both, one)
	require.NoError(t, err)
	require.Equal(t, "old", report.Against)
	require.Equal(t, finding.Summary{Engines: 1}, report.Summary)
}
