package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
)

// oneFolder allows DIR and nothing else.
func oneFolder(c *cobra.Command, args []string) error {
	if len(args) > 1 {
		return fmt.Errorf("want one folder, got %d: %s; see %s --help", len(args), strings.Join(args, " "), c.CommandPath())
	}
	return nil
}

// nothing allows no arguments.
func nothing(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("want no arguments, got %s; see %s --help", strings.Join(args, " "), c.CommandPath())
	}
	return nil
}

// versionAndFolder allows VERSION and DIR.
func versionAndFolder(c *cobra.Command, args []string) error {
	if len(args) < 1 || len(args) > 2 {
		return fmt.Errorf("want a version, or base, and at most one folder; see %s --help", c.CommandPath())
	}
	return nil
}

// nameAndFolder allows NAME and DIR.
func nameAndFolder(c *cobra.Command, args []string) error {
	if len(args) < 1 || len(args) > 2 {
		return fmt.Errorf("want a name, and at most one folder; see %s --help", c.CommandPath())
	}
	return nil
}

// parseVersion reads a version, or base. The flag or command that it was given to is
// named in the error.
func parseVersion(what, text string) (int64, error) {
	if text == "base" {
		return engine.Base, nil
	}
	version, err := strconv.ParseInt(text, 10, 64)
	if err != nil || version < 0 {
		return 0, fmt.Errorf("%s %q: want a version, or base", what, text)
	}
	return version, nil
}

// shellWord is a word of a command line, in quotes where it needs them.
func shellWord(word string) string {
	if word == "" || strings.ContainsFunc(word, func(r rune) bool { return r <= ' ' || r == '"' || r == 0x7f }) {
		return fmt.Sprintf("%q", word)
	}
	return word
}

// parseSeverity reads the value of --fail-on.
func parseSeverity(text string) (finding.Severity, error) {
	switch s := finding.Severity(text); s {
	case finding.Error, finding.Warning, finding.Note:
		return s, nil
	}
	return "", fmt.Errorf("--fail-on %q: want error, warning or note", text)
}

// noneEmpty refuses a flag or an argument that is empty, as "$URL" is where the shell has
// no such variable. A default in its place would be something that nobody has named.
func noneEmpty(c *cobra.Command, args []string) error {
	var errs []error
	c.Flags().Visit(func(f *pflag.Flag) {
		values := []string{f.Value.String()}
		if list, ok := f.Value.(pflag.SliceValue); ok {
			values = list.GetSlice()
		}
		if slices.ContainsFunc(values, blank) {
			errs = append(errs, fmt.Errorf("--%s is empty: give it a value or leave it out; a variable of the shell that is not set gives none", f.Name))
		}
	})
	if slices.ContainsFunc(args, blank) {
		errs = append(errs, fmt.Errorf("an argument is empty: give it a value or leave it out; a variable of the shell that is not set gives none"))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("%w; see %s --help", err, c.CommandPath())
	}
	return nil
}

func blank(value string) bool { return strings.TrimSpace(value) == "" }
