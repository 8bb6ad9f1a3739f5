package todos_test

import (
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail"
	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/verify"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
)

var todos = handrail.Subject{
	Name:     "todos",
	Postgres: os.DirFS("migrations/postgres"),
	SQLite:   os.DirFS("migrations/sqlite"),
}

// TestTodos is all that a project needs.
func TestTodos(t *testing.T) {
	handrail.Run(t, todos)
}

// TestPublished: a migration that is not in handrail.lock cannot be deployed.
func TestPublished(t *testing.T) {
	t.Parallel()
	for _, d := range dialect.All() {
		h, err := todos.History(d)
		require.NoError(t, err)
		require.NoError(t, h.Published())
	}
}

// TestAssertion shows that the assertion earns its keep: views that are wrong in
// one way each, and what it says of them.
func TestAssertion(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, old, wrong, want string }{
		{"finished_lists has all", "todo_lists WHERE completed;", "todo_lists;", "finished_lists has"},
		{"finished_lists has none", "todo_lists WHERE completed;", "todo_lists WHERE false;", "finished_lists lacks"},
		{"finished_lists is a list of its own", "todo_lists WHERE completed;", "todo_lists WHERE item = 'write it down';", "after the flip finished_lists lacks"},
		{"unfinished_lists has all", "todo_lists WHERE NOT completed;", "todo_lists;", "unfinished_lists has"},
		{"unfinished_lists has none", "todo_lists WHERE NOT completed;", "todo_lists WHERE false;", "unfinished_lists lacks"},
		{"unfinished_lists is a list of its own", "todo_lists WHERE NOT completed;", "todo_lists WHERE item = 'buy milk';", "after the flip unfinished_lists lacks"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := handrail.Subject{Postgres: edited(t, dialect.Postgres, c.old, c.wrong), SQLite: edited(t, dialect.SQLite, c.old, c.wrong)}
			for _, e := range fixtures.All() {
				t.Run(e.Name(), func(t *testing.T) {
					run, err := verify.Stairway(t.Context(), e, s)
					require.NoError(t, err)
					if run.NotRun != "" {
						t.Skip(run.NotRun)
					}
					found := run.All()
					require.Len(t, found, 1)
					require.Equal(t, finding.AssertionFailed, found[0].Rule)
					require.Equal(t, "todo_views", found[0].Name)
					require.Equal(t, "todo_views.assert.sql", found[0].File)
					require.Contains(t, found[0].Message, "problem = "+c.want+", item = ")
				})
			}
		})
	}
}

// edited is the folder of a dialect with another view in its migration, published
// like that.
func edited(t *testing.T, d dialect.Dialect, old, wrong string) fs.FS {
	t.Helper()
	folder, over := todos.FS(d), fstest.MapFS{}
	names, err := fs.Glob(folder, "*")
	require.NoError(t, err)
	for _, name := range names {
		text, err := fs.ReadFile(folder, name)
		require.NoError(t, err)
		if name == "todo_views.toml" {
			require.Equal(t, 1, strings.Count(string(text), old))
			text = []byte(strings.Replace(string(text), old, wrong, 1))
		}
		over[name] = &fstest.MapFile{Data: text}
	}
	lock, err := handrail.Subject{Postgres: over, SQLite: over}.Relock(d, "a test edits it")
	require.NoError(t, err)
	over[history.LockFile] = &fstest.MapFile{Data: lock.Text}
	return over
}
