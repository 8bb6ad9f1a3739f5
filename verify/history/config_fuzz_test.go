package history

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/verify/dialect"
)

// FuzzConfig: a handrail.toml is read, or there is an error that names the file; and a
// comment above it moves the error by a line and changes nothing else.
func FuzzConfig(f *testing.F) {
	for _, seed := range []string{
		"append_only = [\"a\"]\nfloor = 3\nassertion_timeout = \"5s\"\n[runner]\nschema = \"x\"\nstatement_timeout = \"1s\"\n",
		"[[allow]]\nrule = \"loss\"\nrevision = 2\nobject = \"a\"\nbecause = \"b\"\n[[allow]]\n[naming]\nindex = \"(\"\n",
		"floor = \"x\"", "[target]\nenv = \"a b\"", "x = 1", "floor = 1\nfloor = 2", "[[allow]\n", "floor = 99999999999999999999", "assertion_timeout = \"-1s\"",
		"[runner]\nstatement_timeout = \"soon\"", "\xef\xbb\xbffloor = 1", "a.b.c = {d = [1, {}]}", "[naming]\ntable = \"\"\"\nx\n\"\"\"",
	} {
		f.Add(seed)
	}
	load := func(text string) (Subject, error) {
		s, err := Load(fstest.MapFS{"0001_a.up.sql": {Data: []byte("SELECT 1;")}, ConfigFile: {Data: []byte(text)}}, dialect.SQLite)
		s.SQLite, s.ConfigText = nil, ""
		return s, err
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := load(text)
		if err != nil {
			require.Contains(t, err.Error(), ConfigFile)
		}
		if strings.HasPrefix(text, "\xef\xbb\xbf") {
			return // it is one only at the beginning
		}
		moved, again := load("# a comment\n" + text)
		if err == nil {
			require.NoError(t, again)
			for table := range s.PromisedAt {
				s.PromisedAt[table]++
			}
			require.Equal(t, s, moved)
			return
		}
		want := configPlace.ReplaceAllStringFunc(err.Error(), func(at string) string {
			line, _ := strconv.Atoi(at[len(ConfigFile)+1:])
			return ConfigFile + ":" + strconv.Itoa(line+1)
		})
		require.EqualError(t, again, want)
	})
}

var configPlace = regexp.MustCompile(`^handrail\.toml:(\d+)`)
