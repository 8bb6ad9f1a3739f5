package sqltext

import (
	"strings"

	"github.com/handrail-db/handrail/verify/dialect"
)

// A Raw is a statement with each token as the file has it, but for what makes
// no difference: a token of its own has lost the letter before a literal, and E'\n' is
// not '\n'.
type Raw struct {
	Line   int
	SQL    string
	Tokens []Token
}

// ParseRaw splits the SQL of a file, as [Parse] does.
func ParseRaw(d dialect.Dialect, sql string) []Raw {
	l := &lexer{dialect: d, sql: sql, line: 1}
	var tokens []Token
	var all []Raw
	end := func() {
		if n := len(l.out.Statements); n > len(all) {
			all = append(all, Raw{l.out.Statements[n-1].Line, l.out.Statements[n-1].SQL, tokens})
			tokens = nil
		}
	}
	for l.pos < len(l.sql) {
		from, before := l.pos, len(l.current.Tokens)
		l.next()
		if n := len(l.current.Tokens); n > before {
			tokens = append(tokens, Token{Kind: l.current.Tokens[n-1].Kind, Text: canonical(l.current.Tokens[n-1].Kind, l.sql[from:l.pos])})
		}
		end()
	}
	l.endStatement()
	end()
	return all
}

// Same reports whether two statements have the same tokens.
func (s Raw) Same(other Raw) bool {
	if len(s.Tokens) != len(other.Tokens) {
		return false
	}
	for i, t := range s.Tokens {
		if o := other.Tokens[i]; t.Kind != o.Kind || t.Text != o.Text {
			return false
		}
	}
	return true
}

// canonical is the text of a token without what makes no difference.
func canonical(kind Kind, raw string) string {
	if kind == Word {
		return Fold(raw)
	}
	return strings.ReplaceAll(raw, "\r\n", "\n")
}

// WithoutComments is SQL with a space in the place of each comment, which in one
// line would hide what follows, also in what stands between dollars.
func WithoutComments(sql string) string {
	var b strings.Builder
	for l := (&lexer{dialect: dialect.Postgres, sql: sql}); l.pos < len(sql); {
		from := l.pos
		l.next()
		piece := sql[from:l.pos]
		tag := ""
		if piece[0] == '$' {
			tag = DollarTag(piece)
		}
		body, closed := strings.CutSuffix(strings.TrimPrefix(piece, tag), tag)
		switch {
		case strings.HasPrefix(piece, "--") || strings.HasPrefix(piece, "/*"):
			b.WriteByte(' ')
		case tag != "" && closed:
			b.WriteString(tag + WithoutComments(body) + tag)
		default:
			b.WriteString(piece)
		}
	}
	return b.String()
}
