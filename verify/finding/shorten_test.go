package finding

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestShortStatement(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, reason, sql, want string }{
		{"lines", "white space is one space", "SELECT a\n\tFROM  t", "SELECT a FROM t"},
		{"comments", "in one line a comment would hide the rest", "SELECT a -- b\nFROM /* c\n */ t", "SELECT a FROM t"},
		{"body", "and so it would in a body", "DO $$\nBEGIN\n  -- b\n  RAISE 'c';\nEND $$", "DO $$ BEGIN RAISE 'c'; END $$"},
		{"strings", "what stands in quotes is no comment", "SELECT '-- a', \"/* b\" FROM t", "SELECT '-- a', \"/* b\" FROM t"},
		{"unclosed", "what is not closed stays", "SELECT $$ a", "SELECT $$ a"},
		{"parameter", "a dollar may stand alone", "SELECT $1", "SELECT $1"},
		{"long", "of a long one the beginning", strings.Repeat("é", 205), strings.Repeat("é", 200) + "[… 5 characters …]"},
		{"not too long", "and all of a shorter one", strings.Repeat("é", 200), strings.Repeat("é", 200)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, ShortStatement(c.sql), c.reason)
		})
	}
}
