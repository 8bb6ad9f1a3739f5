package sqltext

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/verify/dialect"
)

func TestParse(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, reason string
		dialect      dialect.Dialect
		sql          string
		want         []string // the first two words of each statement, with its line
	}{
		{"two", "a semicolon ends a statement", dialect.Postgres, "CREATE TABLE a (x int);\nDROP TABLE b", []string{"1 create table", "2 drop table"}},
		{"strings", "a semicolon in a string does not", dialect.Postgres, "SELECT 'a;''b;'; SELECT 2", []string{"1 select 'a;''b;'", "1 select 2"}},
		{"escapes", "a backslash escapes in E strings only", dialect.Postgres, `SELECT E'\';'; SELECT '\'; SELECT 3`, []string{`1 select '\';'`, `1 select '\'`, "1 select 3"}},
		{"dollars", "a body in dollars is one token", dialect.Postgres, "DO $$ BEGIN; END $$; DO $x$ $$; $x$; SELECT $1", []string{"1 do $$ BEGIN; END $$", "1 do $x$ $$; $x$", "1 select $"}},
		{"nested comment", "comments nest on Postgres", dialect.Postgres, "/* a /* b */ ; */ SELECT 1", []string{"1 select 1"}},
		{"flat comment", "and do not on SQLite", dialect.SQLite, "/* a /* b */ SELECT 1", []string{"1 select 1"}},
		{"trigger", "the body of a trigger belongs to it", dialect.SQLite, "CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT CASE WHEN 1 THEN 2 END; DELETE FROM b; END;\nSELECT 1", []string{"1 create trigger", "2 select 1"}},
		{"transaction", "BEGIN of a transaction is a statement", dialect.SQLite, "BEGIN; SELECT 1; END;", []string{"1 begin", "1 select 1", "1 end"}},
		{"atomic", "a body of BEGIN ATOMIC belongs to its function", dialect.Postgres, "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC; SELECT 1; END; SELECT 2", []string{"1 create function", "1 select 2"}},
		{"column atomic", "elsewhere ATOMIC is a name", dialect.Postgres, "CREATE FUNCTION f(atomic int) RETURNS int LANGUAGE sql AS 'SELECT 1'; COMMIT", []string{"1 create function", "1 commit"}},
		{"or replace", "what is replaced is created", dialect.Postgres, "CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC; SELECT 1; END; SELECT 2", []string{"1 create or", "1 select 2"}},
		{"temporary", "and so is what is temporary", dialect.SQLite, "CREATE TEMP TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END; SELECT 2", []string{"1 create temp", "1 select 2"}},
		{"column trigger", "TRIGGER and BEGIN can name columns", dialect.SQLite, "CREATE TABLE a (trigger text, begin text); COMMIT; SELECT 1", []string{"1 create table", "1 commit", "1 select 1"}},
		{"rule", "semicolons in brackets belong to a rule", dialect.Postgres, "CREATE RULE r AS ON INSERT TO a DO ALSO (SELECT 1; SELECT 2); SELECT 3", []string{"1 create rule", "1 select 3"}},
		{"names", "quoted names of each dialect", dialect.SQLite, "DROP TABLE [a;b]; DROP TABLE `c;`; DROP TABLE \"d;\"", []string{"1 drop table", "1 drop table", "1 drop table"}},
		{"unclosed", "what is not closed runs to the end", dialect.Postgres, "SELECT 'a; SELECT 2", []string{"1 select 'a; SELECT 2"}},
		{"nothing", "comments are no statement", dialect.Postgres, "-- a\n/* b */ ;;\n", nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, s := range Parse(c.dialect, c.sql).Statements {
				words := []string{}
				for _, l := range s.Tokens[:min(2, len(s.Tokens))] {
					words = append(words, l.Text)
				}
				got = append(got, strings.Join(append([]string{string(rune('0' + s.Line))}, words...), " "))
			}
			require.Equal(t, c.want, got, c.reason)
		})
	}
}

func TestParseComments(t *testing.T) {
	t.Parallel()
	s := Parse(dialect.Postgres, "-- one\nSELECT '--no'; /* two\n * three */ -- four")
	require.Equal(t, []Comment{{1, "one"}, {2, "two"}, {3, "three"}, {3, "four"}}, s.Comments)
}

func TestUnquote(t *testing.T) {
	t.Parallel()
	for literal, want := range map[string]string{
		"'a''b'": "a'b", "$$a$$": "a", "$x$ $$ $x$": " $$ ", "'$a$'": "$a$", "''": "", "'open": "open", "$x$open": "open",
	} {
		got, ok := Unquote(literal)
		require.True(t, ok, literal)
		require.Equal(t, want, got, literal)
	}
	for _, other := range []string{"", "12", "a", "$1", "a'b'", "x$$y$$"} {
		_, ok := Unquote(other)
		require.False(t, ok, other)
	}
	require.Equal(t, "'a'", Token{Kind: Name, Text: "'a'"}.Value(), "a name in quotes")
}

// FuzzParse: every byte is read once, and no token is lost or invented.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"SELECT $a$ x $a$;", "CREATE TRIGGER t BEGIN x; END;", "/*/**/", "E'\\", "\"", "[", "$", "é'é;"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		for _, d := range dialect.All() {
			for _, s := range Parse(d, sql).Statements {
				if len(s.Tokens) == 0 || s.Line < 1 || s.Line > 1+strings.Count(sql, "\n") {
					t.Fatalf("statement %+v of %q", s, sql)
				}
			}
		}
	})
}
