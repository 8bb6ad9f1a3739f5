package verify

import (
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/dialect"
)

// Words that stand between the verb of a statement and the name that it is about.
var (
	kindWords = []string{
		"table", "view", "materialized", "index", "unique", "sequence", "schema", "type", "domain", "function", "procedure", "aggregate", "trigger",
		"extension", "policy", "rule", "role", "user", "foreign", "virtual", "temp", "temporary", "unlogged", "database", "server", "mapping", "event",
		"publication", "subscription", "operator", "collation", "cast", "statistics", "language", "group", "routine", "column", "constraint",
	}
	fillWords = []string{"if", "not", "exists", "or", "replace", "only", "concurrently", "into", "from", "constraint", "recursive", "global", "local"}
)

// about splits a statement into what it does, in capitals, and the name that it
// does it to: ALTER TABLE and public.users. The name is "" where it has none.
func (s statement) about() (what, name string) {
	words := []string{}
	for i, token := range s.tokens {
		switch {
		case i == 0 || token.kind == wordLexeme && slices.Contains(kindWords, token.text):
			words = append(words, strings.ToUpper(token.text))
		case token.kind == wordLexeme && slices.Contains(fillWords, token.text):
		case token.names():
			return strings.Join(words, " "), nameAt(s.tokens[i:])
		default:
			return strings.Join(words, " "), ""
		}
	}
	return strings.Join(words, " "), ""
}

// headline is a statement in a few words, for a message.
func (s statement) headline() string {
	what, name := s.about()
	return strings.TrimSpace(what + " " + name)
}

// nameAt is the name that tokens begin with, with the schema that it may have.
func nameAt(tokens []lexeme) string {
	if len(tokens) == 0 || !tokens[0].names() {
		return ""
	}
	name := tokens[0].text
	for i := 1; i+1 < len(tokens) && tokens[i].text == "." && tokens[i+1].names(); i += 2 {
		name += "." + tokens[i+1].text
	}
	return name
}

// mentions reports whether a name stands in the statement, in its body if it
// has one too.
func (s statement) mentions(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc(s.tokens, func(l lexeme) bool {
		return l.names() && strings.EqualFold(l.text, name) || l.kind == literalLexeme && strings.Contains(strings.ToLower(l.text), name)
	})
}

// statementOn is where a file does something to an object: the last statement that
// begins with one of the verbs and names it, else the last that names it at all.
func statementOn(d dialect.Dialect, f *File, name string, verbs ...string) (stmt statement, ok bool) {
	if f == nil {
		return statement{}, false
	}
	sure := false
	for _, s := range parseScript(d, f.SQL).statements {
		if !s.mentions(name) {
			continue
		}
		verb := slices.ContainsFunc(verbs, func(v string) bool { return s.begins(v) })
		if verb || !sure {
			stmt, ok, sure = s, true, verb
		}
	}
	return stmt, ok
}

// bare is a name without schema, arguments and quotes.
func bare(name string) string {
	name, _, _ = strings.Cut(name, "(")
	return strings.Trim(name[strings.LastIndex(name, ".")+1:], `"`)
}
