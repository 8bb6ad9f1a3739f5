package portable_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/internal/portable"
	"github.com/handrail-db/handrail/verify/schema"
)

// logicalOn runs DDL on an engine and reduces the catalogue that it makes.
func logicalOn(t *testing.T, e engine.Engine, ddl string) schema.Snapshot {
	t.Helper()
	return portable.Logical(catalogueOf(t, e, ddl))
}

// TestLogicalOfPortableSQL runs SQL that both engines understand on both: what
// they make of it is the same, constraints without a name included.
func TestLogicalOfPortableSQL(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("long_", 9)
	for _, c := range []struct{ name, reason, ddl, want string }{
		{
			"names", "each name is kept, in lower case; those that need it are quoted in lists",
			`CREATE TABLE Parent (ID INTEGER NOT NULL, "Two Words" INTEGER NOT NULL, CONSTRAINT PK_Parent PRIMARY KEY (ID, "Two Words"));
			CREATE TABLE "Order" (id INTEGER, CONSTRAINT ck CHECK (id > 1), CONSTRAINT uq UNIQUE (id))`, `
table order
column order.id
unique uq on order
    columns: id
check ck on order
table parent
column parent.id
    null: no
column parent.two words
    null: no
primary key pk_parent on parent
    columns: id, "two words"
`,
		},
		{
			"constraints without a name", "SQLite's get the names that Postgres chooses",
			`CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY, a INTEGER UNIQUE, b INTEGER CHECK (b > 0) CHECK (b > 1), "C" INTEGER REFERENCES t,
			CHECK (a > b), CHECK (1 > 0), UNIQUE (b, a), FOREIGN KEY (a, b) REFERENCES t (a, b), UNIQUE (a, b), CHECK ("C" > length('a')))`, `
table t
column t.a
column t.b
column t.c
column t.id
    null: no
primary key t_pkey on t
    columns: id
unique t_a_b_key on t
    columns: a, b
unique t_a_key on t
    columns: a
unique t_b_a_key on t
    columns: b, a
check t_b_check on t
check t_b_check1 on t
check t_c_check on t
check t_check on t
check t_check1 on t
foreign key t_a_b_fkey on t
    columns: a, b
    references: t (a, b)
foreign key t_c_fkey on t
    columns: c
    references: t (id)
`,
		},
		{
			"long names without a name", "Postgres cuts what is longer than 63 bytes",
			"CREATE TABLE " + long + " (" + long + "a INTEGER UNIQUE, b INTEGER CHECK (b > 0), c INTEGER NOT NULL PRIMARY KEY)", `
table long_long_long_long_long_long_long_long_long_
column long_long_long_long_long_long_long_long_long_.b
column long_long_long_long_long_long_long_long_long_.c
    null: no
column long_long_long_long_long_long_long_long_long_.long_long_long_long_long_long_long_long_long_a
primary key long_long_long_long_long_long_long_long_long__pkey on long_long_long_long_long_long_long_long_long_
    columns: c
unique long_long_long_long_long_long_long_long_long_long_long_long_key on long_long_long_long_long_long_long_long_long_
    columns: long_long_long_long_long_long_long_long_long_a
check long_long_long_long_long_long_long_long_long__b_check on long_long_long_long_long_long_long_long_long_
`,
		},
		{
			"foreign keys", "actions and deferral are told, NO ACTION is what nobody says",
			`CREATE TABLE p (id INTEGER NOT NULL, CONSTRAINT pk PRIMARY KEY (id));
			CREATE TABLE c (a INTEGER, b INTEGER, d INTEGER, CONSTRAINT fk1 FOREIGN KEY (a) REFERENCES p (id) ON UPDATE SET NULL ON DELETE CASCADE,
			CONSTRAINT fk2 FOREIGN KEY (b) REFERENCES p ON DELETE NO ACTION ON UPDATE RESTRICT DEFERRABLE INITIALLY DEFERRED, CONSTRAINT fk3 FOREIGN KEY (d) REFERENCES p ON DELETE SET DEFAULT NOT DEFERRABLE)`, `
table c
column c.a
column c.b
column c.d
foreign key fk1 on c
    columns: a
    on delete: cascade
    on update: set null
    references: p (id)
foreign key fk2 on c
    columns: b
    deferred: yes
    on update: restrict
    references: p (id)
foreign key fk3 on c
    columns: d
    on delete: set default
    references: p (id)
table p
column p.id
    null: no
primary key pk on p
    columns: id
`,
		},
		{
			"indexes", "columns with their direction; an expression is one, and a condition too",
			`CREATE TABLE t (a INTEGER, b INTEGER, key VARCHAR(9)); CREATE UNIQUE INDEX ix1 ON t (b DESC, a); CREATE INDEX ix2 ON t (lower(key), (a + b)) WHERE a IS NOT NULL; CREATE INDEX ix3 ON t (key)`, `
table t
column t.a
column t.b
column t.key
index ix1 on t
    columns: b desc, a
    unique: yes
index ix2 on t
    columns: (expression), (expression)
    partial: yes
index ix3 on t
    columns: key
`,
		},
		{
			"what is left out", "views, triggers, types and defaults are each engine's own",
			"CREATE TABLE t (a VARCHAR(10) DEFAULT 'x'); CREATE VIEW v AS SELECT a FROM t", `
table t
column t.a
`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			sqlite := logicalOn(t, fixtures.SQLiteMemory, c.ddl)
			require.Equal(t, strings.TrimPrefix(c.want, "\n"), sqlite.String(), c.reason)
			require.Empty(t, schema.Diff(logicalOn(t, fixtures.Postgres, c.ddl), sqlite), c.reason)
		})
	}
}

