package main

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/handrail-db/handrail/verify"
)

func lockCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "lock [DIR]",
		Short: "Give each migration in TOML or JSON its ordinal, for good",
		Long: `Append each migration in DIR (./migrations where it is not given) that has no ordinal
to handrail.lock, in the order in which they are applied: one after all that it
needs, and then by name. What is there stays as it is. Where DIR has a sub-folder
for each dialect, each has a handrail.lock of its own.

Commit the file with the migrations: up refuses what is not in it, and two branches
that each add a migration meet in a merge conflict there.`,
		Example: "  handrail lock\n  handrail lock db/migrations",
		Args:    oneFolder,
		RunE:    func(c *cobra.Command, args []string) error { return lock(c, args) },
	}
}

// lock writes all lock files of a folder, or none where one cannot be made.
func lock(c *cobra.Command, args []string) error {
	s, err := load(args, verify.Postgres) // the order is the same in any dialect
	if err != nil {
		return err
	}
	locks, err := locksOf(s)
	if err != nil {
		return err
	}
	for _, l := range locks {
		if len(l.Added) == 0 {
			fmt.Fprintf(c.OutOrStdout(), "%s: nothing to add\n", l.File)
			continue
		}
		if err := replace(filepath.FromSlash(l.File), l.Text); err != nil {
			return err
		}
		for _, r := range l.Added {
			fmt.Fprintf(c.OutOrStdout(), "%s: %d %s\n", l.File, r.Version, r.Name)
		}
	}
	return nil
}

// locksOf are the lock files of a subject, one a dialect.
func locksOf(s verify.Subject) ([]verify.Lock, error) {
	var locks []verify.Lock
	for _, d := range shipped(s) {
		l, err := s.Lock(d)
		if err != nil {
			return nil, err
		}
		locks = append(locks, l)
	}
	return locks, nil
}

// shipped are the dialects that a subject has revisions for.
func shipped(s verify.Subject) []verify.Dialect {
	return slices.DeleteFunc([]verify.Dialect{verify.Postgres, verify.SQLite}, func(d verify.Dialect) bool { return !s.Ships(d) })
}
