package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"
)

// TestNothingEmpty gives every flag of every command nothing, and a blank: that is
// an error, whatever the environment says, and no database is made.
func TestNothingEmpty(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	require.NoError(t, os.MkdirAll(filepath.Join("migrations", "sqlite"), 0o777))
	require.NoError(t, os.WriteFile(filepath.Join("migrations", "sqlite", "0001_a.up.sql"), []byte("CREATE TABLE a (n);"), 0o666))
	t.Setenv(targetVariable, "sqlite://other.db")
	needs := map[string][]string{
		"goto": {"1"}, "force": {"1"}, "squash": {"migrations", "migrations"}, "new": {"name"}, "rules": nil, "engines": nil,
	}
	flags := 0
	for _, c := range rootCommand().Commands() {
		if c.PreRunE == nil {
			continue // the library's own
		}
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if f.Name == "help" {
				return
			}
			flags++
			for _, value := range []string{"", "  "} {
				args := append([]string{c.Name()}, needs[c.Name()]...)
				status, stdout, stderr := command(t, append(args, "--"+f.Name+"="+value)...)
				require.Equal(t, statusBroken, status, "%s --%s=%q: %s%s", c.Name(), f.Name, value, stdout, stderr)
				require.Contains(t, stderr, "--"+f.Name, "%s", c.Name())
				require.Empty(t, stdout)
			}
		})
		if takesArguments(c) {
			args := append([]string{c.Name()}, needs[c.Name()]...)
			if len(needs[c.Name()]) == 2 {
				args = args[:2]
			}
			status, stdout, stderr := command(t, append(args, "")...)
			require.Equal(t, statusBroken, status, "%s: %s%s", c.Name(), stdout, stderr)
			require.Contains(t, stderr, "an argument is empty", "%s", c.Name())
		}
	}
	require.Greater(t, flags, 40)
	_, err := os.Stat("other.db")
	require.ErrorIs(t, err, os.ErrNotExist)
}

func takesArguments(c *cobra.Command) bool {
	return c.Args(c, nil) != nil || c.Args(c, []string{"x"}) == nil
}
