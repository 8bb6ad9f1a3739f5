package schema

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// A token is one lexical element of SQLite's SQL. Comments and white space are
// none. Text is canonical: of two tokens that mean the same, the texts are equal.
type token struct {
	kind tokenKind
	text string
}

type tokenKind int

const (
	word    tokenKind = iota // a keyword or an unquoted identifier, in lower case
	quoted                   // a quoted identifier that is no plain word, as "…"
	literal                  // a string, blob or number
	symbol                   // everything else
)

// is reports whether t is the unquoted word w, given in lower case.
func (t token) is(w string) bool { return t.kind == word && t.text == w }

// tokenize splits SQL into tokens, by the rules of SQLite's own tokenizer
// (https://sqlite.org/lang_keywords.html and lang_comment.html). An identifier
// in "…", `…` or […] becomes a plain word where it could have been written as
// one. It fails on a quote or a comment that is never closed, as SQLite does;
// only a block comment may run to the end.
func tokenize(sql string) ([]token, error) {
	var tokens []token
	for i := 0; i < len(sql); {
		c := sql[i]
		rest := sql[i:]
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r':
			i++
		case strings.HasPrefix(rest, "--"):
			end := strings.IndexByte(rest, '\n')
			if end < 0 {
				return tokens, nil
			}
			i += end + 1
		case strings.HasPrefix(rest, "/*"):
			end := strings.Index(rest[2:], "*/")
			if end < 0 {
				return tokens, nil
			}
			i += end + 4
		case c == '\'' || c == '"' || c == '`' || c == '[':
			body, n, err := quotedBody(rest)
			if err != nil {
				return nil, err
			}
			tokens = append(tokens, quotedToken(c, body))
			i += n
		case (c == 'x' || c == 'X') && len(rest) > 1 && rest[1] == '\'':
			body, n, err := quotedBody(rest[1:])
			if err != nil {
				return nil, err
			}
			tokens = append(tokens, token{literal, "x'" + strings.ToLower(body) + "'"})
			i += n + 1
		case isDigit(c) || c == '.' && len(rest) > 1 && isDigit(rest[1]):
			n := numberLength(rest)
			tokens = append(tokens, token{literal, strings.ToLower(rest[:n])})
			i += n
		case isWord(c):
			n := 1
			for n < len(rest) && isWord(rest[n]) {
				n++
			}
			tokens = append(tokens, token{word, lower(rest[:n])})
			i += n
		default:
			n := symbolLength(rest)
			tokens = append(tokens, token{symbol, rest[:n]})
			i += n
		}
	}
	return tokens, nil
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
		return token{literal, "'" + strings.ReplaceAll(body, "'", "''") + "'"}
	}
	if plainWord(body) {
		return token{word, lower(body)}
	}
	return token{quoted, `"` + strings.ReplaceAll(lower(body), `"`, `""`) + `"`}
}

// plainWord reports whether an identifier needs no quotes.
func plainWord(s string) bool {
	if s == "" || isDigit(s[0]) || s[0] == '$' || keywords[strings.ToLower(s)] {
		return false
	}
	for i := range len(s) {
		if !isWord(s[i]) {
			return false
		}
	}
	return true
}

// lower folds the case of ASCII letters, as SQLite compares identifiers.
func lower(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isWord(c byte) bool {
	return isDigit(c) || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c == '$' || c >= utf8.RuneSelf
}

// numberLength is the length of the number that s begins with. Whatever sticks
// to a number belongs to it, as in 0x1F and 1e5: SQLite refuses the rest.
func numberLength(s string) int {
	n := 0
	for n < len(s) {
		exponent := n > 0 && (s[n-1] == 'e' || s[n-1] == 'E') && !strings.HasPrefix(strings.ToLower(s), "0x")
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
	switch {
	case before.text == ";" && before.kind == symbol, before.is("begin"):
		return "\n"
	case before.kind == symbol && (before.text == "(" || before.text == "."):
		return ""
	case after.kind == symbol && (after.text == ")" || after.text == "," || after.text == "." || after.text == ";"):
		return ""
	case after.kind == symbol && after.text == "(" && before.kind == word && !keywords[before.text]:
		return ""
	}
	return " "
}

// keywords are SQLite's (https://sqlite.org/lang_keywords.html): words that an
// identifier needs quotes to look like.
var keywords = func() map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(`abort action add after all alter always analyze and as asc attach autoincrement
		before begin between by cascade case cast check collate column commit conflict constraint create cross current
		current_date current_time current_timestamp database default deferrable deferred delete desc detach distinct do
		drop each else end escape except exclude exclusive exists explain fail filter first following for foreign from
		full generated glob group groups having if ignore immediate in index indexed initially inner insert instead
		intersect into is isnull join key last left like limit match materialized natural no not nothing notnull null
		nulls of offset on or order others outer over partition plan pragma preceding primary query raise range
		recursive references regexp reindex release rename replace restrict returning right rollback row rows savepoint
		select set table temp temporary then ties to transaction trigger unbounded union unique update using vacuum
		values view virtual when where window with without`) {
		set[w] = true
	}
	return set
}()
