package history

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
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
	Digits  string  // the version as the file has it: "0007"

	Migration *migration // of TOML or JSON; nil: golang-migrate's files
}

// String names the revision as its files do: "0007_add_email".
func (r Revision) String() string { return r.Digits + "_" + r.Name }

// File is the one that a step in the direction runs, nil where there is none.
func (r Revision) File(d finding.Direction) *File {
	if d == finding.Down {
		return r.Down
	}
	return r.Up
}

// Ref is how files of the history refer to the revision: by name or version.
func (r Revision) Ref() string {
	if r.Migration != nil {
		return r.Name
	}
	return fmt.Sprint(r.Version)
}

// DownName is the name that the missing down file of a revision would have.
func (r Revision) DownName() string {
	if r.Up == nil {
		return r.String() + ".down.sql"
	}
	return strings.Replace(path.Base(r.Up.Name), ".up.", ".down.", 1)
}

// FileName is the file of a step, there or not.
func (r Revision) FileName(step finding.Direction) string {
	switch f := r.File(step); {
	case f != nil:
		return f.Name
	case step == finding.Down:
		return r.DownName()
	}
	return r.String() + ".up.sql"
}

// A File is one file of a revision, or SQL that stands in a migration of TOML or
// JSON.
type File struct {
	Name string // within the folder
	SQL  string

	parts  []part // where the SQL stands; nil: it is all of the file
	goStep bool   // it is a step in Go, which only the project's own program can make
}

// A part of a file's SQL stands in another file.
type part struct {
	from   int // the line of the SQL at which it begins
	name   string
	line   int  // in that file, of its first line
	spread bool // its lines are lines of that file; else all of them stand on line
}

// Runnable says of a step in Go that it cannot be made here; nil for any other.
func (f *File) Runnable() error {
	if f == nil || !f.goStep {
		return nil
	}
	return fmt.Errorf("%s is a step in Go: handrail runs SQL, and only the project's own program can make this step", f.Name)
}

// At is the file and line in which a line of the SQL stands; 0 is not known.
func (f *File) At(line int) (string, int) {
	if len(f.parts) == 1 && line == 0 {
		return f.parts[0].name, f.parts[0].line
	}
	name := f.Name
	at := line
	for _, p := range f.parts {
		if line < p.from {
			break
		}
		name, at = p.name, p.line
		if p.spread {
			at += line - p.from
		}
	}
	return name, at
}

// A History is the revisions of one dialect in the order in which
// golang-migrate applies them. They come from files of golang-migrate's, or from
// migrations in TOML or JSON: README.md describes these.
type History struct {
	Dialect   dialect.Dialect
	Revisions []Revision

	Lock Locked // what of it is published
}

// Head is the last version, Base for an empty history.
func (h History) Head() int64 { return h.Below(len(h.Revisions)) }

// Below is the version that a database has below the revision at a place.
func (h History) Below(i int) int64 {
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

// TOMLJSON reports whether the history comes from migrations in TOML or JSON.
func (h History) TOMLJSON() bool { return len(h.Revisions) > 0 && h.Revisions[0].Migration != nil }

// A migration is a file of TOML or JSON in a folder of such: a name, the names of
// the migrations that it needs, pairs of SQL for the two ways, and what must hold
// from it on.
type migration struct {
	File    string
	name    string
	Line    int // of the name
	Deps    []dependency
	up      []*File // one an action
	down    []*File
	asserts []*File
	seed    *File
	ordinal int64
	Listed  bool // the lock file gives the ordinal
}

// A dependency is the name of a migration that another needs.
type dependency struct {
	Name string
	line int
}
