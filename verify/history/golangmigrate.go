package history

import (
	"fmt"
	"io/fs"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/golang-migrate/migrate/v4/source"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/internal/sqltext"
)

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

// Companion is a file that belongs to handrail.
var Companion = regexp.MustCompile(`^[0-9]+_.*\.(seed|assert)(\.[^.]+)?\.sql$`)

// LooksLikeMigration is a name that somebody meant golang-migrate to read.
var LooksLikeMigration = regexp.MustCompile(`(?i)^(v?\d+.*|(.*[._])?(up|down)\.sql)$`)

// WhyIgnored says why golang-migrate passes a file over, by its name.
func WhyIgnored(name string) string {
	switch {
	case source.Regex.MatchString(name):
		return "it is a folder"
	case Companion.MatchString(name) || name == ModelFile(dialect.Postgres) || name == ModelFile(dialect.SQLite):
		return "it is a file for handrail"
	case !sqltext.IsDigit(name[0]):
		return "its name does not begin with a version"
	case !strings.Contains(name, "_"):
		return "there is no _ behind its version"
	}
	return "its name has no .up. or .down. in it"
}
