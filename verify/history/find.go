package history

import (
	"bytes"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/golang-migrate/migrate/v4/source"
)

// FindFolders looks for the folders below root that [Load] can read: those with
// golang-migrate files or with migrations in TOML or JSON, and the one above where
// they are in the sub-folder of a dialect. It leaves out vendor, node_modules,
// testdata, and what begins with . or _, as the go command does. The error names
// each folder that could not be read; those that were found are returned all the
// same.
func FindFolders(root fs.FS) ([]string, error) {
	var found []string
	var errs []error
	err := fs.WalkDir(root, ".", func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil && name == ".":
			return err
		case err != nil:
			errs = append(errs, err)
			return fs.SkipDir
		case e.IsDir() && name != "." && leftOut(e.Name()):
			return fs.SkipDir
		case e.IsDir() || !holdsRevision(root, name, e):
			return nil
		}
		if folder := subjectFolder(path.Dir(name)); !slices.Contains(found, folder) {
			found = append(found, folder)
		}
		return nil
	})
	slices.Sort(found)
	return found, errors.Join(append(errs, err)...)
}

// leftOut is a folder in which nobody looks for the project's own files.
func leftOut(name string) bool {
	return slices.Contains([]string{"vendor", "node_modules", "testdata"}, name) || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")
}

// subjectFolder is the folder whose revisions, or one dialect's of it, are in a
// folder.
func subjectFolder(folder string) string {
	for _, f := range dialectFolders {
		if path.Base(folder) == f.name {
			return path.Dir(folder)
		}
	}
	return folder
}

// longestMigration is more bytes than a migration in TOML or JSON has that is found
// by looking for it.
const longestMigration = 1 << 20

// holdsRevision reports whether a file is golang-migrate's, or without doubt a
// migration in TOML or JSON. What cannot be read is neither.
func holdsRevision(root fs.FS, name string, e fs.DirEntry) bool {
	if source.Regex.MatchString(e.Name()) {
		return true
	}
	ext := strings.ToLower(path.Ext(name))
	info, err := e.Info()
	if err != nil || ext != ".toml" && ext != ".json" || e.Name() == ConfigFile || !e.Type().IsRegular() || info.Size() > longestMigration {
		return false
	}
	text, err := readPlain(root, name)
	if err != nil || !bytes.Contains(text, []byte("actions")) {
		return false
	}
	n, err := parseDocument(name, text)
	return err == nil && n.kind == tableNode && n.fields["name"] != nil && n.fields["actions"] != nil
}
