package history

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"time"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
)

// A Subject is a history of revisions with what its authors promise about it.
type Subject struct {
	// Name stands in reports. The zero value is "migrations".
	Name string

	// Postgres and SQLite hold the revisions as golang-migrate files, or as
	// migrations in TOML or JSON, one folder a dialect. Nil: the subject does
	// not ship on that dialect.
	Postgres fs.FS
	SQLite   fs.FS

	// Runner is how the project runs golang-migrate.
	Runner engine.Options

	// AssertionTimeout is how long a statement of an assertion may take, which
	// on a real database runs under the locks of its revision; one that takes
	// longer does not hold. The zero value is 5 s.
	AssertionTimeout time.Duration

	// AppendOnly names tables whose rows, once there, nobody may change.
	AppendOnly []string

	// Naming is how objects must be called that a revision makes. The zero
	// value checks nothing.
	Naming Convention

	// Attach lets the SQL of the subject attach databases of SQLite that it
	// names without a path, as 'archive.db'. A check makes them in a folder of
	// the scratch database's own, or in memory where that is. The zero value
	// refuses a subject that attaches any file: a check reaches none.
	Attach bool

	// Prelude is SQL that runs in every new database before the first
	// revision: extensions and the like that the history takes for granted.
	Prelude string

	// Floor is the version up to which revisions are climbed and not judged:
	// history that nobody will change any more. Nil judges all.
	Floor *int64

	// Allow lists findings that the authors accept, for files that must not be
	// touched; else a comment beside the SQL does it: see [finding.Waiver].
	Allow []finding.Waiver

	// Declared is the declared model of each dialect, as SQL that makes the
	// whole schema at head. A dialect that is not in it has none.
	Declared map[dialect.Dialect]string

	// Seed writes rows beside what the files NNNN_name.seed.sql write; nil
	// writes none.
	Seed Seeder

	// Dir stands before the names of files in findings. Load leaves it to
	// the caller, who knows where the folder is.
	Dir string

	// Guessed is the dialect that Load took the revisions of a flat folder
	// for; the zero value where it was told.
	Guessed Guess

	Subfolders map[dialect.Dialect]string // in which Load found the revisions
	ConfigText string                     // the text of handrail.toml
	PassedOver []PassedOver               // what Load has seen and nobody reads
	PromisedAt map[string]int             // of AppendOnly: the line in handrail.toml
}

// FS is the folder of the dialect, nil where the subject has none.
func (s Subject) FS(d dialect.Dialect) fs.FS {
	switch d {
	case dialect.Postgres:
		return s.Postgres
	case dialect.SQLite:
		return s.SQLite
	}
	return nil
}

// Ships reports whether the subject has revisions in the dialect.
func (s Subject) Ships(d dialect.Dialect) bool { return s.FS(d) != nil }

// Title is s.Name, or what stands in reports without one.
func (s Subject) Title() string {
	if s.Name == "" {
		return "migrations"
	}
	return s.Name
}

// BelowFloor reports whether revisions up to the floor have the version among
// them.
func (s Subject) BelowFloor(version int64) bool { return s.Floor != nil && version <= *s.Floor }

// dialectFolders are the sub-folders that hold the revisions of a dialect.
var dialectFolders = []struct {
	name    string
	dialect dialect.Dialect
}{{"postgres", dialect.Postgres}, {"sqlite", dialect.SQLite}, {"sqlite3", dialect.SQLite}}

// ErrNoRevisions is the error of a folder in which no revision was found.
var ErrNoRevisions = errors.New("no revisions")

// Flat is the dialect of a subject that Load found in the folder itself, "" where
// each dialect has a sub-folder.
func (s Subject) Flat() dialect.Dialect {
	for _, d := range dialect.All() {
		if s.Ships(d) && s.Subfolders[d] == "" {
			return d
		}
	}
	return ""
}

// Path is the name of a revision's file as findings show it.
func (s Subject) Path(d dialect.Dialect, name string) string {
	return path.Join(s.Dir, s.Subfolders[d], name)
}

func (s *Subject) SetFS(d dialect.Dialect, folder fs.FS) {
	if d == dialect.Postgres {
		s.Postgres = folder
	} else {
		s.SQLite = folder
	}
}

// History reads the revisions of one dialect. Errors name the file: one that
// cannot be read or is not UTF-8, a version twice, a version that a database
// cannot hold (golang-migrate would panic). Errors of migrations in TOML or JSON
// and of a [LockFile] name the line too.
func (s Subject) History(d dialect.Dialect) (History, error) {
	folder := s.FS(d)
	if folder == nil {
		return History{}, fmt.Errorf("%s: no revisions for %s", s.Title(), d)
	}
	h, err := Read(folder, d)
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

// Shown is a file that calls itself as findings do.
func (s Subject) Shown(d dialect.Dialect, f *File) *File {
	out := &File{Name: s.Path(d, f.Name), SQL: f.SQL, parts: slices.Clone(f.parts)}
	for i := range out.parts {
		out.parts[i].name = s.Path(d, out.parts[i].name)
	}
	return out
}

// Place is the file as findings show it, and the line in it, at which a line of SQL
// stands.
func (s Subject) Place(d dialect.Dialect, f *File, line int) (string, int) {
	name, line := f.At(line)
	return s.Path(d, name), line
}

// A Seeder writes rows into a database that stands just below a revision. They
// stay there for all revisions behind it. It must not change the schema, and must
// leave no connection open. It is called for one revision more than once: in each
// new database that the walk takes, and in a copy of it for the second round.
type Seeder func(ctx context.Context, db *sql.DB, d dialect.Dialect, below Revision) error

func (s Subject) AssertionLimit() time.Duration {
	if s.AssertionTimeout == 0 {
		return defaultAssertionTimeout
	}
	return s.AssertionTimeout
}

// defaultAssertionTimeout is how long a statement of an assertion may take where
// the subject does not say.
const defaultAssertionTimeout = 5 * time.Second
