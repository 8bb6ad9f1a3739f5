package main

import (
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/history"
)

func lockCommand() *cobra.Command {
	var reason, d string
	c := &cobra.Command{
		Use:   "lock [DIR]",
		Short: "Publish revisions: write down what they are, so that an edit is seen",
		Long: `Append each revision in DIR (./migrations where it is not given) that is not there yet
to handrail.lock: its version, its name, and checksums of its SQL, in which comments
and white space do not count. What is there stays as it is. Where DIR has a sub-folder
for each dialect, each has a handrail.lock of its own. The first revision is the
baseline.

Commit the file with the revisions: check says when one that is published is edited,
and two branches that each add a revision meet in a merge conflict there. To migrations
in TOML or JSON it gives their ordinals, for good, in the order in which they are
applied: up refuses what is not in it.

With --rewrite what has changed is published anew: edited, renamed or removed
revisions, and new ones that are not the last. The reason stays in the file.`,
		Example: "  handrail lock\n  handrail lock db/migrations\n  handrail lock --rewrite \"0007 is not released yet\"",
		Args:    oneFolder,
	}
	dialectFlag(c, &d)
	c.Flags().StringVar(&reason, "rewrite", "", "publish anew what has changed, and keep the `REASON` in the file")
	c.RunE = func(c *cobra.Command, args []string) error {
		publish := publishing(history.Subject.Lock)
		if c.Flags().Changed("rewrite") {
			publish = func(s history.Subject, d dialect.Dialect) (history.Lock, error) { return s.Relock(d, reason) }
		}
		return lock(c, args, d, publish)
	}
	return c
}

// publishing makes the lock of a dialect.
type publishing func(history.Subject, dialect.Dialect) (history.Lock, error)

// lock writes all lock files of a folder, or none where one cannot be made.
func lock(c *cobra.Command, args []string, d string, publish publishing) error {
	s, err := loadFlat(c, args, d, nil)
	if err != nil {
		return err
	}
	locks, err := locksOf(s, publish)
	if err != nil {
		return err
	}
	for _, l := range locks {
		if l.Changed {
			if err := replace(filepath.FromSlash(l.File), l.Text); err != nil {
				return err
			}
		}
		saidOf(c.OutOrStdout(), l)
	}
	return nil
}

// locksOf are the lock files of a subject, one for each dialect that it has revisions for.
func locksOf(s history.Subject, publish publishing) ([]history.Lock, error) {
	var locks []history.Lock
	for _, d := range shipped(s) {
		l, err := publish(s, d)
		if err != nil {
			return nil, err
		}
		locks = append(locks, l)
	}
	return locks, nil
}

// saidOf prints what became of a lock.
func saidOf(out io.Writer, l history.Lock) {
	if !l.Changed {
		fmt.Fprintf(out, "%s: nothing to add\n", l.File)
	}
	for _, r := range l.Completed {
		fmt.Fprintf(out, "%s: %s has its checksums now\n", l.File, r)
	}
	for _, r := range l.Added {
		fmt.Fprintf(out, "%s: %s\n", l.File, r)
	}
	for _, line := range l.Rewritten {
		fmt.Fprintf(out, "%s: %s\n", l.File, line)
	}
	for _, label := range l.Differing {
		fmt.Fprintf(out, "%s: %s is not what was published, and its line stays: take the edit back, or say why with --rewrite REASON\n", l.File, label)
	}
}
