package verify

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
)

// FuzzDirectives: whatever stands in a file, each waiver and each declaration that is
// read stands in the line that it is said to stand in; one above it is read as it was
// written and moves the others by a line; and an error names file and line.
func FuzzDirectives(f *testing.F) {
	for _, seed := range []string{
		"-- handrail:allow loss ix_a because nothing uses it\nSELECT 1;", "-- handrail:allow\n-- handrail:allow x\n/* handrail:allow loss because\n y */",
		"-- handrail:only postgres ix because GIN\nSELECT 1; -- handrail:only sqlite because x", "-- handrail:raises (\nSELECT 1;", "-- handrail:raises x\n\nSELECT 1;\n-- handrail:raises y",
		"-- handrail:until 1\nSELECT 1", "-- handrail:until 7\nSELECT 1", "SELECT '-- handrail:allow loss because x';", "$$\n-- handrail:allow loss because\n$$", "'", "/*\n/*\n*/", "--handrail:allow  loss  a b  because because",
		"-- handrail:allow \u2028loss because x", "COMMIT; -- handrail:until",
	} {
		f.Add(seed)
	}
	at := regexp.MustCompile(`^a\.sql(:\d+)?: `)
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			t.Skip("no file")
		}
		for _, d := range dialect.All() {
			read := func(text string) ([]finding.Waiver, []*declaration) {
				r := history.Revision{Version: 1, Name: "a", Up: &history.File{Name: "a.sql", SQL: text}}
				c := &Pass{dialect: d, history: history.History{Dialect: d, Revisions: []history.Revision{r}}}
				return c.waivers(r), declarations(history.Subject{}, d, &r, 0)
			}
			waivers, declared := read(text)
			lines := strings.Split(text, "\n")
			stands := func(line int, mark string) {
				require.True(t, line >= 1 && line <= len(lines), "line %d of %q", line, text)
				require.Contains(t, strings.Join(lines[line-1:], "\n"), mark, "line %d of %q", line, text)
			}
			for _, w := range waivers {
				stands(w.Line, allowMark)
			}
			for _, o := range declared {
				stands(o.line, onlyMark)
			}
			more, moreDeclared := read("-- handrail:allow loss ix_a because of that\n-- handrail:only sqlite t because of this\n" + text)
			require.Len(t, more, len(waivers)+1)
			require.Equal(t, []string{"loss", "ix_a", "of that"}, []string{string(more[0].Rule), more[0].Object, more[0].Because})
			for i, w := range waivers {
				w.Line += 2
				require.Equal(t, w, more[i+1])
			}
			require.Len(t, moreDeclared, len(declared)+1)
			for i, o := range declared {
				o.line += 2
				require.Equal(t, o, moreDeclared[i+1])
			}
			r := history.Revision{Version: 1, Name: "a"}
			if _, err := history.ParseAssertion(history.History{Dialect: d, Revisions: []history.Revision{r}}, r, &history.File{Name: "a.sql", SQL: text}); err != nil {
				require.Regexp(t, at, err.Error())
			}
		}
	})
}
