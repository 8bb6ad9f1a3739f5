package schema

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/handrail-db/handrail/verify/dialect"
)

// A token is one lexical element of SQLite's SQL. Comments and white space are
// none. Text is canonical: of two tokens that mean the same, the texts are equal.
type token struct {
	kind  tokenKind
	text  string
	name  string // of a word or a quoted name: as it was spelled
	maybe bool   // in "…", which is a string where no such name is known
}

type tokenKind int

const (
	word    tokenKind = iota // a keyword or a name that needs no quotes, in lower case
	quoted                   // any other name, as "…"
	literal                  // a string, blob or number
	symbol                   // everything else
)

// is reports whether t is the unquoted word w, given in lower case.
func (t token) is(w string) bool { return t.kind == word && t.text == w }

// symbol reports whether t is the symbol s.
func (t token) symbol(s string) bool { return t.kind == symbol && t.text == s }

// tokenize splits SQL into tokens, by the rules of SQLite's own tokenizer
// (https://sqlite.org/lang_keywords.html and lang_comment.html). A name in "…",
// `…` or […] becomes a plain word where it could have been written as one. It
// fails on a quote that is never closed, as SQLite does; a comment may run to
// the end.
func tokenize(sql string) ([]token, error) {
	var tokens []token
	for sql != "" {
		if n := blankLength(sql); n > 0 {
			sql = sql[n:]
			continue
		}
		t, n, err := scan(sql)
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, t)
		sql = sql[n:]
	}
	return tokens, nil
}

// byteOrderMark is white space wherever a token could begin.
const byteOrderMark = "\ufeff"

// blankLength is the length of the white space or the one comment that s begins
// with.
func blankLength(s string) int {
	switch {
	case strings.IndexByte(" \t\n\f\r", s[0]) >= 0:
		return 1
	case strings.HasPrefix(s, byteOrderMark):
		return len(byteOrderMark)
	case strings.HasPrefix(s, "--"):
		if end := strings.IndexByte(s, '\n'); end >= 0 {
			return end + 1
		}
		return len(s)
	case strings.HasPrefix(s, "/*") && len(s) > 2:
		if end := strings.Index(s[2:], "*/"); end >= 0 {
			return end + 4
		}
		return len(s)
	}
	return 0
}

// scan is the token that s begins with, and its length.
func scan(s string) (token, int, error) {
	c := s[0]
	switch {
	case strings.IndexByte("'\"`[", c) >= 0:
		body, n, err := quotedBody(s)
		return quotedToken(c, body), n, err
	case (c == 'x' || c == 'X') && len(s) > 1 && s[1] == '\'':
		end := strings.IndexByte(s[2:], '\'')
		if end < 0 {
			return token{}, 0, fmt.Errorf("unclosed %q", s[:2])
		}
		return token{kind: literal, text: lower(s[:end+3])}, end + 3, nil
	case isDigit(c) || c == '.' && len(s) > 1 && isDigit(s[1]):
		n := numberLength(s)
		return token{kind: literal, text: lower(s[:n])}, n, nil
	case isWord(c):
		n := 1
		for n < len(s) && isWord(s[n]) {
			n++
		}
		return token{kind: word, text: lower(s[:n]), name: s[:n]}, n, nil
	}
	n := symbolLength(s)
	return token{kind: symbol, text: s[:n]}, n, nil
}

// quotedBody is the text inside the quotes that s begins with, quotes undoubled,
// and the length of the whole.
func quotedBody(s string) (body string, n int, err error) {
	closing := s[0]
	if closing == '[' {
		end := strings.IndexByte(s, ']')
		if end < 0 {
			return "", 0, fmt.Errorf("unclosed %q", s[:1])
		}
		return s[1:end], end + 1, nil
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		if s[i] != closing {
			b.WriteByte(s[i])
			continue
		}
		if i+1 < len(s) && s[i+1] == closing {
			b.WriteByte(closing)
			i++
			continue
		}
		return b.String(), i + 1, nil
	}
	return "", 0, fmt.Errorf("unclosed %q", s[:1])
}

func quotedToken(quote byte, body string) token {
	if quote == '\'' {
		return token{kind: literal, text: "'" + strings.ReplaceAll(body, "'", "''") + "'", name: body}
	}
	t := token{kind: quoted, text: dialect.Name(lower(body)), name: body, maybe: quote == '"'}
	if plainWord(body) {
		t.kind, t.text = word, lower(body)
	}
	return t
}

// quoteName writes a name as canonical SQL, quoted only where it must be.
func quoteName(name string) string {
	if plainWord(name) {
		return name
	}
	return dialect.Name(name)
}

func quoteNames(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = quoteName(n)
	}
	return strings.Join(quoted, ", ")
}

