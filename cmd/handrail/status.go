package main

import (
	"github.com/spf13/cobra"

	"github.com/handrail-db/handrail/report"
)

func statusCommand() *cobra.Command {
	var flags databaseFlags
	var asJSON, assert bool
	var asserts assertionTimeout
	c := &cobra.Command{
		Use:   "status [DIR]",
		Short: "Say where one database stands in a history",
		Long: `Say at which version one database stands, which revisions of DIR (./migrations where
it is not given) are applied, pending and failed, with the reason until an attempt
succeeds, and what became of the last attempt to move it. Nothing is changed. With
--assert the assertions that must hold there are run, each in a transaction that is
rolled back.

The exit status is 1 where the database is dirty, stands at a version that DIR does
not have or above a revision that was never applied, or an assertion does not hold.`,
		Example: "  handrail status migrations --url sqlite://store.db --json",
		Args:    oneFolder,
		RunE: func(c *cobra.Command, args []string) error {
			m, err := flags.newMove(c, args)
			if err == nil {
				err = asserts.apply(c, &m.Subject)
			}
			if err != nil {
				return err
			}
			position, err := m.Position(c.Context(), assert)
			if err != nil {
				return err
			}
			write := report.Position
			if asJSON {
				write = report.PositionJSON
			}
			if err := write(c.OutOrStdout(), position); err != nil {
				return err
			}
			if !position.Well() {
				return errFindings
			}
			return nil
		},
	}
	flags.add(c)
	c.Flags().BoolVar(&asJSON, "json", false, "print one object of JSON (report/JSON.md)")
	c.Flags().BoolVar(&assert, "assert", false, "run the assertions that must hold there")
	asserts.add(c)
	return c
}

func historyCommand() *cobra.Command {
	var flags databaseFlags
	var asJSON bool
	c := &cobra.Command{
		Use:   "history [DIR]",
		Short: "List the attempts to move one database",
		Long: `List what up, down, goto and force have done to one database, oldest first: revision,
when, by whom, how long it took, how many assertions held, and the error where there
was one. DIR (./migrations where it is not given) says where its version table is.`,
		Example: "  handrail history migrations --url sqlite://store.db",
		Args:    oneFolder,
		RunE: func(c *cobra.Command, args []string) error {
			m, err := flags.newMove(c, args)
			if err != nil {
				return err
			}
			attempts, err := m.Attempts(c.Context())
			if err != nil {
				return err
			}
			if asJSON {
				return report.AttemptsJSON(c.OutOrStdout(), attempts)
			}
			return report.Attempts(c.OutOrStdout(), attempts)
		},
	}
	flags.add(c)
	c.Flags().BoolVar(&asJSON, "json", false, "print one object of JSON (report/JSON.md)")
	return c
}
