package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/handrail-db/handrail/verify"
)

// defaultDir is where a project's migrations are if it does not say.
const defaultDir = "migrations"

// load reads the subject of the folder that a command was given, if any.
func load(args []string, flat verify.Dialect) (verify.Subject, error) {
	dir := defaultDir
	if len(args) > 0 {
		dir = filepath.Clean(args[0])
	}
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist) && len(args) == 0:
		return verify.Subject{}, fmt.Errorf("no folder %s here: name the folder of the migrations", dir)
	case errors.Is(err, fs.ErrNotExist):
		return verify.Subject{}, fmt.Errorf("%s: no such folder", dir)
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
	if dir == "." {
		s.Name = here()
	}
	return s, nil
}

// here is the name of the current folder, which "." says nothing about.
func here() string {
	if dir, err := os.Getwd(); err == nil {
		return filepath.Base(dir)
	}
	return "."
}

// parseDialect reads the value of --dialect, "" if it is not given.
func parseDialect(text string) (verify.Dialect, error) {
	switch d := verify.Dialect(text); d {
	case "", verify.Postgres, verify.SQLite:
		return d, nil
	}
	return "", fmt.Errorf("--dialect %q: want postgres or sqlite", text)
}
