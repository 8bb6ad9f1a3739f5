package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/verify"
)

func enginesCommand() *cobra.Command {
	var stop bool
	c := &cobra.Command{
		Use:   "engines",
		Short: "List the engines that this machine has, with versions, or what was tried",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if stop {
				return stopServers(c)
			}
			return listEngines(c)
		},
	}
	c.Flags().BoolVar(&stop, "stop", false, "stop the servers that handrail started, whoever uses them")
	return c
}

// listEngines starts what can be started. An engine that is missing and required
// is an error, after the whole list.
func listEngines(c *cobra.Command) error {
	var errs []error
	for _, e := range fixtures.All() {
		server, err := e.Server(c.Context())
		var missing *verify.Unavailable
		switch {
		case err == nil:
			fmt.Fprintf(c.OutOrStdout(), "%-14s %-16s %s\n", e.Name(), server, server.Source)
		case errors.As(err, &missing) && missing.Required == "":
			fmt.Fprintf(c.OutOrStdout(), "%-14s %s\n", e.Name(), missing)
		default:
			fmt.Fprintf(c.OutOrStdout(), "%-14s not available\n", e.Name())
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func stopServers(c *cobra.Command) error {
	ctx, cancel := context.WithTimeout(c.Context(), time.Minute)
	defer cancel()
	stopped, err := fixtures.StopServers(ctx)
	for _, source := range stopped {
		fmt.Fprintf(c.OutOrStdout(), "stopped: %s\n", source)
	}
	return err
}
