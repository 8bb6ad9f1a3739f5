package golangmigrate

import (
	"cmp"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/golang-migrate/migrate/v4/source"

	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
)

// A Source hands the steps of a history to golang-migrate, byte for byte as they were
// read. They are in the order of their versions.
type Source []engine.Step

var _ source.Driver = Source{}

func (s Source) Open(string) (source.Driver, error) { return s, nil }

func (s Source) Close() error { return nil }

// find is the place of the first step of a version, or of the next version above it.
func (s Source) find(version int64) (i int, there bool) {
	return slices.BinarySearchFunc(s, version, func(step engine.Step, version int64) int { return cmp.Compare(step.Version.Ordinal, version) })
}

// at is the version of the step at a place; outside of the history golang-migrate wants
// fs.ErrNotExist.
func (s Source) at(i int, op string) (uint, error) {
	if i < 0 || i >= len(s) {
		return 0, &fs.PathError{Op: op, Path: "revision", Err: fs.ErrNotExist}
	}
	return uint(s[i].Version.Ordinal), nil
}

func (s Source) First() (uint, error) { return s.at(0, "first") }

func (s Source) Prev(version uint) (uint, error) {
	i, there := s.find(int64(version))
	if !there {
		return s.at(-1, "prev")
	}
	return s.at(i-1, "prev")
}

func (s Source) Next(version uint) (uint, error) {
	i, there := s.find(int64(version))
	for there && i < len(s) && s[i].Version.Ordinal == int64(version) {
		i++
	}
	if !there {
		i = -1
	}
	return s.at(i, "next")
}

func (s Source) ReadUp(version uint) (io.ReadCloser, string, error) {
	return s.read(version, finding.Up)
}

func (s Source) ReadDown(version uint) (io.ReadCloser, string, error) {
	return s.read(version, finding.Down)
}

func (s Source) read(version uint, d finding.Direction) (io.ReadCloser, string, error) {
	i, _ := s.find(int64(version))
	for i < len(s) && s[i].Version.Ordinal == int64(version) && s[i].Direction != d {
		i++
	}
	if i == len(s) || s[i].Version.Ordinal != int64(version) {
		_, err := s.at(-1, "read")
		return nil, "", err
	}
	step := s[i]
	if step.Refused != nil {
		return nil, "", step.Refused
	}
	return io.NopCloser(strings.NewReader(step.Text)), step.Name, nil
}
