package main

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/handrail-db/handrail/verify"
	"github.com/handrail-db/handrail/verify/finding"
)

// checkFlags are the flags of the command, as they were given.
type checkFlags struct {
	dialect string
	engines []string
	reports []string
	to      int64
	only    []int64
	since   string
	prelude string
	timeout time.Duration
	failOn  string
	accept  bool
	keep    bool
	runner  runnerFlags
	asserts assertionTimeout
}

func checkCommand() *cobra.Command {
	var flags checkFlags
	c := &cobra.Command{
		Use:   "check [DIR]",
		Short: "Walk a history on every engine and print a checklist",
		Long: `Walk the history in DIR (./migrations where it is not given) on every engine that
this machine has: up, down and up again at each revision, through golang-migrate,
comparing the whole catalogue and, where there are any, every row. Databases are
new and are dropped afterwards.

DIR holds golang-migrate files (0001_name.up.sql, 0001_name.down.sql) or migrations in
TOML or JSON, those of one dialect in the folder itself, or each dialect's in a
sub-folder, postgres and sqlite. Where there are, these are read too:
0001_name.seed.sql, rows that must be there before a revision runs;
0001_name.assert.sql, what must hold after it; handrail.toml; the declared models
schema.postgres.sql and schema.sqlite.sql.

The SQL of the revisions runs with the rights of the server's user.`,
		Example: `  handrail check
  handrail check db/migrations --dialect postgres
  handrail check --since origin/main
  handrail check --engine sqlite-memory --report json=report.json`,
		Args: oneFolder,
		RunE: func(c *cobra.Command, args []string) error { return flags.check(c, args) },
	}
	dialectFlag(c, &flags.dialect)
	c.Flags().StringArrayVar(&flags.engines, "engine", nil, "`ENGINE` to verify on: postgres, sqlite-file or sqlite-memory; repeatable\n(default all that the folder has revisions for)")
	c.Flags().StringArrayVar(&flags.reports, "report", nil, "report as `FORMAT[=FILE]`, text, json, markdown (a page for a pull request) or\ngithub (annotations of a workflow); repeatable (default text, where no other goes\nto standard output)")
	c.Flags().Int64Var(&flags.to, "to", 0, "`VERSION` at which the walk ends (default head)")
	c.Flags().Int64SliceVar(&flags.only, "only", nil, "`VERSION` to look at, repeatable; the others are climbed to get there (default all)")
	c.Flags().Lookup("only").DefValue = "" // the library would add its own "(default [])"
	c.Flags().StringVar(&flags.since, "since", "", "look at revisions that are new or changed since HEAD has left `REF`, a branch, a tag\nor a commit of git; the others are climbed, and must be as they were there")
	c.Flags().StringVar(&flags.prelude, "prelude", "", "`FILE` of SQL that runs in every new database before the first revision")
	c.Flags().DurationVar(&flags.timeout, "timeout", verify.DefaultTimeout, "how long a step may take; one that takes longer is a finding; 0 is no limit")
	c.Flags().StringVar(&flags.failOn, "fail-on", string(finding.Error), "`SEVERITY` from which findings make the exit status 1: error, warning or note")
	c.Flags().BoolVar(&flags.accept, "accept", false, "write a waiver of each finding that counts into handrail.toml, to be given its\nreason by hand; one without a reason waives nothing")
	c.Flags().BoolVar(&flags.keep, "keep", false, "keep the databases of the walk, and say how to open each")
	flags.runner.add(c)
	flags.asserts.add(c)
	return c
}

func (flags checkFlags) check(c *cobra.Command, args []string) error {
	outlets, err := parseOutlets(flags.reports)
	if err != nil {
		return err
	}
	s, err := loadFlat(c, args, flags.dialect, flags.engines)
	if err != nil {
		return err
	}
	s = s.Once()
	if err := errors.Join(flags.runner.apply(c, &s.Runner), flags.asserts.apply(c, &s)); err != nil {
		return err
	}
	failOn, err := parseSeverity(flags.failOn)
	if err != nil {
		return err
	}
	if s.Prelude, err = readPrelude(c.Context(), flags.prelude); err != nil {
		return err
	}
	engines, err := chooseEngines(flags.engines, s)
	if err != nil {
		return err
	}
	options := verify.Options{Timeout: flags.timeout, Keep: flags.keep, FailOn: failOn}
	if c.Flags().Changed("to") {
		options.To = &flags.to
	}
	switch {
	case flags.timeout < 0:
		return fmt.Errorf("--timeout %s: want a duration like 10m, or 0 for no limit", flags.timeout)
	case flags.timeout == 0:
		options.Timeout = -1
	}
	if len(flags.only) > 0 {
		if err := there("--only", s, flags.only); err != nil {
			return err
		}
		options.Only = func(version int64) bool { return slices.Contains(flags.only, version) }
	}
	if c.Flags().Changed("since") {
		earlier, closed, err := since(c.Context(), s, flags.since)
		if err != nil {
			return err
		}
		defer closed() //nolint:errcheck // what was read is read
		options.Since = earlier
	}
	progress := newProgress(c.ErrOrStderr())
	options.Progress = progress.show
	found, err := verify.Check(c.Context(), engines, s, options)
	progress.clear()
	if err != nil && options.Since != nil && len(found.Runs) == 0 {
		return fmt.Errorf("--since %s: %w", shellWord(flags.since), err)
	}
	if c.Context().Err() != nil {
		err = interrupted(c.Context(), err, flags.keep)
	}
	if e := write(c.Context(), c.OutOrStdout(), c.ErrOrStderr(), outlets, found); e != nil {
		return errors.Join(err, e)
	}
	if flags.accept && err == nil {
		if err := accept(c.ErrOrStderr(), s, found, failOn); err != nil {
			return fmt.Errorf("--accept: %w", err)
		}
	}
	return outcome(found, failOn, err)
}
