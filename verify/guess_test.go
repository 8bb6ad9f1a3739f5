package verify_test

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/verify/history"
)

// TestGuess takes a flat folder for the dialect whose words stand in it.
func TestGuess(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, sql, want string }{
		{"a type", "CREATE TABLE a (\n  id SERIAL PRIMARY KEY);", "postgres, by SERIAL in 0001_a.up.sql:2"},
		{"a quoted column", `CREATE TABLE a ("at" timestamptz);`, "postgres, by TIMESTAMPTZ in 0001_a.up.sql:1"},
		{"a cast", "SELECT '1'::int;", "postgres, by :: in 0001_a.up.sql:1"},
		{"a dollar quote", "SELECT $body$ autoincrement $body$;", "postgres, by $body$ in 0001_a.up.sql:1"},
		{"an opening", "-- first\nCREATE EXTENSION citext;", "postgres, by CREATE EXTENSION in 0001_a.up.sql:2"},
		{"a language", "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'x';", "postgres, by PLPGSQL in 0001_a.up.sql:1"},
		{"autoincrement", "CREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT);", "sqlite, by AUTOINCREMENT in 0001_a.up.sql:1"},
		{"pragma", "PRAGMA foreign_keys = ON;", "sqlite, by PRAGMA in 0001_a.up.sql:1"},
		{"without rowid", "CREATE TABLE a (id TEXT PRIMARY KEY) WITHOUT ROWID;", "sqlite, by WITHOUT ROWID in 0001_a.up.sql:1"},
		{"backticks and autoincrement", "CREATE TABLE `a` (`id` integer PRIMARY KEY AUTOINCREMENT, `b` text);", "sqlite, by AUTOINCREMENT in 0001_a.up.sql:1"},
		{"datetime", "CREATE TABLE a (id INTEGER PRIMARY KEY, at datetime);", "sqlite, by DATETIME in 0001_a.up.sql:1"},
		{"most of the words", "CREATE TABLE a (id SERIAL, b JSONB, c BYTEA); PRAGMA x;", "postgres, by SERIAL in 0001_a.up.sql:1"},
		{"nothing", "CREATE TABLE a (id INTEGER PRIMARY KEY);", "postgres, for no better reason: there is no evidence of another dialect in the files"},
		{"words in comments and texts", "-- AUTOINCREMENT\nSELECT 'PRAGMA', \"unsigned\" FROM a;", "postgres, for no better reason: there is no evidence of another dialect in the files"},
		{"columns called like types", "CREATE TABLE a (serial TEXT, datetime TEXT); ALTER TABLE a ADD COLUMN tinyint TEXT;", "postgres, for no better reason: there is no evidence of another dialect in the files"},
		{"an engine that is a column", "SELECT engine FROM car;", "postgres, for no better reason: there is no evidence of another dialect in the files"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, err := history.Load(fstest.MapFS{"0001_a.up.sql": {Data: []byte(c.sql)}}, "")
			require.NoError(t, err)
			require.Equal(t, c.want, s.Guessed.String())
			require.True(t, s.Ships(s.Guessed.Dialect))
		})
	}
	for _, sql := range []string{
		"CREATE TABLE a (id int) ENGINE=InnoDB;", "CREATE TABLE a (id int unsigned);", "CREATE TABLE `a` (id int);",
		"CREATE TABLE `a` (id int AUTO_INCREMENT, at DATETIME, b BLOB);", "CREATE TABLE a (b tinyint(1));",
	} {
		_, err := history.Load(fstest.MapFS{"0001_a.up.sql": {Data: []byte(sql)}}, "")
		require.ErrorContains(t, err, "is MySQL, which handrail does not verify", sql)
		require.ErrorContains(t, err, "0001_a.up.sql:1: ", sql)
	}
}
