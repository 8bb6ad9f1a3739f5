// Package sqltext reads SQL as text, by the lexical rules of a dialect and without a
// server: scripts, statements, tokens, comments, names, and which statements write
// rows or open and end a transaction. What it does not know it passes over.
package sqltext

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/handrail-db/handrail/verify/dialect"
)

// A Script is the SQL of a file, split into statements as the server would, for
// questions about what stands there. Nothing is ever run from it.
type Script struct {
	Statements []Statement
	Comments   []Comment
	Open       bool // no semicolon ends the last statement
}

// A Statement is the tokens between two semicolons.
type Statement struct {
	Line   int // of its first token, from 1
	Tokens []Token
	SQL    string // as it stands in the file, from its first token to its last
}

// A Token is a word, a quoted name, a literal or a symbol.
type Token struct {
	Kind Kind
	Text string // a word in lower case, a name without its quotes, a literal as it stands
	Line int
}

// A Kind of token.
type Kind int

// The kinds of tokens.
const (
	Word Kind = iota
	Name      // a quoted identifier
	Literal
	Symbol
)

// A Comment is one line of a comment, without its marks.
type Comment struct {
	Line int
	Text string
}

// Is reports whether l is the unquoted word, given in lower case.
func (l Token) Is(word string) bool { return l.Kind == Word && l.Text == word }

// IsName reports whether l can be an identifier.
func (l Token) IsName() bool { return l.Kind == Word || l.Kind == Name }

// Begins reports whether the statement starts with these words.
func (s Statement) Begins(words ...string) bool {
	if len(s.Tokens) < len(words) {
		return false
	}
	for i, w := range words {
		if !s.Tokens[i].Is(w) {
			return false
		}
	}
	return true
}

// A lexer splits SQL by the lexical rules of a dialect:
// https://www.postgresql.org/docs/17/sql-syntax-lexical.html and
// https://sqlite.org/lang.html. It never fails: what is not closed runs to the
// end, as the server's own error will say better.
type lexer struct {
	dialect dialect.Dialect
	sql     string
	pos     int
	line    int
	out     Script
	current Statement
	depth   int  // of round brackets
	bodies  int  // of Postgres: open BEGIN ATOMIC … END, and CASE inside
	routine bool // the statement creates a routine of Postgres
	trigger bool // or a trigger of SQLite
	begun   int  // where the token begins
	from    int  // where the statement begins
}

// Parse splits the SQL of a file.
func Parse(d dialect.Dialect, sql string) Script {
	l := &lexer{dialect: d, sql: sql, line: 1}
	for l.pos < len(l.sql) {
		l.next()
	}
	l.out.Open = len(l.current.Tokens) > 0
	l.endStatement()
	return l.out
}

func (l *lexer) rest() string { return l.sql[l.pos:] }

// take moves n bytes on and counts the lines in them.
func (l *lexer) take(n int) string {
	n = min(n, len(l.sql)-l.pos)
	text := l.sql[l.pos : l.pos+n]
	l.line += strings.Count(text, "\n")
	l.pos += n
	return text
}

func (l *lexer) next() {
	rest := l.rest()
	l.begun = l.pos
	c := rest[0]
	switch {
	case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v':
		l.take(1)
	case strings.HasPrefix(rest, byteOrderMark):
		l.take(len(byteOrderMark))
	case strings.HasPrefix(rest, "--"):
		l.lineComment()
	case strings.HasPrefix(rest, "/*"):
		l.blockComment()
	case c == '\'':
		l.add(Literal, l.quoted(false))
	case (c == 'e' || c == 'E') && strings.HasPrefix(rest[1:], "'") && l.dialect == dialect.Postgres:
		l.take(1)
		l.escaped()
	case (c == 'b' || c == 'B' || c == 'x' || c == 'X' || c == 'n' || c == 'N') && strings.HasPrefix(rest[1:], "'"):
		l.take(1)
		l.add(Literal, l.quoted(false))
	case c == '"' || c == '`' && l.dialect == dialect.SQLite:
		body := l.quoted(false)
		q := string(c)
		l.add(Name, strings.ReplaceAll(strings.TrimSuffix(body[1:], q), q+q, q))
	case c == '[' && l.dialect == dialect.SQLite:
		end := strings.IndexByte(rest, ']')
		if end < 0 {
			end = len(rest) - 1
		}
		l.add(Name, strings.Trim(l.take(end+1), "[]"))
	case c == '$' && l.dialect == dialect.Postgres && DollarTag(rest) != "":
		l.add(Literal, l.take(dollarLength(rest)))
	case IsDigit(c) || c == '.' && len(rest) > 1 && IsDigit(rest[1]):
		l.add(Literal, l.take(numberLength(rest)))
	case IsWordStart(c):
		l.word(wordLength(rest))
	case c == ';':
		l.semicolon()
	default:
		l.symbol(c)
	}
}

func (l *lexer) add(kind Kind, text string) {
	if len(l.current.Tokens) == 0 {
		l.current.Line, l.from = l.line-strings.Count(text, "\n"), l.begun
	}
	l.current.Tokens = append(l.current.Tokens, Token{kind, text, l.line - strings.Count(text, "\n")})
	l.current.SQL = l.sql[l.from:l.pos]
}

