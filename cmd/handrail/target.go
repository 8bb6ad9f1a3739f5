package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/verify"
)

// targetVariable names the database that up and down change.
const targetVariable = "HANDRAIL_TARGET_URL"

func upCommand() *cobra.Command {
	var url string
	c := &cobra.Command{
		Use:   "up [DIR]",
		Short: "Migrate one database to head",
		Long: `Migrate one database to the last revision in DIR (./migrations where it is not
given), through golang-migrate and its version table.`,
		Example: `  handrail up migrations --url sqlite://store.db
  handrail up --url postgres://me@localhost:5432/store`,
		Args: oneFolder,
		RunE: func(c *cobra.Command, args []string) error {
			return move(c, args, url, verify.Up, verify.Subject.Head)
		},
	}
	urlFlag(c, &url)
	return c
}

func downCommand() *cobra.Command {
	var url, to string
	c := &cobra.Command{
		Use:   "down [DIR]",
		Short: "Migrate one database down to a version, or to base",
		Long: `Migrate one database down to a version of the history in DIR (./migrations where it
is not given), or to base, where no revision is applied. What the revisions made is
gone then, rows included.`,
		Example: `  handrail down migrations --url sqlite://store.db --to 3
  handrail down --url postgres://me@localhost:5432/store --to base`,
		Args: oneFolder,
		RunE: func(c *cobra.Command, args []string) error {
			version, err := parseVersion(to)
			if err != nil {
				return err
			}
			return move(c, args, url, verify.Down, func(verify.Subject, verify.Dialect) (int64, error) { return version, nil })
		},
	}
	urlFlag(c, &url)
	c.Flags().StringVar(&to, "to", "", "`VERSION` to go down to, or base")
	return c
}

func urlFlag(c *cobra.Command, url *string) {
	c.Flags().StringVar(url, "url", "", "`URL` of the database: postgres://… or sqlite://FILE (default $"+targetVariable+")")
}

// parseVersion reads the value of --to.
func parseVersion(text string) (int64, error) {
	switch text {
	case "":
		return 0, errors.New("down to where? say --to with a version, or --to base")
	case "base":
		return 0, nil
	}
	version, err := strconv.ParseInt(text, 10, 64)
	if err != nil || version <= 0 {
		return 0, fmt.Errorf("--to %q: want a version, or base", text)
	}
	return version, nil
}

// move migrates the target to the version that want picks.
func move(c *cobra.Command, args []string, url string, way verify.Direction, want func(verify.Subject, verify.Dialect) (int64, error)) error {
	if url == "" {
		url = os.Getenv(targetVariable)
	}
	if url == "" {
		return errors.New("which database? say --url, or set " + targetVariable)
	}
	target, err := fixtures.ParseTarget(url)
	if err != nil {
		return err
	}
	s, err := load(args, target.Dialect)
	if err != nil {
		return err
	}
	version, err := want(s, target.Dialect)
	if err != nil {
		return err
	}
	open := func(ctx context.Context, r verify.Runner) (verify.Driver, error) {
		if way == verify.Down { // which begins somewhere
			if err := target.Missing(); err != nil {
				return nil, err
			}
		}
		return target.Open(ctx, r)
	}
	m := verify.Move{Name: target.Name, Subject: s, Dialect: target.Dialect, Version: version, Way: way, Open: open}
	before, after, err := m.Make(c.Context())
	switch {
	case err == nil && before == after:
		fmt.Fprintf(c.OutOrStdout(), "%s: is at %s already\n", target.Name, after)
	case before != after:
		fmt.Fprintf(c.OutOrStdout(), "%s: from %s to %s\n", target.Name, before, after)
	}
	return err
}
