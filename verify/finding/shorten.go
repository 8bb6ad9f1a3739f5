package finding

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/handrail-db/handrail/verify/internal/sqltext"
)

// longestValue is how many characters of a value are shown to a person: a longer
// one, an embedding or a document, would hide all else. Of that so many are shown.
const (
	LongestValue = 200
	shownOf      = 80
	shownBefore  = 20 // where two values part
)

// cutMark ends what stands in the place of characters that are not shown.
const cutMark = " characters …]"

// Sides are Want and Got as a person reads them: in rows, long values are cut to
// their beginnings or, where the other side has a value in the same place, to
// where the two part. Whole is false where any was. Rows of which somebody has
// said why they may go are not shown.
func (f Finding) Sides() (want, got string, whole bool) {
	want, got = f.Want, f.Got
	if strings.HasPrefix(want, "INSERT INTO ") || strings.HasPrefix(got, "INSERT INTO ") {
		if f.Waived != "" {
			return "", "", true
		}
		a, b := values(want), values(got)
		starts := make([]int, max(len(a), len(b)))
		if len(a) == len(b) {
			for i := range starts {
				starts[i] = max(0, parting(a[i], b[i])-shownBefore)
			}
		}
		want, got = cutValues(want, starts), cutValues(got, starts)
	}
	return want, got, !strings.Contains(want, cutMark) && !strings.Contains(got, cutMark)
}

// quoted is a name or a value in quotes.
var quoted = regexp.MustCompile(`"(?:[^"]|"")*"|'(?:[^']|'')*'`)

// values are those in quotes, in their order.
func values(statements string) [][]rune {
	var found [][]rune
	for _, q := range quoted.FindAllString(statements, -1) {
		if q[0] == '\'' {
			found = append(found, []rune(q[1:len(q)-1]))
		}
	}
	return found
}

// parting is the place of the first character that differs, 0 where none does.
func parting(a, b []rune) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	if len(a) != len(b) {
		return min(len(a), len(b))
	}
	return 0
}

// cutValues shows of each long value the part from its start on.
func cutValues(statements string, starts []int) string {
	n := -1
	return quoted.ReplaceAllStringFunc(statements, func(q string) string {
		if q[0] != '\'' {
			return q
		}
		n++
		value := []rune(q[1 : len(q)-1])
		if len(value) <= LongestValue {
			return q
		}
		start := starts[n]
		end := min(start+shownOf, len(value))
		return "'" + left(start) + string(value[start:end]) + left(len(value)-end) + "'"
	})
}

// left stands for characters that are not shown.
func left(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("[… %d%s", n, cutMark)
}

// ShortStatement is a statement in one line, without comments, and no more than the
// beginning of a long one.
func ShortStatement(sql string) string {
	line := []rune(strings.Join(strings.Fields(sqltext.WithoutComments(sql)), " "))
	if len(line) <= LongestValue {
		return string(line)
	}
	return string(line[:LongestValue]) + left(len(line)-LongestValue)
}

// longestStatements is how many lines of statements are shown: enough for most
// tables.
const longestStatements = 30

// shownStatements are those of the finding that a person is shown, and what says
// that there are more.
func (f Finding) shownStatements() (shown, rest string) {
	lines := strings.Split(strings.TrimRight(f.Statements, "\n"), "\n")
	if more := len(lines) - longestStatements; more > 1 {
		return strings.Join(lines[:longestStatements], "\n"), fmt.Sprintf("\n    … and %d more lines, which the report as JSON has", more)
	}
	return f.Statements, ""
}
