package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/report"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/move"
)

// moveFlags are the flags of the commands that change a database.
type moveFlags struct {
	databaseFlags
	dryRun, yes bool
	asserts     assertionTimeout
}

func (f *moveFlags) add(c *cobra.Command) {
	f.databaseFlags.add(c)
	f.asserts.add(c)
	c.Flags().BoolVar(&f.dryRun, "dry-run", false, "print the plan and change nothing")
}

// addYes adds --yes, to commands that may go down.
func (f *moveFlags) addYes(c *cobra.Command) {
	c.Flags().BoolVar(&f.yes, "yes", false, "go down without asking")
}

func upCommand() *cobra.Command {
	var flags moveFlags
	c := &cobra.Command{
		Use:   "up [DIR]",
		Short: "Migrate one database to head",
		Long: `Migrate one database to the last revision in DIR (./migrations where it is not
given), through golang-migrate and its version table. The plan is printed first.
A revision and its assertions are one transaction wherever that can be: where an
assertion does not hold nobody ever saw the revision, and the exit status is 1.

Before anything runs the version table is locked and compared with the plan: where
somebody else has moved the database meanwhile, nothing runs, and the exit status is 2.
golang-migrate that has read the version before that, under a lock of a name that
cannot be known or on SQLite, where it has none, cannot be kept from what it has
decided on: do not run both at once.`,
		Example: `  handrail up migrations --url sqlite://store.db
  handrail up --url postgres://me@localhost:5432/store --dry-run`,
		Args: oneFolder,
		RunE: func(c *cobra.Command, args []string) error {
			m, err := flags.newMove(c, args)
			if err != nil {
				return err
			}
			m.Way = finding.Up
			if m.Version, err = m.Subject.Head(m.Dialect); err != nil {
				return err
			}
			return flags.move(c, m)
		},
	}
	flags.add(c)
	return c
}

func downCommand() *cobra.Command {
	var flags moveFlags
	var to string
	c := &cobra.Command{
		Use:   "down [DIR]",
		Short: "Migrate one database down to a version, or to base",
		Long: `Migrate one database down to a version of the history in DIR (./migrations where it
is not given), or to base, where no revision is applied. What the revisions made is
gone then, rows included: without --yes a terminal is asked, and nothing happens
where there is none.`,
		Example: `  handrail down migrations --url sqlite://store.db --to 3 --yes
  handrail down --url postgres://me@localhost:5432/store --to base --dry-run`,
		Args: oneFolder,
		RunE: func(c *cobra.Command, args []string) error {
			if to == "" {
				return errors.New("down to where? say --to with a version, or --to base")
			}
			version, err := parseVersion("--to", to)
			if err != nil {
				return err
			}
			m, err := flags.newMove(c, args)
			if err != nil {
				return err
			}
			m.Way, m.Version = finding.Down, version
			return flags.move(c, m)
		},
	}
	flags.add(c)
	flags.addYes(c)
	c.Flags().StringVar(&to, "to", "", "`VERSION` to go down to, or base")
	return c
}

func gotoCommand() *cobra.Command {
	var flags moveFlags
	c := &cobra.Command{
		Use:   "goto VERSION [DIR]",
		Short: "Migrate one database up or down to a version, or to base",
		Long: `Migrate one database to a version of the history in DIR (./migrations where it is
not given), or to base, in whichever direction that is. It is up and down in all else.`,
		Example: "  handrail goto 7 migrations --url sqlite://store.db",
		Args:    versionAndFolder,
		RunE: func(c *cobra.Command, args []string) error {
			version, err := parseVersion("goto", args[0])
			if err != nil {
				return err
			}
			m, err := flags.newMove(c, args[1:])
			if err != nil {
				return err
			}
			m.Version = version
			return flags.move(c, m)
		},
	}
	flags.add(c)
	flags.addYes(c)
	return c
}

func forceCommand() *cobra.Command {
	var flags databaseFlags
	var yes bool
	c := &cobra.Command{
		Use:   "force VERSION [DIR]",
		Short: "Write down where the schema of one database stands, and run nothing",
		Long: `Write into the version table that the database stands at a version of the history in
DIR (./migrations where it is not given), or at base, and is not dirty. No revision
runs. It is for a database that a revision has left dirty, when a person has
finished or undone by hand what it left.`,
		Example: "  handrail force 7 migrations --url sqlite://store.db --yes",
		Args:    versionAndFolder,
		RunE: func(c *cobra.Command, args []string) error {
			version, err := parseVersion("force", args[0])
			if err != nil {
				return err
			}
			m, err := flags.newMove(c, args[1:])
			if err != nil {
				return err
			}
			m.Version = version
			if err := m.Target.(fixtures.Target).Missing(); err != nil {
				return err
			}
			question := fmt.Sprintf("%s: write down that it stands at %s, and run nothing?", m.Name, engine.State{Version: version})
			if err := agreed(c, yes, question, "force writes a version that nothing verifies"); err != nil {
				return err
			}
			m.Waiting = waiting(c, m.Name)
			out, err := m.Force(c.Context())
			if err == nil {
				fmt.Fprintf(c.OutOrStdout(), "%s: from %s to %s, by force\n", m.Name, out.Before, out.After)
			}
			return err
		},
	}
	flags.add(c)
	c.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return c
}

// move prints the plan and makes the move. A plan that could not be printed is not made,
// and one that goes down is not made unless somebody agrees.
func (f moveFlags) move(c *cobra.Command, m move.Move) error {
	out := c.OutOrStdout()
	if err := f.asserts.apply(c, &m.Subject); err != nil {
		return err
	}
	m.Waiting = waiting(c, m.Name)
	plan, err := m.Plan(c.Context())
	if err == nil && m.Way == finding.Down { // which begins somewhere
		err = m.Target.(fixtures.Target).Missing()
	}
	if err != nil {
		return err
	}
	printPlan(out, m, plan)
	if err := lost(out); err != nil {
		return fmt.Errorf("nothing is changed: nobody has seen the plan: %w", err)
	}
	if f.dryRun {
		return nil
	}
	if plan.Down() {
		question := fmt.Sprintf("Go down to %s? What the revisions made is gone then, rows included.", engine.State{Version: m.Version})
		if err := agreed(c, f.yes, question, "a way down takes away what the revisions made, rows included"); err != nil {
			return err
		}
		m.From = &plan.At
	}
	moved, err := m.Make(c.Context())
	switch {
	case moved.Before != moved.After:
		fmt.Fprintf(out, "%s: from %s to %s\n", m.Name, moved.Before, moved.After)
	case err == nil && moved.Broken == nil && len(plan.Steps) > 0:
		fmt.Fprintf(out, "%s: is at %s already\n", m.Name, moved.After)
	}
	if err == nil && moved.Broken != nil {
		if err := report.Broken(out, moved); err != nil {
			return err
		}
		return errFindings
	}
	return err
}

func printPlan(out io.Writer, m move.Move, plan move.Plan) {
	if len(plan.Steps) == 0 {
		fmt.Fprintf(out, "%s: is at %s already\n", m.Name, plan.At)
		return
	}
	fmt.Fprintf(out, "plan for %s (%s), at %s, to %s:\n", m.Name, m.URL, plan.At, engine.State{Version: m.Version})
	assertions := 0
	for _, step := range plan.Steps {
		fmt.Fprintf(out, "  %s\n", step)
		assertions += step.Assertions
	}
	if assertions > 0 {
		fmt.Fprintf(out, "  what assertions write is rolled back; a statement of one may take %s\n", plan.AssertionTimeout)
	}
}
