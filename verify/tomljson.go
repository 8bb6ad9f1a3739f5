package verify

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/internal/sqltext"
)

// A migration is a file of TOML or JSON in a folder of such: a name, the names of
// the migrations that it needs, pairs of SQL for the two ways, and what must hold
// from it on.
type migration struct {
	file    string
	name    string
	line    int // of the name
	deps    []dependency
	up      []*File // one an action
	down    []*File
	asserts []*File
	seed    *File
	ordinal int64
	listed  bool // the lock file gives the ordinal
}

// A dependency is the name of a migration that another needs.
type dependency struct {
	name string
	line int
}

// migrationName is what a migration may be called.
var migrationName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*$`)

const nameRule = "want a letter, then letters, digits, _ and -"

// rove reports whether the history comes from migrations in TOML or JSON.
func (h History) rove() bool { return len(h.Revisions) > 0 && h.Revisions[0].migration != nil }

// Provisional lists the revisions of a history in TOML or JSON to which the
// [LockFile] gives no ordinal: their versions are what it would give them today.
func (h History) Provisional() []Revision {
	var found []Revision
	for _, r := range h.Revisions {
		if r.migration != nil && !r.migration.listed {
			found = append(found, r)
		}
	}
	return found
}

// Published is an error where a revision has a provisional version, which must
// not get into a database that somebody owns: it may be another's tomorrow.
func (h History) Published() error {
	provisional := h.Provisional()
	if len(provisional) == 0 {
		return nil
	}
	var names []string
	for _, r := range provisional {
		names = append(names, r.Name)
	}
	return fmt.Errorf("no ordinal in %s: %s; run handrail lock, which gives each its own for good, and commit it", LockFile, strings.Join(names, ", "))
}

// ref is how files of the history refer to the revision: by name or version.
func (r Revision) ref() string {
	if r.migration != nil {
		return r.Name
	}
	return fmt.Sprint(r.Version)
}

// documents lists the files of a folder that may be migrations in TOML or JSON,
// and says whether any is. Without doubt one is that has a name and actions, in
// whatever spelling.
func documents(folder fs.FS) (names []string, rove, sure bool, err error) {
	entries, err := fs.ReadDir(folder, ".")
	if err != nil {
		return nil, false, false, err
	}
	var unread []error
	for _, e := range entries {
		ext := strings.ToLower(path.Ext(e.Name()))
		if e.Name() == LockFile {
			rove = true
		}
		if e.IsDir() || e.Name() == ConfigFile || ofAnotherTool(e.Name()) || strings.HasPrefix(e.Name(), ".") || ext != ".toml" && ext != ".json" {
			continue
		}
		text, err := readPlain(folder, e.Name())
		if errors.Is(err, errNoPlainFile) { // which counts where the others are migrations
			unread = append(unread, err)
			continue
		}
		if err != nil {
			return nil, false, false, err
		}
		names = append(names, e.Name())
		if !actionsWord.Match(text) {
			continue
		}
		n, err := parseDocument(e.Name(), text)
		switch {
		case err != nil:
			rove = rove || actionsKey.Match(text)
		case n.acts():
			rove, sure = true, sure || n.fields["name"] != nil
		}
	}
	if rove && len(names) > 0 {
		return names, true, sure, errors.Join(unread...)
	}
	return names, false, sure, nil
}

// actionsWord is in every migration, and spares the parser most other files;
// actionsKey tells a migration that cannot be parsed.
var (
	actionsWord = regexp.MustCompile(`actions|\bup\b|\bdown\b`)
	actionsKey  = regexp.MustCompile(`(?m)^\s*\[\[\s*"?(?:actions|up|down)|^\s*"?actions"?\s*=|"actions"\s*:|"(?:up|down)"\s*:\s*\[`)
)

// acts reports whether a document has what a migration does: actions, or a list of
// each way.
func (n *node) acts() bool {
	list := func(key string) bool { return n.fields[key] != nil && n.fields[key].kind == listNode }
	return n.fields["actions"] != nil || list("up") || list("down")
}

// revisionSources lists the files that hold the revisions of a folder, which are
// those of golang-migrate or, where rove is true, migrations in TOML or JSON.
func revisionSources(folder fs.FS) (names []string, rove bool, err error) {
	files, err := revisionFiles(folder)
	if err != nil {
		return nil, false, err
	}
	migrations, rove, sure, err := documents(folder)
	switch {
	case err != nil:
		return nil, false, err
	case len(files) > 0 && sure, len(files) == 0 && rove:
		return migrations, true, nil
	}
	return files, false, nil
}

// readRove reads a folder of migrations in TOML or JSON. Their versions are the
// ordinals of the lock file, and behind them those that it would give.
func readRove(folder fs.FS, d dialect.Dialect, names []string, lock lockFile) (History, error) {
	migrations, err := readRoveFiles(folder, names, lock)
	if err != nil {
		return History{}, err
	}
	return roveHistory(d, migrations, lock, lock.entries)
}

// readRoveFiles reads the migrations of a folder, and what they and its lock must
// be on their own.
func readRoveFiles(folder fs.FS, names []string, lock lockFile) ([]*migration, error) {
	migrations, err := readMigrations(folder, names)
	if err != nil {
		return nil, err
	}
	if err := mixed(folder, migrations); err != nil {
		return nil, err
	}
	return migrations, withoutGap(lock.entries)
}

// roveHistory puts migrations into the order of a history.
func roveHistory(d dialect.Dialect, migrations []*migration, lock lockFile, published []lockEntry) (History, error) {
	migrations, err := arrange(migrations, published)
	if err != nil {
		return History{}, err
	}
	h := History{Dialect: d, lock: lock}
	for _, m := range migrations {
		down := slices.Clone(m.down)
		slices.Reverse(down)
		h.Revisions = append(h.Revisions, Revision{
			Version: m.ordinal, Name: m.name, digits: ordinalDigits(m.ordinal), migration: m,
			Up: together(d, m.file, m.up), Down: together(d, m.file, down), Asserts: m.asserts, Seed: m.seed,
		})
	}
	return h, nil
}

// readMigrations reads the files, with all that is wrong in any of them.
func readMigrations(folder fs.FS, names []string) ([]*migration, error) {
	var all []*migration
	var errs []error
	for _, name := range names {
		r := &migrationReader{folder: folder, file: name}
		m := r.read()
		all = append(all, m)
		errs = append(errs, r.errs...)
	}
	return all, errors.Join(errs...)
}

// mixed is an error where golang-migrate would read revisions in the folder that
// belong to no migration: nobody could say in which order they come.
func mixed(folder fs.FS, migrations []*migration) error {
	files, err := revisionFiles(folder)
	if err != nil {
		return err
	}
	for _, name := range files {
		if !slices.Contains(sqlFiles(migrations), name) {
			return fmt.Errorf("%s is a revision for golang-migrate and %s a migration of another kind: a folder holds one kind; a file that an action names may be called anything", name, migrations[0].file)
		}
	}
	return nil
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

// together is the SQL of several actions as one file, which knows where each
// line of it stands.
func together(d dialect.Dialect, name string, files []*File) *File {
	if len(files) == 1 {
		return files[0]
	}
	all := &File{Name: name}
	for i, f := range files {
		if i > 0 && !strings.HasSuffix(all.SQL, "\n") {
			all.SQL += "\n"
		}
		if i > 0 && sqltext.Parse(d, files[i-1].SQL).Open {
			all.SQL += ";\n"
		}
		p := part{name: f.Name, line: 1, spread: true}
		if f.parts != nil {
			p = f.parts[0]
		}
		p.from = 1 + strings.Count(all.SQL, "\n")
		all.parts = append(all.parts, p)
		all.SQL += f.SQL
	}
	return all
}

// A part of a file's SQL stands in another file.
type part struct {
	from   int // the line of the SQL at which it begins
	name   string
	line   int  // in that file, of its first line
	spread bool // its lines are lines of that file; else all of them stand on line
}

// at is the file and line in which a line of the SQL stands; 0 is not known.
func (f *File) at(line int) (string, int) {
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

// shown is a file that calls itself as findings do.
func (s Subject) shown(d dialect.Dialect, f *File) *File {
	out := &File{Name: s.file(d, f.Name), SQL: f.SQL, parts: slices.Clone(f.parts)}
	for i := range out.parts {
		out.parts[i].name = s.file(d, out.parts[i].name)
	}
	return out
}

// at is the file as findings show it, and the line in it, at which a line of SQL
// stands.
func (s Subject) at(d dialect.Dialect, f *File, line int) (string, int) {
	name, line := f.at(line)
	return s.file(d, name), line
}

// reads reports whether a migration of TOML or JSON names a file in a folder.
func (h History) reads(folder string) bool {
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
		if r.migration != nil {
			migrations = append(migrations, r.migration)
		}
	}
	return sqlFiles(migrations)
}
