package sqltext

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCanonical(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, reason, sql, want string }{
		{"white space", "only tokens count", "a\t+\n\f\rb", "a + b"},
		{"comments", "they are white space", "a -- b\n/* c */ d --", "a d"},
		{"open comment", "a block comment may run to the end", "a /* b", "a"},
		{"slash star", "two symbols where nothing follows", "a /*", "a / *"},
		{"byte order mark", "white space where a token could begin", "\ufeffa", "a"},
		{"case of words", "SQLite does not tell it apart", "CREATE Table", "create table"},
		{"letters beyond ASCII", "their case counts", "É é", "É é"},
		{"quoted plain name", "quotes change nothing", "\"Ab\" `Ab` [Ab]", "ab ab ab"},
		{"quoted name", "one form for all three", "\"a b\" `a b` [a b]", `"a b" "a b" "a b"`},
		{"quoted reserved word", "without quotes it means something else", `"order"`, `"order"`},
		{"quoted soft keyword", "it may stand without quotes", `"key" "replace"`, "key replace"},
		{"quoted function of the time", "without quotes it is one", `"current_date"`, `"current_date"`},
		{"quotes in quotes", "doubled, as written in canonical text", "`a\"b` \"a`b\" 'it''s'", `"a""b" "a` + "`" + `b" 'it''s'`},
		{"strings keep their case", "they are data", "'Ab' x'4A'", "'Ab' x'4a'"},
		{"numbers", "a sign belongs to the exponent alone", "1.5E-3+2-0x1F .5", "1.5e-3 + 2 - 0x1f .5"},
		{"operators", "the longest wins", "a->>b||c<>d<=e==f!=g<<h", "a ->> b || c <> d <= e == f != g << h"},
		{"brackets and dots", "no space inside", "f ( a . b , c ) ;", "f(a.b, c);"},
		{"keyword before a bracket", "it is no call", "check(a) and(b) replace(c)", "check (a) and (b) replace(c)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			tokens, err := Canonical(c.sql)
			require.NoError(t, err)
			require.Equal(t, c.want, Render(tokens), c.reason)
		})
	}
}

func TestCanonicalRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, sql, want string }{
		{"string", "a 'b", `unclosed "'"`},
		{"name", `a "b`, `unclosed "\""`},
		{"name in brackets", "a [b", `unclosed "["`},
		{"blob", "a x'4a", `unclosed "x'"`},
		{"doubled last quote", "'a''", `unclosed "'"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Canonical(c.sql)
			require.EqualError(t, err, c.want, "SQLite refuses it too: %s", c.sql)
		})
	}
}

// FuzzCanonical: no text makes Canonical panic, no byte is lost between tokens,
// and the canonical text of tokens reads back as the same tokens.
func FuzzCanonical(f *testing.F) {
	for _, seed := range []string{
		"", "'", "a.b c", "x'4a' X'4A'", "1.5e-3+2", "0xe+1", ".5 . 5", "/* x */--y\na", "/*", "/*/", "[a b]`c`\"D\"", "\"key\"", "\ufeffa", "''''", `"a""b"`, "->> -> ||",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		tokens, err := Canonical(sql)
		if err != nil {
			return
		}
		text := Render(tokens)
		again, err := Canonical(text)
		require.NoError(t, err, "of the canonical text %q", text)
		require.Equal(t, texts(tokens), texts(again), "of the canonical text %q", text)
	})
}

func texts(tokens []Canon) []Canon {
	var bare []Canon
	for _, t := range tokens {
		bare = append(bare, Canon{Kind: t.Kind, Text: t.Text})
	}
	return bare
}

// FuzzPieces: no byte is lost or invented.
func FuzzPieces(f *testing.F) {
	for _, seed := range []string{"", "'", "E'\\", "$a$ x $a$", "$", "$1", "\"a\"\"b\"", "/* /* */", "-- x", "1e+5", "a.b(c integer)"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		text := ""
		for _, p := range Pieces(sql) {
			require.NotEmpty(t, p.Text)
			text += p.Text
		}
		require.Equal(t, sql, text)
	})
}
