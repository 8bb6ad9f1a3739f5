package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/verify"
	"github.com/handrail-db/handrail/verify/engine"
)

func enginesCommand() *cobra.Command {
	var stop bool
	c := &cobra.Command{
		Use:   "engines",
		Short: "List the engines of this machine, with versions, or what was tried",
		Long: `List the engines of this machine, each with its version and where it comes from, or
with what was tried and how to get it. A Postgres server is started where none runs
yet; it stops by itself when nobody has used it for a while (HANDRAIL_IDLE).`,
		Args: nothing,
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

// listEngines lists the engines, and starts those that can be started for that. An engine
// that is missing and required is an error, after the whole list.
func listEngines(c *cobra.Command) error {
	progress := newProgress(c.ErrOrStderr())
	var errs []error
	for _, e := range fixtures.All() {
		progress.show(verify.Progress{Engine: e.Name()})
		server, err := e.Server(c.Context())
		progress.clear()
		var missing *engine.Unavailable
		switch {
		case c.Context().Err() != nil:
			return errors.New("interrupted")
		case err == nil:
			fmt.Fprintf(c.OutOrStdout(), "%-14s %-16s %s\n", e.Name(), server, server.Source)
			if server.Reach != "" {
				fmt.Fprintf(c.OutOrStdout(), "%-14s note: %s\n", "", server.Reach)
			}
		case errors.As(err, &missing) && missing.Required == "":
			fmt.Fprintf(c.OutOrStdout(), "%-14s %s\n", e.Name(), absence(missing))
		default:
			fmt.Fprintf(c.OutOrStdout(), "%-14s not available\n", e.Name())
			errs = append(errs, err)
		}
	}
	return distinct(errs)
}

// absence says, without the name of an engine, why it is not there and what was tried.
func absence(u *engine.Unavailable) string {
	text := "not available"
	if u.Excused != "" {
		text += ": " + u.Excused
	}
	if _, tried, ok := strings.Cut(u.Error(), "\n"); ok {
		text += "\n" + tried
	}
	return text
}

// stopLimit is how long a server may take to stop.
const stopLimit = time.Minute

func stopServers(c *cobra.Command) error {
	ctx, cancel := context.WithTimeout(c.Context(), stopLimit)
	defer cancel()
	stopped, err := fixtures.StopServers(ctx)
	for _, source := range stopped {
		fmt.Fprintf(c.OutOrStdout(), "stopped: %s\n", source)
	}
	if err == nil && len(stopped) == 0 {
		fmt.Fprintln(c.OutOrStdout(), "no server runs")
	}
	return err
}
