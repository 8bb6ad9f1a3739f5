package schema

import "strings"

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
	tokens := pgLex(o.Prop("definition"))
	for i, t := range tokens {
		switch {
		case t.text == "LANGUAGE" && i+2 < len(tokens): // as a name it would be in quotes
			ok = tokens[i+2].name == "sql" || tokens[i+2].name == "plpgsql"
		case ok && t.text == "AS" && i+2 < len(tokens) && tokens[i+2].kind == pgString:
			return head, tokens[i+2].name, true
		}
		head += t.text
	}
	return "", "", false
}

// withoutBlanks is SQL without white space, but for where it tells two tokens from
// one, and two literals on two lines, which are one, from two on one line.
func withoutBlanks(sql string) string {
	var b strings.Builder
	var before pgToken
	blank := ""
	for _, t := range pgLex(sql) {
		if t.kind == pgBlank && strings.TrimSpace(t.text) == "" {
			blank += t.text
			continue
		}
		b.WriteByte(0)
		switch {
		case blank == "" || !touch(before, t):
		case before.kind == pgString && t.kind == pgString && strings.ContainsAny(blank, "\r\n"):
			b.WriteByte('\n')
		default:
			b.WriteByte(' ')
		}
		b.WriteString(t.text)
		before, blank = t, ""
	}
	return b.String()
}

// touch reports whether two tokens may mean something else where nothing stands
// between them: parts of an operator or number, and what begins a literal.
func touch(a, b pgToken) bool {
	number := func(t pgToken) bool { return t.kind == pgOther && isDigit(t.text[0]) }
	sign := func(t pgToken) bool { return t.kind == pgOther && !number(t) && !strings.Contains("()[],;", t.text) }
	switch {
	case b.kind == pgString:
		return a.kind == pgString || a.kind == pgName || a.text == "&"
	case number(a):
		return number(b) || b.kind == pgName || b.text == "."
	case number(b):
		return a.text == "."
	}
	return sign(a) && sign(b)
}
