package sqltext

import (
	"slices"
	"strings"
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

// About splits a statement into what it does, in capitals, and the name that it
// does it to: ALTER TABLE and public.users. The name is "" where it has none.
func (s Statement) About() (what, name string) {
	words := []string{}
	for i, token := range s.Tokens {
		switch {
		case i == 0 || token.Kind == Word && slices.Contains(kindWords, token.Text):
			words = append(words, strings.ToUpper(token.Text))
		case token.Kind == Word && slices.Contains(fillWords, token.Text):
		case token.IsName():
			return strings.Join(words, " "), NameAt(s.Tokens[i:])
		default:
			return strings.Join(words, " "), ""
		}
	}
	return strings.Join(words, " "), ""
}

// Headline is a statement in a few words, for a message.
func (s Statement) Headline() string {
	what, name := s.About()
	return strings.TrimSpace(what + " " + name)
}

// Mentions reports whether a name stands in the statement, in its body if it
// has one too.
func (s Statement) Mentions(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc(s.Tokens, func(l Token) bool {
		return l.IsName() && strings.EqualFold(l.Text, name) || l.Kind == Literal && strings.Contains(strings.ToLower(l.Text), name)
	})
}
