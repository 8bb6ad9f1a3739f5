package verify_test

import (
	"io/fs"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/verify"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
)

// A countedFolder counts how often each file and each list is opened.
type countedFolder struct {
	fs.FS
	mutex  *sync.Mutex
	opened map[string]int
}

func (f countedFolder) Open(name string) (fs.File, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.opened[name]++
	return f.FS.Open(name)
}

func (f countedFolder) Stat(name string) (fs.FileInfo, error) { return fs.Stat(f.FS, name) }

// TestReadOnce: a check reads each file once, so that what somebody saves meanwhile
// cannot make two histories of one report.
func TestReadOnce(t *testing.T) {
	t.Parallel()
	golangMigrate := fstest.MapFS{
		"0001_a.up.sql":           {Data: []byte("CREATE TABLE a (id INTEGER PRIMARY KEY, n INTEGER);")},
		"0001_a.down.sql":         {Data: []byte("DROP TABLE a;")},
		"0002_b.up.sql":           {Data: []byte("CREATE INDEX ix_a_n ON a (n);")},
		"0002_b.down.sql":         {Data: []byte("DROP INDEX ix_a_n;")},
		"0002_b.seed.sql":         {Data: []byte("INSERT INTO a (n) VALUES (1);")},
		"0002_b.assert.sql":       {Data: []byte("SELECT 1 FROM a WHERE n = 2;")},
		"0003_c.sql":              {Data: []byte("SELECT 1;")},
		"package.json":            {Data: []byte(`{"scripts": {"up": "x"}}`)},
		"archive/0001_old.up.sql": {Data: []byte("SELECT 1;")},
	}
	tomlJSON := fstest.MapFS{
		"a.toml":   {Data: []byte("name = 'a'\n[[actions]]\nup = 'CREATE TABLE a (id INTEGER PRIMARY KEY)'\ndown = 'DROP TABLE a'\n")},
		"b.toml":   {Data: []byte("name = 'b'\ndeps = ['a']\nseed = {file = 'rows.sql'}\n[[actions]]\nup = 'CREATE INDEX ix_a_id ON a (id)'\ndown = 'DROP INDEX ix_a_id'\n")},
		"rows.sql": {Data: []byte("INSERT INTO a VALUES (1);")},
		"left.sql": {Data: []byte("SELECT 1;")},
	}
	for name, files := range map[string]fstest.MapFS{"golang-migrate": golangMigrate, "TOML": tomlJSON} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := countedFolder{files, &sync.Mutex{}, map[string]int{}}
			report, err := verify.Check(t.Context(), []engine.Engine{fixtures.SQLiteFile, fixtures.SQLiteMemory}, history.Subject{SQLite: folder}, verify.Options{})
			require.NoError(t, err)
			require.Len(t, report.Runs, 2)
			require.Len(t, report.Runs[0].Revisions, 2)
			require.Contains(t, rulesIn(report.Runs[0].All()), finding.IgnoredFile)
			for name, n := range folder.opened {
				require.Equal(t, 1, n, "%s was opened %d times", name, n)
			}
			for name := range files {
				if name != "0003_c.sql" && name != "left.sql" && name != "archive/0001_old.up.sql" { // only their names are looked at
					require.Equal(t, 1, folder.opened[name], "%s", name)
				}
			}
		})
	}
}

func rulesIn(findings []finding.Finding) (rules []finding.Rule) {
	for _, f := range findings {
		rules = append(rules, f.Rule)
	}
	return rules
}
