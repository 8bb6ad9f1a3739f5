package rows_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail"
	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/rows"
	"github.com/handrail-db/handrail/verify/schema"
)

// TestCompare fills a table, does something to it, and says what Compare makes
// of that.
func TestCompare(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, reason string
		engines      []engine.Engine // nil: all
		before, then string
		want         string
	}{
		{"nothing", "nothing happened", nil, "CREATE TABLE t (id int PRIMARY KEY, a text); INSERT INTO t VALUES (1, 'x')", "SELECT 1", ""},
		{
			"update", "a value is another", nil, "CREATE TABLE t (id int PRIMARY KEY, a text, b text); INSERT INTO t VALUES (1, 'x', 'b'), (2, 'y', 'b')",
			"UPDATE t SET a = 'z' WHERE id = 2", "t: 1 changed in a: (2, y, b) is (2, z, b)",
		},
		{"delete", "a row is not there", nil, "CREATE TABLE t (id int PRIMARY KEY, a text); INSERT INTO t VALUES (1, 'x'), (2, 'y')", "DELETE FROM t WHERE id = 2", "t: 1 lost: (2, y)"},
		{"delete all", "no row is there", nil, "CREATE TABLE t (id int PRIMARY KEY, a text); INSERT INTO t VALUES (1, 'x')", "DELETE FROM t", "t: 1 lost: (1, x)"},
		{"insert", "a row is there", nil, "CREATE TABLE t (id int PRIMARY KEY, a text); INSERT INTO t VALUES (1, 'x')", "INSERT INTO t VALUES (3, NULL)", "t: 1 added: (3, NULL)"},
		{"first insert", "the table was empty", nil, "CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (3)", "t: 1 added: (3)"},
		{"drop", "a table with rows is not there", nil, "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (3)", "DROP TABLE t", "t: 1 lost, and the table"},
		{"multiset", "rows without a key may be there twice", nil, "CREATE TABLE t (a int); INSERT INTO t VALUES (1), (1), (2)", "DELETE FROM t WHERE a = 2; INSERT INTO t VALUES (1)", "t: 1 changed in a: (2) is (1)"},
		{"column", "only what both have is compared", nil, "CREATE TABLE t (id int PRIMARY KEY, a text); INSERT INTO t VALUES (1, 'x')", "ALTER TABLE t ADD COLUMN b int DEFAULT 7; ALTER TABLE t DROP COLUMN a", ""},
		{
			"emptied", "a column that held values holds none", nil, "CREATE TABLE t (id int PRIMARY KEY, a text); INSERT INTO t VALUES (1, 'x')",
			"ALTER TABLE t DROP COLUMN a; ALTER TABLE t ADD COLUMN a text", "t: 1 changed in a, emptied a: (1, x) is (1, NULL)",
		},
		{
			"default", "or only its default", nil, "CREATE TABLE t (id int PRIMARY KEY, a text); INSERT INTO t VALUES (1, 'x')",
			"ALTER TABLE t DROP COLUMN a; ALTER TABLE t ADD COLUMN a text DEFAULT 'it''s'", "t: 1 changed in a, emptied a: (1, x) is (1, it's)",
		},
		{
			"swap", "two rows swap their values", nil, "CREATE TABLE t (id int PRIMARY KEY, a text); INSERT INTO t VALUES (1, 'x'), (2, 'y')",
			"UPDATE t SET a = CASE a WHEN 'x' THEN 'y' ELSE 'x' END", "t: 2 changed in a: (1, x) is (1, y), (2, y) is (2, x)",
		},
		{
			"wider type", "the value is the same",
			[]engine.Engine{fixtures.Postgres},
			"CREATE TABLE t (id int PRIMARY KEY, a numeric(4,1), b varchar(3), c date, d boolean, e json, f float4); INSERT INTO t VALUES (1, 1.50, 'x', '2024-02-29', true, '{\"b\":1.0,\"a\":[ ]}', 'NaN')",
			"ALTER TABLE t ALTER id TYPE bigint, ALTER a TYPE text, ALTER b TYPE text, ALTER c TYPE timestamptz, ALTER d TYPE int USING d::int, ALTER e TYPE jsonb, ALTER f TYPE float8", "",
		},
		{
			"other zone", "the instant is another",
			[]engine.Engine{fixtures.Postgres},
			"CREATE TABLE t (id int PRIMARY KEY, a timestamp); INSERT INTO t VALUES (1, '2024-01-01 12:00')",
			"SET TimeZone = 'Asia/Tokyo'; ALTER TABLE t ALTER a TYPE timestamptz; RESET TimeZone", "t: 1 changed in a: (1, 2024-01-01 12:00:00) is (1, 2024-01-01 03:00:00+00)",
		},
		{
			"narrower type", "the end is missing",
			[]engine.Engine{fixtures.Postgres},
			"CREATE TABLE t (id int PRIMARY KEY, a text, b numeric); INSERT INTO t VALUES (1, 'abcdef', 1.235)",
			"ALTER TABLE t ALTER a TYPE varchar(3) USING a::varchar(3), ALTER b TYPE numeric(4,2)", "t: 1 changed in a, b, 1 truncated: (1, abcdef, 1.235) is (1, abc, 1.24)",
		},
		{
			"kinds of values", "all are values",
			[]engine.Engine{fixtures.Postgres},
			`CREATE TYPE pair AS (a int, b text); CREATE TABLE t (id int PRIMARY KEY, a float8, b bytea, c int[], d pair, e int4range, f interval, g timestamptz, h float8 GENERATED ALWAYS AS (a * 2) STORED);
			INSERT INTO t VALUES (1, 'Infinity', '\x00ff', '{1,NULL}', '(1,"a,b")', '[1,3)', '1 day', 'infinity')`,
			"UPDATE t SET a = '-Infinity'", `t: 1 changed in a, h: (1, Infinity, \x00ff, {1,NULL}, (1,"a,b"), [1,3), P1D, infinity, Infinity) is (1, -Infinity, \x00ff, {1,NULL}, (1,"a,b"), [1,3), P1D, infinity, -Infinity)`,
		},
		{
			"partitions", "rows belong to the table and not to the partition",
			[]engine.Engine{fixtures.Postgres},
			"CREATE TABLE t (id int, a int) PARTITION BY LIST (a); CREATE TABLE t1 PARTITION OF t FOR VALUES IN (1); CREATE TABLE t2 PARTITION OF t DEFAULT; INSERT INTO t VALUES (1, 1), (2, 2)",
			"ALTER TABLE t DETACH PARTITION t1; INSERT INTO t SELECT * FROM t1; DROP TABLE t1", "",
		},
		{
			"inheritance", "rows of a child are the child's",
			[]engine.Engine{fixtures.Postgres},
			"CREATE TABLE t (id int); CREATE TABLE c () INHERITS (t); INSERT INTO c VALUES (1)",
			"DELETE FROM c", "public.c: 1 lost: (1)",
		},
		{
			"no rights", "what cannot be read is no row kept",
			[]engine.Engine{fixtures.Postgres},
			"CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)",
			"SET ROLE pg_monitor", "t: unread",
		},
		{
			"storage class", "a number is no text",
			[]engine.Engine{fixtures.SQLiteMemory},
			"CREATE TABLE t (id int PRIMARY KEY, a); INSERT INTO t VALUES (1, 5), (2, 2.0), (3, x'00ff')",
			"UPDATE t SET a = '5' WHERE id = 1", "t: 1 changed in a: (1, 5) is (1, 5)",
		},
		{
			"other affinity", "the value is the same",
			[]engine.Engine{fixtures.SQLiteMemory},
			"CREATE TABLE t (id int PRIMARY KEY, a text, b boolean, c date); INSERT INTO t VALUES (1, '5', true, '2024-01-01')",
			"CREATE TABLE n (id int PRIMARY KEY, a int, b int, c text); INSERT INTO n SELECT * FROM t; DROP TABLE t; ALTER TABLE n RENAME TO t", "",
		},
		{
			"JSON", "is compared by what it says",
			[]engine.Engine{fixtures.SQLiteMemory},
			`CREATE TABLE t (id int PRIMARY KEY, a text); INSERT INTO t VALUES (1, '{"a": 1.0, "b": []}'), (2, '{"a":1}')`,
			`UPDATE t SET a = '{"b":[],"a":1}' WHERE id = 1; UPDATE t SET a = '{"a":"1"}' WHERE id = 2`, `t: 1 changed in a: (2, {"a":1}) is (2, {"a":"1"})`,
		},
		{"no columns", "rows that say nothing are there or not", []engine.Engine{fixtures.Postgres}, "CREATE TABLE t (); INSERT INTO t DEFAULT VALUES; INSERT INTO t DEFAULT VALUES", "DELETE FROM t WHERE ctid = '(0,1)'", "t: 1 lost: ()"},
		{
			"JSON", "is compared by what it says, a lone number too",
			[]engine.Engine{fixtures.Postgres},
			`CREATE TABLE t (id int PRIMARY KEY, a json); INSERT INTO t VALUES (1, '{"a": 1.0, "b": [1e2], "c": "\u00e9"}'), (2, '1.0'), (3, '{"a": 1, "a": 2}'), (4, '123456789012345678901'), (5, '"1"')`,
			`ALTER TABLE t ALTER a TYPE jsonb; UPDATE t SET a = '1' WHERE id = 2; UPDATE t SET a = '123456789012345678902' WHERE id = 4; UPDATE t SET a = '1' WHERE id = 5`,
			`t: 2 changed in a: (4, 123456789012345678901) is (4, 123456789012345678902), (5, "1") is (5, 1)`,
		},
		{
			"label renamed", "the value is the same",
			[]engine.Engine{fixtures.Postgres},
			"CREATE TYPE mood AS ENUM ('it''s', 'so', 'bad'); CREATE TABLE t (id int PRIMARY KEY, a mood); INSERT INTO t VALUES (1, 'it''s'), (2, 'so'), (3, NULL)",
			"ALTER TYPE mood RENAME VALUE 'it''s' TO 'fine'", "",
		},
		{
			"label renamed and value changed", "only one of them is the same",
			[]engine.Engine{fixtures.Postgres},
			"CREATE TYPE mood AS ENUM ('a', 'b'); CREATE TABLE t (id int PRIMARY KEY, a mood); INSERT INTO t VALUES (1, 'a'), (2, 'b')",
			"ALTER TYPE mood RENAME VALUE 'a' TO 'c'; UPDATE t SET a = 'c'", "t: 1 changed in a: (2, b) is (2, c)",
		},
		{
			"labels exchanged", "which is which nobody knows",
			[]engine.Engine{fixtures.Postgres},
			"CREATE TYPE mood AS ENUM ('a', 'b'); CREATE TABLE t (id int PRIMARY KEY, a mood); INSERT INTO t VALUES (1, 'a')",
			"ALTER TYPE mood RENAME VALUE 'a' TO 'c'; ALTER TYPE mood RENAME VALUE 'b' TO 'a'; ALTER TYPE mood RENAME VALUE 'c' TO 'b'", "t: 1 changed in a: (1, a) is (1, b)",
		},
		{
			"floats", "NaN is NaN, and -0 not 0",
			[]engine.Engine{fixtures.Postgres},
			"CREATE TABLE t (id int PRIMARY KEY, a float8); INSERT INTO t VALUES (1, 'NaN'), (2, '-0'), (3, 0.1)",
			"UPDATE t SET a = 'NaN' WHERE id = 1; UPDATE t SET a = 0 WHERE id = 2; UPDATE t SET a = 0.1 WHERE id = 3", "t: 1 changed in a: (2, -0) is (2, 0)",
		},
		{
			"last bit", "no decimal is rounded away",
			[]engine.Engine{fixtures.Postgres, fixtures.SQLiteMemory},
			"CREATE TABLE t (id int PRIMARY KEY, a double precision); INSERT INTO t VALUES (1, 0.1)",
			"UPDATE t SET a = 0.10000000000000002", "t: 1 changed in a: (1, 0.1) is (1, 0.10000000000000002)",
		},
		{
			"virtual table", "is left out, and so is what is behind it",
			[]engine.Engine{fixtures.SQLiteMemory},
			"CREATE VIRTUAL TABLE t USING fts5(a); INSERT INTO t VALUES ('x')",
			"DELETE FROM t", "",
		},
		{
			"NULL in a key", "a key that may be NULL tells no row from another",
			[]engine.Engine{fixtures.SQLiteMemory},
			"CREATE TABLE t (a TEXT PRIMARY KEY, b int); INSERT INTO t VALUES (NULL, 1), (NULL, 2), ('x', 3)",
			"DELETE FROM t WHERE b = 2", "t: 1 lost: (NULL, 2)",
		},
		{
			"NUL and bytes", "what stands behind a NUL counts, and bytes are no text",
			[]engine.Engine{fixtures.SQLiteMemory},
			"CREATE TABLE t (id int PRIMARY KEY, a); INSERT INTO t VALUES (1, CAST(x'610062' AS TEXT)), (2, 'x')",
			"UPDATE t SET a = CAST(x'610063' AS TEXT) WHERE id = 1; UPDATE t SET a = x'78' WHERE id = 2", "t: 2 changed in a: (1, a\x00b) is (1, a\x00c), (2, x) is (2, x)",
		},
		{
			"swapped columns", "the classic of a rebuild",
			[]engine.Engine{fixtures.SQLiteMemory},
			"CREATE TABLE t (id int PRIMARY KEY, a text, b text); INSERT INTO t VALUES (1, 'a', 'b')",
			"CREATE TABLE n (id int PRIMARY KEY, b text, a text); INSERT INTO n SELECT * FROM t; DROP TABLE t; ALTER TABLE n RENAME TO t", "t: 1 changed in a, b: (1, a, b) is (1, a, b)",
		},
	} {
		engines := c.engines
		if engines == nil {
			engines = []engine.Engine{fixtures.Postgres, fixtures.SQLiteMemory}
		}
		for _, e := range engines {
			t.Run(c.name+"/"+e.Name(), func(t *testing.T) {
				t.Parallel()
				db := handrail.Scratch(t, e)
				db.SetMaxOpenConns(1) // so that settings stay
				exec(t, db, c.before)
				before, _ := read(t, db)
				exec(t, db, c.then)
				now, snap := read(t, db)
				differences, err := rows.Compare(before, now, there(snap))
				require.NoError(t, err)
				require.Equal(t, c.want, strings.ReplaceAll(text(differences), "public.t", "t"), c.reason)
			})
		}
	}
}

