package verify

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/golang-migrate/migrate/v4/source"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/internal/sqltext"
	"github.com/handrail-db/handrail/verify/internal/words"
)

// A Revision is one step of a history, with the way up and the way down.
// Of migrations in TOML or JSON the version is the ordinal.
type Revision struct {
	Version int64
	Name    string  // "add_email"
	Up      *File   // nil: there is only a down file, which golang-migrate climbs as an empty step
	Down    *File   // nil: the revision has no way down
	Seed    *File   // rows that are written just below the revision; nil: none
	Asserts []*File // what must hold from the revision on
	digits  string  // the version as the file has it: "0007"

	migration *migration // of TOML or JSON; nil: golang-migrate's files
}

// String names the revision as its files do: "0007_add_email".
func (r Revision) String() string { return r.digits + "_" + r.Name }

// file is the one that a step in the direction runs, nil where there is none.
func (r Revision) file(d finding.Direction) *File {
	if d == finding.Down {
		return r.Down
	}
	return r.Up
}

// A File is one file of a revision, or SQL that stands in a migration of TOML or
// JSON.
type File struct {
	Name string // within the folder
	SQL  string

	parts  []part // where the SQL stands; nil: it is all of the file
	goStep bool   // it is a step in Go, which only the project's own program can make
}

// runnable says of a step in Go that it cannot be made here; nil for any other.
func (f *File) runnable() error {
	if f == nil || !f.goStep {
		return nil
	}
	return fmt.Errorf("%s is a step in Go: handrail runs SQL, and only the project's own program can make this step", f.Name)
}

// A History is the revisions of one dialect in the order in which
// golang-migrate applies them. They come from files of golang-migrate's, or from
// migrations in TOML or JSON: README.md describes these.
type History struct {
	Dialect   dialect.Dialect
	Revisions []Revision

	lock lockFile // what of it is published
}

// Head is the last version, Base for an empty history.
func (h History) Head() int64 { return h.below(len(h.Revisions)) }

// below is the version that a database has below the revision at a place.
func (h History) below(i int) int64 {
	if i == 0 {
		return engine.Base
	}
	return h.Revisions[i-1].Version
}

// Has reports whether a database can stand at a version: it is that of a
// revision, or Base.
func (h History) Has(version int64) bool { return version == engine.Base || h.Index(version) >= 0 }

// Index is the place of a version in the history, -1 where it has none.
func (h History) Index(version int64) int {
	return slices.IndexFunc(h.Revisions, func(r Revision) bool { return r.Version == version })
}

// History reads the revisions of one dialect. Errors name the file: one that
// cannot be read or is not UTF-8, a version twice, a version that a database
// cannot hold (golang-migrate would panic). Errors of migrations in TOML or JSON
// and of a [LockFile] name the line too.
func (s Subject) History(d dialect.Dialect) (History, error) {
	folder := s.FS(d)
	if folder == nil {
		return History{}, fmt.Errorf("%s: no revisions for %s", s.name(), d)
	}
	h, err := readHistory(folder, d)
	if err != nil {
		return History{}, fmt.Errorf("%s revisions of %s: %w", d, s.name(), err)
	}
	return h, nil
}

