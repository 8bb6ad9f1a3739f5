package history

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/golang-migrate/migrate/v4/source"

	"github.com/handrail-db/handrail/internal/words"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/finding"
)

// configName is a name that somebody may have given to the configuration.
var configName = regexp.MustCompile(`^\.?handrail(rc)?(\.(toml|tml|ya?ml|json|ini|cfg|conf|txt|toml\..*))?$`)

// passedConfigs are the files in a folder that look like a configuration and are none.
// In the folder itself that is called handrail.toml; in one of a dialect it is not
// read under any name, as a lock is not read beside such folders.
func passedConfigs(folder fs.FS, dialect bool) ([]PassedOver, error) {
	entries, err := fs.ReadDir(folder, ".")
	if err != nil {
		return nil, err
	}
	_, err = fs.Stat(folder, ConfigFile)
	read := err == nil && !slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == ConfigFile }) // in whatever case
	var found []PassedOver
	for _, e := range entries {
		name := e.Name()
		lower := strings.ToLower(name)
		like := configName.MatchString(lower) || words.EditDistance(lower, ConfigFile) <= 2
		switch {
		case dialect && name == ConfigFile:
			found = append(found, PassedOver{finding.Warning, name, fmt.Sprintf("handrail does not read %s here: the configuration of both dialects lies in the folder above", name), "move it there"})
		case name == ConfigFile || !like || strings.EqualFold(name, ConfigFile) && read || isMigration(folder, e):
		default:
			found = append(found, PassedOver{finding.Warning, name, fmt.Sprintf("handrail does not read %s: its configuration is called %s", name, ConfigFile), "call it " + ConfigFile + ", or move it out of the folder"})
		}
	}
	return found, nil
}

// isMigration reports whether a file is one in TOML or JSON.
func isMigration(folder fs.FS, e fs.DirEntry) bool {
	ext := strings.ToLower(path.Ext(e.Name()))
	if e.IsDir() || ext != ".toml" && ext != ".json" {
		return false
	}
	text, err := readPlain(folder, e.Name())
	if err != nil {
		return false
	}
	n, err := parseDocument(e.Name(), text)
	return err == nil && n.kind == tableNode && n.fields["actions"] != nil
}

// otherFolders are names of folders that hold what other servers run, or what
// somebody has put aside.
var otherFolders = []string{"archive", "archived", "old", "backup", "deprecated", "legacy", "squashed", "testdata", "examples", "mysql", "mariadb", "mssql", "sqlserver", "oracle", "cockroach", "cockroachdb", "clickhouse", "cassandra", "mongodb", "spanner", "duckdb", "snowflake", "redshift", "firebird", "db2", "ydb", "yugabyte"}

// passedFolders are the sub-folders with revisions in them that nobody reads; those of
// dialects are read where the folder itself is not one of a dialect.
func passedFolders(folder fs.FS, dialect bool) ([]PassedOver, error) {
	entries, err := fs.ReadDir(folder, ".")
	if err != nil {
		return nil, err
	}
	var found []PassedOver
	for _, e := range entries {
		name := e.Name()
		info, err := fs.Stat(folder, name)
		if err != nil || !info.IsDir() || source.Regex.MatchString(name) || slices.Contains(otherFolders, strings.ToLower(name)) || !dialect && isDialectFolder(name) {
			continue
		}
		inside, err := fs.ReadDir(folder, name)
		i := slices.IndexFunc(inside, func(e fs.DirEntry) bool {
			return !e.IsDir() && (source.Regex.MatchString(e.Name()) || strings.EqualFold(path.Ext(e.Name()), ".sql") && looksLikeMigration.MatchString(e.Name()))
		})
		if err != nil || i < 0 {
			continue
		}
		found = append(found, PassedOver{
			finding.Note, name, fmt.Sprintf("nothing in the folder %s is read, as %s is not: golang-migrate looks into no sub-folder", name, path.Join(name, inside[i].Name())),
			"name that folder, if it holds the history; a sub-folder of handrail's is called postgres or sqlite",
		})
	}
	return found, nil
}

func isDialectFolder(name string) bool {
	return slices.ContainsFunc(dialectFolders, func(f struct {
		name    string
		dialect dialect.Dialect
	},
	) bool {
		return f.name == name
	})
}

// passedIn finds what lies beside the revisions of a dialect.
func (s Subject) passedIn(folder fs.FS, d dialect.Dialect) ([]PassedOver, error) {
	found, err := passedFolders(folder, s.Subfolders[d] != "")
	if s.Subfolders[d] == "" {
		return found, err
	}
	configs, e := passedConfigs(folder, true)
	return append(found, configs...), errors.Join(err, e)
}
