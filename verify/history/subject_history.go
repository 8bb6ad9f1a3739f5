package history

import (
	"fmt"
	"slices"

	"github.com/handrail-db/handrail/verify/dialect"
)

// Once is the subject that reads each folder a single time: all that is asked of it is
// about the same files, whatever is saved meanwhile. A check begins with it.
func (s Subject) Once() Subject {
	if s.once == nil {
		s.once = &histories{}
	}
	return s
}

// History reads the revisions of one dialect. Errors name the file: one that
// cannot be read or is not UTF-8, a version twice, a version that a database
// cannot hold (golang-migrate would panic). Errors of migrations in TOML or JSON
// and of a [LockFile] name the line too.
func (s Subject) History(d dialect.Dialect) (History, error) {
	if s.once != nil {
		return s.once.read(d, func() (History, error) { return s.read(d) })
	}
	return s.read(d)
}

func (s Subject) read(d dialect.Dialect) (History, error) {
	folder := s.FS(d)
	if folder == nil {
		return History{}, fmt.Errorf("%s: no revisions for %s", s.Title(), d)
	}
	folder = readOnce(folder)
	h, err := Read(folder, d)
	if err == nil {
		var passed []PassedOver
		passed, err = s.passedIn(folder, d)
		h.PassedOver = append(slices.DeleteFunc(passed, func(p PassedOver) bool { return h.Reads(p.Name) }), h.PassedOver...)
	}
	if err != nil {
		return History{}, fmt.Errorf("%s revisions of %s: %w", d, s.Title(), err)
	}
	return h, nil
}

// Head is the last version of the subject's history in a dialect.
func (s Subject) Head(d dialect.Dialect) (int64, error) {
	h, err := s.History(d)
	return h.Head(), err
}
