package sqltext

import "strings"

// Unquote is what a literal says that stands in quotes or between dollars; false where
// it is neither. What is not closed runs to the end.
func Unquote(literal string) (text string, ok bool) {
	if strings.HasPrefix(literal, "$") {
		tag := DollarTag(literal)
		if tag == "" {
			return "", false
		}
		return strings.TrimSuffix(literal[len(tag):], tag), true
	}
	if !strings.HasPrefix(literal, "'") {
		return "", false
	}
	return unquoted(literal), true
}

// unquoted is what stands in the quotes that s begins with, whichever they are.
func unquoted(s string) string {
	quote := s[:1]
	return strings.ReplaceAll(strings.TrimSuffix(s[1:], quote), quote+quote, quote)
}

// Value is what a literal says, and any other token as it is.
func (l Token) Value() string {
	if text, ok := Unquote(l.Text); ok && l.Kind == Literal {
		return text
	}
	return l.Text
}
