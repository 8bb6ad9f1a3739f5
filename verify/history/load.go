package history

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/finding"
)

// Load reads a subject from a folder: revisions in the sub-folders postgres and
// sqlite (or sqlite3), or all of one dialect in the folder itself; promises in
// handrail.toml, declared models in schema.postgres.sql and schema.sqlite.sql. The
// dialect of a flat folder is flat; where that is "" Load guesses it from the SQL
// and says so in Guessed. It is an error if there are no revisions, if they are
// those of MySQL, if handrail.toml is not valid or has keys that handrail does
// not know.
func Load(folder fs.FS, flat dialect.Dialect) (Subject, error) {
	if flat != "" && flat != dialect.Postgres && flat != dialect.SQLite {
		return Subject{}, fmt.Errorf("dialect %q: want %q or %q", flat, dialect.Postgres, dialect.SQLite)
	}
	s, err := LoadConfig(folder)
	if err != nil {
		return Subject{}, err
	}
	for _, f := range dialectFolders {
		info, err := fs.Stat(folder, f.name)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return Subject{}, unreadable(folder, f.name, err)
		}
		if err == nil && info.IsDir() {
			sub, err := fs.Sub(folder, f.name)
			if err != nil {
				return Subject{}, err
			}
			s.SetFS(f.dialect, sub)
			s.Subfolders[f.dialect] = f.name
		}
	}
	if err := s.loadModels(folder); err != nil {
		return Subject{}, err
	}
	inFolder, rove, err := revisionSources(folder)
	switch {
	case err != nil:
		return Subject{}, err
	case len(inFolder) > 0 && (s.Postgres != nil || s.SQLite != nil):
		return Subject{}, fmt.Errorf("revisions both in the folder (%s) and in a sub-folder for a dialect: golang-migrate reads one folder only", inFolder[0])
	case len(inFolder) > 0 && flat == "":
		files, err := upAndDown(folder, inFolder, rove)
		if err != nil {
			return Subject{}, err
		}
		if s.Guessed, err = guessDialect(files); err != nil {
			return Subject{}, err
		}
		s.SetFS(s.Guessed.Dialect, folder)
	case len(inFolder) > 0:
		s.SetFS(flat, folder)
	case s.Postgres == nil && s.SQLite == nil:
		return Subject{}, noRevisions(folder, " here, or in sub-folders postgres and sqlite")
	}
	return s, s.passedAbove(folder)
}

// upAndDown is the SQL of the revisions in a folder, whatever its dialect is.
func upAndDown(folder fs.FS, names []string, rove bool) ([]*File, error) {
	var files []*File
	if rove {
		migrations, err := readMigrations(folder, names)
		for _, m := range migrations {
			files = slices.Concat(files, m.up, m.down)
		}
		return files, err
	}
	for _, name := range names {
		if path.Ext(name) == ".go" { // a step in Go says nothing
			continue
		}
		text, err := readPlain(folder, name)
		if err != nil {
			return nil, err
		}
		files = append(files, &File{Name: name, SQL: string(text)})
	}
	return files, nil
}

// loadModels reads the declared models that the folder has.
func (s *Subject) loadModels(folder fs.FS) error {
	s.Declared = map[dialect.Dialect]string{}
	for _, d := range dialect.All() {
		text, err := readPlain(folder, ModelFile(d))
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return err
		default:
			if err := NULByte(string(text)); err != nil {
				return fmt.Errorf("%s: %w", ModelFile(d), err)
			}
			s.Declared[d] = string(text)
		}
	}
	return nil
}

// passedAbove finds what lies above the folders of the dialects, or beside the
// revisions of a folder without such, and is not about one dialect.
func (s *Subject) passedAbove(folder fs.FS) error {
	configs, err := passedConfigs(folder, false)
	if err == nil && s.Flat() == "" {
		var folders []PassedOver
		folders, err = passedFolders(folder, false)
		configs = append(configs, folders...)
		if _, e := fs.Stat(folder, LockFile); e == nil {
			configs = append(configs, PassedOver{finding.Warning, LockFile, fmt.Sprintf("handrail does not read %s here: each dialect has its own, beside its revisions", LockFile), "run handrail lock, which writes them, and remove this one"})
		}
	}
	s.PassedOver = configs
	return err
}

// At is the folder of each dialect in another state of the folder that [Load] has
// read; a dialect that has none there is left out.
func (s Subject) At(folder fs.FS) (map[dialect.Dialect]fs.FS, error) {
	published := map[dialect.Dialect]fs.FS{}
	for _, d := range dialect.All() {
		name, of := s.Subfolders[d], folder
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
