// Package words writes for people: numbers with their nouns, errors in one line, texts cut short.
package words

import (
	"fmt"
	"strings"
)

// Plural is a number with its noun: 1 table, 2 tables.
func Plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// Plural64 is [Plural] of a count of rows.
func Plural64(n int64, what string) string { return Plural(int(n), what) }

// OneLine is the message of the database on one line.
func OneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }

// EditDistance is the number of letters to insert, delete or replace
// (Levenshtein).
func EditDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, replaced)
		}
	}
	return row[len(b)]
}

// Cut is a statement of a length that a person reads.
func Cut(text string) string {
	if runes := []rune(text); len(runes) > longestRow {
		return string(runes[:longestRow]) + "…"
	}
	return text
}

const longestRow = 600
