package verify

import (
	"regexp"
	"strings"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/internal/sqltext"
)

// oneWays are the words by which a down file says that there is no way back.
var oneWays = []string{
	"irreversible", "not reversible", "cannot be undone", "cannot be reversed", "cannot be reverted", "cannot be rolled back",
	"no way back", "forward-only", "one-way",
}

// asWords finds one of some texts, in any case, where no letter, digit or mark that
// makes it a part of a longer word stands beside it.
func asWords(texts []string) *regexp.Regexp {
	return regexp.MustCompile(`(?i)(?:^|[^\pL\pN_-])(?:` + strings.ReplaceAll(strings.Join(texts, "|"), " ", `\s+`) + `)(?:$|[^\pL\pN_-])`)
}

var (
	oneWay = asWords(oneWays)

	// nothingToUndo is how an author says that the up has changed nothing.
	nothingToUndo = asWords([]string{
		"no-op", "noop", "no op", "nop", "nothing to (?:undo|do|revert|reverse|restore|roll back|drop)", "(?:does|do|changes|undoes) nothing",
		"no changes?", "no action", "not needed", "no need", "unnecessary", "not necessary", "not required",
	})

	// opensSQL are the first words of a statement, or of a line within ALTER TABLE.
	opensSQL = regexp.MustCompile(`(?i)^(` +
		`(create|alter|drop)\s+(or\s+replace\s+|unique\s+|temp(orary)?\s+|materialized\s+|foreign\s+|virtual\s+)*` +
		`(table|view|index|column|constraint|type|function|procedure|trigger|sequence|schema|extension|policy|domain|role|user|database|rule|enum|default|not)\b` +
		`|add\s+(column|constraint)\b|rename\s+(to|column|constraint)\b|insert\s+(or\s+\w+\s+)?into\b|replace\s+into\b|delete\s+from\b|update\s+\S+\s+set\b` +
		`|select\b|with\b|grant\b|revoke\b|comment\s+on\b|truncate\b|pragma\b|set\b|reset\b|do\s+\$|begin\s*;|commit\s*;|refresh\s+materialized\b|reindex\b|vacuum\b)`)

	// sentence is what makes prose of a line that begins like SQL.
	sentence = regexp.MustCompile(`\b(cannot be (undone|reversed|reverted|rolled back)|no way back|(is|are|was|were) (irreversible|not reversible|forward - only|one - way))\b`)
)

// declaredOneWay finds the comment that says that there is no way back.
func declaredOneWay(comments []sqltext.Comment) (string, bool) { return said(oneWay, comments) }

// claimsNothing finds the comment that says that there is nothing to undo.
func claimsNothing(comments []sqltext.Comment) (string, bool) { return said(nothingToUndo, comments) }

// said finds the line of a comment that says something, or the paragraph where it
// goes over several. SQL that is commented out says nothing.
func said(what *regexp.Regexp, comments []sqltext.Comment) (string, bool) {
	for _, paragraph := range prose(comments) {
		for _, line := range append(paragraph, strings.Join(paragraph, " ")) {
			if what.MatchString(line) {
				return line, true
			}
		}
	}
	return "", false
}

// prose is the text of comments, in paragraphs, without handrail's own directives
// and without the statements that are commented out.
func prose(comments []sqltext.Comment) [][]string {
	var paragraphs [][]string
	var open []string
	end := 0 // where the paragraph goes on
	for i := 0; i < len(comments); i++ {
		text := comments[i].Text
		if text == "" || comments[i].Line > end {
			paragraphs, open = append(paragraphs, open), nil
		}
		end = comments[i].Line + 1
		if strings.HasPrefix(text, "handrail:") {
			continue
		}
		if opensSQL.MatchString(text) {
			if n, rest, ok := commentedOut(comments[i:]); ok {
				i += n - 1
				text, end = rest, comments[i].Line+1
			}
		}
		if text != "" {
			open = append(open, text)
		}
	}
	return append(paragraphs, open)
}

// commentedOut reads a statement that is commented out from the beginning of some
// comments: how many lines it has, and what the last of them says behind it.
func commentedOut(comments []sqltext.Comment) (n int, rest string, ok bool) {
	var sql []string
	for i, c := range comments {
		if c.Text == "" || i > 0 && c.Line != comments[i-1].Line+1 {
			break
		}
		text, behind, ends := strings.Cut(c.Text, ";")
		sql = append(sql, text)
		if ends {
			return i + 1, strings.TrimLeft(behind, " \t-/*"), !isSpoken(strings.Join(sql, "\n"))
		}
	}
	return 1, "", !isSpoken(comments[0].Text)
}

// isSpoken reports whether a text that begins like SQL is a sentence.
func isSpoken(text string) bool {
	var words []string
	for _, s := range sqltext.Parse(dialect.Postgres, text).Statements {
		for _, l := range s.Tokens {
			if l.Kind == sqltext.Word || l.Kind == sqltext.Symbol {
				words = append(words, l.Text)
			}
		}
	}
	return sentence.MatchString(strings.Join(words, " "))
}
