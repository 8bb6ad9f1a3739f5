package history

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/golang-migrate/migrate/v4/source"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/internal/sqltext"
)

// golangMigrate is golang-migrate's own format: a file for each direction of a revision,
// 0001_name.up.sql and 0001_name.down.sql.
type golangMigrate struct{}

var _ Format = golangMigrate{}

func (golangMigrate) Name() string { return "golang-migrate" }

func (golangMigrate) Finds(folder fs.FS) (sure bool, files []string, err error) {
	files, err = revisionFiles(folder)
	return false, files, err
}

func (golangMigrate) Read(folder fs.FS, d dialect.Dialect, files []string, _ Locked) (Reading, error) {
	byVersion := map[int64]*Revision{}
	var errs []error
	for _, name := range files {
		errs = append(errs, readFile(folder, name, byVersion))
	}
	if err := errors.Join(errs...); err != nil {
		return Reading{}, err
	}
	if err := errors.Join(readSeeds(folder, byVersion), readAssertions(folder, byVersion)); err != nil {
		return Reading{}, err
	}
	var r Reading
	for _, version := range slices.Sorted(maps.Keys(byVersion)) {
		r.Revisions = append(r.Revisions, *byVersion[version])
	}
	var err error
	r.PassedOver, err = passedFiles(folder)
	return r, err
}

func (golangMigrate) Texts(folder fs.FS, files []string) ([]*File, error) {
	var texts []*File
	for _, name := range files {
		if path.Ext(name) == ".go" { // a step in Go says nothing
			continue
		}
		text, err := readPlain(folder, name)
		if err != nil {
			return nil, err
		}
		texts = append(texts, &File{Name: name, SQL: string(text)})
	}
	return texts, nil
}

// passedFiles are those that golang-migrate passes over without a word, though their
// names look as if somebody meant them to be read.
func passedFiles(folder fs.FS) ([]PassedOver, error) {
	entries, err := fs.ReadDir(folder, ".")
	if err != nil {
		return nil, err
	}
	var passed []PassedOver
	for _, e := range entries {
		name := e.Name()
		meant := source.Regex.MatchString(name) || companion.MatchString(name)
		switch {
		case meant != e.IsDir() || !meant && (!strings.EqualFold(path.Ext(name), ".sql") || !looksLikeMigration.MatchString(name)):
		case e.IsDir():
			passed = append(passed, PassedOver{finding.Warning, name, name + " is not read: it is a folder", "make it a file, or move it out of the folder"})
		default:
			passed = append(passed, PassedOver{
				finding.Warning, name, fmt.Sprintf("golang-migrate does not read %s: %s", name, whyIgnored(name)),
				"call it VERSION_name.up.sql or VERSION_name.down.sql, or move it out of the folder",
			})
		}
	}
	return passed, nil
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
		r = &Revision{Version: version, Name: parts[2], Digits: parts[1]}
		byVersion[version] = r
	}
	place := &r.Up
	if parts[3] == string(source.Down) {
		place = &r.Down
	} else {
		r.Name, r.Digits = parts[2], parts[1]
	}
	if *place != nil {
		return &DuplicateVersion{version, (*place).Name, name}
	}
	*place = file
	return nil
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

// companion is a file that belongs to handrail.
var companion = regexp.MustCompile(`^[0-9]+_.*\.(seed|assert)(\.[^.]+)?\.sql$`)

// looksLikeMigration is a name that somebody meant golang-migrate to read.
var looksLikeMigration = regexp.MustCompile(`(?i)^(v?\d+.*|(.*[._])?(up|down)\.sql)$`)

// whyIgnored says why golang-migrate passes a file over, by its name.
func whyIgnored(name string) string {
	switch {
	case source.Regex.MatchString(name):
		return "it is a folder"
	case companion.MatchString(name) || isModelFile(name):
		return "it is a file for handrail"
	case !sqltext.IsDigit(name[0]):
		return "its name does not begin with a version"
	case !strings.Contains(name, "_"):
		return "there is no _ behind its version"
	}
	return "its name has no .up. or .down. in it"
}
