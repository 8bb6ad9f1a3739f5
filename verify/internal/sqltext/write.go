package sqltext

import "slices"

// Writing are the beginnings of statements that write rows, with what must come
// next: a column may be called like a verb.
var Writing = map[string]string{"insert": "into", "update": "", "delete": "from", "merge": "into", "truncate": "", "copy": "", "replace": "into"}

// Writes reports whether a statement that writes rows begins with these tokens,
// and which table it writes.
func Writes(tokens []Token) (table string, ok bool) {
	if len(tokens) < 2 || tokens[0].Kind != Word {
		return "", false
	}
	next, verb := Writing[tokens[0].Text]
	if !verb {
		return "", false
	}
	rest := tokens[1:]
	if tokens[0].Is("insert") && rest[0].Is("or") && len(rest) > 2 { // INSERT OR REPLACE
		rest = rest[2:]
	}
	if tokens[0].Is("update") && rest[0].Is("or") && len(rest) > 2 {
		rest = rest[2:]
	}
	if next != "" {
		if !rest[0].Is(next) {
			return "", false
		}
		rest = rest[1:]
	}
	for len(rest) > 0 && (rest[0].Is("only") || rest[0].Is("table")) {
		rest = rest[1:]
	}
	table = NameAt(rest)
	switch {
	case table == "":
		return "", false
	case tokens[0].Is("update"):
		return table, slices.ContainsFunc(rest, func(l Token) bool { return l.Is("set") })
	case tokens[0].Is("copy"):
		return table, slices.ContainsFunc(rest, func(l Token) bool { return l.Is("from") })
	}
	return table, true
}

// MayStart reports whether a statement may begin behind a token.
func MayStart(before Token, body bool) bool {
	switch {
	case before.Kind == Symbol:
		return before.Text == "(" || before.Text == ")" || body && (before.Text == ";" || before.Text == ">")
	case before.Kind != Word:
		return false
	}
	return body && slices.Contains([]string{"begin", "then", "else", "loop", "in", "query", "atomic"}, before.Text)
}

// Copies reports whether a statement is a COPY from or to a client, as
// COPY t (a, b) FROM STDIN is, and COPY (SELECT stdin FROM t) TO '/file' is not.
func (s Statement) Copies(way, end string) bool {
	if !s.Begins("copy") {
		return false
	}
	depth := 0
	for i, token := range s.Tokens[:len(s.Tokens)-1] {
		switch {
		case token.Kind == Symbol && token.Text == "(":
			depth++
		case token.Kind == Symbol && token.Text == ")":
			depth--
		case depth == 0 && i > 0 && token.Is(way) && s.Tokens[i+1].Is(end):
			return true
		}
	}
	return false
}
