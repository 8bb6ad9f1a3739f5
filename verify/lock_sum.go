package verify

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strings"

	"github.com/handrail-db/handrail/verify/dialect"
)

// sumLength is how many characters of a checksum a lock holds: 128 bits, which
// nobody meets by accident and nobody finds a second text for.
const sumLength = 32

// noSQL stands in a lock for a file that is not there.
const noSQL = "-"

// sqlSum is the checksum of the SQL of a file: that of its tokens, so that
// comments, white space, line endings and empty statements do not count, nor the
// case of words, which no server looks at. Everything in a literal, a body or a quoted name counts, but for
// the difference of CR LF and LF, which is that of two working copies.
func sqlSum(d dialect.Dialect, f *File) string {
	if f == nil {
		return noSQL
	}
	var text []byte
	for _, stmt := range rawStatements(d, f.SQL) {
		text = stmt.append(text)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])[:sumLength]
}

// A rawStatement is a statement with each token as the file has it: a lexeme of
// its own has lost the letter before a literal, and E'\n' is not '\n'.
type rawStatement struct {
	line   int
	sql    string
	tokens []lexeme
}

// append writes a statement so that no two texts of statements can be taken for
// each other: kind, length and text of each token, then a semicolon. One in the
// body of a trigger is written like one behind a statement: they differ by the
// dialect that the SQL is read in, and that of a folder may be a guess.
func (s rawStatement) append(text []byte) []byte {
	for _, t := range s.tokens {
		if t.kind == symbolLexeme && t.text == ";" {
			text = append(text, ';')
			continue
		}
		text = append(text, kindMarks[t.kind])
		text = binary.AppendUvarint(text, uint64(len(t.text)))
		text = append(text, t.text...)
	}
	return append(text, ';')
}

// kindMarks are part of the format of a lock, as all of this is.
var kindMarks = map[lexemeKind]byte{wordLexeme: 'w', nameLexeme: 'n', literalLexeme: 'l', symbolLexeme: 's'}

// same reports whether two statements have the same tokens.
func (s rawStatement) same(other rawStatement) bool {
	if len(s.tokens) != len(other.tokens) {
		return false
	}
	for i, t := range s.tokens {
		if o := other.tokens[i]; t.kind != o.kind || t.text != o.text {
			return false
		}
	}
	return true
}

// rawStatements splits the SQL of a file, as [parseScript] does.
func rawStatements(d dialect.Dialect, sql string) []rawStatement {
	l := &lexer{dialect: d, sql: sql, line: 1}
	var tokens []lexeme
	var all []rawStatement
	end := func() {
		if n := len(l.out.statements); n > len(all) {
			all = append(all, rawStatement{l.out.statements[n-1].line, l.out.statements[n-1].sql, tokens})
			tokens = nil
		}
	}
	for l.pos < len(l.sql) {
		from, before := l.pos, len(l.current.tokens)
		l.next()
		if n := len(l.current.tokens); n > before {
			tokens = append(tokens, lexeme{kind: l.current.tokens[n-1].kind, text: canonical(l.current.tokens[n-1].kind, l.sql[from:l.pos])})
		}
		end()
	}
	l.endStatement()
	end()
	return all
}

// canonical is the text of a token without what makes no difference.
func canonical(kind lexemeKind, raw string) string {
	if kind == wordLexeme {
		return foldASCII(raw)
	}
	return strings.ReplaceAll(raw, "\r\n", "\n")
}

// foldASCII is a word in the case in which the servers compare it, which fold no
// other letters.
func foldASCII(word string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, word)
}