// revisionFiles lists the files in the folder that golang-migrate would take
// for migrations.
func revisionFiles(folder fs.FS) ([]string, error) {
	entries, err := fs.ReadDir(folder, ".")
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if !e.IsDir() && source.Regex.MatchString(e.Name()) {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

func readHistory(folder fs.FS, d dialect.Dialect) (History, error) {
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
	h := History{Dialect: d, lock: lock}
	for _, r := range byVersion {
		h.Revisions = append(h.Revisions, *r)
	}
	slices.SortFunc(h.Revisions, func(a, b Revision) int { return cmp.Compare(a.Version, b.Version) })
	return h, nil
}

// readFile adds one file to the revision that it belongs to.
func readFile(folder fs.FS, name string, byVersion map[int64]*Revision) error {
	parts := source.Regex.FindStringSubmatch(name)
	version, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil {
		return fmt.Errorf("%s: version %s is above %d, the highest that the version table can hold", name, parts[1], int64(math.MaxInt64))
	}
	file := &File{Name: name, goStep: true}
	if parts[4] != "go" {
		if file, err = readSQL(folder, name); err != nil {
			return err
		}
	}
	r := byVersion[version]
	if r == nil {
		r = &Revision{Version: version, Name: parts[2], digits: parts[1]}
		byVersion[version] = r
	}
	place := &r.Up
	if parts[3] == string(source.Down) {
		place = &r.Down
	} else {
		r.Name, r.digits = parts[2], parts[1]
	}
	if *place != nil {
		return &DuplicateVersion{version, (*place).Name, name}
	}
	*place = file
	return nil
}

// readSQL reads a file, which must be UTF-8 without a NUL.
func readSQL(folder fs.FS, name string) (*File, error) {
	text, err := readPlain(folder, name)
	if err != nil {
		return nil, err
	}
	if !utf8.Valid(text) {
		return nil, fmt.Errorf("%s: %w", name, notUTF8(text))
	}
	if err := nulByte(string(text)); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return &File{Name: name, SQL: string(text)}, nil
}

// DuplicateVersion is the error of a folder that has a version twice.
type DuplicateVersion struct {
	Version       int64
	First, Second string // the files
}

// Error names both files.
func (d *DuplicateVersion) Error() string {
	return fmt.Sprintf("version %d twice: %s and %s; golang-migrate refuses the folder; renumber one of them", d.Version, d.First, d.Second)
}

// notUTF8 says where a text is not UTF-8.
func notUTF8(text []byte) error {
	if bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff")) {
		return errors.New("it is UTF-16, which no database takes for SQL: write it as UTF-8")
	}
	at := 0
	for at < len(text) {
		r, size := utf8.DecodeRune(text[at:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		at += size
	}
	return fmt.Errorf("line %d is not valid UTF-8: byte 0x%02x at offset %d", 1+bytes.Count(text[:at], []byte("\n")), text[at], at)
}

// nulByte says where SQL has a NUL. SQLite takes it for the end of a file, and says
// nothing of what stands behind it; Postgres refuses it.
func nulByte(text string) error {
	at := strings.IndexByte(text, 0)
	if at < 0 {
		return nil
	}
	return fmt.Errorf("line %d has a NUL byte, at offset %d: SQLite runs nothing of what stands behind it, and Postgres refuses it; is it UTF-16? Write it as UTF-8", 1+strings.Count(text[:at], "\n"), at)
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
		err = fmt.Errorf("%w\n    %s", err, p.why)
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

// downName is the name that the missing down file of a revision would have.
func (r Revision) downName() string {
	if r.Up == nil {
		return r.String() + ".down.sql"
	}
	return strings.Replace(path.Base(r.Up.Name), ".up.", ".down.", 1)
}

// companion is a file that belongs to handrail.
var companion = regexp.MustCompile(`^[0-9]+_.*\.(seed|assert)(\.[^.]+)?\.sql$`)

func whyIgnored(name string) string {
	switch {
	case source.Regex.MatchString(name):
		return "it is a folder"
	case companion.MatchString(name) || name == modelFile(dialect.Postgres) || name == modelFile(dialect.SQLite):
		return "it is a file for handrail"
	case !sqltext.IsDigit(name[0]):
		return "its name does not begin with a version"
	case !strings.Contains(name, "_"):
		return "there is no _ behind its version"
	}
	return "its name has no .up. or .down. in it"
}

// Head is the last version of the subject's history in a dialect.
func (s Subject) Head(d dialect.Dialect) (int64, error) {
	h, err := s.History(d)
	return h.Head(), err
}

// fileName is the file of a step, there or not.
func (r Revision) fileName(step finding.Direction) string {
	switch f := r.file(step); {
	case f != nil:
		return f.Name
	case step == finding.Down:
		return r.downName()
	}
	return r.String() + ".up.sql"
}