// TestReadFailsHalfWay: a table that cannot be read to its end leaves nothing of
// those before it, nor of itself.
func TestReadFailsHalfWay(t *testing.T) {
	const open = "/proc/self/fd"
	if _, err := os.Stat(open); err != nil {
		t.Skipf("this system does not list the files that a process has open: %s", err)
	}
	db := handrail.Scratch(t, fixtures.SQLiteMemory)
	t.Setenv("TMPDIR", t.TempDir()) // and with that, alone
	const fill = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) INSERT INTO %s (a, b) SELECT i, hex(zeroblob(500)) FROM n;"
	exec(t, db, "CREATE TABLE first (a int, b text); CREATE TABLE last (a int, b text);"+
		fmt.Sprintf(fill, "first")+fmt.Sprintf(fill, "last")+"INSERT INTO last (a) VALUES (-9223372036854775808); ALTER TABLE last ADD COLUMN c AS (abs(a))")
	snap, err := schema.Inspect(t.Context(), db.DB, dialect.SQLite)
	require.NoError(t, err)
	set, err := rows.Read(t.Context(), db.DB, dialect.SQLite, snap)
	require.ErrorContains(t, err, "read rows of last: ")
	require.Nil(t, set)
	files, err := os.ReadDir(open)
	require.NoError(t, err)
	for _, f := range files {
		if name, err := os.Readlink(filepath.Join(open, f.Name())); err == nil {
			require.NotContains(t, name, "handrail-rows-")
		}
	}
}

