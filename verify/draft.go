package verify

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/golang-migrate/migrate/v4/source"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/history"
)

// A Draft is a file that is to be written.
type Draft struct {
	File string // as findings name it
	Text []byte
}

// LoadToDraft is [history.Load] for a folder that gets a new revision, which may be its
// first: it may hold none yet, unless there are files in it that might be meant as
// revisions.
func LoadToDraft(folder fs.FS) (history.Subject, error) {
	s, err := history.Load(folder, dialect.Postgres) // nothing here depends on it
	if errors.Is(err, history.ErrNoRevisions) && vacant(folder) {
		s, err = history.LoadConfig(folder)
		s.SetFS(dialect.Postgres, folder)
	}
	return s, err
}

// vacant reports whether nothing in a folder looks like a revision of any tool.
func vacant(folder fs.FS) bool {
	entries, err := fs.ReadDir(folder, ".")
	return err == nil && !slices.ContainsFunc(entries, func(e fs.DirEntry) bool {
		name := strings.ToLower(e.Name())
		ours := name == history.ConfigFile || name == history.ModelFile(dialect.Postgres) || name == history.ModelFile(dialect.SQLite)
		return !ours && slices.Contains([]string{".sql", ".toml", ".json", ".lock"}, path.Ext(name))
	})
}

// DraftRevision is the files of a new revision, for its author to fill in: an up and a
// down in the folder of each dialect that the subject ships on, all with one
// version, which follows the highest and is written as that one is; or a migration
// in TOML or JSON, as the others are, that needs those which no other needs. In a
// history by date the version is the time, in UTC. It writes nothing. It is an
// error if the name is none for a revision, or is that of one that is there.
func DraftRevision(s history.Subject, name string, now time.Time) ([]Draft, error) {
	if !history.MigrationName.MatchString(name) {
		return nil, fmt.Errorf("name %q: %s%s", name, history.NameRule, better(name))
	}
	histories, err := toDraft(s)
	if err != nil {
		return nil, err
	}
	for _, h := range histories {
		for _, r := range h.Revisions {
			if strings.EqualFold(r.Name, name) {
				return nil, fmt.Errorf("%s: %s has that name: choose another", s.Title(), r)
			}
		}
	}
	numbered := slices.DeleteFunc(slices.Clone(histories), history.History.TOMLJSON)
	digits, err := following(latest(numbered), now)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.Title(), err)
	}
	var drafts []Draft
	for _, h := range histories {
		like := latest([]history.History{h})
		if like == nil {
			like = latest(histories)
		}
		if like != nil && like.Migration != nil {
			drafts = append(drafts, draftMigration(s, h, path.Ext(like.Migration.File), name))
		} else {
			drafts = append(drafts, draftFiles(s, h.Dialect, digits+"_"+name, extensionOf(like))...)
		}
	}
	return drafts, nil
}

// better offers a name, where one can be made of what was given.
func better(name string) string {
	other := regexp.MustCompile(`[^A-Za-z0-9_-]+`).ReplaceAllString(name, "_")
	other = strings.TrimRight(strings.TrimLeft(other, "_-0123456789"), "_")
	if !history.MigrationName.MatchString(other) {
		return ""
	}
	return fmt.Sprintf("; perhaps %s", other)
}

// toDraft are the histories that get a revision, an empty one where there is none
// yet.
func toDraft(s history.Subject) ([]history.History, error) {
	var all []history.History
	for _, d := range dialect.All() {
		if !s.Ships(d) {
			continue
		}
		h, err := s.History(d)
		if errors.Is(err, history.ErrNoRevisions) && vacant(s.FS(d)) {
			h, err = history.History{Dialect: d}, nil
		}
		if err != nil {
			return nil, err
		}
		all = append(all, h)
	}
	return all, nil
}

// latest is the revision with the highest version, nil where there is none.
func latest(histories []history.History) *history.Revision {
	var last *history.Revision
	for _, h := range histories {
		if n := len(h.Revisions); n > 0 && (last == nil || last.Version < h.Head()) {
			last = &h.Revisions[n-1]
		}
	}
	return last
}

// extensionOf is what stands behind ".up." in the name of the revision's file.
func extensionOf(r *history.Revision) string {
	if r == nil || r.Migration != nil {
		return "sql"
	}
	f := r.Up
	if f == nil {
		f = r.Down
	}
	return source.Regex.FindStringSubmatch(f.Name)[4]
}

const (
	draftUp = `-- %[1]s, up
--
-- Beside this file, where there is need for them:
--   %[1]s.seed.sql    rows that are there before it runs, when it is verified
--   %[1]s.assert.sql  what must hold from here on

`
	draftDown = `-- %[1]s, down: what the up made goes, what it took comes back, in reverse order

`
)

// draftFiles are an up and a down for golang-migrate.
func draftFiles(s history.Subject, d dialect.Dialect, revision, extension string) []Draft {
	file := func(direction source.Direction, text string) Draft {
		name := fmt.Sprintf("%s.%s.%s", revision, direction, extension)
		return Draft{s.Path(d, name), fmt.Appendf(nil, text, revision)}
	}
	return []Draft{file(source.Up, draftUp), file(source.Down, draftDown)}
}

// draftMigration is a migration in TOML or JSON that needs all others, directly or
// through one that does.
func draftMigration(s history.Subject, h history.History, extension, name string) Draft {
	needed := map[string]bool{}
	for _, r := range h.Revisions {
		for _, dep := range r.Migration.Deps {
			needed[dep.Name] = true
		}
	}
	deps := []string{}
	for _, r := range h.Revisions {
		if !needed[r.Name] {
			deps = append(deps, r.Name)
		}
	}
	text := tomlMigration
	if strings.EqualFold(extension, ".json") {
		text = jsonMigration
	}
	return Draft{s.Path(h.Dialect, name+extension), text(name, deps)}
}

// tomlMigration is a migration in TOML to be filled in. Names need no quoting that
// those of JSON do not need.
func tomlMigration(name string, deps []string) []byte {
	list, _ := json.Marshal(deps) // a list of strings always can be
	return fmt.Appendf(nil, `name = %q
deps = %s # what must be there first

[[actions]]
up = '''
'''
down = '''
'''

# What must hold from here on: no statement raises, no SELECT returns a row.
# [[asserts]]
# sql = '''
# '''
`, name, strings.ReplaceAll(string(list), ",", ", "))
}

func jsonMigration(name string, deps []string) []byte {
	type action struct {
		Up   string `json:"up"`
		Down string `json:"down"`
	}
	text, _ := json.MarshalIndent(struct {
		Name    string   `json:"name"`
		Deps    []string `json:"deps"`
		Actions []action `json:"actions"`
	}{name, deps, []action{{}}}, "", "  ")
	return append(text, '\n')
}
