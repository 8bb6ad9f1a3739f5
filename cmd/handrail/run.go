package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/handrail-db/handrail/report"
	"github.com/handrail-db/handrail/verify/secret"
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
	root.AddCommand(initCommand(), checkCommand(), schemaCommand(), rulesCommand(), enginesCommand(), upCommand(), downCommand(), gotoCommand(), forceCommand(),
		statusCommand(), historyCommand(), lockCommand(), squashCommand(), newCommand())
	for _, c := range root.Commands() {
		c.PreRunE = noneEmpty
	}
	return root
}

// version is that of the module, as the build has written it down.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

// oneFolder allows DIR and nothing else.
func oneFolder(c *cobra.Command, args []string) error {
	if len(args) > 1 {
		return fmt.Errorf("want one folder, got %d: %s; see %s --help", len(args), strings.Join(args, " "), c.CommandPath())
	}
	return nil
}

// nothing allows no arguments.
func nothing(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("want no arguments, got %s; see %s --help", strings.Join(args, " "), c.CommandPath())
	}
	return nil
}

// interrupted is the error of a check that was told to stop: what went wrong
// beside what follows from that, a database that could not be dropped for one.
func interrupted(ctx context.Context, err error, keep bool) error {
	if others := beside(err, context.Cause(ctx)); len(others) > 0 {
		return fmt.Errorf("interrupted; %w", errors.Join(others...))
	}
	if keep {
		return errors.New("interrupted; the report says which databases are kept")
	}
	return errors.New("interrupted; the databases of this run are dropped")
}

// beside are the errors joined in err that do not come from a cause.
func beside(err, cause error) []error {
	if err == nil {
		return nil
	}
	if !errors.Is(err, cause) && !errors.Is(err, context.Canceled) {
		return []error{err}
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return beside(errors.Unwrap(err), cause)
	}
	var others []error
	for _, e := range joined.Unwrap() {
		others = append(others, beside(e, cause)...)
	}
	return others
}
