package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/handrail-db/handrail/verify"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
)

// accept adds to the subject's handrail.toml a waiver for each finding of a severity or a
// worse one, and says on out what it has added.
func accept(out io.Writer, s history.Subject, found finding.Report, at finding.Severity) error {
	file := filepath.Join(filepath.FromSlash(s.Dir), history.ConfigFile)
	waivers := verify.Accept(found, s.Allow, at)
	if len(waivers) == 0 {
		fmt.Fprintf(out, "%s: nothing to add\n", file)
		return nil
	}
	text, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	all, err := verify.AppendWaivers(text, waivers)
	if err != nil {
		return err
	}
	if err := replace(file, all); err != nil {
		return err
	}
	fmt.Fprintf(out, "%s: added, and each counts when its because says why:\n", file)
	_, err = out.Write(all[len(text):])
	return err
}
