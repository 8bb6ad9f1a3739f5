package history

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/internal/sqltext"
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

	mutex   sync.Mutex
	scripts map[dialect.Dialect]sqltext.Script // of SQL, as far as somebody asked
	steps   map[dialect.Dialect]engine.Step    // the same, without what a revision gives to it
}

// A part of a file's SQL stands in another file.
type part struct {
	from   int // the line of the SQL at which it begins
	name   string
	line   int  // in that file, of its first line
	spread bool // its lines are lines of that file; else all of them stand on line
}

// Script is the SQL as a dialect reads it, nothing where there is no file. It is lexed
// once; nobody may change what is in it.
func (f *File) Script(d dialect.Dialect) sqltext.Script {
	if f == nil {
		return sqltext.Script{}
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	script, ok := f.scripts[d]
	if !ok {
		script = sqltext.Parse(d, f.SQL)
		for i := range script.Statements {
			script.Statements[i].Tokens = slices.Clip(script.Statements[i].Tokens) // who appends gets his own
		}
		script.Statements, script.Comments = slices.Clip(script.Statements), slices.Clip(script.Comments)
		if f.scripts == nil {
			f.scripts = map[dialect.Dialect]sqltext.Script{}
		}
		f.scripts[d] = script
	}
	return script
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

	PassedOver []PassedOver // beside the revisions, which nobody reads
	Lock       Locked       // what of it is published
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

// A PassedOver is a file or folder that looks as if somebody meant it to be read, and
// that nobody reads.
type PassedOver struct {
	Severity        finding.Severity
	Name, Why, Hint string
}

// MigrationName is what a migration may be called.
var MigrationName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*$`)

// NameRule is [MigrationName] in words.
const NameRule = "want a letter, then letters, digits, _ and -"

// Reads reports whether a migration of TOML or JSON names a file in a folder.
func (h History) Reads(folder string) bool {
	for _, file := range h.named() {
		if strings.HasPrefix(file, folder+"/") {
			return true
		}
	}
	return false
}

// named are the files that migrations of TOML or JSON name.
func (h History) named() []string {
	var migrations []*migration
	for _, r := range h.Revisions {
		if r.Migration != nil {
			migrations = append(migrations, r.Migration)
		}
	}
	return sqlFiles(migrations)
}

// sqlFiles are the files that migrations name.
func sqlFiles(migrations []*migration) []string {
	var names []string
	for _, m := range migrations {
		files := slices.Concat(m.up, m.down, m.asserts)
		if m.seed != nil {
			files = append(files, m.seed)
		}
		for _, f := range files {
			names = append(names, f.Name)
		}
	}
	return names
}

// Steps are the steps of all revisions as a [engine.Tool] makes them, each up before its
// down.
func (h History) Steps() []engine.Step {
	var steps []engine.Step
	for _, r := range h.Revisions {
		for _, d := range []finding.Direction{finding.Up, finding.Down} {
			if f := r.File(d); f != nil {
				steps = append(steps, f.step(h.Dialect, r, d))
			}
		}
	}
	return steps
}

func (f *File) step(d dialect.Dialect, r Revision, direction finding.Direction) engine.Step {
	script := f.Script(d)
	f.mutex.Lock()
	defer f.mutex.Unlock()
	step, ok := f.steps[d] // one that is opened for each revision shall not read all of them again
	if !ok {
		step = engine.Step{Text: f.SQL, Refused: f.Runnable()}
		for _, s := range script.Statements {
			step.Statements = append(step.Statements, engine.Statement{Line: s.Line, SQL: s.SQL})
		}
		if step.Refused == nil {
			step.Refused = rowsFromClient(d, script)
		}
		if f.steps == nil {
			f.steps = map[dialect.Dialect]engine.Step{}
		}
		f.steps[d] = step
	}
	step.Version, step.Name, step.Direction = engine.Version{Ordinal: r.Version, Label: r.Digits}, r.Name, direction
	return step
}
