package sqltext

import "strings"

// Unquote is what a literal says that stands in quotes or between dollars; false where
// it is neither. What is not closed runs to the end.
func Unquote(literal string) (text string, ok bool) {
	if strings.HasPrefix(literal, "$") {
		tag := DollarTag(literal)
		return strings.TrimSuffix(strings.TrimPrefix(literal, tag), tag), tag != ""
	}
	inner, ok := strings.CutPrefix(literal, "'")
	return strings.ReplaceAll(strings.TrimSuffix(inner, "'"), "''", "'"), ok
}

// Value is what a literal says, and any other token as it is.
func (l Token) Value() string {
	if text, ok := Unquote(l.Text); ok && l.Kind == Literal {
		return text
	}
	return l.Text
}
