package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/history"
)

// defaultDir is where a project's migrations are if it does not say.
const defaultDir = "migrations"

// folder is the folder that the arguments name, or the default one. One that is not there
// is an error.
func folder(args []string) (string, error) {
	dir := defaultDir
	if len(args) > 0 {
		dir = filepath.Clean(args[0])
	}
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist) && len(args) == 0:
		return "", fmt.Errorf("no folder %s here: name the folder of the migrations", dir)
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("%s: no such folder", dir)
	case err != nil:
		return "", err
	case !info.IsDir():
		return "", fmt.Errorf("%s is not a folder", dir)
	}
	return dir, nil
}

// load reads the subject of the folder that the arguments name, or of the default one.
// Revisions in the folder itself are of the dialect flat; where it is "" that is guessed.
func load(args []string, flat dialect.Dialect) (history.Subject, error) {
	return read(args, func(folder fs.FS) (history.Subject, error) { return history.Load(folder, flat) })
}

// read is [load] with another way to read the folder.
func read(args []string, by func(fs.FS) (history.Subject, error)) (history.Subject, error) {
	dir, err := folder(args)
	if err != nil {
		return history.Subject{}, err
	}
	root, err := os.OpenRoot(dir) // links that lead out of it are not followed
	if err != nil {
		return history.Subject{}, err
	}
	s, err := by(root.FS())
	if err != nil {
		return history.Subject{}, fmt.Errorf("%s: %w", dir, err)
	}
	s.Dir = filepath.ToSlash(dir)
	s.Name = s.Dir
	if dir == "." {
		s.Name = here()
	}
	return s, nil
}

// loadFlat is [load] for a command with --dialect and --engine. Where neither says the
// dialect of a flat folder it is guessed, and the guess is printed.
func loadFlat(c *cobra.Command, args []string, dialect string, engines []string) (history.Subject, error) {
	flat, err := parseDialect(dialect)
	if err != nil {
		return history.Subject{}, err
	}
	if flat == "" {
		if flat, err = dialectOf(engines); err != nil {
			return history.Subject{}, err
		}
	}
	s, err := load(args, flat)
	if g := s.Guessed; err == nil && g.Dialect != "" && g.What == "" {
		if named, by := dialectOfFolder(args); named != "" { // better than nothing
			fmt.Fprintf(c.ErrOrStderr(), "dialect of %s: %s, by the name of the folder %s; say --dialect postgres or --dialect sqlite to decide it yourself\n", s.Name, named, by)
			return load(args, named)
		}
	}
	if g := s.Guessed; err == nil && g.Dialect != "" {
		fmt.Fprintf(c.ErrOrStderr(), "dialect of %s: %s; say --dialect postgres or --dialect sqlite to decide it yourself\n", s.Name, g)
	}
	return s, err
}

// dialectOfFolder is the dialect after which the folder, or the one around it, is called,
// and that folder; "" where none is.
func dialectOfFolder(args []string) (d dialect.Dialect, folder string) {
	dir := defaultDir
	if len(args) > 0 {
		dir = args[0]
	}
	path, err := filepath.Abs(dir)
	if err != nil {
		return "", ""
	}
	for range 2 {
		switch folder = filepath.Base(path); strings.ToLower(folder) {
		case "sqlite", "sqlite3":
			return dialect.SQLite, folder
		case "postgres", "postgresql", "pg", "pgx":
			return dialect.Postgres, folder
		}
		path = filepath.Dir(path)
	}
	return "", ""
}

// dialectOf is the dialect that all these engines have, "" if there are none or
// they differ.
func dialectOf(engines []string) (dialect.Dialect, error) {
	var of dialect.Dialect
	for i, name := range engines {
		e, err := fixtures.Named(name)
		switch {
		case err != nil:
			return "", fmt.Errorf("--engine: %w", err)
		case i > 0 && e.Dialect() != of:
			return "", nil
		}
		of = e.Dialect()
	}
	return of, nil
}

// here is the name of the current folder, for people: "." says nothing.
func here() string {
	if dir, err := os.Getwd(); err == nil {
		return filepath.Base(dir)
	}
	return "."
}

// parseDialect reads the value of --dialect, "" if it is not given.
func parseDialect(text string) (dialect.Dialect, error) {
	switch d := dialect.Dialect(text); d {
	case "", dialect.Postgres, dialect.SQLite:
		return d, nil
	}
	return "", fmt.Errorf("--dialect %q: want postgres or sqlite", text)
}

// shipped are the dialects that a subject has revisions for.
func shipped(s history.Subject) []dialect.Dialect {
	return slices.DeleteFunc(dialect.All(), func(d dialect.Dialect) bool { return !s.Ships(d) })
}

// chooseEngines finds engines by name, each once; without a name it is all engines. It
// reads the histories, so that no server is started for a folder that cannot be used.
func chooseEngines(names []string, s history.Subject) ([]engine.Engine, error) {
	engines := fixtures.All()
	if len(names) > 0 {
		engines = nil
	}
	for i, name := range names {
		e, err := fixtures.Named(name)
		switch {
		case err != nil:
			return nil, fmt.Errorf("--engine: %w", err)
		case !s.Ships(e.Dialect()):
			return nil, fmt.Errorf("--engine %s: %s has no revisions for %s", name, s.Name, e.Dialect())
		case !slices.Contains(names[:i], name):
			engines = append(engines, e)
		}
	}
	read := map[dialect.Dialect]bool{}
	for _, e := range engines {
		d := e.Dialect()
		if !s.Ships(d) || read[d] {
			continue
		}
		read[d] = true
		if _, err := s.History(d); err != nil {
			return nil, err
		}
	}
	return engines, nil
}

// there is an error where no dialect has a revision of one of the versions: nothing
// would be looked at, and nothing found. The flag that has them is named in the error.
func there(what string, s history.Subject, versions []int64) error {
	for _, version := range versions {
		found := false
		for _, d := range shipped(s) {
			h, err := s.History(d)
			if err != nil {
				return err
			}
			found = found || h.Index(version) >= 0
		}
		if !found {
			return fmt.Errorf("%s: %s: no revision has version %d", what, s.Name, version)
		}
	}
	return nil
}
