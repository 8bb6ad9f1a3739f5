package schema

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSameButBlanks: of two bodies, whether they differ in white space that means
// nothing.
func TestSameButBlanks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		reason, a, b string
		same         bool
	}{
		{"indented otherwise", "BEGIN\n\tRETURN 1;\nEND", "  BEGIN RETURN 1 ; END\n", true},
		{"around operators and brackets", "SELECT a+1, f(b)||'x'", "SELECT a + 1 , f ( b ) || 'x'", true},
		{"ends of lines of another system", "SELECT 1;\r\nSELECT 2", "SELECT 1;\nSELECT 2", true},
		{"in a literal", "SELECT 'a b'", "SELECT 'a  b'", false},
		{"in a literal in dollars", "EXECUTE $q$a b$q$", "EXECUTE $q$a  b$q$", false},
		{"in a quoted name", `SELECT "a b"`, `SELECT "a  b"`, false},
		{"in a comment", "SELECT 1 -- a b\n", "SELECT 1 -- a  b\n", false},
		{"in a comment of several lines", "SELECT 1 /* a b */", "SELECT 1 /* a\nb */", false},
		{"before a comment", "SELECT 1 -- a\n", "SELECT 1\n\t-- a\n", true},
		{"a comment less", "SELECT 1 -- a\n", "SELECT 1", false},
		{"what one comment takes in", "SELECT 1 -- a\n, 2", "SELECT 1 -- a, 2", false},
		{"an operator or two", "SELECT a <- 1", "SELECT a < - 1", false},
		{"a range or a number", "FOR i IN 1..2 LOOP", "FOR i IN 1. .2 LOOP", false},
		{"a literal of its kind or a name", "SELECT E'a'", "SELECT E 'a'", false},
		{"two literals on two lines are one", "SELECT 'a'\n'b'", "SELECT 'a' 'b'", false},
		{"wherever the line ends", "SELECT 'a'\n'b'", "SELECT 'a'  \n  'b'", true},
		{"one word or two", "SELECT ab", "SELECT a b", false},
		{"a number and a name", "SELECT 1 a", "SELECT 1a", false},
		{"another case", "SELECT A", "SELECT a", false},
	} {
		function := func(language, body string) Object {
			return Object{Kind: "function", Name: "f()"}.With("definition", "CREATE OR REPLACE FUNCTION f()\n RETURNS text\n LANGUAGE "+language+"\n STRICT\nAS $function$"+body+"$function$\n")
		}
		require.Equal(t, c.same, SameButBlanks(function("plpgsql", c.a), function("plpgsql", c.b)), c.reason)
		require.Equal(t, c.same, SameButBlanks(function("sql", c.b), function("sql", c.a)), c.reason)
		require.False(t, SameButBlanks(function("plpython3u", c.a), function("plpython3u", c.b)), "white space is syntax there: %s", c.reason)
	}
}
