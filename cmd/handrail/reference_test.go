package main

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/verify"
)

// remake is the command that writes what TestReference compares.
const remake = "go test ./cmd/handrail -run TestReference -update"

// TestReference compares README.md with the command, and the table of the
// environment in the README of the project with the list that help prints.
func TestReference(t *testing.T) {
	t.Parallel()
	compare(t, "README.md", reference())
	project := filepath.Join("..", "..", "README.md")
	text, err := os.ReadFile(project)
	require.NoError(t, err)
	head, rest, ok := strings.Cut(string(text), "<!-- environment: written by `"+remake+"` -->\n")
	require.True(t, ok, "%s: the mark before the environment is missing", project)
	_, tail, ok := strings.Cut(rest, "<!-- end of environment -->")
	require.True(t, ok, "%s: the mark behind the environment is missing", project)
	compare(t, project, strings.TrimSuffix(string(text), rest)+environmentTable()+"<!-- end of environment -->"+tail)
	require.NotContains(t, head, "HANDRAIL_SCRATCH_URL` |", "%s: a second table of the environment", project)
}

// compare compares a file with what it should be, or writes it.
func compare(t *testing.T, file, want string) {
	t.Helper()
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(want), 0o644))
		return
	}
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, want, string(text), "%s is out of date: %s", file, remake)
}

// reference is the whole reference, in Markdown.
func reference() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# The command, from itself\n\n<!-- Written by `%s`: change the command, not this file. -->\n\n", remake)
	b.WriteString("[Commands](#commands) · [exit status](#exit-status) · [environment](#environment) · [rules](#rules)\n\n## Commands\n\n| command | what it does |\n|---|---|\n")
	commands := rootCommand().Commands()
	for _, c := range commands {
		fmt.Fprintf(&b, "| [`%s`](#%s) | %s |\n", c.UseLine(), anchor(c.CommandPath()), c.Short)
	}
	for _, c := range commands {
		fmt.Fprintf(&b, "\n### %s\n\n%s", c.CommandPath(), fenced(help(c)))
	}
	b.WriteString("\n## Exit status\n\n| status | meaning |\n|---|---|\n")
	for _, s := range exitStatuses {
		fmt.Fprintf(&b, "| %d | %s |\n", s.status, s.meaning)
	}
	b.WriteString("\n## Environment\n\n" + environmentTable() + "\n## Rules\n\n")
	for _, doc := range verify.Rules {
		fmt.Fprintf(&b, "### %s\n\n- Severity: %s\n- Condition: %s\n- Effect: %s\n- Remedy: %s\n\n", doc.Rule, doc.Severity, literal(doc.Condition), literal(doc.Effect), literal(doc.Remedy))
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// help is what a command prints about itself.
func help(c *cobra.Command) string {
	c.InitDefaultHelpFlag()
	about := c.Long
	if about == "" {
		about = c.Short
	}
	return about + "\n\n" + c.UsageString()
}

// fenced is a text as a block of code.
func fenced(text string) string {
	var b strings.Builder
	b.WriteString("```text\n")
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String() + "```\n"
}

// anchor is where a heading is.
func anchor(heading string) string { return strings.ReplaceAll(heading, " ", "-") }

// literal is a text in which Markdown sees nothing but text.
func literal(text string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `_`, `\_`, `<`, `\<`, "`", "\\`", `[`, `\[`).Replace(text)
}

func environmentTable() string {
	var b strings.Builder
	b.WriteString("| variable | meaning |\n|---|---|\n")
	for _, v := range environment {
		fmt.Fprintf(&b, "| `%s` | %s |\n", v.name, v.meaning)
	}
	return b.String()
}

// TestEnvironment looks for the variables that the code names, so that none is
// missing in the list and none is there that nobody reads.
func TestEnvironment(t *testing.T) {
	t.Parallel()
	named := map[string]bool{}
	pattern := regexp.MustCompile(`"(HANDRAIL_[A-Z_]+|CI)"`)
	require.NoError(t, fs.WalkDir(os.DirFS(filepath.Join("..", "..")), ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || path == "cmd/handrail/environment.go" {
			return err
		}
		text, err := os.ReadFile(filepath.Join("..", "..", path))
		for _, m := range pattern.FindAllStringSubmatch(string(text), -1) {
			named[m[1]] = true
		}
		return err
	}))
	var listed []string
	for _, v := range environment {
		listed = append(listed, v.name)
	}
	require.ElementsMatch(t, slices.Sorted(maps.Keys(named)), listed)
}

// TestPackageComment looks for each command in the comment of the package, which
// is what a reader of the documentation on the web sees.
func TestPackageComment(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("main.go")
	require.NoError(t, err)
	for _, c := range rootCommand().Commands() {
		require.Regexp(t, `(?m)^//	handrail `+c.Name()+`( [A-Z]| \[|  )`, string(text))
	}
}

// TestFold breaks lines at the width, and never inside a word.
func TestFold(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"ab cd", "ef"}, fold("ab cd ef", 5))
	require.Equal(t, []string{"……… …"}, fold(" ………\n… ", 5), "characters are counted, not bytes")
	require.Equal(t, []string{"a", "longword", "b"}, fold("a longword b", 5))
}
