package verify

import (
	"fmt"
	"slices"
	"strings"
)

// A Guess is the dialect that Load takes the revisions of a flat folder for, and
// why.
type Guess struct {
	Dialect Dialect // "": nothing had to be guessed
	What    string  // the evidence, as it stands in the file; "" where there is none
	File    string
	Line    int
}

// String says what was guessed and from what.
func (g Guess) String() string {
	if g.What == "" {
		return fmt.Sprintf("%s, for no better reason: there is no evidence of another dialect in the files", g.Dialect)
	}
	return fmt.Sprintf("%s, by %s in %s", g.Dialect, g.What, place(g.File, g.Line))
}

// mysql is a dialect that is told from the others in order to be refused.
const mysql Dialect = "MySQL"

// guessDialect tells the dialect of files by the words that only one dialect
// has. The dialect with most of them wins. Backticks, which SQLite takes too,
// and types that both SQLite and MySQL have, tell only where nothing else does.
func guessDialect(files []*File) (Guess, error) {
	first, weak, count := map[Dialect]Guess{}, map[Dialect]Guess{}, map[Dialect]int{}
	for _, f := range files {
		for _, s := range parseScript(Postgres, f.SQL).statements {
			for i, token := range s.tokens {
				d, what, sure := evidence(s, i)
				if d == "" {
					continue
				}
				name, line := f.at(token.line)
				found, g := first, Guess{d, what, name, line}
				if !sure {
					found = weak
				} else {
					count[d]++
				}
				if _, ok := found[d]; !ok {
					found[d] = g
				}
			}
		}
	}
	best := Guess{Dialect: Postgres}
	for _, d := range []Dialect{Postgres, SQLite, mysql} {
		if count[d] > count[best.Dialect] || d == Postgres && count[d] > 0 {
			best = first[d]
		}
	}
	for _, d := range []Dialect{mysql, SQLite} {
		if g, ok := weak[d]; ok && best.What == "" {
			best = g
		}
	}
	if best.Dialect == mysql {
		return Guess{}, fmt.Errorf("%s: %s is MySQL, which handrail does not verify: it runs Postgres and SQLite; where this is one of them, say --dialect postgres or --dialect sqlite", place(best.File, best.Line), best.What)
	}
	return best, nil
}

// words that only one dialect has: types where a type can stand, others anywhere.
var (
	postgresTypes = []string{
		"serial", "bigserial", "smallserial", "jsonb", "timestamptz", "bytea", "tsvector", "citext", "inet", "cidr",
		"int4range", "tstzrange", "daterange", "hstore", "regclass",
	}
	postgresWords = []string{"plpgsql", "concurrently", "tablespace", "gen_random_uuid", "uuid_generate_v4", "nextval", "array_agg", "pg_catalog", "to_tsvector", "ilike"}
	sqliteWords   = []string{"autoincrement", "rowid", "sqlite_master", "sqlite_schema", "sqlite_sequence", "strftime", "julianday", "randomblob", "nocase", "fts5", "fts4"}
	mysqlTypes    = []string{"tinyint", "mediumint", "mediumtext", "longtext", "tinytext", "longblob", "mediumblob"}
	mysqlWords    = []string{"auto_increment", "utf8mb4", "innodb", "myisam", "unsigned"}
	sharedTypes   = []string{"datetime", "blob"}

	postgresOpenings = [][]string{
		{"create", "extension"},
		{"create", "type"},
		{"create", "schema"},
		{"create", "domain"},
		{"create", "sequence"},
		{"create", "materialized"},
		{"create", "role"},
		{"create", "policy"},
		{"alter", "type"},
		{"alter", "sequence"},
		{"alter", "table", "only"},
		{"comment", "on"},
		{"do"},
	}
	sqliteOpenings = [][]string{{"pragma"}, {"create", "virtual", "table"}, {"insert", "or"}, {"vacuum", "into"}}
)

// notBeforeType are words behind which a name stands and no type.
var notBeforeType = []string{
	"column", "add", "drop", "rename", "to", "select", "by", "on", "exists", "table", "index", "view", "set", "into", "from", "as",
	"and", "or", "where", "not", "constraint", "references", "update", "join", "only", "distinct", "using", "when", "then", "else",
}

// evidence is the dialect that a token tells, with the words of it. What is not
// sure counts only where nothing is.
func evidence(s statement, i int) (d Dialect, what string, sure bool) {
	token := s.tokens[i]
	if i == 0 {
		for d, openings := range map[Dialect][][]string{Postgres: postgresOpenings, SQLite: sqliteOpenings} {
			for _, words := range openings {
				if s.begins(words...) {
					return d, strings.ToUpper(strings.Join(words, " ")), true
				}
			}
		}
	}
	follows := func(text string) bool { return i+1 < len(s.tokens) && s.tokens[i+1].text == text }
	switch token.kind {
	case literalLexeme:
		if strings.HasPrefix(token.text, "$") {
			return Postgres, dollarTag(token.text), true
		}
	case symbolLexeme:
		switch {
		case token.text == ":" && follows(":"):
			return Postgres, "::", true
		case token.text == "`":
			return mysql, "a name in backticks", false
		}
	case wordLexeme:
		aType := i > 0 && s.tokens[i-1].names() && !(s.tokens[i-1].kind == wordLexeme && slices.Contains(notBeforeType, s.tokens[i-1].text))
		word := strings.ToUpper(token.text)
		switch in := func(words []string) bool { return slices.Contains(words, token.text) }; {
		case aType && in(postgresTypes), in(postgresWords):
			return Postgres, word, true
		case token.text == "rowid" && !(i > 0 && s.tokens[i-1].is("without")):
			return "", "", false
		case in(sqliteWords):
			return SQLite, word, true
		case in(mysqlWords), aType && in(mysqlTypes):
			return mysql, word, true
		case token.text == "engine" && follows("="):
			return mysql, "ENGINE =", true
		case aType && in(sharedTypes):
			return SQLite, word, false
		}
	}
	return "", "", false
}
