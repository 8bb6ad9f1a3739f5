package sqltext

import (
	"fmt"
	"strings"

	"github.com/handrail-db/handrail/verify/dialect"
)

// A Canon is one lexical element of SQLite's SQL. Comments and white space are
// none. Text is canonical: of two tokens that mean the same, the texts are equal.
type Canon struct {
	Kind  Kind
	Text  string
	Name  string // of a word or a quoted name: as it was spelled
	Maybe bool   // in "…", which is a string where no such name is known
}

// Is reports whether t is the unquoted word w, given in lower case.
func (t Canon) Is(w string) bool { return t.Kind == Word && t.Text == w }

// IsSymbol reports whether t is the symbol s.
func (t Canon) IsSymbol(s string) bool { return t.Kind == Symbol && t.Text == s }

// Canonical splits SQL into tokens, by the rules of SQLite's own tokenizer
// (https://sqlite.org/lang_keywords.html and lang_comment.html). A name in "…",
// `…` or […] becomes a plain word where it could have been written as one. It
// fails on a quote that is never closed, as SQLite does; a comment may run to
// the end.
func Canonical(sql string) ([]Canon, error) {
	var tokens []Canon
	for sql != "" {
		if n := CanonBlank(sql); n > 0 {
			sql = sql[n:]
			continue
		}
		t, n, err := ScanCanon(sql)
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

// CanonBlank is the length of the white space or the one comment that s begins
// with.
func CanonBlank(s string) int {
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

// ScanCanon is the token that s begins with, and its length.
func ScanCanon(s string) (Canon, int, error) {
	c := s[0]
	switch {
	case strings.IndexByte("'\"`[", c) >= 0:
		body, n, err := quotedBody(s)
		return QuotedCanon(c, body), n, err
	case (c == 'x' || c == 'X') && len(s) > 1 && s[1] == '\'':
		end := strings.IndexByte(s[2:], '\'')
		if end < 0 {
			return Canon{}, 0, fmt.Errorf("unclosed %q", s[:2])
		}
		return Canon{Kind: Literal, Text: Fold(s[:end+3])}, end + 3, nil
	case IsDigit(c) || c == '.' && len(s) > 1 && IsDigit(s[1]):
		n := canonNumberLength(s)
		return Canon{Kind: Literal, Text: Fold(s[:n])}, n, nil
	case isWord(c):
		n := wordLength(s)
		return Canon{Kind: Word, Text: Fold(s[:n]), Name: s[:n]}, n, nil
	}
	n := canonSymbolLength(s)
	return Canon{Kind: Symbol, Text: s[:n]}, n, nil
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

// QuotedCanon is what stands in quotes of that kind: a word where it could have been one.
func QuotedCanon(quote byte, body string) Canon {
	if quote == '\'' {
		return Canon{Kind: Literal, Text: dialect.Literal(body), Name: body}
	}
	t := Canon{Kind: Name, Text: dialect.Name(Fold(body)), Name: body, Maybe: quote == '"'}
	if PlainWord(body) {
		t.Kind, t.Text = Word, Fold(body)
	}
	return t
}

// CanonName writes a name as canonical SQL, quoted only where it must be.
func CanonName(name string) string {
	if PlainWord(name) {
		return name
	}
	return dialect.Name(name)
}

// CanonNames writes names with commas between.
func CanonNames(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = CanonName(n)
	}
	return strings.Join(quoted, ", ")
}

// SplitNames is the way back from CanonNames. It reads the lists of Postgres
// too, which quotes other words, in the same way.
func SplitNames(list string) (names []string) {
	tokens, err := Canonical(list)
	if err != nil {
		return []string{list}
	}
	for _, item := range CommaSeparated(tokens) {
		names = append(names, Identifier(item[0]))
	}
	return names
}

// PlainWord reports whether a name needs no quotes.
func PlainWord(s string) bool {
	folded := Fold(s)
	if s == "" || IsDigit(s[0]) || s[0] == '$' || Keywords[folded] && !SoftKeywords[folded] || strings.HasPrefix(s, byteOrderMark) {
		return false
	}
	for i := range len(s) {
		if !isWord(s[i]) {
			return false
		}
	}
	return true
}

// A NameSet holds the names that a database knows, in lower case, with how
// many things have each.
type NameSet map[string]int

// Resolve gives what stands in "…" its case back where it names nothing: then
// SQLite takes it for a string, in which case matters.
func (known NameSet) Resolve(tokens []Canon) []Canon {
	for i, t := range tokens {
		if folded := Fold(t.Name); t.Maybe && folded != t.Name && known[folded] == 0 {
			tokens[i].Kind, tokens[i].Text = Name, dialect.Name(t.Name)
		}
	}
	return tokens
}

// Fold folds the case of ASCII letters, as SQLite compares names.
func Fold(s string) string {
	folded := []byte(s)
	for i, c := range folded {
		if 'A' <= c && c <= 'Z' {
			folded[i] = c + 'a' - 'A'
		}
	}
	return string(folded)
}

// isWord reports whether c may stand in a word.
func isWord(c byte) bool { return IsWordStart(c) || IsDigit(c) || c == '$' }

// canonNumberLength is the length of the number that s begins with. Whatever sticks
// to a number belongs to it, as in 0x1F and 1e5: SQLite refuses the rest.
func canonNumberLength(s string) int {
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

func canonSymbolLength(s string) int {
	for _, op := range []string{"->>", "||", "->", "<<", ">>", "<=", ">=", "==", "!=", "<>"} {
		if strings.HasPrefix(s, op) {
			return len(op)
		}
	}
	return 1
}

// Render writes tokens in one canonical way: a space between two, none inside
// brackets, around dots, before commas and in calls. Statements inside a
// trigger stand on lines of their own.
func Render(tokens []Canon) string {
	var b strings.Builder
	for i, t := range tokens {
		if i > 0 {
			b.WriteString(gap(tokens[i-1], t))
		}
		b.WriteString(t.Text)
	}
	return b.String()
}

func gap(before, after Canon) string {
	named := before.Kind == Word || before.Kind == Name
	call := before.Kind == Word && !Keywords[before.Text] || before.Is("cast") || before.Is("raise") || before.Is("replace")
	switch {
	case before.IsSymbol(";"), before.Is("begin"):
		return "\n"
	case before.IsSymbol("("), before.IsSymbol(".") && after.Kind != Literal:
		return ""
	case after.IsSymbol(")"), after.IsSymbol(","), after.IsSymbol(";"), after.IsSymbol(".") && named, after.IsSymbol("(") && call:
		return ""
	}
	return " "
}

// Keywords are SQLite's (https://sqlite.org/lang_keywords.html).
var Keywords = SetOf(`abort action add after all alter always analyze and as asc attach autoincrement before begin
	between by cascade case cast check collate column commit conflict constraint create cross current current_date
	current_time current_timestamp database default deferrable deferred delete desc detach distinct do drop each else
	end escape except exclude exclusive exists explain fail filter first following for foreign from full generated glob
	group groups having if ignore immediate in index indexed initially inner insert instead intersect into is isnull
	join key last left like limit match materialized natural no not nothing notnull null nulls of offset on or order
	others outer over partition plan pragma preceding primary query raise range recursive references regexp reindex
	release rename replace restrict returning right rollback row rows savepoint select set table temp temporary then
	ties to transaction trigger unbounded union unique update using vacuum values view virtual when where window with
	without`)

// SoftKeywords are those that SQLite takes for a name wherever they make no
// sense as a keyword (%fallback in its grammar): as names they need no quotes.
var SoftKeywords = SetOf(`abort action after always analyze asc attach before begin by cascade cast conflict database deferred
	desc detach do each end exclude exclusive explain fail first following for generated glob groups if ignore immediate
	initially instead key last like match materialized no nulls of offset others partition plan pragma preceding query
	raise range recursive regexp reindex release rename replace restrict rollback row rows savepoint temp ties trigger
	unbounded vacuum view virtual with without`)

// Constants are words that mean a value, and no column.
var Constants = SetOf("null true false current_date current_time current_timestamp")

// SetOf are words that blanks separate, as a set.
func SetOf(words string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		set[w] = true
	}
	return set
}
