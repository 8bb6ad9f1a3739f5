package golangmigrate

import (
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/golang-migrate/migrate/v4/source"

	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
)

// A Source hands the steps of a history to golang-migrate, byte for byte as they were
// read.
type Source struct {
	versions []int64
	steps    map[int64]map[finding.Direction]engine.Step
}

var _ source.Driver = Source{}

// NewSource is the source of some steps.
func NewSource(steps []engine.Step) Source {
	s := Source{steps: map[int64]map[finding.Direction]engine.Step{}}
	for _, step := range steps {
		version := step.Version.Ordinal
		if s.steps[version] == nil {
			s.versions = append(s.versions, version)
			s.steps[version] = map[finding.Direction]engine.Step{}
		}
		s.steps[version][step.Direction] = step
	}
	return s
}

func (s Source) Open(string) (source.Driver, error) { return s, nil }

func (s Source) Close() error { return nil }

// at is the version at a place in the history; outside of it golang-migrate
// wants fs.ErrNotExist.
func (s Source) at(i int, op string) (uint, error) {
	if i < 0 || i >= len(s.versions) {
		return 0, &fs.PathError{Op: op, Path: "revision", Err: fs.ErrNotExist}
	}
	return uint(s.versions[i]), nil
}

func (s Source) First() (uint, error) { return s.at(0, "first") }

func (s Source) Prev(version uint) (uint, error) { return s.beside(version, -1, "prev") }

func (s Source) Next(version uint) (uint, error) { return s.beside(version, 1, "next") }

func (s Source) beside(version uint, by int, op string) (uint, error) {
	i := slices.Index(s.versions, int64(version))
	if i < 0 {
		return s.at(-1, op)
	}
	return s.at(i+by, op)
}

func (s Source) ReadUp(version uint) (io.ReadCloser, string, error) {
	return s.read(version, finding.Up)
}

func (s Source) ReadDown(version uint) (io.ReadCloser, string, error) {
	return s.read(version, finding.Down)
}

func (s Source) read(version uint, d finding.Direction) (io.ReadCloser, string, error) {
	step, ok := s.steps[int64(version)][d]
	if !ok {
		_, err := s.at(-1, "read")
		return nil, "", err
	}
	if step.Refused != nil {
		return nil, "", step.Refused
	}
	return io.NopCloser(strings.NewReader(step.Text)), step.Name, nil
}
