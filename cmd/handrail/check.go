package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/report"
	"github.com/handrail-db/handrail/verify"
)

func checkCommand() *cobra.Command {
	var dialect string
	var names []string
	c := &cobra.Command{
		Use:   "check [DIR]",
		Short: "Walk a history on every engine and print a checklist",
		Long: `Walk the history in DIR (./migrations where it is not given) on every engine that
this machine has: up, down and up again at each revision, through golang-migrate,
comparing the whole catalogue. Databases are new and are dropped afterwards.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			flat, err := parseDialect(dialect)
			if err != nil {
				return err
			}
			engines, err := chooseEngines(names)
			if err != nil {
				return err
			}
			s, err := load(args, flat)
			if err != nil {
				return err
			}
			return check(c, engines, s)
		},
	}
	c.Flags().StringVar(&dialect, "dialect", "", "dialect of a folder without sub-folders: postgres or sqlite")
	c.Flags().StringArrayVar(&names, "engine", nil, "engine to verify on, repeatable (default all)")
	return c
}

// chooseEngines finds engines by name; no name means all.
func chooseEngines(names []string) ([]verify.Engine, error) {
	if len(names) == 0 {
		return fixtures.All(), nil
	}
	var engines []verify.Engine
	for _, name := range names {
		e, err := fixtures.Named(name)
		if err != nil {
			return nil, err
		}
		engines = append(engines, e)
	}
	return engines, nil
}

func check(c *cobra.Command, engines []verify.Engine, s verify.Subject) error {
	ships := false
	for _, e := range engines {
		ships = ships || s.Ships(e.Dialect())
	}
	if !ships {
		return fmt.Errorf("%s has no revisions for the engine asked for", s.Name)
	}
	progress := newProgress(c.ErrOrStderr())
	found, err := verify.Check(c.Context(), engines, s, verify.Options{Progress: progress.show})
	progress.clear()
	if c.Context().Err() != nil {
		return err
	}
	if e := report.Text(c.OutOrStdout(), found); e != nil {
		return errors.Join(err, e)
	}
	switch {
	case err != nil:
		return err
	case found.Summary.Errors > 0:
		return errFindings
	case found.Summary.Engines == 0:
		return errors.New("no engine to verify on")
	}
	return nil
}
