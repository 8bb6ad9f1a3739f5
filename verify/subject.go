package verify

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

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

	subfolders map[dialect.Dialect]string // in which Load found the revisions
	config     string                     // the text of handrail.toml
	passed     []passedOver               // what Load has seen and nobody reads
	promised   map[string]int             // of AppendOnly: the line in handrail.toml
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

// name is s.Name, or what stands in reports without one.
func (s Subject) name() string {
	if s.Name == "" {
		return "migrations"
	}
	return s.Name
}

// belowFloor reports whether revisions up to the floor have the version among
// them.
func (s Subject) belowFloor(version int64) bool { return s.Floor != nil && version <= *s.Floor }

// ConfigFile is the file in the folder of the revisions that holds the promises
// that are not about one revision.
const ConfigFile = "handrail.toml"

// config is the content of handrail.toml.
type config struct {
	AppendOnly []string         `toml:"append_only"`
	Floor      *int64           `toml:"floor"`
	Assertion  string           `toml:"assertion_timeout"`
	Runner     runnerConfig     `toml:"runner"`
	SQLite     sqliteConfig     `toml:"sqlite"`
	Target     targetConfig     `toml:"target"`
	Naming     Convention       `toml:"naming"`
	Allow      []finding.Waiver `toml:"allow"`

	text string // that it was read from
}

type runnerConfig struct {
	engine.Options
	StatementTimeout string `toml:"statement_timeout"`
}

type sqliteConfig struct {
	Attach bool `toml:"attach"`
}

// dialectFolders are the sub-folders that hold the revisions of a dialect.
var dialectFolders = []struct {
	name    string
	dialect dialect.Dialect
}{{"postgres", dialect.Postgres}, {"sqlite", dialect.SQLite}, {"sqlite3", dialect.SQLite}}

// ErrNoRevisions is the error of a folder in which no revision was found.
var ErrNoRevisions = errors.New("no revisions")

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
	s, err := loadConfig(folder)
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
			s.set(f.dialect, sub)
			s.subfolders[f.dialect] = f.name
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
		s.set(s.Guessed.Dialect, folder)
	case len(inFolder) > 0:
		s.set(flat, folder)
	case s.Postgres == nil && s.SQLite == nil:
		return Subject{}, noRevisions(folder, " here, or in sub-folders postgres and sqlite")
	}
	return s, s.passedAbove(folder)
}

// Flat is the dialect of a subject that Load found in the folder itself, "" where
// each dialect has a sub-folder.
func (s Subject) Flat() dialect.Dialect {
	for _, d := range dialect.All() {
		if s.Ships(d) && s.subfolders[d] == "" {
			return d
		}
	}
	return ""
}

// file is the name of a revision's file as findings show it.
func (s Subject) file(d dialect.Dialect, name string) string {
	return path.Join(s.Dir, s.subfolders[d], name)
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

func (s *Subject) set(d dialect.Dialect, folder fs.FS) {
	if d == dialect.Postgres {
		s.Postgres = folder
	} else {
		s.SQLite = folder
	}
}

func loadConfig(folder fs.FS) (Subject, error) {
	s := Subject{subfolders: map[dialect.Dialect]string{}}
	c, err := readConfig(folder)
	if err != nil {
		return Subject{}, err
	}
	s.config = c.text
	s.Runner, s.AppendOnly, s.Floor, s.Allow = c.Runner.Options, c.AppendOnly, c.Floor, c.Allow
	s.Attach = c.SQLite.Attach
	s.Naming, s.promised = c.Naming, promisedAt([]byte(c.text), c.AppendOnly)
	for i := range s.Allow {
		s.Allow[i].File = ConfigFile
	}
	if t := c.Assertion; t != "" {
		if s.AssertionTimeout, err = time.ParseDuration(t); err != nil || s.AssertionTimeout <= 0 {
			return Subject{}, fmt.Errorf("%s: assertion_timeout %q: want a duration above zero, like 5s", ConfigFile, t)
		}
	}
	if t := c.Runner.StatementTimeout; t != "" {
		if s.Runner.StatementTimeout, err = time.ParseDuration(t); err != nil {
			return Subject{}, fmt.Errorf("%s: runner.statement_timeout: %w", ConfigFile, err)
		}
	}
	return s, nil
}

// readConfig reads the handrail.toml of a folder; without one nothing is promised.
func readConfig(folder fs.FS) (config, error) {
	text, err := readPlain(folder, ConfigFile)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return config{}, nil
	case err != nil:
		return config{}, err
	}
	return parseConfig(text)
}

func parseConfig(text []byte) (config, error) {
	c := config{text: string(text)}
	decoder := toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields()
	if err := decoder.Decode(&c); err != nil {
		return config{}, configError(err)
	}
	if key, err := c.Naming.check(); err != nil {
		return config{}, fmt.Errorf("%s: %w", finding.Place(ConfigFile, configLine(text, "naming", key)), err)
	}
	return c, errors.Join(c.versions(text), c.Target.check(text))
}

// versions refuses what no revision can have for its version.
func (c config) versions(text []byte) error {
	if c.Floor != nil && *c.Floor < 0 {
		line := 0
		if root, err := parseTOML(text); err == nil {
			line = root.at["floor"]
		}
		return fmt.Errorf("%s: floor = %d: want a version, and no floor at all where every revision is to be judged", finding.Place(ConfigFile, line), *c.Floor)
	}
	for i, w := range c.Allow {
		if w.Revision != nil && *w.Revision < 0 {
			return fmt.Errorf("%s: revision = %d in [[allow]] number %d: want a version, and no revision at all where every one is meant", ConfigFile, *w.Revision, i+1)
		}
	}
	return nil
}

// configError gives an error of the TOML library the line that it knows.
func configError(err error) error {
	var unknown *toml.StrictMissingError
	if errors.As(err, &unknown) && len(unknown.Errors) > 0 {
		first := unknown.Errors[0]
		row, _ := first.Position()
		return fmt.Errorf("%s:%d: unknown key %q", ConfigFile, row, strings.Join(first.Key(), "."))
	}
	var syntax *toml.DecodeError
	if errors.As(err, &syntax) {
		row, column := syntax.Position()
		return fmt.Errorf("%s:%d:%d: %w", ConfigFile, row, column, err)
	}
	return fmt.Errorf("%s: %w", ConfigFile, err)
}

// promisedAt is the line of handrail.toml at which tables are promised append-only.
func promisedAt(text []byte, tables []string) map[string]int {
	lines := map[string]int{}
	if root, err := parseTOML(text); err == nil {
		for _, table := range tables {
			lines[table] = root.at["append_only"]
		}
	}
	return lines
}
