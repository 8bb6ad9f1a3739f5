package ddl_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail"
	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/verify/engine"
)

// pairs are schemas of which the one is to become the other, and back.
var pairs = []struct{ name, reason, from, to string }{
	{
		"tables that need each other", "foreign keys in a circle: one of them comes behind both tables",
		"", `CREATE TABLE a (id int PRIMARY KEY, b int); CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a (id));
			ALTER TABLE a ADD CONSTRAINT fk_a FOREIGN KEY (b) REFERENCES b (id)`,
	},
	{
		"a default made of its own table", "the function in SQL needs the table, and the default the function",
		"", `CREATE TABLE t (id int, n bigint); CREATE FUNCTION f() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM t';
			ALTER TABLE t ALTER n SET DEFAULT f(), ADD CONSTRAINT ck CHECK (n <= f())`,
	},
	{
		"a function returns something else", "a default and a trigger hold on to it, and the column stays",
		`CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE TABLE t (a bigint DEFAULT f(), b int); CREATE VIEW v AS SELECT f() AS f`,
		`CREATE FUNCTION f() RETURNS bigint LANGUAGE sql AS 'SELECT 1'; CREATE TABLE t (a bigint DEFAULT f(), b int); CREATE VIEW v AS SELECT f() AS f`,
	},
	{
		"a type goes when its column has another", "what is needed until it changes goes last",
		`CREATE TYPE mood AS ENUM ('good'); CREATE TABLE t (m mood DEFAULT 'good')`, `CREATE TABLE t (m text DEFAULT 'good')`,
	},
	{
		"a sequence gets a column and loses it", "whose it is comes behind both",
		`CREATE SEQUENCE s; CREATE TABLE t (a int DEFAULT nextval('s'))`, `CREATE SEQUENCE s; CREATE TABLE t (a int DEFAULT nextval('s')); ALTER SEQUENCE s OWNED BY t.a`,
	},
	{
		"serial and identity", "each makes its sequence, with its options",
		`CREATE TABLE t (x int)`, `CREATE TABLE t (x int, a bigserial, b int GENERATED ALWAYS AS IDENTITY (START 10 INCREMENT 5)); CREATE TABLE u (id smallserial PRIMARY KEY)`,
	},
	{
		"views on views", "the lowest takes the others along",
		`CREATE TABLE t (a int); CREATE VIEW z AS SELECT a FROM t; CREATE VIEW b AS SELECT a FROM z; CREATE MATERIALIZED VIEW c AS SELECT a FROM b; CREATE INDEX ix ON c (a)`,
		`CREATE TABLE t (a bigint); CREATE VIEW z AS SELECT a FROM t; CREATE VIEW b AS SELECT a FROM z; CREATE MATERIALIZED VIEW c AS SELECT a FROM b; CREATE INDEX ix ON c (a)`,
	},
	{
		"names that need quotes, in two schemas", "whatever is called as it is called elsewhere",
		`CREATE SCHEMA "Other s"`, `CREATE SCHEMA "Other s"; CREATE TABLE "Other s"."a.b" ("x y" text DEFAULT 'public.t', "select" int); CREATE TABLE public."a.b" (public int CHECK (public > 0));
			CREATE VIEW "Other s".public AS SELECT public.public FROM public."a.b" public`,
	},
	{
		"a function called as one of the engine's", "it keeps its schema, without which the other would be meant",
		"", `CREATE FUNCTION length(text) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1'; CREATE TABLE t (a text CHECK (public.length(a) > 0), b int GENERATED ALWAYS AS (pg_catalog.length(a)) STORED)`,
	},
	{
		"a key takes another column", "the foreign key that points at it goes first and comes back",
		`CREATE TABLE t (a int, b int, CONSTRAINT uq UNIQUE (a)); CREATE TABLE u (a int, CONSTRAINT fk FOREIGN KEY (a) REFERENCES t (a))`,
		`CREATE TABLE t (a int, b int, CONSTRAINT uq UNIQUE (a) DEFERRABLE, CONSTRAINT k UNIQUE (a)); CREATE TABLE u (a int, CONSTRAINT fk FOREIGN KEY (a) REFERENCES t (a))`,
	},
}

// sqlitePairs are the same of SQLite.
var sqlitePairs = []struct{ name, reason, from, to string }{
	{
		"a view with a trigger", "the trigger goes with its view and is made again, though it is the same",
		`CREATE TABLE t (a, b); CREATE VIEW v AS SELECT a FROM t; CREATE TRIGGER tr INSTEAD OF INSERT ON v BEGIN INSERT INTO t (a) VALUES (new.a); END`,
		`CREATE TABLE t (a, b); CREATE VIEW v AS SELECT a, b FROM t; CREATE TRIGGER tr INSTEAD OF INSERT ON v BEGIN INSERT INTO t (a) VALUES (new.a); END`,
	},
	{
		"comments inside a table", "each stays with its column, however often the table was altered",
		"CREATE TABLE t (a int, -- the first\n  b int -- the second\n)",
		"CREATE TABLE t (a int, -- the first\n  b int -- the second\n); ALTER TABLE t ADD COLUMN c int DEFAULT 1; ALTER TABLE t ADD COLUMN d text COLLATE nocase",
	},
	{
		"a virtual table", "its shadows come with it",
		"CREATE TABLE t (a)", "CREATE TABLE t (a); CREATE VIRTUAL TABLE f USING fts5 (a); CREATE TRIGGER tr AFTER INSERT ON t BEGIN INSERT INTO f (a) VALUES (new.a); END",
	},
}

// TestStatementsBetweenPairs writes each schema, and goes to it and back.
func TestStatementsBetweenPairs(t *testing.T) {
	for e, list := range map[engine.Engine][]struct{ name, reason, from, to string }{fixtures.Postgres: pairs, fixtures.SQLiteMemory: sqlitePairs} {
		for _, p := range list {
			t.Run(e.Name()+"/"+p.name, func(t *testing.T) {
				t.Parallel()
				db, other := handrail.Scratch(t, e), handrail.Scratch(t, e)
				base := define(t, db).Snapshot
				_, err := db.ExecContext(t.Context(), p.from)
				require.NoError(t, err)
				_, err = other.ExecContext(t.Context(), p.to)
				require.NoError(t, err)
				from, to := define(t, db), define(t, other)
				text, err := proven(t, e, base, to)
				require.NoError(t, err, "%s\n%s", p.reason, text)
				require.Empty(t, goThere(t, db, to, from, to), p.reason)
			})
		}
	}
}
