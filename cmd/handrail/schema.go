package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/internal/words"
	"github.com/handrail-db/handrail/verify"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/history"
	"github.com/handrail-db/handrail/verify/schema"
)

// schemaFlags are the flags of the command, as they were given.
type schemaFlags struct {
	dialect, engine, diff string
	at                    string
	write                 bool
}

func schemaCommand() *cobra.Command {
	var flags schemaFlags
	c := &cobra.Command{
		Use:     "schema [DIR]",
		Short:   "Print the schema that a history makes or what a range of revisions changes, or write the declared model",
		Example: "  handrail schema db/migrations --at 7\n  handrail schema db/migrations --diff 7..9\n  handrail schema db/migrations --write",
		Args:    oneFolder,
		RunE: func(c *cobra.Command, args []string) error {
			if flags.write {
				return flags.declare(c, args)
			}
			return flags.print(c, args)
		},
	}
	dialectFlag(c, &flags.dialect)
	c.Flags().StringVar(&flags.engine, "engine", "", "`ENGINE` to climb on (default the first that the folder has revisions for)")
	c.Flags().StringVar(&flags.at, "at", "", "`VERSION` to print the schema at, or base (default head)")
	c.Flags().StringVar(&flags.diff, "diff", "", "`V..W`: what the revisions behind V up to W change; base or nothing for V is before the first")
	c.Flags().BoolVar(&flags.write, "write", false, "write the schema at head as SQL into schema.postgres.sql and schema.sqlite.sql\nbeside the revisions, for each dialect or that of --engine")
	c.MarkFlagsMutuallyExclusive("at", "diff", "write")
	return c
}

func (flags schemaFlags) print(c *cobra.Command, args []string) error {
	var engines []string
	if flags.engine != "" {
		engines = []string{flags.engine}
	}
	s, err := loadFlat(c, args, flags.dialect, engines)
	if err != nil {
		return err
	}
	e, err := flags.pick(s)
	if err != nil {
		return err
	}
	head, err := s.Head(e.Dialect())
	if err != nil {
		return err
	}
	if flags.diff == "" {
		at := head
		if flags.at != "" {
			if at, err = parseVersion("--at", flags.at); err != nil {
				return err
			}
		}
		snapshot, err := verify.SchemaAt(c.Context(), e, s, at)
		fmt.Fprint(c.OutOrStdout(), snapshot)
		return err
	}
	return flags.printDiff(c.Context(), c, e, s, head)
}

func (flags schemaFlags) printDiff(ctx context.Context, c *cobra.Command, e engine.Engine, s history.Subject, head int64) error {
	from, to, err := parseRange(flags.diff, head)
	if err != nil {
		return err
	}
	before, err := verify.SchemaAt(ctx, e, s, from)
	if err != nil {
		return err
	}
	after, err := verify.SchemaAt(ctx, e, s, to)
	fmt.Fprint(c.OutOrStdout(), schema.Diff(before, after))
	return err
}

// pick is the engine to climb on.
func (flags schemaFlags) pick(s history.Subject) (engine.Engine, error) {
	if flags.engine != "" {
		engines, err := chooseEngines([]string{flags.engine}, s)
		if err != nil {
			return nil, err
		}
		return engines[0], nil
	}
	for _, e := range []engine.Engine{fixtures.Postgres, fixtures.SQLiteMemory} {
		if s.Ships(e.Dialect()) {
			return e, nil
		}
	}
	return nil, errors.New("no engine for this folder")
}

// parseRange reads V..W; an end that is left out is base or head.
func parseRange(text string, head int64) (from, to int64, err error) {
	first, last, ok := strings.Cut(text, "..")
	from, to = engine.Base, head
	if ok && first != "" {
		from, err = parseVersion("--diff", first)
	}
	if ok && err == nil && last != "" && last != "head" {
		to, err = parseVersion("--diff", last)
	}
	if !ok || err != nil {
		return 0, 0, fmt.Errorf("--diff %q: want V..W, two versions", text)
	}
	return from, to, nil
}

// declare writes the declared models, when all of them could be made: until then no file
// is touched.
func (flags schemaFlags) declare(c *cobra.Command, args []string) error {
	var named []string
	if flags.engine != "" {
		named = []string{flags.engine}
	}
	s, err := loadFlat(c, args, flags.dialect, named)
	if err != nil {
		return err
	}
	engines, err := flags.declaring(s)
	if err != nil {
		return err
	}
	models := make([]verify.Model, len(engines))
	for i, e := range engines {
		if models[i], err = verify.Declare(c.Context(), e, s); err != nil {
			return err
		}
	}
	for _, m := range models {
		if err := writeModel(c, s, m); err != nil {
			return err
		}
	}
	return nil
}

// declaring are the engines to climb on, one for each dialect.
func (flags schemaFlags) declaring(s history.Subject) ([]engine.Engine, error) {
	if flags.engine != "" {
		e, err := flags.pick(s)
		return []engine.Engine{e}, err
	}
	var engines []engine.Engine
	for _, e := range []engine.Engine{fixtures.Postgres, fixtures.SQLiteMemory} {
		if s.Ships(e.Dialect()) && (flags.dialect == "" || flags.dialect == string(e.Dialect())) {
			engines = append(engines, e)
		}
	}
	if len(engines) == 0 {
		return nil, fmt.Errorf("%s: no revisions to make a schema of", s.Name)
	}
	return engines, nil
}

// writeModel writes a declared model, unless the one that is there makes the same schema.
func writeModel(c *cobra.Command, s history.Subject, m verify.Model) error {
	file := filepath.Join(filepath.FromSlash(s.Dir), m.File)
	out := c.OutOrStdout()
	if m.Current {
		fmt.Fprintf(out, "%s: is up to date\n", file)
		return nil
	}
	if err := replace(file, []byte(m.SQL)); err != nil {
		return err
	}
	fmt.Fprintf(out, "%s: written; what it makes has been compared with the schema at head\n", file)
	if n := len(m.Lost); n > 0 {
		fmt.Fprintf(out, "    %s of comments behind the top of the file are gone, from this one on: %q\n", words.Plural(n, "line"), m.Lost[0])
	}
	return nil
}
