package main

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/verify"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/history"
)

// declare writes the declared models. No file is touched before all of them could
// be written.
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

// writeModel writes one declared model where the one that is there is another.
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
		fmt.Fprintf(out, "    %s of comments behind the top of the file are gone, from this one on: %q\n", lines(n), m.Lost[0])
	}
	return nil
}

func lines(n int) string {
	if n == 1 {
		return "1 line"
	}
	return fmt.Sprintf("%d lines", n)
}
