package history

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/finding"
)

// Provisional lists the revisions of a history in TOML or JSON to which the
// [LockFile] gives no ordinal: their versions are what it would give them today.
func (h History) Provisional() []Revision {
	var found []Revision
	for _, r := range h.Revisions {
		if r.Migration != nil && !r.Migration.Listed {
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

// tomlJSON is handrail's own format: migrations in TOML or JSON, which README.md
// describes. Their versions are the ordinals of the lock file, and behind them those that
// it would give.
type tomlJSON struct{}

var _ Format = tomlJSON{}

func (tomlJSON) Name() string { return "handrail's, in TOML or JSON" }

func (tomlJSON) Finds(folder fs.FS) (sure bool, files []string, err error) {
	files, are, sure, err := documents(folder)
	if err != nil || !are {
		return false, nil, err
	}
	return sure, files, nil
}

func (tomlJSON) Read(folder fs.FS, d dialect.Dialect, files []string, lock Locked) (Reading, error) {
	migrations, err := readMigrationsOf(folder, files, lock)
	if err != nil {
		return Reading{}, err
	}
	revisions, err := inOrder(d, migrations, lock.Entries)
	if err != nil {
		return Reading{}, err
	}
	passed, err := unnamedFiles(folder, migrations)
	return Reading{revisions, passed}, err
}

func (tomlJSON) Texts(folder fs.FS, files []string) ([]*File, error) {
	var texts []*File
	migrations, err := readMigrations(folder, files)
	for _, m := range migrations {
		texts = slices.Concat(texts, m.up, m.down)
	}
	return texts, err
}

// unnamedFiles are those of SQL that no migration names.
func unnamedFiles(folder fs.FS, migrations []*migration) ([]PassedOver, error) {
	entries, err := fs.ReadDir(folder, ".")
	if err != nil {
		return nil, err
	}
	named := sqlFiles(migrations)
	var passed []PassedOver
	for _, e := range entries {
		name := e.Name()
		if !e.IsDir() && strings.EqualFold(path.Ext(name), ".sql") && !slices.Contains(named, name) && !isModelFile(name) {
			passed = append(passed, PassedOver{finding.Warning, name, "no migration names " + name, "name it in a migration, or move it out of the folder"})
		}
	}
	return passed, nil
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

// readMigrationsOf reads the migrations of a folder, and what they and its lock must
// be on their own.
func readMigrationsOf(folder fs.FS, names []string, lock Locked) ([]*migration, error) {
	migrations, err := readMigrations(folder, names)
	if err != nil {
		return nil, err
	}
	if err := mixed(folder, migrations); err != nil {
		return nil, err
	}
	return migrations, withoutGap(lock.Entries)
}

// inOrder puts migrations into the order of a history.
func inOrder(d dialect.Dialect, migrations []*migration, published []LockEntry) ([]Revision, error) {
	migrations, err := arrange(migrations, published)
	if err != nil {
		return nil, err
	}
	var revisions []Revision
	for _, m := range migrations {
		down := slices.Clone(m.down)
		slices.Reverse(down)
		revisions = append(revisions, Revision{
			Version: m.ordinal, Name: m.name, Digits: ordinalDigits(m.ordinal), Migration: m,
			Up: together(d, m.File, m.up), Down: together(d, m.File, down), Asserts: m.asserts, Seed: m.seed,
		})
	}
	return revisions, nil
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
			return fmt.Errorf("%s is a revision for golang-migrate and %s a migration of another kind: a folder holds one kind; a file that an action names may be called anything", name, migrations[0].File)
		}
	}
	return nil
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
		if i > 0 && files[i-1].Script(d).Open {
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
