package sqltext

import (
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/dialect"
)

// A Sign is a way of writing that only one dialect has: it tells the dialect of
// a folder, and what is in the files of the wrong one.
type Sign struct {
	Dialect dialect.Dialect
	words   []string
	at      func(s Statement, i int, word string) bool
	Weak    bool // it tells the dialect only where nothing else does

	// Harmless: the other dialect's files may have it too, as a name that
	// means nothing there.
	Harmless bool
	behind   string // what stands in front, to a person
	Function bool   // that a history may define

	// There is what the other dialect makes of it; "": it does not run.
	There string
}

// signs are all that are known. A text of several words is found at the first
// of them.
var signs = []Sign{
	{Dialect: dialect.Postgres, at: opens, words: []string{
		"create extension", "create type", "create schema", "create domain", "create sequence", "create materialized", "create role", "create policy",
		"alter type", "alter sequence", "alter table only", "comment on", "do",
		"drop extension", "drop type", "drop schema", "drop domain", "drop sequence", "drop policy",
	}},
	{Dialect: dialect.Postgres, at: opens, Weak: true, words: []string{
		"grant", "revoke", "create or replace", "create function", "create procedure", "drop function", "alter index", "truncate",
	}},
	{
		Dialect: dialect.Postgres, at: isType, words: []string{"serial", "bigserial", "smallserial"},
		There: "SQLite takes any word for a type, and gives the column no numbers",
	},
	{Dialect: dialect.Postgres, at: isType, Harmless: true, words: []string{
		"jsonb", "timestamptz", "bytea", "tsvector", "citext", "inet", "cidr", "int4range", "tstzrange", "daterange", "hstore", "regclass",
	}},
	{Dialect: dialect.Postgres, at: anywhere, Harmless: true, words: []string{"tablespace"}},
	{Dialect: dialect.Postgres, at: isCalled, Function: true, words: []string{
		"gen_random_uuid", "uuid_generate_v4", "nextval", "setval", "array_agg", "to_tsvector",
	}, There: "SQLite has no such function, and looks for it only when the statement runs that needs it"},
	{Dialect: dialect.Postgres, at: isCalled, Function: true, Weak: true, words: []string{"now"}, There: "SQLite has no such function, and looks for it only when the statement runs that needs it"},
	{Dialect: dialect.Postgres, at: follows("language"), words: []string{"plpgsql"}},
	{Dialect: dialect.Postgres, at: follows("index", "view"), words: []string{"concurrently"}},
	{Dialect: dialect.Postgres, at: follows("using"), behind: "USING ", words: []string{"gin", "gist", "spgist", "brin", "btree", "hash"}},
	{Dialect: dialect.Postgres, at: follows("always", "default"), words: []string{"as identity"}},
	{Dialect: dialect.Postgres, at: precedes("."), words: []string{"pg_catalog"}},
	{Dialect: dialect.Postgres, at: compares, words: []string{"ilike"}},
	{Dialect: dialect.Postgres, at: changesType, behind: "ALTER COLUMN … ", words: []string{"type"}},
	{Dialect: dialect.Postgres, at: isSymbols, words: []string{"::", "@>", "<@", "#>", "$$"}},
	{Dialect: dialect.Postgres, at: isDollarQuoted, words: []string{"$"}},

	{Dialect: dialect.SQLite, at: opens, words: []string{"pragma", "create virtual table", "insert or", "vacuum into", "attach database"}},
	{Dialect: dialect.SQLite, at: opens, Weak: true, words: []string{"replace into"}},
	{Dialect: dialect.SQLite, at: follows("key", "asc", "desc"), words: []string{"autoincrement"}},
	{Dialect: dialect.SQLite, at: anywhere, words: []string{"without rowid"}},
	{Dialect: dialect.SQLite, at: endsTable, words: []string{"strict"}},
	{Dialect: dialect.SQLite, at: anywhere, words: []string{"sqlite_master", "sqlite_schema", "sqlite_sequence"}},
	{Dialect: dialect.SQLite, at: isCalled, Function: true, words: []string{"strftime", "julianday", "randomblob", "unixepoch", "last_insert_rowid"}},
	{Dialect: dialect.SQLite, at: follows("collate"), behind: "COLLATE ", words: []string{"nocase"}},
	{Dialect: dialect.SQLite, at: isType, Weak: true, Harmless: true, words: []string{"datetime", "blob"}},

	{Dialect: MySQL, at: anywhere, words: []string{"auto_increment", "utf8mb4", "innodb", "myisam", "unsigned"}},
	{Dialect: MySQL, at: isType, words: []string{"tinyint", "mediumint", "mediumtext", "longtext", "tinytext", "longblob", "mediumblob"}},
	{Dialect: MySQL, at: precedes("="), words: []string{"engine"}},
	{Dialect: MySQL, at: isSymbols, Weak: true, words: []string{"`"}},
	{Dialect: dialect.SQLite, at: isSymbols, Weak: true, words: []string{"`"}},
}

