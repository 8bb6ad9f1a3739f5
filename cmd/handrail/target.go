package main

import (
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
		Args:  cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return move(c, args, url, func(s verify.Subject, d verify.Dialect) (int64, error) { return s.Head(d) })
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
		Args:  cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			version, err := parseVersion(to)
			if err != nil {
				return err
			}
			return move(c, args, url, func(verify.Subject, verify.Dialect) (int64, error) { return version, nil })
		},
	}
	urlFlag(c, &url)
	c.Flags().StringVar(&to, "to", "", "version to go down to, or base")
	return c
}

func urlFlag(c *cobra.Command, url *string) {
	c.Flags().StringVar(url, "url", "", "database: postgres://… or sqlite://FILE (default $"+targetVariable+")")
}

// parseVersion reads the value of --to.
func parseVersion(text string) (int64, error) {
	if text == "base" {
		return 0, nil
	}
	version, err := strconv.ParseInt(text, 10, 64)
	if text == "" || err != nil || version <= 0 {
		return 0, fmt.Errorf("--to %q: want a version, or base", text)
	}
	return version, nil
}

// move migrates the target to the version that want picks.
func move(c *cobra.Command, args []string, url string, want func(verify.Subject, verify.Dialect) (int64, error)) (err error) {
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
	driver, err := target.Open(c.Context(), s.Runner)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, driver.Close()) }()
	before, _, err := driver.Version()
	if err != nil {
		return err
	}
	if c.Name() == "down" && version > int64(max(before, 0)) {
		return fmt.Errorf("%s: %s is below version %d: down does not go up", target.Name, verify.State{Version: int64(max(before, 0))}, version)
	}
	at, err := verify.Move(c.Context(), driver, target.Dialect, s, version)
	fmt.Fprintf(c.OutOrStdout(), "%s: from %s to %s\n", target.Name, verify.State{Version: int64(max(before, 0))}, at)
	return err
}
