package history

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/internal/words"
)

// Read reads the revisions of a folder for a dialect.
func Read(folder fs.FS, d dialect.Dialect) (History, error) {
	names, rove, err := revisionSources(folder)
	if err != nil {
		return History{}, err
	}
	lock, err := readLock(folder)
	switch {
	case err != nil:
		return History{}, err
	case rove:
		return readRove(folder, d, names, lock)
	}
	byVersion := map[int64]*Revision{}
	var errs []error
	for _, name := range names {
		errs = append(errs, readFile(folder, name, byVersion))
	}
	if err := errors.Join(errs...); err != nil {
		return History{}, err
	}
	if len(byVersion) == 0 {
		return History{}, noRevisions(folder, "")
	}
	if err := errors.Join(readSeeds(folder, byVersion), readAssertions(folder, byVersion)); err != nil {
		return History{}, err
	}
	h := History{Dialect: d, Lock: lock}
	for _, r := range byVersion {
		h.Revisions = append(h.Revisions, *r)
	}
	slices.SortFunc(h.Revisions, func(a, b Revision) int { return cmp.Compare(a.Version, b.Version) })
	return h, nil
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
		err = fmt.Errorf("%w\n    %s: golang-migrate does not read it: %s", err, name, WhyIgnored(name))
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

// revisionSources lists the files that hold the revisions of a folder, which are
// those of golang-migrate or, where rove is true, migrations in TOML or JSON.
func revisionSources(folder fs.FS) (names []string, rove bool, err error) {
	files, err := revisionFiles(folder)
	if err != nil {
		return nil, false, err
	}
	migrations, rove, sure, err := documents(folder)
	switch {
	case err != nil:
		return nil, false, err
	case len(files) > 0 && sure, len(files) == 0 && rove:
		return migrations, true, nil
	}
	return files, false, nil
}
