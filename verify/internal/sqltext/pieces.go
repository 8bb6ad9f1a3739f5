package sqltext

import (
	"strings"

	"github.com/handrail-db/handrail/verify/dialect"
)

// A Piece is one lexical element of Postgres' SQL, white space included: the
// texts of all pieces are the SQL.
type Piece struct {
	Kind PieceKind
	Text string // as it stands there
	Name string // of a name: unquoted or folded; of a string: what it says
}

// A PieceKind is what a Piece is.
type PieceKind int

// The kinds of pieces.
const (
	BlankPiece PieceKind = iota // white space and comments
	NamePiece
	TextPiece // dollar quotes, too
	OtherPiece
)

// Pieces splits SQL that Postgres has printed, or accepted. What is cut off in
// the middle ends with the text.
func Pieces(sql string) (tokens []Piece) {
	for sql != "" {
		t := scanPiece(sql)
		tokens = append(tokens, t)
		sql = sql[len(t.Text):]
	}
	return tokens
}

func scanPiece(s string) Piece {
	c := s[0]
	switch {
	case strings.IndexByte(" \t\n\r\f\v", c) >= 0:
		n := 1
		for n < len(s) && strings.IndexByte(" \t\n\r\f\v", s[n]) >= 0 {
			n++
		}
		return Piece{BlankPiece, s[:n], ""}
	case strings.HasPrefix(s, "--"):
		n := strings.IndexByte(s, '\n')
		if n < 0 {
			n = len(s)
		}
		return Piece{BlankPiece, s[:n], ""}
	case strings.HasPrefix(s, "/*"):
		return Piece{BlankPiece, s[:commentLength(s, true)], ""}
	case c == '\'':
		return text(s[:quotedLength(s, false)])
	case (c == 'E' || c == 'e') && len(s) > 1 && s[1] == '\'':
		n := 1 + quotedLength(s[1:], true)
		said, _ := Unquote(s[1:n])
		return Piece{TextPiece, s[:n], said}
	case c == '"':
		n := quotedLength(s, false)
		return Piece{NamePiece, s[:n], unquoted(s[:n])}
	case c == '$' && DollarTag(s) != "":
		return text(s[:dollarLength(s)])
	case IsDigit(c):
		return Piece{OtherPiece, s[:canonNumberLength(s)], ""}
	case isWord(c):
		n := wordLength(s)
		return Piece{NamePiece, s[:n], Fold(s[:n])}
	}
	return Piece{OtherPiece, s[:1], ""}
}

// text is a piece in quotes or between dollars.
func text(literal string) Piece {
	said, _ := Unquote(literal)
	return Piece{TextPiece, literal, said}
}

// quotedLength is the length of what s begins with, quotes included. In it a doubled
// quote, and with escapes a backslash, stand for one; what is not closed runs to the end.
func quotedLength(s string, escapes bool) int {
	for i := 1; i < len(s); i++ {
		switch {
		case escapes && s[i] == '\\':
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

// commentLength is the length of the comment that s begins with, which may hold others
// where they nest.
func commentLength(s string, nests bool) int {
	depth, n := 1, 2
	for n < len(s) && depth > 0 {
		switch {
		case strings.HasPrefix(s[n:], "*/"):
			depth--
			n += 2
		case strings.HasPrefix(s[n:], "/*") && nests:
			depth++
			n += 2
		default:
			n++
		}
	}
	return n
}

// dollarLength is the length of the text between dollars that s begins with.
func dollarLength(s string) int {
	tag := DollarTag(s)
	if end := strings.Index(s[len(tag):], tag); end >= 0 {
		return end + 2*len(tag)
	}
	return len(s)
}

// A Chain is a name of one or more parts, as in public.users.email.
type Chain struct {
	Parts      []string
	start, End int // tokens
}

// Chains lists the names in tokens, each with all its parts.
func Chains(tokens []Piece) (chains []Chain) {
	for i := 0; i < len(tokens); i++ {
		if tokens[i].Kind != NamePiece {
			continue
		}
		c := Chain{[]string{tokens[i].Name}, i, i + 1}
		for c.End+1 < len(tokens) && tokens[c.End].Text == "." && (tokens[c.End+1].Kind == NamePiece || isOperator(tokens[c.End+1])) {
			name := tokens[c.End+1].Name
			if tokens[c.End+1].Kind != NamePiece {
				name = tokens[c.End+1].Text
			}
			c.Parts, c.End = append(c.Parts, name), c.End+2
			for c.End < len(tokens) && tokens[c.End-1].Kind == OtherPiece && isOperator(tokens[c.End]) {
				c.Parts[len(c.Parts)-1] += tokens[c.End].Text
				c.End++
			}
		}
		chains = append(chains, c)
		i = c.End - 1
	}
	return chains
}

func isOperator(t Piece) bool {
	return t.Kind == OtherPiece && strings.Contains("+-*/<>=~!@#%^&|`?", t.Text)
}

// NameParts are the parts of a name as snapshots have it: of "public.f(a integer)"
// public and f.
func NameParts(name string) []string {
	if chains := Chains(Pieces(name)); len(chains) > 0 && chains[0].start == 0 {
		return chains[0].Parts
	}
	return []string{name}
}

// QuoteIdent writes a name as SQL, as quote_ident does.
func QuoteIdent(name string) string {
	plain := name != "" && !IsDigit(name[0]) && name[0] != '$' && !reservedByPostgres[name]
	for i := range len(name) {
		c := name[i]
		plain = plain && (c == '_' || IsDigit(c) || 'a' <= c && c <= 'z')
	}
	if plain {
		return name
	}
	return dialect.Name(name)
}

// reservedByPostgres are the words that Postgres quotes when they are names: all key
// words but the unreserved ones.
var reservedByPostgres = SetOf(`all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both
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

// QuoteLiteral writes a string as SQL.
func QuoteLiteral(text string) string {
	quoted := dialect.Literal(text)
	if strings.Contains(quoted, `\`) {
		return "E" + strings.ReplaceAll(quoted, `\`, `\\`)
	}
	return quoted
}
