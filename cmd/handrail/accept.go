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

// accept adds the waivers that the findings of a report need to the subject's
// handrail.toml, and says on out what it has added.
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

// replace writes a file as a whole or not at all. It keeps the mode of the one
// that is there, and a link stays one.
func replace(file string, text []byte) (err error) {
	if target, err := filepath.EvalSymlinks(file); err == nil {
		file = target
	}
	mode := fs.FileMode(0o644)
	if info, err := os.Stat(file); err == nil {
		mode = info.Mode().Perm()
	}
	f, err := os.CreateTemp(filepath.Dir(file), "."+filepath.Base(file)+"-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	_, err = f.Write(text)
	if err := errors.Join(err, f.Chmod(mode), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), file)
}
