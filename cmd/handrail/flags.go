package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/handrail-db/handrail/verify"
)

// runnerFlags are golang-migrate's own options, in place of those in
// handrail.toml.
type runnerFlags struct {
	schema, table          string
	multiStatement, noWrap bool
	statementTimeout       time.Duration
}

func (f *runnerFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.schema, "schema", "", "Postgres `SCHEMA` in which the revisions run")
	c.Flags().StringVar(&f.table, "migrations-table", "", "version `TABLE` of golang-migrate (default schema_migrations)")
	c.Flags().BoolVar(&f.multiStatement, "multi-statement", false, "split Postgres files at each semicolon, as x-multi-statement does")
	c.Flags().DurationVar(&f.statementTimeout, "statement-timeout", 0, "golang-migrate's own limit for a Postgres statement")
	c.Flags().BoolVar(&f.noWrap, "no-tx-wrap", false, "run SQLite files without a transaction around them, as x-no-tx-wrap does")
}

// apply puts the options that were given in place of the configured ones.
func (f runnerFlags) apply(c *cobra.Command, r *verify.Runner) error {
	set := map[string]func(){
		"schema":            func() { r.Schema = f.schema },
		"migrations-table":  func() { r.MigrationsTable = f.table },
		"multi-statement":   func() { r.MultiStatement = f.multiStatement },
		"statement-timeout": func() { r.StatementTimeout = f.statementTimeout },
		"no-tx-wrap":        func() { r.NoTxWrap = f.noWrap },
	}
	for name, apply := range set {
		if c.Flags().Changed(name) {
			apply()
		}
	}
	if f.statementTimeout < 0 {
		return fmt.Errorf("--statement-timeout %s: want a duration", f.statementTimeout)
	}
	return nil
}

// An assertionTimeout is the flag of that name, in place of what handrail.toml says.
type assertionTimeout time.Duration

func (f *assertionTimeout) add(c *cobra.Command) {
	c.Flags().DurationVar((*time.Duration)(f), "assertion-timeout", 0, "how long a statement of an assertion may take (default that of handrail.toml, or 5s)")
}

func (f assertionTimeout) apply(c *cobra.Command, s *verify.Subject) error {
	if !c.Flags().Changed("assertion-timeout") {
		return nil
	}
	if f <= 0 {
		return fmt.Errorf("--assertion-timeout %s: want a duration above zero, like 5s", time.Duration(f))
	}
	s.AssertionTimeout = time.Duration(f)
	return nil
}

// readPrelude reads the file of --prelude, if there is one.
func readPrelude(ctx context.Context, file string) (string, error) {
	if file == "" {
		return "", nil
	}
	text, err := awaited(ctx, 0, func() ([]byte, error) { return os.ReadFile(file) }) // which may be a pipe, as a shell's <(…) is
	if err != nil {
		return "", fmt.Errorf("--prelude: %w", err)
	}
	return string(text), nil
}

// parseSeverity reads the value of --fail-on.
func parseSeverity(text string) (verify.Severity, error) {
	switch s := verify.Severity(text); s {
	case verify.Error, verify.Warning, verify.Note:
		return s, nil
	}
	return "", fmt.Errorf("--fail-on %q: want error, warning or note", text)
}
