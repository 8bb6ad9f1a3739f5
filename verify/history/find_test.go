package history_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/verify/history"
)

// TestFindFolders: what is a folder of revisions, and what is not looked at.
func TestFindFolders(t *testing.T) {
	t.Parallel()
	toml := "=name='a'\nactions=[{up='',down=''}]"
	for _, c := range []struct {
		name  string
		files []string
		want  string
	}{
		{"nothing", []string{"go.mod", "schema.sql", "db/V1__users.sql"}, ""},
		{"files", []string{"internal/store/migrations/0001_a.up.sql", "internal/store/migrations/0001_a.down.sql"}, "internal/store/migrations"},
		{"right here", []string{"0001_a.up.sql"}, "."},
		{"dialects", []string{"db/postgres/1_a.up.sql", "db/sqlite3/1_a.up.sql"}, "db"},
		{"a dialect right here", []string{"sqlite/1_a.up.sql"}, "."},
		{"several", []string{"b/1_a.up.sql", "a/1_a.up.sql", "a/old/1_a.up.sql", "c/mysql/1_a.up.sql"}, "a a/old b c/mysql"},
		{"others' folders", []string{
			"vendor/x/1_a.up.sql", "web/node_modules/x/1_a.up.sql", "db/testdata/1_a.up.sql", ".git/1_a.up.sql", "_old/1_a.up.sql",
			"examples/1_a.up.sql",
		}, "examples"},
		{"TOML", []string{"todos/a.toml" + toml}, "todos"},
		{"JSON", []string{`todos/a.json={"name":"a","actions":[]}`}, "todos"},
		{"other TOML and JSON", []string{
			"a.toml=name='a'", "b.toml=actions=1", "handrail.toml" + toml, "c.toml=name='a'\nactions=[", `package.json=["name","actions"]`,
			"d.toml" + toml + "\n" + strings.Repeat("# long\n", 1<<18),
		}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			found, err := history.FindFolders(folderWith(c.files...))
			require.NoError(t, err)
			require.Equal(t, c.want, strings.Join(found, " "))
		})
	}
}

// unreadable is a folder in which one cannot be read, as where it is another user's.
type unreadable struct {
	fs.FS
	folder string
}

func (l unreadable) ReadDir(name string) ([]fs.DirEntry, error) {
	if name == l.folder {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return fs.ReadDir(l.FS, name)
}

// TestFindFoldersUnread: a folder that cannot be read is named, and the others are
// looked at.
func TestFindFoldersUnread(t *testing.T) {
	t.Parallel()
	found, err := history.FindFolders(unreadable{folderWith("a/1_a.up.sql", "data/1_a.up.sql", "z/1_a.up.sql"), "data"})
	require.EqualError(t, err, "open data: permission denied")
	require.Equal(t, []string{"a", "z"}, found)
	_, err = history.FindFolders(os.DirFS(filepath.Join(t.TempDir(), "nowhere")))
	require.ErrorIs(t, err, fs.ErrNotExist)
}

// folderWith is a folder with a revision of each name, or of a migration in TOML or
// JSON that has that text.
func folderWith(files ...string) fstest.MapFS {
	folder := fstest.MapFS{}
	for _, f := range files {
		name, text, ok := strings.Cut(f, "=")
		if !ok {
			text = "SELECT 1;"
		}
		folder[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return folder
}
