package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/handrail-db/handrail/report"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/history"
	"github.com/handrail-db/handrail/verify/move"
)

// runnerFlags are golang-migrate's own options. One that is given replaces that of
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

// given are the flags that were given, as a command to paste has them.
func (f runnerFlags) given(c *cobra.Command) (flags []string) {
	for _, name := range slices.Sorted(maps.Keys(f.setters(nil))) {
		if c.Flags().Changed(name) {
			flags = append(flags, "--"+name+"="+c.Flags().Lookup(name).Value.String())
		}
	}
	return flags
}

// setters are, by the name of a flag, what puts its value into the options.
func (f runnerFlags) setters(r *engine.Options) map[string]func() {
	return map[string]func(){
		"schema":            func() { r.Schema = f.schema },
		"migrations-table":  func() { r.MigrationsTable = f.table },
		"multi-statement":   func() { r.MultiStatement = f.multiStatement },
		"statement-timeout": func() { r.StatementTimeout = f.statementTimeout },
		"no-tx-wrap":        func() { r.NoTxWrap = f.noWrap },
	}
}

// apply puts the values of the flags that were given into the options.
func (f runnerFlags) apply(c *cobra.Command, r *engine.Options) error {
	for name, apply := range f.setters(r) {
		if c.Flags().Changed(name) {
			apply()
		}
	}
	if f.statementTimeout < 0 {
		return fmt.Errorf("--statement-timeout %s: want a duration", f.statementTimeout)
	}
	return nil
}

// databaseFlags are those of each command for a database that somebody owns.
type databaseFlags struct {
	url         string
	runner      runnerFlags
	lockTimeout time.Duration
	retries     int
}

func (f *databaseFlags) add(c *cobra.Command) {
	urlFlag(c, &f.url)
	f.runner.add(c)
	c.Flags().DurationVar(&f.lockTimeout, "lock-timeout", 0, "how long a statement waits for a lock, and the command for somebody else who moves\nthe database (default no limit, and SQLite's busy_timeout of 10s)")
	c.Flags().IntVar(&f.retries, "retries", 0, "how often a step is made once more that a lock timeout, a deadlock or a\nserialization failure has ended, where nothing of it is left (default none)")
}

// newMove is a move of the database that the flags or the environment name, by the
// folder that the arguments name. Its Version is not set.
func (f databaseFlags) newMove(c *cobra.Command, args []string) (move.Move, error) {
	switch {
	case c.Flags().Changed("lock-timeout") && f.lockTimeout <= 0:
		return move.Move{}, fmt.Errorf("--lock-timeout %s: want a duration above zero, like 5s", f.lockTimeout)
	case f.retries < 0:
		return move.Move{}, fmt.Errorf("--retries %d: want a number of times, 0 or more", f.retries)
	}
	m, err := newMove(args, f.url)
	if err == nil {
		err = f.runner.apply(c, &m.Subject.Runner)
	}
	if err != nil {
		return move.Move{}, err
	}
	m.LockTimeout, m.Retries, m.Flags = f.lockTimeout, f.retries, f.runner.given(c)
	m.Tell = func(line string) { fmt.Fprintf(c.ErrOrStderr(), "%s: %s\n", m.Name, report.Lines(line)) }
	return m, nil
}

// An assertionTimeout is the flag of that name. Where it is given it replaces what
// handrail.toml says.
type assertionTimeout time.Duration

func (f *assertionTimeout) add(c *cobra.Command) {
	c.Flags().DurationVar((*time.Duration)(f), "assertion-timeout", 0, "how long a statement of an assertion may take (default that of handrail.toml, or 5s)")
}

func (f assertionTimeout) apply(c *cobra.Command, s *history.Subject) error {
	if !c.Flags().Changed("assertion-timeout") {
		return nil
	}
	if f <= 0 {
		return fmt.Errorf("--assertion-timeout %s: want a duration above zero, like 5s", time.Duration(f))
	}
	s.AssertionTimeout = time.Duration(f)
	return nil
}

// readPrelude reads the file of --prelude, "" for none.
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

func dialectFlag(c *cobra.Command, dialect *string) {
	c.Flags().StringVar(dialect, "dialect", "", "`DIALECT` of a folder without sub-folders: postgres or sqlite (default that of\n--engine, else guessed from the SQL)")
}
