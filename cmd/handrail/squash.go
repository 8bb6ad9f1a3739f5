package main

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/handrail-db/handrail/verify"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
)

// squashFlags are the flags of the command, as they were given.
type squashFlags struct {
	check   bool
	dialect string
	engines []string
	reports []string
	prelude string
}

func squashCommand() *cobra.Command {
	var flags squashFlags
	c := &cobra.Command{
		Use:   "squash --check OLD NEW",
		Short: "Prove that a new baseline gives what an old history gives",
		Long: `Climb the history in OLD and the one in NEW on every engine that this machine has, and
compare what they leave: the whole catalogue, and every row that the revisions write
themselves. A difference is a finding, exit status 1. What the server or the clock
chooses may differ: columns in another order, automatic names, serials, times.

The new baseline is written by hand: handrail schema OLD prints what it has to make.
Give it the version of the last revision that it replaces, so that databases which
have that have the baseline. When both give the same, put it into the place of the
old files, and publish it: handrail lock --rewrite REASON.`,
		Example: "  handrail squash --check db/migrations db/squashed",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 2 {
				return errors.New("want two folders, the old history and the new one; see handrail squash --help")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return flags.run(c, args) },
	}
	c.Flags().BoolVar(&flags.check, "check", false, "compare the two, and write nothing")
	dialectFlag(c, &flags.dialect)
	c.Flags().StringArrayVar(&flags.engines, "engine", nil, "`ENGINE` to compare on: postgres, sqlite-file or sqlite-memory; repeatable\n(default all that the folders have revisions for)")
	c.Flags().StringArrayVar(&flags.reports, "report", nil, "report as `FORMAT[=FILE]`, text or json; repeatable (default text, where no\nother goes to standard output)")
	c.Flags().StringVar(&flags.prelude, "prelude", "", "`FILE` of SQL that runs in every new database before the first revision")
	return c
}

func (flags squashFlags) run(c *cobra.Command, args []string) error {
	if !flags.check {
		return errors.New("squash only compares: write the new baseline by hand (handrail schema OLD prints what it has to make), then run handrail squash --check OLD NEW")
	}
	outlets, err := parseOutlets(flags.reports)
	if err != nil {
		return err
	}
	subjects := make([]history.Subject, 2)
	for i := range subjects {
		if subjects[i], err = loadFlat(c, args[i:i+1], flags.dialect, flags.engines); err != nil {
			return err
		}
		if subjects[i].Prelude, err = readPrelude(c.Context(), flags.prelude); err != nil {
			return err
		}
	}
	old, squashed := subjects[0], subjects[1]
	engines, err := chooseEngines(flags.engines, squashed)
	if err != nil {
		return err
	}
	if _, err := chooseEngines(flags.engines, old); err != nil {
		return err
	}
	found, err := verify.Squash(c.Context(), engines, old, squashed)
	if err != nil && len(found.Runs) == 0 {
		return err
	}
	if c.Context().Err() != nil {
		err = interrupted(c.Context(), err, false)
	}
	if e := write(c.Context(), c.OutOrStdout(), c.ErrOrStderr(), outlets, found); e != nil {
		return errors.Join(err, e)
	}
	return outcome(found, finding.Error, err)
}
