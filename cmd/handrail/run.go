package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/handrail-db/handrail/verify"
)

// The exit statuses of the command.
const (
	statusOK       = 0
	statusFindings = 1 // a check found an error
	statusBroken   = 2 // usage, or something could not be run
)

// errFindings ends a command whose check found something: the report has said
// all there is to say.
var errFindings = errors.New("findings")

// run is the command, with everything that it touches given.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := &cobra.Command{
		Use:           "handrail",
		Short:         "Verify database migrations by running them",
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(c *cobra.Command, _ []string) error {
			return fmt.Errorf("want a subcommand\n%s", c.UsageString())
		},
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
	}
	root.AddCommand(checkCommand(), enginesCommand(), upCommand(), downCommand())
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		return statusOK
	case errors.Is(err, errFindings):
		return statusFindings
	case ctx.Err() != nil:
		fmt.Fprintln(stderr, "handrail: interrupted; the databases of this run are dropped")
	default:
		fmt.Fprintf(stderr, "handrail: %v\n", err)
	}
	return statusBroken
}

// defaultDir is where a project's migrations are if it does not say.
const defaultDir = "migrations"

// load reads the subject of the folder that a command was given, if any.
func load(args []string, flat verify.Dialect) (verify.Subject, error) {
	dir := defaultDir
	if len(args) > 0 {
		dir = args[0]
	}
	info, err := os.Stat(dir)
	switch {
	case err != nil && len(args) == 0:
		return verify.Subject{}, fmt.Errorf("no folder %s here: name the folder of the migrations", dir)
	case err != nil:
		return verify.Subject{}, err
	case !info.IsDir():
		return verify.Subject{}, fmt.Errorf("%s is not a folder", dir)
	}
	s, err := verify.Load(os.DirFS(dir), flat)
	if err != nil {
		return verify.Subject{}, fmt.Errorf("%s: %w", dir, err)
	}
	s.Dir = filepath.ToSlash(dir)
	s.Name = s.Dir
	return s, nil
}

// parseDialect reads the value of --dialect, "" if it is not given.
func parseDialect(text string) (verify.Dialect, error) {
	switch d := verify.Dialect(text); d {
	case "", verify.Postgres, verify.SQLite:
		return d, nil
	}
	return "", fmt.Errorf("unknown dialect %q: want postgres or sqlite", text)
}
