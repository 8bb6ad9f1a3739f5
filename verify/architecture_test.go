package verify_test

import (
	"bytes"
	"cmp"
	"fmt"
	"go/doc"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const architectureFile = "../ARCHITECTURE.md"

// TestArchitecture: the table of layers on the page is that of the test.
func TestArchitecture(t *testing.T) {
	t.Parallel()
	packages, _ := listPackages(t)
	slices.SortFunc(packages, func(a, b listed) int {
		return cmp.Or(cmp.Compare(layers[a.short()], layers[b.short()]), cmp.Compare(a.ImportPath, b.ImportPath))
	})
	var table strings.Builder
	table.WriteString("| layer | package | |\n|---|---|---|\n")
	for _, p := range packages {
		name := cmp.Or(p.short(), "handrail")
		said := synopsis(t, p)
		require.NotEmpty(t, said, "%s has no package comment", name)
		fmt.Fprintf(&table, "| %d | `%s` | %s |\n", layers[p.short()], name, said)
	}
	text, err := os.ReadFile(architectureFile)
	require.NoError(t, err)
	_, rest, ok := bytes.Cut(text, []byte("-update` -->\n"))
	require.True(t, ok)
	old, _, ok := bytes.Cut(rest, []byte("<!-- end -->"))
	require.True(t, ok)
	if *update {
		require.NoError(t, os.WriteFile(architectureFile, bytes.Replace(text, append(append([]byte("-update` -->\n"), old...), "<!-- end -->"...), []byte("-update` -->\n"+table.String()+"<!-- end -->"), 1), 0o644))
		return
	}
	require.Equal(t, table.String(), string(old), "write it anew: go test ./verify -run TestArchitecture -update")
}

// synopsis is the first sentence of a package's comment, without its beginning.
func synopsis(t *testing.T, p listed) string {
	t.Helper()
	for _, file := range p.GoFiles {
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, file), nil, parser.ParseComments|parser.PackageClauseOnly)
		require.NoError(t, err)
		if f.Doc == nil {
			continue
		}
		said := new(doc.Package).Synopsis(f.Doc.Text())
		for _, begin := range []string{"Package ", "Command "} {
			said = strings.TrimPrefix(said, begin)
		}
		_, said, _ = strings.Cut(said, " ")
		return strings.NewReplacer("[", "", "]", "").Replace(said)
	}
	return ""
}
