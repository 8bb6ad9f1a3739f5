package history

import (
	"fmt"
	"io/fs"

	"github.com/handrail-db/handrail/internal/words"
	"github.com/handrail-db/handrail/verify/dialect"
)

// formats are those that handrail reads. Where none is sure the first counts that
// finds anything.
var formats = []Format{golangMigrate{}, tomlJSON{}}

// formatOf finds the format of a folder, and its files; none where the folder has no
// revision.
func formatOf(folder fs.FS) (format Format, files []string, err error) {
	for _, f := range formats {
		sure, found, err := f.Finds(folder)
		if err != nil {
			return nil, nil, err
		}
		if len(found) > 0 && (sure || len(files) == 0) {
			format, files = f, found
		}
		if sure {
			break
		}
	}
	return format, files, nil
}

// Read reads the revisions of a folder for a dialect. It reads each file once.
func Read(folder fs.FS, d dialect.Dialect) (History, error) {
	folder = readOnce(folder)
	format, files, err := formatOf(folder)
	if err != nil {
		return History{}, err
	}
	lock, err := readLock(folder)
	if err != nil {
		return History{}, err
	}
	if format == nil {
		return History{}, noRevisions(folder, "")
	}
	reading, err := format.Read(folder, d, files, lock)
	if err != nil {
		return History{}, err
	}
	return History{Dialect: d, Revisions: reading.Revisions, PassedOver: reading.PassedOver, Lock: lock}, nil
}

// noRevisions is the error of a folder without a revision, with each file of SQL
// that is there and why golang-migrate does not read it.
func noRevisions(folder fs.FS, elsewhere string) error {
	err := fmt.Errorf("%w: want files like 0001_name.up.sql%s", ErrNoRevisions, elsewhere)
	files, e := fs.Glob(folder, "*.[sS][qQ][lL]")
	if e != nil {
		return e
	}
	for i, name := range files {
		if i == mostIgnored {
			return fmt.Errorf("%w\n    and %s more", err, words.Plural(len(files)-i, "file"))
		}
		err = fmt.Errorf("%w\n    %s: golang-migrate does not read it: %s", err, name, whyIgnored(name))
	}
	folders, e := passedFolders(folder, true)
	if e != nil {
		return e
	}
	for _, p := range folders {
		err = fmt.Errorf("%w\n    %s", err, p.Why)
	}
	others, _, _, e := documents(folder)
	for _, name := range others {
		err = fmt.Errorf("%w\n    %s: it is no migration: it has no actions", err, name)
	}
	if tool, mark := otherTool(folder); tool != "" {
		err = fmt.Errorf("%w\n    this is a folder of %s, by %s: handrail reads the files of golang-migrate, and migrations of its own in TOML and JSON", err, tool, mark)
	}
	if e != nil {
		return e
	}
	return err
}

// mostIgnored is how many files are listed one by one.
const mostIgnored = 20