// word adds a word and keeps count of what a routine's body opens and closes.
// CASE and END are reserved on Postgres, so that they are never names there.
func (l *lexer) word(n int) {
	text := strings.ToLower(l.take(n))
	l.add(Word, text)
	switch {
	case l.creates("trigger"):
		l.trigger = l.dialect == dialect.SQLite
	case l.creates("function", "procedure"):
		l.routine = l.dialect == dialect.Postgres
	case !l.routine:
	case text == "atomic" && l.bodies == 0 && l.before(1).Is("begin"):
		l.bodies = 1
	case text == "case" && l.bodies > 0:
		l.bodies++
	case text == "end" && l.bodies > 0:
		l.bodies--
	}
}

// creates reports whether the statement is CREATE of one of these kinds, and the
// last word has just said so.
func (l *lexer) creates(kinds ...string) bool {
	tokens := l.current.Tokens
	last := len(tokens) - 1
	if !tokens[0].Is("create") || last < 1 || !slices.Contains(kinds, tokens[last].Text) {
		return false
	}
	for _, between := range tokens[1:last] {
		if !between.Is("or") && !between.Is("replace") && !between.Is("temp") && !between.Is("temporary") {
			return false
		}
	}
	return true
}

// before is the token that stands n before the last one.
func (l *lexer) before(n int) Token {
	if i := len(l.current.Tokens) - 1 - n; i >= 0 {
		return l.current.Tokens[i]
	}
	return Token{}
}

func (l *lexer) symbol(c byte) {
	n := 1
	if c >= utf8.RuneSelf {
		_, n = utf8.DecodeRuneInString(l.rest())
	}
	switch c {
	case '(':
		l.depth++
	case ')':
		l.depth = max(0, l.depth-1)
	}
	l.add(Symbol, l.take(n))
}

// semicolon ends the statement, unless it stands inside a body or, on Postgres,
// inside brackets (CREATE RULE).
func (l *lexer) semicolon() {
	if l.bodies > 0 || l.depth > 0 && l.dialect == dialect.Postgres || l.trigger && !l.triggerEnds() {
		l.add(Symbol, l.take(1))
		return
	}
	l.take(1)
	l.endStatement()
}

// triggerEnds reports whether the last token is the END of a trigger. In the
// statements of its body END and BEGIN may be names, but none begins with END.
func (l *lexer) triggerEnds() bool {
	return l.before(0).Is("end") && l.before(1).Kind == Symbol && l.before(1).Text == ";"
}

func (l *lexer) endStatement() {
	if len(l.current.Tokens) > 0 {
		l.out.Statements = append(l.out.Statements, l.current)
	}
	l.current, l.depth, l.bodies, l.routine, l.trigger = Statement{}, 0, 0, false, false
}

func (l *lexer) lineComment() {
	ends := "\n"
	if l.dialect == dialect.Postgres {
		ends = "\r\n"
	}
	end := strings.IndexAny(l.rest(), ends)
	if end < 0 {
		end = len(l.rest())
	}
	line := l.line
	l.out.Comments = append(l.out.Comments, Comment{line, strings.TrimSpace(l.take(end)[2:])})
}

// blockComment takes a comment, which on Postgres may hold others.
func (l *lexer) blockComment() {
	line := l.line
	text := strings.TrimSuffix(l.take(commentLength(l.rest(), l.dialect == dialect.Postgres))[2:], "*/")
	for i, part := range strings.Split(text, "\n") {
		if part = strings.TrimSpace(strings.TrimLeft(strings.TrimSpace(part), "*")); part != "" {
			l.out.Comments = append(l.out.Comments, Comment{line + i, part})
		}
	}
}

// quoted takes a quoted text with its quotes, in which a doubled quote, and
// with escapes a backslash, stand for one.
func (l *lexer) quoted(escapes bool) string { return l.take(quotedLength(l.rest(), escapes)) }

// escaped takes a literal with escapes, and those behind it that continue it, on
// a line of their own: there a backslash escapes too.
func (l *lexer) escaped() {
	for {
		l.add(Literal, l.quoted(true))
		n := continuation.FindStringIndex(l.rest())
		if n == nil {
			return
		}
		l.take(n[1] - 1)
		l.begun = l.pos
	}
}

// continuation is what may stand between a literal and its continuation.
var continuation = regexp.MustCompile(`^[ \t\f\v]*(?:--[^\r\n]*)?[\r\n](?:[ \t\f\v\r\n]|--[^\r\n]*[\r\n])*'`)

// DollarTag is the tag that a dollar-quoted text opens with, "" if none does.
func DollarTag(s string) string {
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '$':
			return s[:i+1]
		case !IsWordStart(s[i]) && (i == 1 || !IsDigit(s[i])):
			return ""
		}
	}
	return ""
}

// IsDigit reports whether c is a digit.
func IsDigit(c byte) bool { return '0' <= c && c <= '9' }

// IsWordStart reports whether a word may begin with c.
func IsWordStart(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c >= utf8.RuneSelf
}

// wordLength is the length of the word that s begins with; a $ may stand in it.
func wordLength(s string) int {
	n := 1
	for n < len(s) && isWord(s[n]) {
		n++
	}
	return n
}

// numberLength is the length of the number that s begins with.
func numberLength(s string) int {
	n := 1
	for n < len(s) && (IsDigit(s[n]) || s[n] == '.' || s[n] == '_' || IsWordStart(s[n]) && s[n] < utf8.RuneSelf) {
		n++
	}
	return n
}
