package schema

import (
	"strings"

	"github.com/handrail-db/handrail/verify/dialect"
)

// A pgToken is one lexical element of Postgres' SQL, white space included: the
// texts of all tokens are the SQL.
type pgToken struct {
	kind pgTokenKind
	text string // as it stands there
	name string // of a name: unquoted or folded; of a string: what it says
}

type pgTokenKind int

const (
	pgBlank pgTokenKind = iota // white space and comments
	pgName
	pgString // dollar quotes, too
	pgOther
)

// pgLex splits SQL that Postgres has printed, or accepted. What is cut off in
// the middle ends with the text.
func pgLex(sql string) (tokens []pgToken) {
	for sql != "" {
		t := pgScan(sql)
		tokens = append(tokens, t)
		sql = sql[len(t.text):]
	}
	return tokens
}

func pgScan(s string) pgToken {
	c := s[0]
	switch {
	case strings.IndexByte(" \t\n\r\f\v", c) >= 0:
		n := 1
		for n < len(s) && strings.IndexByte(" \t\n\r\f\v", s[n]) >= 0 {
			n++
		}
		return pgToken{pgBlank, s[:n], ""}
	case strings.HasPrefix(s, "--"):
		n := strings.IndexByte(s, '\n')
		if n < 0 {
			n = len(s)
		}
		return pgToken{pgBlank, s[:n], ""}
	case strings.HasPrefix(s, "/*"):
		return pgToken{pgBlank, s[:pgCommentLength(s)], ""}
	case c == '\'':
		n := pgQuotedLength(s, false)
		return pgToken{pgString, s[:n], pgUnquote(s[:n])}
	case (c == 'E' || c == 'e') && len(s) > 1 && s[1] == '\'':
		n := 1 + pgQuotedLength(s[1:], true)
		return pgToken{pgString, s[:n], pgUnquote(s[1:n])}
	case c == '"':
		n := pgQuotedLength(s, false)
		return pgToken{pgName, s[:n], pgUnquote(s[:n])}
	case c == '$':
		if t, ok := pgDollar(s); ok {
			return t
		}
	case isDigit(c):
		return pgToken{pgOther, s[:numberLength(s)], ""}
	case isWord(c):
		n := 1
		for n < len(s) && isWord(s[n]) {
			n++
		}
		return pgToken{pgName, s[:n], lower(s[:n])}
	}
	return pgToken{pgOther, s[:1], ""}
}

// pgQuotedLength is the length of what s begins with, quotes included.
func pgQuotedLength(s string, backslashes bool) int {
	for i := 1; i < len(s); i++ {
		switch {
		case backslashes && s[i] == '\\':
			i++
		case s[i] != s[0]:
		case i+1 < len(s) && s[i+1] == s[0]:
			i++
		default:
			return i + 1
		}
	}
	return len(s)
}

func pgUnquote(s string) string {
	quote := s[:1]
	return strings.ReplaceAll(strings.TrimSuffix(s[1:], quote), quote+quote, quote)
}

// pgCommentLength is the length of a comment, which may hold others.
func pgCommentLength(s string) int {
	depth := 0
	for i := 0; i+1 < len(s); i++ {
		switch s[i : i+2] {
		case "/*":
			depth++
			i++
		case "*/":
			depth--
			i++
		}
		if depth == 0 {
			return i + 1
		}
	}
	return len(s)
}

// pgDollar reads a string in dollar quotes.
func pgDollar(s string) (pgToken, bool) {
	end := strings.IndexByte(s[1:], '$')
	if end < 0 {
		return pgToken{}, false
	}
	tag := s[:end+2]
	for i := range tag[1 : len(tag)-1] {
		if !isWord(tag[i+1]) || i == 0 && isDigit(tag[1]) {
			return pgToken{}, false
		}
	}
	body := strings.Index(s[len(tag):], tag)
	if body < 0 {
		return pgToken{pgString, s, s[len(tag):]}, true
	}
	return pgToken{pgString, s[:body+2*len(tag)], s[len(tag) : len(tag)+body]}, true
}

// A pgChain is a name of one or more parts, as in public.users.email.
type pgChain struct {
	parts      []string
	start, end int // tokens
}

// pgChains lists the names in tokens, each with all its parts.
func pgChains(tokens []pgToken) (chains []pgChain) {
	for i := 0; i < len(tokens); i++ {
		if tokens[i].kind != pgName {
			continue
		}
		c := pgChain{[]string{tokens[i].name}, i, i + 1}
		for c.end+1 < len(tokens) && tokens[c.end].text == "." && (tokens[c.end+1].kind == pgName || pgOperator(tokens[c.end+1])) {
			name := tokens[c.end+1].name
			if tokens[c.end+1].kind != pgName {
				name = tokens[c.end+1].text
			}
			c.parts, c.end = append(c.parts, name), c.end+2
			for c.end < len(tokens) && tokens[c.end-1].kind == pgOther && pgOperator(tokens[c.end]) {
				c.parts[len(c.parts)-1] += tokens[c.end].text
				c.end++
			}
		}
		chains = append(chains, c)
		i = c.end - 1
	}
	return chains
}

func pgOperator(t pgToken) bool {
	return t.kind == pgOther && strings.Contains("+-*/<>=~!@#%^&|`?", t.text)
}

// pgParts are the parts of a name as snapshots have it: of "public.f(a integer)"
// public and f.
func pgParts(name string) []string {
	if chains := pgChains(pgLex(name)); len(chains) > 0 && chains[0].start == 0 {
		return chains[0].parts
	}
	return []string{name}
}

// pgIdent writes a name as SQL, as quote_ident does.
func pgIdent(name string) string {
	plain := name != "" && !isDigit(name[0]) && name[0] != '$' && !pgReserved[name]
	for i := range len(name) {
		c := name[i]
		plain = plain && (c == '_' || isDigit(c) || 'a' <= c && c <= 'z')
	}
	if plain {
		return name
	}
	return dialect.Name(name)
}

// pgReserved are the words that Postgres quotes when they are names: all key
// words but the unreserved ones.
var pgReserved = setOf(`all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both
	case cast char character check coalesce collate collation column concurrently constraint create cross current_catalog
	current_date current_role current_schema current_time current_timestamp current_user dec decimal default deferrable
	desc distinct do else end except exists extract false fetch float for foreign freeze from full grant greatest group
	grouping having ilike in initially inner inout int integer intersect interval into is isnull join json json_array
	json_arrayagg json_exists json_object json_objectagg json_query json_scalar json_serialize json_table json_value
	lateral leading least left like limit localtime localtimestamp merge_action national natural nchar none normalize not
	notnull null nullif numeric offset on only or order out outer overlaps overlay placing position precision primary real
	references returning right row select session_user setof similar smallint some substring symmetric system_user table
	tablesample then time timestamp to trailing treat trim true union unique user using values varchar variadic verbose
	when where window with xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot
	xmlserialize xmltable`)

// pgLiteral writes a string as SQL.
func pgLiteral(text string) string {
	quoted := "'" + strings.ReplaceAll(text, "'", "''") + "'"
	if strings.Contains(quoted, `\`) {
		return "E" + strings.ReplaceAll(quoted, `\`, `\\`)
	}
	return quoted
}
