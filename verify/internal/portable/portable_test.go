package portable_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail"
	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/internal/portable"
	"github.com/handrail-db/handrail/verify/schema"
)

// catalogueOf runs DDL on an engine and reads the catalogue that it makes.
func catalogueOf(t *testing.T, e engine.Engine, ddl string) schema.Snapshot {
	t.Helper()
	db := handrail.Scratch(t, e)
	_, err := db.ExecContext(t.Context(), ddl)
	require.NoError(t, err, ddl)
	s, err := schema.Inspect(t.Context(), db.DB, e.Dialect())
	require.NoError(t, err)
	return s
}

// TestPortableDefaults: defaults that mean the same have one class, or one value.
func TestPortableDefaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, postgres, sqlite, want, wantSQLite string }{
		{"none", "int", "int", "", ""},
		{"NULL", "text DEFAULT NULL", "text DEFAULT NULL", "", ""},
		{"number", "int DEFAULT 0", "int DEFAULT 0", "0", "0"},
		{"number in brackets and quotes", "int DEFAULT ('0')", "int DEFAULT (0)", "0", "0"},
		{"negative number", "int DEFAULT -1", "int DEFAULT -1", "-1", "-1"},
		{"number with decimals", "numeric(10,2) DEFAULT 1.50", "numeric DEFAULT 1.5", "1.5", "1.5"},
		{"text", "text DEFAULT 'it''s'", "text DEFAULT 'it''s'", "'it's'", "'it's'"},
		{"text of a length", "varchar(9) DEFAULT 'x'", `text DEFAULT "x"`, "'x'", "'x'"},
		{"empty text", "text DEFAULT ''", "text DEFAULT ''", "''", "''"},
		{"true", "boolean DEFAULT true", "boolean DEFAULT 1", "1", "1"},
		{"false", "boolean DEFAULT 'f'", "boolean DEFAULT FALSE", "0", "0"},
		{"document", "jsonb DEFAULT '{}'", "text DEFAULT '{}'", "'{}'", "'{}'"},
		{"day", "date DEFAULT '2024-02-29'", "text DEFAULT '2024-02-29'", "'2024-02-29'", "'2024-02-29'"},
		{"now", "timestamptz DEFAULT now()", "text DEFAULT CURRENT_TIMESTAMP", portable.CurrentTime, portable.CurrentTime},
		{"now in UTC", "timestamp DEFAULT (now() AT TIME ZONE 'utc')", "text DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))", portable.CurrentTime, portable.CurrentTime},
		{"today", "date DEFAULT CURRENT_DATE", "text DEFAULT (date())", portable.CurrentTime, portable.CurrentTime},
		{"now as a text", "date DEFAULT ('now'::text)::date", "text DEFAULT (unixepoch())", portable.CurrentTime, portable.CurrentTime},
		{"a time that is told", "text DEFAULT to_char('2024-01-01'::date, 'YYYY')", "text DEFAULT (date('2024-01-01'))", portable.Expression, portable.Expression},
		{"serial", "serial", "serial", portable.Generated, ""},
		{"identity", "int GENERATED ALWAYS AS IDENTITY", "int", portable.Generated, ""},
		{"key", "int PRIMARY KEY", "INTEGER PRIMARY KEY", "", portable.Rowid},
		{"key of another type", "bigint PRIMARY KEY", "INT PRIMARY KEY", "", ""},
		{"expression", "text DEFAULT md5('x')", "text DEFAULT (hex(randomblob(8)))", portable.Expression, portable.Expression},
		{"sum", "int DEFAULT 1 + 1", "int DEFAULT (1 + 1)", portable.Expression, portable.Expression},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := func(e engine.Engine, column string) string {
				s := portable.Portable(catalogueOf(t, e, "CREATE TABLE t (a "+column+")"))
				return s.Of("t", "column")[0].Prop("default")
			}
			require.Equal(t, c.want, got(fixtures.Postgres, c.postgres), c.postgres)
			require.Equal(t, c.wantSQLite, got(fixtures.SQLiteMemory, c.sqlite), c.sqlite)
		})
	}
}

