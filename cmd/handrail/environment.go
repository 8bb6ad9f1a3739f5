package main

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// A variable of the environment, and what it means, in Markdown.
type variable struct{ name, meaning string }

// environment is every variable that handrail reads. The help and the tables in
// both READMEs are written from it.
var environment = []variable{
	{"HANDRAIL_SCRATCH_URL", "a Postgres server (15 to 18) on which databases called `handrail_…` may be made and dropped"},
	{"HANDRAIL_POSTGRES", "`url`, `docker` or `local`: this one and no other"},
	{"HANDRAIL_POSTGRES_IMAGE", "the image for Docker, `postgres:17` if not set"},
	{"HANDRAIL_IDLE", "how long a server that handrail started lives without a client, `10m` if not set"},
	{"HANDRAIL_KEEP", "`1`: what a failed test leaves is kept for good"},
	{"HANDRAIL_WITHOUT", "engines to do without, with commas between; where it names all of them tests skip and `check` ends with 0, both saying so"},
	{targetVariable, "the URL of the database that `up`, `down`, `goto` and `force` change and that `status` and `history` look at, where there is no `--url`; where `handrail.toml` names another variable, as `env` under `[target]`, that one counts and this one does not"},
	{"CI", "`true`: an engine that is not to be had is an error, unless `HANDRAIL_WITHOUT` names it"},
}

// An exitStatus, and what it means.
type exitStatus struct {
	status  int
	meaning string
}

var exitStatuses = []exitStatus{
	{statusOK, "nothing found"},
	{statusFindings, "findings of severity error, or of the one that `--fail-on` names; an assertion took its revision back; `status` found a database that is not well"},
	{statusBroken, "usage, or something could not be run: nothing counts as passed"},
}

// helpWidth is how many characters a line of a help text has at most.
const helpWidth = 80

// helpEnvironment is the exit statuses and the environment as help shows them.
func helpEnvironment() string {
	var b strings.Builder
	b.WriteString("Exit status:\n")
	for _, s := range exitStatuses {
		writeEntry(&b, fmt.Sprint(s.status), 1, s.meaning)
	}
	b.WriteString("\nEnvironment:\n")
	width := 0
	for _, v := range environment {
		width = max(width, len(v.name))
	}
	for _, v := range environment {
		writeEntry(&b, v.name, width, v.meaning)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// writeEntry writes a name in a column, and beside it what it means.
func writeEntry(b *strings.Builder, name string, width int, meaning string) {
	for i, line := range fold(strings.ReplaceAll(meaning, "`", ""), helpWidth-width-4) {
		if i > 0 {
			name = ""
		}
		fmt.Fprintf(b, "  %-*s  %s\n", width, name, line)
	}
}

// fold breaks a text between words, into lines of at most so many characters.
func fold(text string, width int) (lines []string) {
	for _, word := range strings.Fields(text) {
		last := len(lines) - 1
		if last < 0 || utf8.RuneCountInString(lines[last]+" "+word) > width {
			lines = append(lines, word)
			continue
		}
		lines[last] += " " + word
	}
	return lines
}