// splitNames is the way back from quoteNames. It reads the lists of Postgres
// too, which quotes other words, in the same way.
func splitNames(list string) (names []string) {
	tokens, err := tokenize(list)
	if err != nil {
		return []string{list}
	}
	for _, item := range commaSeparated(tokens) {
		names = append(names, identifier(item[0]))
	}
	return names
}

// plainWord reports whether a name needs no quotes.
func plainWord(s string) bool {
	folded := lower(s)
	if s == "" || isDigit(s[0]) || s[0] == '$' || keywords[folded] && !softKeywords[folded] || strings.HasPrefix(s, byteOrderMark) {
		return false
	}
	for i := range len(s) {
		if !isWord(s[i]) {
			return false
		}
	}
	return true
}

// A nameSet holds the names that a database knows, in lower case, with how
// many things have each.
type nameSet map[string]int

// resolve gives what stands in "…" its case back where it names nothing: then
// SQLite takes it for a string, in which case matters.
func (known nameSet) resolve(tokens []token) []token {
	for i, t := range tokens {
		if folded := lower(t.name); t.maybe && folded != t.name && known[folded] == 0 {
			tokens[i].kind, tokens[i].text = quoted, dialect.Name(t.name)
		}
	}
	return tokens
}

// lower folds the case of ASCII letters, as SQLite compares names.
func lower(s string) string {
	folded := []byte(s)
	for i, c := range folded {
		if 'A' <= c && c <= 'Z' {
			folded[i] = c + 'a' - 'A'
		}
	}
	return string(folded)
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isWord(c byte) bool {
	return isDigit(c) || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c == '$' || c >= utf8.RuneSelf
}

// numberLength is the length of the number that s begins with. Whatever sticks
// to a number belongs to it, as in 0x1F and 1e5: SQLite refuses the rest.
func numberLength(s string) int {
	hex := strings.HasPrefix(s, "0x") || strings.HasPrefix(s, "0X")
	n := 0
	for n < len(s) {
		exponent := n > 0 && (s[n-1] == 'e' || s[n-1] == 'E') && !hex
		if !isWord(s[n]) && s[n] != '.' && !(exponent && (s[n] == '+' || s[n] == '-')) {
			break
		}
		n++
	}
	return n
}

func symbolLength(s string) int {
	for _, op := range []string{"->>", "||", "->", "<<", ">>", "<=", ">=", "==", "!=", "<>"} {
		if strings.HasPrefix(s, op) {
			return len(op)
		}
	}
	return 1
}

// render writes tokens in one canonical way: a space between two, none inside
// brackets, around dots, before commas and in calls. Statements inside a
// trigger stand on lines of their own.
func render(tokens []token) string {
	var b strings.Builder
	for i, t := range tokens {
		if i > 0 {
			b.WriteString(gap(tokens[i-1], t))
		}
		b.WriteString(t.text)
	}
	return b.String()
}

func gap(before, after token) string {
	named := before.kind == word || before.kind == quoted
	call := before.kind == word && !keywords[before.text] || before.is("cast") || before.is("raise") || before.is("replace")
	switch {
	case before.symbol(";"), before.is("begin"):
		return "\n"
	case before.symbol("("), before.symbol(".") && after.kind != literal:
		return ""
	case after.symbol(")"), after.symbol(","), after.symbol(";"), after.symbol(".") && named, after.symbol("(") && call:
		return ""
	}
	return " "
}

// keywords are SQLite's (https://sqlite.org/lang_keywords.html).
var keywords = setOf(`abort action add after all alter always analyze and as asc attach autoincrement before begin
	between by cascade case cast check collate column commit conflict constraint create cross current current_date
	current_time current_timestamp database default deferrable deferred delete desc detach distinct do drop each else
	end escape except exclude exclusive exists explain fail filter first following for foreign from full generated glob
	group groups having if ignore immediate in index indexed initially inner insert instead intersect into is isnull
	join key last left like limit match materialized natural no not nothing notnull null nulls of offset on or order
	others outer over partition plan pragma preceding primary query raise range recursive references regexp reindex
	release rename replace restrict returning right rollback row rows savepoint select set table temp temporary then
	ties to transaction trigger unbounded union unique update using vacuum values view virtual when where window with
	without`)

// softKeywords are those that SQLite takes for a name wherever they make no
// sense as a keyword (%fallback in its grammar): as names they need no quotes.
var softKeywords = setOf(`abort action after always analyze asc attach before begin by cascade cast conflict database deferred
	desc detach do each end exclude exclusive explain fail first following for generated glob groups if ignore immediate
	initially instead key last like match materialized no nulls of offset others partition plan pragma preceding query
	raise range recursive regexp reindex release rename replace restrict rollback row rows savepoint temp ties trigger
	unbounded vacuum view virtual with without`)

func setOf(words string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		set[w] = true
	}
	return set
}
