package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/handrail-db/handrail/report"
	"github.com/handrail-db/handrail/verify/secret"
)

// run is the command without its process: it returns the exit status.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	learnSecrets(args)
	out, diagnostics := &output{to: stdout, ctx: ctx}, &output{to: stderr, ctx: ctx}
	status := execute(ctx, args, stdin, out, diagnostics)
	if err := out.err("standard output"); err != nil && status != statusBroken { // which has said why
		fmt.Fprintf(diagnostics, "handrail: %s\n", report.Lines(secret.Hide(err.Error())))
		status = statusBroken
	}
	if diagnostics.err("standard error") != nil { // there is nobody left to tell
		status = statusBroken
	}
	return status
}

// execute runs the subcommand that the arguments name, and prints its error.
func execute(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := rootCommand()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	switch err := root.ExecuteContext(ctx); {
	case err == nil:
		return statusOK
	case errors.Is(err, errFindings):
		return statusFindings
	default:
		fmt.Fprintf(stderr, "handrail: %s\n", report.Lines(secret.Hide(err.Error()))) // which may be a server's
		return statusBroken
	}
}

// subcommands make the subcommands.
var subcommands = []func() *cobra.Command{
	initCommand,
	checkCommand,
	schemaCommand,
	rulesCommand,
	enginesCommand,
	newCommand,
	lockCommand,
	squashCommand,
	upCommand,
	downCommand,
	gotoCommand,
	statusCommand,
	historyCommand,
	forceCommand,
}

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "handrail",
		Short: "Verify database migrations by running them",
		Long: `Verify database migrations by running them: up, down and up again at each
revision, through golang-migrate, on Postgres and SQLite, comparing everything
that the catalogue knows before and after.

` + helpEnvironment(),
		Example: `  handrail check
  handrail check db/migrations --dialect postgres
  handrail up migrations --url sqlite://store.db`,
		Version:           version(),
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
		RunE: func(c *cobra.Command, _ []string) error {
			return fmt.Errorf("want a subcommand\n\n%s", c.UsageString())
		},
	}
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return fmt.Errorf("%w; see %s --help", err, c.CommandPath())
	})
	for _, command := range subcommands {
		c := command()
		c.PreRunE = noneEmpty
		root.AddCommand(c)
	}
	return root
}

// version is the version of the module, as the build has written it down.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
