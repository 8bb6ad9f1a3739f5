package rows_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail"
	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/rows"
)

// TestInsertPastes fills tables with every kind of value, executes what Insert
// prints in another database with the same tables, and wants the same rows there.
func TestInsertPastes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, reason, extension string
		engines                 []engine.Engine
		tables, fill            string
		want                    string // some of the statements; "" where any will do
	}{
		{
			name: "numbers", reason: "numbers are bare where the type is one", engines: []engine.Engine{fixtures.Postgres},
			tables: "CREATE TABLE t (a smallint, b int, c bigint, d numeric, e numeric(6,2), f real, g float8, h money)",
			fill:   "INSERT INTO t VALUES (-1, 2, -9223372036854775808, 1e40, 1.5, 'NaN', '-0', 1234.5), (0, 0, 0, 'NaN', -1, 1e-38, '-Infinity', -1), (0, 0, 0, 'Infinity', 0, 3.4028235e38, 2.2250738585072014e-308, NULL)",
			want:   "INSERT INTO public.t (a, b, c, d, e, f, g, h) VALUES (-1, 2, -9223372036854775808, 10000000000000000000000000000000000000000, 1.50, 'NaN', '-0', '$1,234.50');",
		},
		{
			name: "texts", reason: "quotes, backslashes, line ends", engines: []engine.Engine{fixtures.Postgres},
			tables: `CREATE TABLE t (a text, b varchar(4), c char(3), d "char", e name, f bytea, g xml, h bit(3), i varbit, j uuid, k boolean)`,
			fill:   `INSERT INTO t VALUES ('it''s \ ' || chr(10) || chr(9), 'é''', 'x', 'y', 'z', '\x00ff5c27', '<a b="1">''</a>', B'101', B'1', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', true), ('', '', '', '', '', '', '', B'000', B'', NULL, false)`,
			want:   `INSERT INTO public.t (a, b, c, d, e, f, g, h, i, j, k) VALUES ('', '', '', '', '', '\x', '', '000', '', NULL, 'false');`,
		},
		{
			name: "times", reason: "in another time zone and style they read back as the same instants", engines: []engine.Engine{fixtures.Postgres},
			tables: "CREATE TABLE t (a timestamp, b timestamptz, c date, d time, e timetz, f interval)",
			fill:   "SET TimeZone = 'Asia/Tokyo'; SET DateStyle = 'German'; INSERT INTO t VALUES ('2024-02-29 12:00:00.123456', '1999-12-31 23:59:59+05:30', '0044-03-15 BC', '24:00', '12:00+05:30', '-1 year 2 days -3.5 seconds'), ('infinity', '-infinity', 'infinity', NULL, NULL, '0')",
		},
		{
			name: "documents and lists", reason: "JSON, arrays, composites, ranges, multiranges, geometry, networks, search", engines: []engine.Engine{fixtures.Postgres},
			tables: `CREATE TYPE pair AS (a int, "B b" text); CREATE TYPE mood AS ENUM ('so so', 'it''s'); CREATE DOMAIN age AS int CHECK (VALUE > 0);
				CREATE TABLE t (a json, b jsonb, c int[], d text[][], e pair, f pair[], g mood, h mood[], i age, j int4range, k tstzrange, l nummultirange, m point, n inet, o cidr, p macaddr, q tsvector, r tsquery, s regclass, t pg_lsn)`,
			fill: `INSERT INTO t VALUES ('{"a": 1.0, "a": 12345678901234567890123, "é": "\u00e9"}', '[1.50, null, "''"]', '{1,NULL,3}', '{{"a,b","c\"d"},{"NULL",NULL}}', ROW(1, 'x,"y'), ARRAY[ROW(NULL, '')::pair], 'it''s', '{so so}', 7,
				'[1,5)', '[2024-01-01 00:00+00,)', '{[1,2),(3,4]}', '(1,2)', '10.0.0.1/8', '10.0.0.0/8', '08:00:2b:01:02:03', '''a'':1 b:2A', 'a & !b', 'pg_class', '16/B374D848')`,
		},
		{
			name: "computed", reason: "generated columns are left out, an identity is overridden", engines: []engine.Engine{fixtures.Postgres},
			tables: "CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a int, b int GENERATED ALWAYS AS (a * 2) STORED, c serial)",
			fill:   "INSERT INTO t (a) VALUES (1), (2); DELETE FROM t WHERE a = 1",
			want:   "INSERT INTO public.t (id, a, c) OVERRIDING SYSTEM VALUE VALUES (2, 2, 2);",
		},
		{
			name: "nothing", reason: "a table without a column that can be written", engines: []engine.Engine{fixtures.Postgres},
			tables: "CREATE TABLE t (); CREATE TABLE u (a int GENERATED ALWAYS AS (1) STORED)",
			fill:   "INSERT INTO t DEFAULT VALUES; INSERT INTO t DEFAULT VALUES; INSERT INTO u DEFAULT VALUES",
			want:   "INSERT INTO public.t DEFAULT VALUES;",
		},
		{
			name: "names", reason: "capitals, spaces, quotes, letters of the world, words of the language, one name in two schemas", engines: []engine.Engine{fixtures.Postgres},
			tables: `CREATE SCHEMA "Other s"; CREATE TABLE t (a int); CREATE TABLE "T" ("A" int, "a b" int, "q""q" int, "名" int, "select" int, "1a" int, "$" int, "a.b" int); CREATE TABLE "Other s".t ("user" int)`,
			fill:   `INSERT INTO t VALUES (1); INSERT INTO "T" VALUES (1, 2, 3, 4, 5, 6, 7, 8); INSERT INTO "Other s".t VALUES (9)`,
			want:   `INSERT INTO public."T" ("A", "a b", "q""q", "名", "select", "1a", "$", "a.b") VALUES (1, 2, 3, 4, 5, 6, 7, 8);`,
		},
		{
			name: "families", reason: "partitions are their root's, heirs their own, and security by row hides nothing", engines: []engine.Engine{fixtures.Postgres},
			tables: `CREATE TABLE t (id int, a int) PARTITION BY LIST (a); CREATE TABLE t1 PARTITION OF t FOR VALUES IN (1) PARTITION BY RANGE (id); CREATE TABLE t11 PARTITION OF t1 DEFAULT; CREATE TABLE t2 PARTITION OF t DEFAULT;
				CREATE TABLE p (id int); CREATE TABLE h (b text) INHERITS (p); CREATE TABLE s (id int); ALTER TABLE s ENABLE ROW LEVEL SECURITY; ALTER TABLE s FORCE ROW LEVEL SECURITY`,
			fill: "INSERT INTO t VALUES (1, 1), (2, 2), (3, NULL); INSERT INTO p VALUES (1); INSERT INTO h VALUES (2, 'x'); INSERT INTO s VALUES (3)",
			want: "INSERT INTO public.t (id, a) VALUES (3, NULL);",
		},
		{
			name: "citext", reason: "a type of an extension", extension: "citext", engines: []engine.Engine{fixtures.Postgres},
			tables: "CREATE EXTENSION citext; CREATE TABLE t (a citext PRIMARY KEY)", fill: "INSERT INTO t VALUES ('Ada'), ('bo')",
		},
		{
			name: "hstore", reason: "a type of an extension", extension: "hstore", engines: []engine.Engine{fixtures.Postgres},
			tables: "CREATE EXTENSION hstore; CREATE TABLE t (a hstore)", fill: `INSERT INTO t VALUES ('a=>1, "b c"=>NULL')`,
		},
		{
			name: "storage classes", reason: "what is stored is not what was declared", engines: []engine.Engine{fixtures.SQLiteFile, fixtures.SQLiteMemory},
			tables: "CREATE TABLE t (a, b INTEGER, c TEXT, d REAL, e BLOB, f NUMERIC, g DATE, h BOOLEAN, i VARCHAR(3), j JSON)",
			fill: `INSERT INTO t VALUES (1, 'x', 5, 5, 'text', '1.0', '2024-01-01', TRUE, 'longer', '{"a" : 1.0}'), (1.0, 9223372036854775807, x'00ff', 9e999, x'', -9e999, 1704067200, 'true', NULL, NULL),
				('it''s', -9223372036854775808, '', -0.0, 1e-320, 1e15, 1.5, 2, char(10), char(0x1F600)), (CAST(x'610062' AS TEXT), 0, CAST(x'ff27' AS TEXT), 0.1, 7, '0x10', '2024-01-01 00:00:00', 0, '1', '1e2')`,
			want: "CAST(x'610062' AS TEXT)",
		},
		{
			name: "kinds of tables", reason: "without rowid, strict, generated, NULL in a key", engines: []engine.Engine{fixtures.SQLiteFile, fixtures.SQLiteMemory},
			tables: `CREATE TABLE w (a TEXT PRIMARY KEY, b) WITHOUT ROWID; CREATE TABLE s (a INT, b REAL, c TEXT, d BLOB, e ANY) STRICT; CREATE TABLE g (a INT, b INT AS (a + 1) STORED, c INT AS (a + 2));
				CREATE TABLE n (a TEXT PRIMARY KEY, b); CREATE TABLE i (id INTEGER PRIMARY KEY AUTOINCREMENT)`,
			fill: "INSERT INTO w VALUES ('x', 1); INSERT INTO s VALUES (1, 2, '3', x'04', '5'); INSERT INTO g VALUES (1); INSERT INTO n VALUES (NULL, 1), (NULL, 1), ('a', 2); INSERT INTO i VALUES (7)",
			want: "INSERT INTO g (a) VALUES (1);",
		},
		{
			name: "names", reason: "capitals, spaces, quotes, letters of the world, words of the language", engines: []engine.Engine{fixtures.SQLiteFile, fixtures.SQLiteMemory},
			tables: `CREATE TABLE "T T" ("A" int, "a b" int, "q""q" int, "名" int, "select" int, "1a" int, "$" int, "a.b" int, "rowid" text); CREATE TABLE "order" ("group" int)`,
			fill:   `INSERT INTO "T T" VALUES (1, 2, 3, 4, 5, 6, 7, 8, 'nine'); INSERT INTO "order" VALUES (1)`,
			want:   `INSERT INTO "order" ("group") VALUES (1);`,
		},
	} {
		for _, e := range c.engines {
			t.Run(c.name+"/"+e.Name(), func(t *testing.T) {
				t.Parallel()
				from := handrail.Scratch(t, e)
				if c.extension != "" {
					var n int
					require.NoError(t, from.QueryRowContext(t.Context(), "SELECT count(*) FROM pg_available_extensions WHERE name = $1", c.extension).Scan(&n))
					if n == 0 {
						t.Skipf("the server has no extension %s", c.extension)
					}
				}
				exec(t, from, c.tables)
				exec(t, from, c.fill)
				require.Contains(t, paste(t, from, e, c.tables), c.want, c.reason)
			})
		}
	}
}

