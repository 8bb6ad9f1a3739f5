package handrail_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail"
	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/history"
)

var updateReadme = flag.Bool("update", false, "rewrite the table in README.md")

// suites are the folders whose tests the README's table lists.
var suites = []string{"schema_test", "stairway_test", "appendonly_test"}

// TestReadmeTable asks the suites for their tests and compares which engine runs
// which with the table in the README; -update writes it.
func TestReadmeTable(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	begin, end := []byte("<!-- table: written by `go test -run TestReadme -update .` -->\n"), []byte("<!-- end of table -->")
	head, rest, ok := bytes.Cut(readme, begin)
	require.True(t, ok, "README.md: the mark before the table is missing")
	old, tail, ok := bytes.Cut(rest, end)
	require.True(t, ok, "README.md: the mark behind the table is missing")
	table := engineTable(t)
	if *updateReadme {
		text := slices.Concat(head, begin, []byte(table), end, tail)
		require.NoError(t, os.WriteFile("README.md", text, 0o644))
		return
	}
	require.Equal(t, table, string(old), "README.md: the table is out of date: go test -run TestReadme -update .")
}

// engineTable is the table in Markdown, from what `go test` tells of a run.
func engineTable(t *testing.T) string {
	ran := map[string]map[string]bool{} // by suite and test: the engines
	for _, suite := range suites {
		for test, engines := range testsOf(t, suite) {
			ran[suite+" | "+test] = engines
		}
	}
	var b strings.Builder
	b.WriteString("| suite | test |")
	rule := "|---|---|"
	for _, e := range fixtures.All() {
		b.WriteString(" " + e.Name() + " |")
		rule += "---|"
	}
	b.WriteString("\n" + rule + "\n")
	for _, row := range slices.Sorted(maps.Keys(ran)) {
		b.WriteString("| " + row + " |")
		for _, e := range fixtures.All() {
			mark := " "
			if ran[row][e.Name()] || len(ran[row]) == 0 {
				mark = " yes "
			}
			if len(ran[row]) == 0 {
				mark = " – "
			}
			b.WriteString(mark + "|")
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// testsOf lists the tests of a suite, each with the engines that it has subtests
// for; none for a test that needs no engine. The suite runs on the fastest engine
// alone: on the others each test is begun and skipped, which says enough here.
func testsOf(t *testing.T, suite string) map[string]map[string]bool {
	var names []string
	for _, e := range fixtures.All() {
		if e != fixtures.SQLiteMemory {
			names = append(names, e.Name())
		}
	}
	cmd := exec.CommandContext(t.Context(), "go", "test", "-json", "./"+suite)
	cmd.Env = append(os.Environ(), "CI=", "HANDRAIL_WITHOUT="+strings.Join(names, ","))
	out, err := cmd.Output()
	require.NoError(t, err, "%s fails:\n%s", suite, out)
	tests := map[string]map[string]bool{}
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var event struct{ Action, Test string }
		require.NoError(t, json.Unmarshal(lines.Bytes(), &event))
		if event.Action != "run" {
			continue
		}
		name, sub, _ := strings.Cut(event.Test, "/")
		if tests[name] == nil {
			tests[name] = map[string]bool{}
		}
		for part := range strings.SplitSeq(sub, "/") {
			if _, err := fixtures.Named(part); err == nil {
				tests[name][part] = true
			}
		}
	}
	require.NoError(t, lines.Err())
	return tests
}

// TestReadmeSnippets compiles the Go of the README, so that what a newcomer
// copies works.
func TestReadmeSnippets(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	blocks := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllSubmatch(readme, -1)
	require.NotEmpty(t, blocks)
	root, err := os.Getwd()
	require.NoError(t, err)
	overlay := map[string]map[string]string{"Replace": {}}
	dir := t.TempDir()
	for i, block := range blocks {
		text := string(block[1])
		if !strings.HasPrefix(text, "package ") { // a part of the file before
			text = "package readme_test\n\nimport (\n\t\"os\"\n\t\"testing\"\n\n\t\"github.com/handrail-db/handrail\"\n\t\"github.com/handrail-db/handrail/fixtures\"\n)\n\n" +
				strings.Replace(text, "\t//", "\t_ = db\n\t//", 1)
		}
		text = regexp.MustCompile(`^package \w+`).ReplaceAllString(text, "package readme_test")
		file := filepath.Join(dir, fmt.Sprintf("snippet%d_test.go", i))
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		overlay["Replace"][filepath.Join(root, "readme", filepath.Base(file))] = file
	}
	list, err := json.Marshal(overlay)
	require.NoError(t, err)
	overlayFile := filepath.Join(dir, "overlay.json")
	require.NoError(t, os.WriteFile(overlayFile, list, 0o600))
	out, err := exec.CommandContext(t.Context(), "go", "test", "-vet=off", "-c", "-o", filepath.Join(dir, "snippets.test"), "-overlay", overlayFile, "./readme").CombinedOutput()
	require.NoError(t, err, "%s", out)
}

// TestReadmeConfig reads the handrail.toml of the README.
func TestReadmeConfig(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	m := regexp.MustCompile("(?s)holds what is not about one file:\n\n```toml\n(.*?)```").FindSubmatch(readme)
	require.NotNil(t, m, "README.md: the handrail.toml is missing")
	folder := files("0001_a.up.sql", "SELECT 1;", history.ConfigFile, string(m[1]))
	s := handrail.Load(t, folder, dialect.Postgres)
	require.NotNil(t, s.Floor)
	variable, err := history.TargetEnv(folder)
	require.NoError(t, err)
	require.NotEmpty(t, variable)
}

// TestDocuments looks for the files that README.md and CONTRIBUTING.md name: what
// is between backticks and is a path, and what a link leads to.
func TestDocuments(t *testing.T) {
	t.Parallel()
	named := regexp.MustCompile("`((?:cmd|examples|fixtures|migrations|report|verify|schema_test|stairway_test|appendonly_test|\\.ci|\\.github)/[\\w./*-]*)`|\\]\\(([\\w./-]+)\\)")
	for _, document := range []string{"README.md", "CONTRIBUTING.md", "ARCHITECTURE.md"} {
		text, err := os.ReadFile(document)
		require.NoError(t, err)
		found := 0
		for _, m := range named.FindAllStringSubmatch(string(text), -1) {
			there, err := filepath.Glob(m[1] + m[2])
			require.NoError(t, err)
			require.NotEmpty(t, there, "%s names %s, which is not there", document, m[1]+m[2])
			found++
		}
		require.NotZero(t, found, document)
	}
}
