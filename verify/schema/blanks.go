package schema

import (
	"strings"

	"github.com/handrail-db/handrail/verify/internal/sqltext"
)

// SameButBlanks reports whether two functions or procedures differ in nothing but
// white space in their bodies, outside literals and comments, where it means
// nothing: in the languages sql and plpgsql.
func SameButBlanks(a, b Object) bool {
	head, body, ok := routineBody(a)
	otherHead, otherBody, otherOK := routineBody(b)
	return ok && otherOK && head == otherHead && withoutBlanks(body) == withoutBlanks(otherBody)
}

// routineBody splits the definition of a routine before its body. It reports false
// where the language is another one, and where the body is no literal.
func routineBody(o Object) (head, body string, ok bool) {
	if o.Kind != "function" && o.Kind != "procedure" {
		return "", "", false
	}
	tokens := sqltext.Pieces(o.Prop("definition"))
	for i, t := range tokens {
		switch {
		case t.Text == "LANGUAGE" && i+2 < len(tokens): // as a name it would be in quotes
			ok = tokens[i+2].Name == "sql" || tokens[i+2].Name == "plpgsql"
		case ok && t.Text == "AS" && i+2 < len(tokens) && tokens[i+2].Kind == sqltext.TextPiece:
			return head, tokens[i+2].Name, true
		}
		head += t.Text
	}
	return "", "", false
}

// withoutBlanks is SQL without white space, but for where it tells two tokens from
// one, and two literals on two lines, which are one, from two on one line.
func withoutBlanks(sql string) string {
	var b strings.Builder
	var before sqltext.Piece
	blank := ""
	for _, t := range sqltext.Pieces(sql) {
		if t.Kind == sqltext.BlankPiece && strings.TrimSpace(t.Text) == "" {
			blank += t.Text
			continue
		}
		b.WriteByte(0)
		switch {
		case blank == "" || !touch(before, t):
		case before.Kind == sqltext.TextPiece && t.Kind == sqltext.TextPiece && strings.ContainsAny(blank, "\r\n"):
			b.WriteByte('\n')
		default:
			b.WriteByte(' ')
		}
		b.WriteString(t.Text)
		before, blank = t, ""
	}
	return b.String()
}

// touch reports whether two tokens may mean something else where nothing stands
// between them: parts of an operator or number, and what begins a literal.
func touch(a, b sqltext.Piece) bool {
	number := func(t sqltext.Piece) bool { return t.Kind == sqltext.OtherPiece && sqltext.IsDigit(t.Text[0]) }
	sign := func(t sqltext.Piece) bool {
		return t.Kind == sqltext.OtherPiece && !number(t) && !strings.Contains("()[],;", t.Text)
	}
	switch {
	case b.Kind == sqltext.TextPiece:
		return a.Kind == sqltext.TextPiece || a.Kind == sqltext.NamePiece || a.Text == "&"
	case number(a):
		return number(b) || b.Kind == sqltext.NamePiece || b.Text == "."
	case number(b):
		return a.Text == "."
	}
	return sign(a) && sign(b)
}
