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
	"github.com/handrail-db/handrail/verify/internal/sqltext"
)

// MigrationName is what a migration may be called.
var MigrationName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*$`)

// NameRule is [MigrationName] in words.
const NameRule = "want a letter, then letters, digits, _ and -"

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

// readRove reads a folder of migrations in TOML or JSON. Their versions are the
// ordinals of the lock file, and behind them those that it would give.
func readRove(folder fs.FS, d dialect.Dialect, names []string, lock Locked) (History, error) {
	migrations, err := readRoveFiles(folder, names, lock)
	if err != nil {
		return History{}, err
	}
	return roveHistory(d, migrations, lock, lock.Entries)
}

// readRoveFiles reads the migrations of a folder, and what they and its lock must
// be on their own.
func readRoveFiles(folder fs.FS, names []string, lock Locked) ([]*migration, error) {
	migrations, err := readMigrations(folder, names)
	if err != nil {
		return nil, err
	}
	if err := mixed(folder, migrations); err != nil {
		return nil, err
	}
	return migrations, withoutGap(lock.Entries)
}

// roveHistory puts migrations into the order of a history.
func roveHistory(d dialect.Dialect, migrations []*migration, lock Locked, published []LockEntry) (History, error) {
	migrations, err := arrange(migrations, published)
	if err != nil {
		return History{}, err
	}
	h := History{Dialect: d, Lock: lock}
	for _, m := range migrations {
		down := slices.Clone(m.down)
		slices.Reverse(down)
		h.Revisions = append(h.Revisions, Revision{
			Version: m.ordinal, Name: m.name, Digits: ordinalDigits(m.ordinal), Migration: m,
			Up: together(d, m.File, m.up), Down: together(d, m.File, down), Asserts: m.asserts, Seed: m.seed,
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
			return fmt.Errorf("%s is a revision for golang-migrate and %s a migration of another kind: a folder holds one kind; a file that an action names may be called anything", name, migrations[0].File)
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

// Reads reports whether a migration of TOML or JSON names a file in a folder.
func (h History) Reads(folder string) bool {
	for _, file := range h.Named() {
		if strings.HasPrefix(file, folder+"/") {
			return true
		}
	}
	return false
}

// Named are the files that migrations of TOML or JSON name.
func (h History) Named() []string {
	var migrations []*migration
	for _, r := range h.Revisions {
		if r.Migration != nil {
			migrations = append(migrations, r.Migration)
		}
	}
	return sqlFiles(migrations)
}