// paste executes the rows of a database in a new one that has the same tables,
// and wants the same rows there.
func paste(t *testing.T, from *handrail.DB, e engine.Engine, tables string) string {
	was, _ := read(t, from)
	to := handrail.Scratch(t, e)
	exec(t, to, tables)
	var script strings.Builder
	for _, table := range was.Tables {
		require.NoError(t, table.Each(func(row rows.Row) error {
			stmt := table.Insert(row)
			fmt.Fprintln(&script, stmt)
			_, err := to.ExecContext(t.Context(), stmt)
			require.NoError(t, err, stmt)
			return nil
		}))
	}
	is, snap := read(t, to)
	differences, err := rows.Compare(was, is, there(snap))
	require.NoError(t, err)
	require.Empty(t, text(differences))
	require.Equal(t, was.Count(), is.Count())
	return script.String()
}

// TestInsertPastesAnything does so with random rows.
func TestInsertPastesAnything(t *testing.T) {
	t.Parallel()
	texts := []string{"", " ", "'", `\`, "''", "a'b\nc", "é", "名", "NULL", "1", "1.0", "true", "--", "/*", `{"a":1}`, "{}", "$1", "?", "%s", "\u007f"}
	text := func(r *rand.Rand) string { return "'" + strings.ReplaceAll(texts[r.IntN(len(texts))], "'", "''") + "'" }
	number := func(r *rand.Rand) string {
		switch r.IntN(4) {
		case 0:
			return fmt.Sprint(int32(r.Uint32()))
		case 1:
			return fmt.Sprint(r.IntN(3) - 1)
		default:
			return "0"
		}
	}
	real := func(r *rand.Rand) string { return fmt.Sprintf("%g", (r.Float64()-0.5)*float64(uint64(1)<<r.IntN(64))) }
	blob := func(r *rand.Rand) string { return fmt.Sprintf("x'%02x%02x'", r.IntN(256), r.IntN(256)) }
	kinds := map[dialect.Dialect][]struct {
		column string
		value  func(*rand.Rand) string
	}{
		dialect.Postgres: {
			{"int", number},
			{"bigint", number},
			{"numeric", real},
			{"float8", real},
			{"real", real},
			{"text", text},
			{"varchar(10)", text},
			{"char(6)", text},
			{"bytea", func(r *rand.Rand) string { return fmt.Sprintf(`'\x%02x%02x'`, r.IntN(256), r.IntN(256)) }},
			{"text[]", func(r *rand.Rand) string { return "ARRAY[" + text(r) + ", NULL, " + text(r) + "]" }},
			{"jsonb", func(r *rand.Rand) string { return "to_jsonb(" + text(r) + "::text)" }},
			{"timestamptz", func(r *rand.Rand) string { return fmt.Sprintf("to_timestamp(%d.%06d)", int32(r.Uint32()), r.IntN(1e6)) }},
			{"interval", func(r *rand.Rand) string {
				return fmt.Sprintf("make_interval(0, %d, 0, %d, 0, 0, %g)", r.IntN(40)-20, r.IntN(40)-20, r.Float64())
			}},
			{"boolean", func(r *rand.Rand) string { return fmt.Sprint(r.IntN(2) == 0) }},
		},
		dialect.SQLite: {
			{"INTEGER", number},
			{"", text},
			{"", real},
			{"TEXT", real},
			{"TEXT", text},
			{"NUMERIC", text},
			{"REAL", number},
			{"BLOB", blob},
			{"TEXT", blob},
			{"", number},
			{"INTEGER", text},
			{"DATE", text},
			{"TEXT", func(r *rand.Rand) string { return "CAST(" + blob(r) + " AS TEXT)" }},
		},
	}
	for _, e := range []engine.Engine{fixtures.Postgres, fixtures.SQLiteMemory} {
		t.Run(e.Name(), func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(8) {
				r := rand.New(rand.NewPCG(seed, 0))
				var columns []string
				var values []func(*rand.Rand) string
				for i := range 1 + r.IntN(6) {
					k := kinds[e.Dialect()][r.IntN(len(kinds[e.Dialect()]))]
					columns, values = append(columns, fmt.Sprintf("c%d %s", i, k.column)), append(values, k.value)
				}
				tables := "CREATE TABLE t (" + strings.Join(columns, ", ") + ")"
				from := handrail.Scratch(t, e)
				exec(t, from, tables)
				for range 40 {
					var row []string
					for _, v := range values {
						cell := "NULL"
						if r.IntN(5) > 0 {
							cell = v(r)
						}
						row = append(row, cell)
					}
					exec(t, from, "INSERT INTO t VALUES ("+strings.Join(row, ", ")+")")
				}
				require.NotEmpty(t, paste(t, from, e, tables), "seed %d: %s", seed, tables)
			}
		})
	}
}
