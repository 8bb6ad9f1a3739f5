package verify

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/handrail-db/handrail/verify/dialect"
)

// modelFile is the declared model of a dialect, beside the revisions.
func modelFile(d dialect.Dialect) string { return "schema." + string(d) + ".sql" }

// loadModels reads the declared models that the folder has.
func (s *Subject) loadModels(folder fs.FS) error {
	s.Declared = map[dialect.Dialect]string{}
	for _, d := range dialect.All() {
		text, err := readPlain(folder, modelFile(d))
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return err
		default:
			if err := nulByte(string(text)); err != nil {
				return fmt.Errorf("%s: %w", modelFile(d), err)
			}
			s.Declared[d] = string(text)
		}
	}
	return nil
}

// At is the folder of each dialect in another state of the folder that [Load] has
// read; a dialect that has none there is left out.
func (s Subject) At(folder fs.FS) (map[dialect.Dialect]fs.FS, error) {
	published := map[dialect.Dialect]fs.FS{}
	for _, d := range dialect.All() {
		name, of := s.subfolders[d], folder
		if !s.Ships(d) {
			continue
		}
		if name != "" {
			info, err := fs.Stat(folder, name)
			switch {
			case errors.Is(err, fs.ErrNotExist), err == nil && !info.IsDir():
				continue
			case err != nil:
				return nil, err
			}
			if of, err = fs.Sub(folder, name); err != nil {
				return nil, err
			}
		}
		published[d] = of
	}
	return published, nil
}