func exec(t *testing.T, db *handrail.DB, sql string) {
	_, err := db.ExecContext(t.Context(), sql)
	require.NoError(t, err)
}

func read(t *testing.T, db *handrail.DB) (*rows.Set, schema.Snapshot) {
	snap, err := schema.Inspect(t.Context(), db.DB, db.Engine.Dialect())
	require.NoError(t, err)
	set, err := rows.Read(t.Context(), db.DB, db.Engine.Dialect(), snap)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, set.Close()) })
	return set, snap
}

func there(snap schema.Snapshot) func(string) ([]string, bool) {
	return func(table string) (columns []string, ok bool) {
		for _, o := range snap.Objects {
			switch {
			case o.Kind == "table" && o.Name == table:
				ok = true
			case o.Kind == "column" && o.Parent == table:
				columns = append(columns, o.Name)
			}
		}
		return columns, ok
	}
}

// text is what a test wants of differences.
func text(differences []rows.Difference) string {
	var lines []string
	for _, d := range differences {
		var parts []string
		part := func(n int64, format string, args ...any) {
			if n > 0 {
				parts = append(parts, fmt.Sprintf("%d "+format, append([]any{n}, args...)...))
			}
		}
		switch {
		case d.Gone:
			part(d.Lost, "lost, and the table")
		case d.Unread() != "":
			parts = append(parts, "unread")
		default:
			part(d.Lost, "lost%s", shown(d.LostRows))
			part(d.Added, "added%s", shown(d.AddedRows))
			var pairs []string
			for _, p := range d.ChangedRows {
				pairs = append(pairs, rowText(p.Before)+" is "+rowText(p.After))
			}
			slices.Sort(pairs)
			extra := ""
			if len(d.Emptied) > 0 {
				extra = ", emptied " + strings.Join(d.Emptied, ", ")
			}
			if d.Truncated > 0 {
				extra += fmt.Sprintf(", %d truncated", d.Truncated)
			}
			part(d.Changed, "changed in %s%s: %s", strings.Join(d.Columns, ", "), extra, strings.Join(pairs, ", "))
		}
		lines = append(lines, d.Table.Name+": "+strings.Join(parts, "; "))
	}
	return strings.Join(lines, "\n")
}

func shown(some []rows.Row) string {
	var texts []string
	for _, r := range some {
		texts = append(texts, rowText(r))
	}
	return ": " + strings.Join(texts, ", ")
}

func rowText(r rows.Row) string {
	var values []string
	for _, v := range r {
		if v.Kind == rows.Null {
			v.Text = "NULL"
		}
		values = append(values, v.Text)
	}
	return "(" + strings.Join(values, ", ") + ")"
}