// SignAt is the first sign of one of the dialects that begins at a token, with
// its words as a person writes them, "" where there is none.
func SignAt(s Statement, i int, of ...dialect.Dialect) (found Sign, what string) {
	for _, sign := range signs {
		if !slices.Contains(of, sign.Dialect) {
			continue
		}
		for _, word := range sign.words {
			if sign.at(s, i, word) {
				return sign, sign.shown(s.Tokens[i], word)
			}
		}
	}
	return Sign{}, ""
}

func (s Sign) shown(token Token, word string) string {
	switch {
	case token.Kind == Literal:
		return DollarTag(token.Text)
	case word == "`":
		return "a name in backticks"
	case s.Function:
		return word + "()"
	}
	return s.behind + strings.ToUpper(word)
}

// anywhere is for words that are nothing else.
func anywhere(s Statement, i int, words string) bool {
	for k, w := range strings.Split(words, " ") {
		if i+k >= len(s.Tokens) || !s.Tokens[i+k].Is(w) {
			return false
		}
	}
	return true
}

// opens is for the first words of a statement.
func opens(s Statement, i int, words string) bool { return i == 0 && anywhere(s, i, words) }

// notBeforeType are words behind which a name stands and no type.
var notBeforeType = []string{
	"column", "add", "drop", "rename", "to", "select", "by", "on", "exists", "table", "index", "view", "set", "into", "from", "as",
	"and", "or", "where", "not", "constraint", "references", "update", "join", "only", "distinct", "using", "when", "then", "else",
}

// isType is for words behind a name, where the type of a column stands.
func isType(s Statement, i int, word string) bool {
	if i == 0 || !s.Tokens[i].Is(word) || !s.Tokens[i-1].IsName() {
		return false
	}
	before := s.Tokens[i-1]
	return before.Kind == Name || !slices.Contains(notBeforeType, before.Text)
}

// isCalled is for functions.
func isCalled(s Statement, i int, word string) bool { return precedes("(")(s, i, word) }

func precedes(text string) func(Statement, int, string) bool {
	return func(s Statement, i int, word string) bool {
		return s.Tokens[i].Is(word) && i+1 < len(s.Tokens) && s.Tokens[i+1].Kind == Symbol && s.Tokens[i+1].Text == text
	}
}

// follows is for words that mean it behind one of some others.
func follows(before ...string) func(Statement, int, string) bool {
	return func(s Statement, i int, words string) bool {
		return i > 0 && s.Tokens[i-1].Kind == Word && slices.Contains(before, s.Tokens[i-1].Text) && anywhere(s, i, words)
	}
}

// compares is for an operator between two values.
func compares(s Statement, i int, word string) bool {
	return i > 0 && i+1 < len(s.Tokens) && s.Tokens[i].Is(word) && s.Tokens[i+1].Kind == Literal
}

// changesType is for ALTER COLUMN name TYPE.
func changesType(s Statement, i int, word string) bool {
	return s.Begins("alter", "table") && s.Tokens[i].Is(word) && (i > 3 && s.Tokens[i-3].Is("alter") && s.Tokens[i-2].Is("column") || i > 2 && s.Tokens[i-2].Is("set") && s.Tokens[i-1].Is("data"))
}

// endsTable is for an option behind the brackets of CREATE TABLE.
func endsTable(s Statement, i int, word string) bool {
	return s.Begins("create") && i > 1 && s.Tokens[i].Is(word) && (s.Tokens[i-1].Text == ")" || s.Tokens[i-1].Is("rowid") || s.Tokens[i-1].Text == "," && s.Tokens[i-2].Is("rowid")) &&
		slices.ContainsFunc(s.Tokens[:i], func(l Token) bool { return l.Is("table") })
}

// isSymbols is for operators of several characters, each of which is a token.
func isSymbols(s Statement, i int, text string) bool {
	for k, c := range text {
		if i+k >= len(s.Tokens) || s.Tokens[i+k].Kind != Symbol || s.Tokens[i+k].Text != string(c) {
			return false
		}
	}
	return true
}

// isDollarQuoted is for a text in dollars, as Postgres reads it.
func isDollarQuoted(s Statement, i int, word string) bool {
	return s.Tokens[i].Kind == Literal && strings.HasPrefix(s.Tokens[i].Text, word)
}

// MySQL is a dialect that is told from the others in order to be refused.
const MySQL dialect.Dialect = "MySQL"