// TestCondition: checks that refuse the same have one form, and others do not.
func TestCondition(t *testing.T) {
	t.Parallel()
	same := func(t *testing.T, postgres, sqlite string) (a, b string, known bool) {
		t.Helper()
		form := func(e engine.Engine, check string) (string, bool) {
			s := catalogueOf(t, e, "CREATE TABLE t (a INTEGER, b INTEGER, s VARCHAR(20), flag INTEGER, CONSTRAINT c CHECK ("+check+"))")
			return portable.Condition(s.Kind("check")[0])
		}
		a, ok := form(fixtures.Postgres, postgres)
		b, ok2 := form(fixtures.SQLiteMemory, sqlite)
		return a, b, ok && ok2
	}
	for _, c := range []struct{ name, postgres, sqlite string }{
		{"comparison", "a > 0", "a > 0"},
		{"brackets", "((a) >= (0))", "a >= 0"},
		{"length", "char_length(s) <= 20", "length(s) <= 20"},
		{"not equal", "a != 3", "a <> 3"},
		{"negative number", "a >= -5", "a >= -5"},
		{"decimal number", "a > 0.50", "a > .5"},
		{"between", "a BETWEEN 1 AND 5", "a BETWEEN 1 AND 5"},
		{"between and more", "a BETWEEN 1 AND 5 AND b > 0", "b > 0 AND a >= 1 AND a <= 5"},
		{"not between", "a NOT BETWEEN 1 AND 5", "a NOT BETWEEN 1 AND 5"},
		{"in numbers", "a IN (1, 2, 3)", "a IN (3, 2, 1)"},
		{"in texts", "s IN ('a', 'it''s', 'c')", "s IN ('a', 'it''s', 'c')"},
		{"not in", "s NOT IN ('a', 'b')", "s NOT IN ('a', 'b')"},
		{"and binds more than or", "a > 0 OR b > 0 AND a < 9", "a > 0 OR (b > 0 AND a < 9)"},
		{"or in brackets", "(a > 0 OR b > 0) AND a < 9", "a < 9 AND (b > 0 OR a > 0)"},
		{"nested and", "a > 0 AND (b > 0 AND a < 9)", "a > 0 AND b > 0 AND a < 9"},
		{"null", "s IS NOT NULL OR a IS NULL", "a IS NULL OR s NOT NULL"},
		{"arithmetic", "a + b * 2 > 10", "a + (b * 2) > 10"},
		{"columns", "a < b", "a < b"},
		{"functions", "s = lower(s)", "s = lower(s)"},
		{"not", "NOT (a = 1 OR b = 1)", "NOT (b = 1 OR a = 1)"},
		{"a name in quotes", `"a" > 0`, "[a] > 0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a, b, known := same(t, c.postgres, c.sqlite)
			require.True(t, known)
			require.Equal(t, a, b)
		})
	}
	for _, c := range []struct{ name, postgres, sqlite string }{
		{"another limit", "a > 0", "a > 1"},
		{"greater or equal", "a > 0", "a >= 0"},
		{"brackets that matter", "(a > 0 OR b > 0) AND a < 9", "a > 0 OR b > 0 AND a < 9"},
		{"another column", "a > 0", "b > 0"},
		{"arithmetic in brackets", "(a + b) * 2 > 10", "a + b * 2 > 10"},
		{"one value more", "s IN ('a', 'b')", "s IN ('a', 'b', 'c')"},
		{"case", "s <> 'A'", "s <> 'a'"},
		{"a cast that changes values", "(s::varchar(3)) = 'abc'", "s = 'abc'"},
		{"subtraction is not turned round", "a - b > 0", "b - a > 0"},
		{"and is not or", "a > 0 AND b > 0", "a > 0 OR b > 0"},
		{"not", "NOT (a = 1)", "a = 1"},
	} {
		t.Run("not "+c.name, func(t *testing.T) {
			t.Parallel()
			a, b, known := same(t, c.postgres, c.sqlite)
			if known {
				require.NotEqual(t, a, b)
			}
		})
	}
	for _, c := range []struct{ name, postgres, sqlite string }{
		{"LIKE knows cases on Postgres only", "s LIKE 'a%'", "s LIKE 'a%'"},
		{"CASE", "CASE WHEN a > 0 THEN b > 0 ELSE true END", "CASE WHEN a > 0 THEN b > 0 ELSE true END"},
		{"a regular expression", "s ~ '^[a-z]+$'", "s GLOB '[a-z]*'"},
	} {
		t.Run("unknown "+c.name, func(t *testing.T) {
			t.Parallel()
			a, b, known := same(t, c.postgres, c.sqlite)
			require.False(t, known && a == b, "%s", a)
		})
	}
}
