package sqltext

import (
	"strings"
	"unicode/utf8"
)

// NameAt is the name that tokens begin with, with the schema that it may have.
func NameAt(tokens []Token) string {
	if len(tokens) == 0 || !tokens[0].IsName() {
		return ""
	}
	name := tokens[0].Text
	for i := 1; i+1 < len(tokens) && tokens[i].Text == "." && tokens[i+1].IsName(); i += 2 {
		name += "." + tokens[i+1].Text
	}
	return name
}

// LastName is the name that tokens end with.
func LastName(tokens []Token) string {
	if len(tokens) == 0 {
		return ""
	}
	return tokens[len(tokens)-1].Text
}

// NameList reads a, b.c, f(int): the last part of each name.
func NameList(tokens []Token) []string {
	var names []string
	for i := 0; i < len(tokens) && tokens[i].IsName(); i++ {
		for i+2 < len(tokens) && tokens[i+1].Text == "." && tokens[i+2].IsName() {
			i += 2
		}
		names = append(names, tokens[i].Text)
		depth := 0
		for i+1 < len(tokens) && (depth > 0 || tokens[i+1].Text == "(") { // the arguments of a function
			i++
			switch tokens[i].Text {
			case "(":
				depth++
			case ")":
				depth--
			}
		}
		if i++; i >= len(tokens) || tokens[i].Text != "," {
			break
		}
	}
	return names
}

// HasWord reports whether one of the words, in lower case, is among the tokens.
func HasWord(tokens []Token, words ...string) bool {
	for _, t := range tokens {
		for _, w := range words {
			if t.Is(w) {
				return true
			}
		}
	}
	return false
}

// Bare is a name without schema, arguments and quotes.
func Bare(name string) string {
	name, _, _ = strings.Cut(name, "(")
	return strings.Trim(name[strings.LastIndex(name, ".")+1:], `"`)
}

// FitName joins the parts of a name as Postgres does: from a name of more than 63
// bytes it takes away at the end of the longer part.
func FitName(table, columns, suffix string) string {
	glue := ""
	if columns != "" {
		glue = "_"
	}
	for len(table)+len(glue)+len(columns)+len(suffix) > 63 {
		if len(table) > len(columns) {
			table = table[:len(table)-1]
		} else {
			columns = columns[:len(columns)-1]
		}
	}
	return wholeLetters(table) + glue + wholeLetters(columns) + suffix
}

// wholeLetters is a text without the half of a letter that its end may be.
func wholeLetters(text string) string {
	for n := len(text); n > 0 && n > len(text)-utf8.UTFMax; n-- {
		if utf8.RuneStart(text[n-1]) {
			if !utf8.FullRuneInString(text[n-1:]) {
				return text[:n-1]
			}
			break
		}
	}
	return text
}