// TestLogicalTellsEnginesApart: what one engine lacks shows.
func TestLogicalTellsEnginesApart(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, reason, postgres, sqlite, want string }{
		{"column", "SQLite lacks one", "CREATE TABLE t (a INT, b INT)", "CREATE TABLE t (a INT)", "- column t.b\n"},
		{"nullability", "SQLite lets a key be NULL", "CREATE TABLE t (a TEXT PRIMARY KEY)", "CREATE TABLE t (a TEXT PRIMARY KEY)", "  column t.a\n-     null: no\n"},
		{"check", "of the same condition under another name", "CREATE TABLE t (a INT CONSTRAINT c CHECK (a > 0))", "CREATE TABLE t (a INT CONSTRAINT d CHECK (a > 0))", "- check c on t\n+ check d on t\n"},
		{
			"method", "only Postgres has GIN", "CREATE TABLE t (a JSONB); CREATE INDEX i ON t USING gin (a jsonb_path_ops)", "CREATE TABLE t (a TEXT); CREATE INDEX i ON t (a)",
			"  index i on t\n-     method: gin\n",
		},
		{
			"action", "a cascade is not nothing", "CREATE TABLE t (a INT PRIMARY KEY REFERENCES t ON DELETE SET NULL (a))", "CREATE TABLE t (a INT PRIMARY KEY NOT NULL REFERENCES t)",
			"  foreign key t_a_fkey on t\n-     on delete: set null\n",
		},
		{
			"schemas", "they have no counterpart, only names do", "CREATE SCHEMA app; CREATE TABLE app.t (a INT PRIMARY KEY); CREATE INDEX i ON app.t (a DESC NULLS LAST)",
			"CREATE TABLE t (a INTEGER PRIMARY KEY); CREATE INDEX i ON t (a DESC)", "",
		},
		{
			"what Postgres alone has", "sequences, functions, types, materialized views and their indexes are left out",
			"CREATE TABLE t (a SERIAL); CREATE TYPE e AS ENUM ('a'); CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE MATERIALIZED VIEW v AS SELECT a FROM t; CREATE INDEX i ON v (a)",
			"CREATE TABLE t (a INTEGER NOT NULL); CREATE VIRTUAL TABLE f USING fts5(a)", "",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			postgres, sqlite := logicalOn(t, fixtures.Postgres, c.postgres), logicalOn(t, fixtures.SQLiteMemory, c.sqlite)
			require.Equal(t, c.want, schema.Diff(postgres, sqlite), c.reason)
		})
	}
}
