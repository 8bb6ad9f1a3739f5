package verify

import (
	"io"
	"io/fs"
	"strings"

	"github.com/golang-migrate/migrate/v4/source"

	"github.com/handrail-db/handrail/verify/history"
)

// historySource hands the revisions of a history to golang-migrate, byte for
// byte as they were read.
type historySource struct{ history.History }

var _ source.Driver = historySource{}

func (s historySource) Open(string) (source.Driver, error) { return s, nil }

func (s historySource) Close() error { return nil }

// at is the version at a place in the history; outside of it golang-migrate
// wants fs.ErrNotExist.
func (s historySource) at(i int, op string) (uint, error) {
	if i < 0 || i >= len(s.Revisions) {
		return 0, &fs.PathError{Op: op, Path: "revision", Err: fs.ErrNotExist}
	}
	return uint(s.Revisions[i].Version), nil
}

func (s historySource) First() (uint, error) { return s.at(0, "first") }

func (s historySource) Prev(version uint) (uint, error) {
	i := s.Index(int64(version))
	if i < 0 {
		return s.at(-1, "prev")
	}
	return s.at(i-1, "prev")
}

func (s historySource) Next(version uint) (uint, error) {
	i := s.Index(int64(version))
	if i < 0 {
		return s.at(-1, "next")
	}
	return s.at(i+1, "next")
}

func (s historySource) ReadUp(version uint) (io.ReadCloser, string, error) {
	return s.read(version, func(r history.Revision) *history.File { return r.Up })
}

func (s historySource) ReadDown(version uint) (io.ReadCloser, string, error) {
	return s.read(version, func(r history.Revision) *history.File { return r.Down })
}

func (s historySource) read(version uint, side func(history.Revision) *history.File) (io.ReadCloser, string, error) {
	i := s.Index(int64(version))
	if i < 0 || side(s.Revisions[i]) == nil {
		_, err := s.at(-1, "read")
		return nil, "", err
	}
	r := s.Revisions[i]
	err := side(r).Runnable()
	if err == nil {
		err = history.RowsFromClient(s.Dialect, side(r))
	}
	if err != nil {
		return nil, "", err
	}
	return io.NopCloser(strings.NewReader(side(r).SQL)), r.Name, nil
}
