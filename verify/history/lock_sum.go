package history

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/internal/sqltext"
)

// sumLength is how many characters of a checksum a lock holds: 128 bits, which
// nobody meets by accident and nobody finds a second text for.
const sumLength = 32

// NoSQL stands in a lock for a file that is not there.
const NoSQL = "-"

// SQLSum is the checksum of the SQL of a file: that of its tokens, so that
// comments, white space, line endings and empty statements do not count, nor the
// case of words, which no server looks at. Everything in a literal, a body or a quoted name counts, but for
// the difference of CR LF and LF, which is that of two working copies.
func SQLSum(d dialect.Dialect, f *File) string {
	if f == nil {
		return NoSQL
	}
	var text []byte
	for _, stmt := range sqltext.ParseRaw(d, f.SQL) {
		text = appendStatement(text, stmt)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])[:sumLength]
}

// appendStatement writes a statement so that no two texts of statements can be taken for
// each other: kind, length and text of each token, then a semicolon. One in the
// body of a trigger is written like one behind a statement: they differ by the
// dialect that the SQL is read in, and that of a folder may be a guess.
func appendStatement(text []byte, s sqltext.Raw) []byte {
	for _, t := range s.Tokens {
		if t.Kind == sqltext.Symbol && t.Text == ";" {
			text = append(text, ';')
			continue
		}
		text = append(text, kindMarks[t.Kind])
		text = binary.AppendUvarint(text, uint64(len(t.Text)))
		text = append(text, t.Text...)
	}
	return append(text, ';')
}

// kindMarks are part of the format of a lock, as all of this is.
var kindMarks = map[sqltext.Kind]byte{sqltext.Word: 'w', sqltext.Name: 'n', sqltext.Literal: 'l', sqltext.Symbol: 's'}
