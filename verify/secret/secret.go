// Package secret takes passwords out of what is printed or written: by structure,
// where a text has a URL or pairs of keyword and value in it, and by value, where a
// password is known.
package secret

import (
	"encoding/json"
	"html"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Mask stands for a password wherever a text is shown.
const Mask = "***"

// Hide is a text without passwords: without those that are given, those that this
// process knows, and those that the text shows by its structure. A password that is
// trivial hides only by structure: see [Trivial].
func Hide(text string, known ...string) string {
	return hideStructure(hideValues(process.hide(text), known))
}

// HideKnown is a text without the passwords that this process knows. What it does is
// right for a stream, which may have half an address in one piece.
func HideKnown(text string) string { return process.hide(text) }

// A set is what a process knows.
type set struct {
	mu       sync.RWMutex
	values   []string
	replacer *strings.Replacer // nil: there is nothing to replace
}

var process set

// Know adds passwords to those that no text of this process may show.
func Know(passwords ...string) {
	process.mu.Lock()
	defer process.mu.Unlock()
	n := len(process.values)
	for _, p := range passwords {
		if !Trivial(p) && !slices.Contains(process.values, p) {
			process.values = append(process.values, p)
		}
	}
	if len(process.values) > n {
		process.replacer = replacerOf(process.values)
	}
}

func (s *set) hide(text string) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.replacer == nil {
		return text
	}
	return s.replacer.Replace(text)
}

func hideValues(text string, values []string) string {
	values = slices.DeleteFunc(slices.Clone(values), Trivial)
	if len(values) == 0 {
		return text
	}
	return replacerOf(values).Replace(text)
}

// replacerOf takes out values, however they are written, the longest first.
func replacerOf(values []string) *strings.Replacer {
	var all []string
	for _, v := range values {
		for _, w := range spellings(v) {
			if !Trivial(w) {
				all = append(all, w)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b string) int { return len(b) - len(a) })
	pairs := make([]string, 0, 2*len(all))
	for _, w := range slices.Compact(all) {
		pairs = append(pairs, w, Mask)
	}
	return strings.NewReplacer(pairs...)
}

// spellings are the ways in which URLs, Go, JSON, HTML, SQL, shells and messages on
// one line write a text.
func spellings(v string) []string {
	inner := func(s string) string { return s[1 : len(s)-1] }
	quoted, _ := json.Marshal(v)
	return []string{
		v, url.PathEscape(v), url.QueryEscape(v), strings.TrimPrefix(url.UserPassword("", v).String(), ":"), inner(strconv.Quote(v)), inner(string(quoted)), html.EscapeString(v),
		inner(strconv.QuoteToASCII(v)), strings.ReplaceAll(v, "'", "''"), strings.ReplaceAll(v, "'", `'\''`), strings.ReplaceAll(strings.ReplaceAll(v, `\`, `\\`), "'", `\'`),
		strings.Join(strings.Fields(v), " "), strings.ToValidUTF8(v, "\uFFFD"),
	}
}

// longestWord is how many letters a word has that may be a password and nothing else.
const longestWord = 8

// shortest is how many bytes a password has that is taken out wherever it stands.
const shortest = 4

// common are passwords that are words of every other message, and what stands where
// somebody is to put a password.
var common = []string{
	"postgres", "postgresql", "mysql", "sqlite", "root", "admin", "user", "username", "guest", "test", "testing", "example", "handrail", "migrate", "localhost", "public",
	"pass", "password", "passwd", "secret", "changeme", "database", "default", "null", "none", "true", "false", "your_password", "your-password", "yourpassword",
}

// Trivial reports whether a password is one that is hidden by structure alone,
// because it says nothing or every other text would lose words to it: one of fewer
// than four bytes, a word of fewer than eight small letters, the most common words,
// and what only stands for a password.
func Trivial(password string) bool {
	p := strings.ToLower(strings.TrimSpace(password))
	letters := strings.Trim(password, "abcdefghijklmnopqrstuvwxyz") == ""
	return len(p) < shortest || letters && len(p) < longestWord || slices.Contains(common, p) || strings.Trim(p, "*x.…") == ""
}

// Error is an error that says what err says without passwords.
func Error(err error, known ...string) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	if hidden := Hide(text, known...); hidden != text {
		return hiddenError{hidden, err}
	}
	return err
}

type hiddenError struct {
	text  string
	cause error
}

func (e hiddenError) Error() string { return e.text }

func (e hiddenError) Unwrap() error { return e.cause }
