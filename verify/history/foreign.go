package history

import (
	"io/fs"
	"path"
	"regexp"
	"slices"
)

// otherTools are the marks by which the folders of other migration tools are told:
// a file, by its name below the folder, and what stands in it.
var otherTools = []struct {
	tool, file string
	inside     *regexp.Regexp // nil: whatever it is
}{
	{"Prisma's", "migration_lock.toml", regexp.MustCompile(`(?m)^\s*provider\s*=`)},
	{"Prisma's", "*/migration.sql", nil},
	{"Atlas'", "atlas.sum", nil},
	{"sqitch's", "sqitch.plan", nil},
	{"goose's", "*.sql", regexp.MustCompile(`(?mi)^-- \+goose up\b`)},
	{"sql-migrate's", "*.sql", regexp.MustCompile(`(?m)^-- \+migrate Up\b`)},
	{"dbmate's", "*.sql", regexp.MustCompile(`(?m)^--\s*migrate:up\b`)},
	{"tern's", "*.sql", regexp.MustCompile(`(?m)^---- create above / drop below ----`)},
	{"Flyway's", "V[0-9]*__*.sql", nil},
	{"diesel's or Hasura's", "*/up.sql", nil},
}

// otherTool names the migration tool that a folder belongs to, and the file that it
// is told by; "" where it is none that is known.
func otherTool(folder fs.FS) (tool, mark string) {
	for _, t := range otherTools {
		names, err := fs.Glob(folder, t.file)
		if err != nil {
			continue // not to be listed: it says nothing
		}
		for _, name := range names {
			if t.inside == nil {
				return t.tool, name
			}
			if text, err := fs.ReadFile(folder, name); err == nil && t.inside.Match(text) {
				return t.tool, name
			}
		}
	}
	return "", ""
}

// ofAnotherTool reports whether a file in TOML or JSON is one that another tool has
// beside its migrations, and no migration.
func ofAnotherTool(name string) bool {
	return slices.Contains([]string{"migration_lock.toml", "diesel.toml", "metadata.toml", "flyway.toml", "atlas.hcl"}, path.Base(name))
}
