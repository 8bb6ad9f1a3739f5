package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/handrail-db/handrail/internal/words"
	"github.com/handrail-db/handrail/verify"
	"github.com/handrail-db/handrail/verify/history"
)

// initFlags are the flags of the command, as they were given.
type initFlags struct {
	dialect string
	dryRun  bool
}

func initCommand() *cobra.Command {
	var flags initFlags
	c := &cobra.Command{
		Use:   "init [DIR]",
		Short: "Look at a project and write what it takes to begin",
		Long: `Look for the migrations of a project, in DIR or, where it is not given, below the
current folder, and write beside them handrail.toml, with every key commented out,
and handrail.lock; and handrail_test.go, a Go test that runs all of them, where there
is a Go module: in the folder of the migrations if that has Go files, else in the one
above.

All is written or nothing. A file that is there already stays as it is.`,
		Example: "  handrail init\n  handrail init db/migrations --dry-run",
		Args:    oneFolder,
		RunE:    func(c *cobra.Command, args []string) error { return flags.init(c, args) },
	}
	dialectFlag(c, &flags.dialect)
	c.Flags().BoolVar(&flags.dryRun, "dry-run", false, "say what would be written, and write nothing")
	return c
}

func (flags initFlags) init(c *cobra.Command, args []string) error {
	args, err := theFolder(c, args)
	if err != nil {
		return err
	}
	s, err := loadFlat(c, args, flags.dialect, nil)
	if err != nil {
		return err
	}
	if err := found(c, s); err != nil {
		return err
	}
	drafts, err := beginnings(s)
	if err != nil {
		return err
	}
	test, noTest := draftTest(s)
	if noTest == nil {
		drafts = append(drafts, test.Draft)
	}
	missing, there := divide(drafts)
	wrote := "would write"
	if !flags.dryRun {
		if err := create(missing); err != nil {
			return err
		}
		wrote = "wrote"
	}
	out := c.OutOrStdout()
	for _, d := range missing {
		fmt.Fprintf(out, "%s %s\n", wrote, filepath.FromSlash(d.File))
	}
	for _, d := range there {
		fmt.Fprintf(out, "%s is there already and stays as it is\n", filepath.FromSlash(d.File))
	}
	if noTest != nil {
		fmt.Fprintf(out, "no Go test: %v\n", noTest)
	}
	fmt.Fprintf(out, "\nnext:\n  %s\n", strings.Join(next(s, test, noTest), "\n  "))
	return nil
}

// theFolder is the arguments, or in their place the folder of the migrations: it is looked
// for below the current one, and there must be one.
func theFolder(c *cobra.Command, args []string) ([]string, error) {
	if len(args) > 0 {
		return args, nil
	}
	folders, err := history.FindFolders(os.DirFS("."))
	if err != nil {
		fmt.Fprintf(c.ErrOrStderr(), "not looked at: %v\n", err)
	}
	switch len(folders) {
	case 1:
		return []string{filepath.FromSlash(folders[0])}, nil
	case 0:
		return nil, errors.New("no migrations below this folder: looked for files like 0001_name.up.sql and for migrations in TOML or JSON, and not in vendor, node_modules, testdata, or what begins with . or _; name their folder: handrail init DIR")
	}
	return nil, fmt.Errorf("migrations in %d folders: say which: handrail init DIR\n  %s", len(folders), strings.Join(folders, "\n  "))
}

// found says what the folder holds.
func found(c *cobra.Command, s history.Subject) error {
	for _, d := range shipped(s) {
		h, err := s.History(d)
		if err != nil {
			return err
		}
		fmt.Fprintf(c.OutOrStdout(), "%s: %s, %s, the last is %s\n", s.Name, d, words.Plural(len(h.Revisions), "revision"), h.Revisions[len(h.Revisions)-1])
	}
	return nil
}

// beginnings are the drafts of the files beside the revisions.
func beginnings(s history.Subject) ([]verify.Draft, error) {
	config, err := verify.DraftConfig(s)
	if err != nil {
		return nil, err
	}
	drafts := []verify.Draft{config}
	locks, err := locksOf(s, history.Subject.Lock)
	for _, l := range locks {
		drafts = append(drafts, verify.Draft{File: l.File, Text: l.Text})
	}
	return drafts, err
}

// divide tells drafts whose files are not there from those whose files are.
func divide(drafts []verify.Draft) (missing, there []verify.Draft) {
	for _, d := range drafts {
		if _, err := os.Lstat(filepath.FromSlash(d.File)); errors.Is(err, fs.ErrNotExist) {
			missing = append(missing, d)
		} else {
			there = append(there, d)
		}
	}
	return missing, there
}

// next is what a person does when the files are written.
func next(s history.Subject, test goTest, noTest error) []string {
	dir := filepath.FromSlash(s.Dir)
	if noTest != nil {
		return []string{"handrail check " + s.Dir + " # here, and in CI"}
	}
	return test.next(dir)
}
