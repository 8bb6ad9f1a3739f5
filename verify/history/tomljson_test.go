package history

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/internal/sqltext"
)

// folderOf is a folder of the files in a txtar archive.
func folderOf(archive string) fstest.MapFS {
	folder := fstest.MapFS{}
	for _, f := range txtar.Parse([]byte(archive)).Files {
		folder[f.Name] = &fstest.MapFile{Data: f.Data}
	}
	return folder
}

const oneAction = "\n[[actions]]\nup = ''\ndown = ''\n"

// TestBadMigrations: every error names file and line.
func TestBadMigrations(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, files, want string }{
		{"no name", "-- a.toml --" + oneAction, `a.toml:1: no name: want name = "a"`},
		{"name no text", "-- a.toml --\nname = 1" + oneAction, "a.toml:1: name: want a text"},
		{"name of other characters", "-- a.toml --\n\nname = 'a b'" + oneAction, `a.toml:2: name "a b": want a letter, then letters, digits, _ and -`},
		{"name like a version", "-- a.toml --\nname = '1'" + oneAction, `a.toml:1: name "1": want a letter, then letters, digits, _ and -`},
		{"name twice", "-- a.toml --\nname = 'x'" + oneAction + "-- b.json --\n{\"actions\": [{\"up\": \"\", \"down\": \"\"}],\n\"name\": \"x\"}\n", "b.json:2: x is the name of a.toml:1 too"},
		{"needs nobody", "-- a.toml --\nname = 'a'\ndeps = [\n'b',\n'c']" + oneAction, "a.toml:3: a needs b, and no migration has that name\na.toml:4: a needs c, and no migration has that name"},
		{"needs itself", "-- a.toml --\nname = 'a'\ndeps = ['a']" + oneAction, "a.toml:2: a cycle: a needs a"},
		{"cycle behind another", "-- a.toml --\nname = 'a'\ndeps = ['z', 'b']" + oneAction + "-- b.toml --\nname = 'b'\n\ndeps = ['c']" + oneAction + "-- c.toml --\nname = 'c'\ndeps = ['b']" + oneAction + "-- z.toml --\nname = 'z'" + oneAction, "b.toml:3: a cycle: b needs c needs b"},
		{"deps no list", "-- a.toml --\nname = 'a'\ndeps = 'b'" + oneAction, "a.toml:2: deps: want a list"},
		{"deps no names", "-- a.toml --\nname = 'a'\ndeps = [\n1]" + oneAction, "a.toml:2: deps: want names"},
		{"no actions", "-- a.toml --\nname = 'a'\nactions = []\n", "a.toml:1: no actions: want at least one [[actions]] with up and down"},
		{"no down", "-- a.toml --\nname = 'a'\n[[actions]]\nup = ''\n", "a.toml:2: an action is a pair, up and down, or up_file and down_file, or either file or sql with up and down in it, and this one has up"},
		{"nothing", "-- a.toml --\nname = 'a'\n\n[[actions]]\n", "a.toml:3: an action is a pair, up and down, or up_file and down_file, or either file or sql with up and down in it, and this one has nothing"},
		{"a file and SQL", "-- a.toml --\nname = 'a'\n[[actions]]\nup = ''\ndown_file = 'a.sql'\n-- a.sql --\n", "a.toml:2: an action is a pair, up and down, or up_file and down_file, or either file or sql with up and down in it, and this one has up and down_file"},
		{"three", "-- a.json --\n{\"name\": \"a\", \"actions\": [\n{\"up\": \"\", \"down\": \"\", \"up_file\": \"\"}]}\n", "a.json:2: an action is a pair, up and down, or up_file and down_file, or either file or sql with up and down in it, and this one has up and down and up_file"},
		{"action no table", "-- a.toml --\nname = 'a'\nactions = ['x']\n", "a.toml:2: an action: want a table with up, down, up_file, down_file, file, sql"},
		{"down no text", "-- a.toml --\nname = 'a'\n[[actions]]\nup = ''\ndown = false\n", "a.toml:4: down: want a text"},
		{"assert of both", "-- a.toml --\nname = 'a'" + oneAction + "[[asserts]]\nsql = ''\nfile = ''\n", "a.toml:5: an assert is either sql or file"},
		{"seed of nothing", "-- a.toml --\nname = 'a'" + oneAction + "[seed]\n", "a.toml:5: the seed is either sql or file"},
		{"file outside", "-- a.toml --\nname = 'a'\n[[actions]]\nup_file = '../a.sql'\ndown_file = '/etc/passwd'\n", "a.toml:3: up_file \"../a.sql\": want a file in the folder\na.toml:4: down_file \"/etc/passwd\": want a file in the folder"},
		{"file outside by a detour", "-- a.toml --\nname = 'a'" + oneAction + "[[asserts]]\nfile = 'sql/../../a.sql'\n", `a.toml:6: file "sql/../../a.sql": want a file in the folder`},
		{"file that is a folder", "-- a.toml --\nname = 'a'" + oneAction + "[[asserts]]\nfile = '.'\n", `a.toml:6: file ".": want a file in the folder`},
		{"no such file", "-- a.toml --\nname = 'a'" + oneAction + "[[asserts]]\nfile = 'a.sql'\n", `a.toml:6: file "a.sql": no such file`},
		{"file of other bytes", "-- a.toml --\nname = 'a'" + oneAction + "[[asserts]]\nfile = 'a.sql'\n-- a.sql --\n\xe9\n", `a.toml:6: file "a.sql": a.sql: line 1 is not valid UTF-8: byte 0xe9 at offset 0`},
		{"unknown key", "-- a.toml --\nname = 'a'\nneeds = ['b']" + oneAction, `a.toml:2: unknown key "needs" in a migration: want name, deps, depsOn, actions, up, down, asserts, seed`},
		{"unknown key in an action", "-- a.toml --\nname = 'a'\n[[actions]]\nup = ''\ndwon = ''\n", `a.toml:4: unknown key "dwon" in an action: want up, down, up_file, down_file, file, sql`},
		{"unknown key in JSON", "-- a.json --\n{\"actions\": [],\n \"Name\": \"a\"}\n", `a.json:2: unknown key "Name" in a migration: want name, deps, depsOn, actions, up, down, asserts, seed`},
		{"key twice in TOML", "-- a.toml --\nname = 'a'\nname = 'b'" + oneAction, "a.toml:2: toml: key name is already defined"},
		{"key twice in JSON", "-- a.json --\n{\"name\": \"a\",\n\"name\": \"b\", \"actions\": []}\n", `a.json:2: key "name" is there twice`},
		{"no TOML", "-- a.toml --\nname = 'a'\n[[actions]\n", "a.toml:2: toml: expected ']]' to close array table name"},
		{"no JSON", "-- a.json --\n{\"name\": \"a\",\n \"actions\": ]}\n", "a.json:2: invalid character ']' looking for beginning of value"},
		{"JSON that ends early", "-- a.json --\n{\"name\": \"a\",\n \"actions\": [\n", "a.json:2: unexpected EOF"},
		{"JSON with more", "-- a.json --\n{\"name\": \"a\",\n \"actions\": []}\n{}\n", "a.json:3: want one value, and there is more"},
		{"JSON that is a list", "-- a.json --\n[\"actions\"]\n-- b.toml --\nname = 'b'" + oneAction, "a.json:1: a migration: want a table with name, deps, depsOn, actions, up, down, asserts, seed"},
		{"another file of TOML", "-- a.toml --\nname = 'a'" + oneAction + "-- z.toml --\n[tool]\n", `z.toml:1: unknown key "tool" in a migration: want name, deps, depsOn, actions, up, down, asserts, seed`},
		{"two kinds", "-- a.toml --\nname = 'a'" + oneAction + "-- 0001_b.up.sql --\n", "0001_b.up.sql is a revision for golang-migrate and a.toml a migration of another kind: a folder holds one kind; a file that an action names may be called anything"},
		{"published and gone", "-- handrail.lock --\nhandrail.lock 1\n1 a\n2 b\n-- a.toml --\nname = 'a'" + oneAction, "handrail.lock:3: b is published and no migration has that name: what is applied somewhere stays"},
		{"published before what it needs", "-- handrail.lock --\nhandrail.lock 1\n1 a\n2 b\n-- a.toml --\nname = 'a'\ndeps = ['b']" + oneAction + "-- b.toml --\nname = 'b'" + oneAction, "a.toml:2: a was published as number 1, before b, which it cannot need"},
		{"published and needs what is not", "-- handrail.lock --\nhandrail.lock 1\n1 a\n-- a.toml --\nname = 'a'\ndeps = ['b']" + oneAction + "-- b.toml --\nname = 'b'" + oneAction, "a.toml:2: a was published as number 1, before b, which it cannot need"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := Subject{SQLite: folderOf(c.files)}.History(dialect.SQLite)
			require.EqualError(t, err, "sqlite revisions of migrations: "+c.want)
		})
	}
}

// TestTogether: several actions are one file up, in order, and one down, the last
// first, and each line of it knows where it stands.
func TestTogether(t *testing.T) {
	t.Parallel()
	h, err := Subject{SQLite: folderOf(`
-- a.toml --
name = "a"
[[actions]]
up = '''
ONE
'''
down = "UN"
[[actions]]
up_file = "sql/two.sql"
down_file = "./sql/deux.sql"
[[actions]]
up = "THREE -- ;\n"
down = """TROIS\nDE PLUS"""
-- sql/two.sql --

TWO;
AND A HALF;
-- sql/deux.sql --
DEUX`)}.History(dialect.SQLite)
	require.NoError(t, err)
	r := h.Revisions[0]
	require.Equal(t, "ONE\n;\n\nTWO;\nAND A HALF;\nTHREE -- ;\n", r.Up.SQL)
	require.Equal(t, "TROIS\nDE PLUS\n;\nDEUX\n;\nUN", r.Down.SQL)
	places := func(f *File) (all []string) {
		for _, s := range sqltext.Parse(dialect.SQLite, f.SQL).Statements {
			all = append(all, finding.Place(f.At(s.Line)))
		}
		return all
	}
	require.Equal(t, []string{"a.toml:4", "sql/two.sql:2", "sql/two.sql:3", "a.toml:11"}, places(r.Up))
	require.Equal(t, []string{"a.toml:12", "sql/deux.sql:1", "a.toml:6"}, places(r.Down))
	require.Equal(t, "a.toml:12", finding.Place(r.Down.At(2)), "a line that an escape makes stands where the text begins")
	require.Equal(t, "a.toml", finding.Place(r.Up.At(0)), "the line is not known")
}

// random is a folder of n migrations, each of which needs some of those with a
// lower number; their names are in no order.
func random(n int, names []string, r *rand.Rand) []*migration {
	var all []*migration
	for i := range n {
		m := &migration{name: names[i], File: names[i] + ".toml"}
		for k := range i {
			if r.IntN(4) == 0 {
				m.Deps = append(m.Deps, dependency{Name: names[k]})
			}
		}
		all = append(all, m)
	}
	return all
}

func namesOf(all []*migration) (names []string) {
	for _, m := range all {
		names = append(names, m.name)
	}
	return names
}

// TestOrder: whatever the files are called, each comes after what it needs; one
// that nobody needs moves no other; and a lock fixes all there is.
func TestOrder(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		n := 2 + r.IntN(12)
		var names []string
		for _, i := range r.Perm(n) {
			names = append(names, fmt.Sprintf("m%02d", i))
		}
		all := random(n, names, r)
		last := all[n-1].name
		fewer := slices.Clone(all[:n-1])
		r.Shuffle(n, func(i, k int) { all[i], all[k] = all[k], all[i] })

		order, err := arrange(all, nil)
		require.NoError(t, err)
		for i, m := range order {
			require.Equal(t, int64(i+1), m.ordinal)
			for _, d := range m.Deps {
				require.Less(t, slices.Index(namesOf(order), d.Name), i, "%s needs %s", m.name, d.Name)
			}
		}
		whole := namesOf(order)
		r.Shuffle(n, func(i, k int) { all[i], all[k] = all[k], all[i] })
		order, err = arrange(all, nil)
		require.NoError(t, err)
		require.Equal(t, whole, namesOf(order), "the order of the files is none of the order's business")

		order, err = arrange(fewer, nil)
		require.NoError(t, err)
		require.Equal(t, slices.DeleteFunc(slices.Clone(whole), func(s string) bool { return s == last }), namesOf(order), "%s moves others", last)

		var locked []LockEntry
		for i, name := range namesOf(order) {
			locked = append(locked, LockEntry{Version: int64(i + 1), Name: name})
		}
		order, err = arrange(all, locked)
		require.NoError(t, err)
		require.Equal(t, last, order[n-1].name, "what is published stays where it is")
		require.False(t, order[n-1].Listed)
	}
}

func labels(h History) (all []string) {
	for _, r := range h.Revisions {
		all = append(all, r.String())
	}
	return all
}

// TestKindOfFolder: which files make a folder one of migrations in TOML or JSON.
func TestKindOfFolder(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, files string
		want        []string // labels of the revisions
		err         string
	}{
		{"other TOML and JSON beside golang-migrate's files", "-- 1_a.up.sql --\n-- tool.toml --\nactions = []\n-- package.json --\n{", []string{"1_a"}, ""},
		{"files that actions name", "-- a.toml --\nname = 'a'\n[[actions]]\nup_file = '0001_a.up.sql'\ndown_file = '0001_a.down.sql'\n-- 0001_a.up.sql --\n-- 0001_a.down.sql --\n", []string{"0001_a"}, ""},
		{"promises and a hidden file", "-- handrail.toml --\nfloor = 1\n-- .x.json --\n{\n-- a.toml --\nname = 'a'" + oneAction, []string{"0001_a"}, ""},
		{"no actions anywhere", "-- tool.toml --\nname = 'x'\n-- a.sql --\n", nil, "no revisions: want files like 0001_name.up.sql\n    a.sql: golang-migrate does not read it: its name does not begin with a version\n    tool.toml: it is no migration: it has no actions"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h, err := Subject{SQLite: folderOf(c.files)}.History(dialect.SQLite)
			if c.err != "" {
				require.EqualError(t, err, "sqlite revisions of migrations: "+c.err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.want, labels(h))
		})
	}
	_, err := Load(folderOf("-- a.toml --\nname = 'a'"+oneAction+"-- sqlite/a.toml --\nname = 'a'"+oneAction), dialect.Postgres)
	require.EqualError(t, err, "revisions both in the folder (a.toml) and in a sub-folder for a dialect: golang-migrate reads one folder only")

	s, err := Load(folderOf("-- a.toml --\nname = 'a'\n[[actions]]\nup = '''\n\nPRAGMA x'''\ndown = ''\n"), "")
	require.NoError(t, err)
	require.Equal(t, "sqlite, by PRAGMA in a.toml:5", s.Guessed.String())
}

// TestReadmeMigration: what the README shows is a migration.
func TestReadmeMigration(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	_, text, found := strings.Cut(string(readme), "```toml\nname = ")
	require.True(t, found)
	text, _, _ = strings.Cut("name = "+text, "```")
	folder := folderOf("-- sql/unfinished_lists.up.sql --\n-- sql/unfinished_lists.down.sql --\n-- todo_views.assert.sql --\n")
	folder["a.toml"] = &fstest.MapFile{Data: []byte(text)}
	r := &migrationReader{folder: folder, file: "a.toml"}
	m := r.read()
	require.Empty(t, r.errs)
	require.Len(t, m.up, 2)
	require.Len(t, m.down, 2)
	require.Len(t, m.asserts, 1)
	require.NotNil(t, m.seed)
	require.Equal(t, []dependency{{"todo_lists", 2}}, m.Deps)
}

// FuzzMigration: a file is a migration, with each line of its SQL in the file, or
// there is an error that names it.
func FuzzMigration(f *testing.F) {
	for _, seed := range []string{
		"name = 'a'\ndeps = ['b']\n[[actions]]\nup = '''\nx\n'''\ndown = \"\"\"\\\n  y\n\"\"\"\n[seed]\nsql = ''",
		"actions = [{up = '', down_file = 'x'}]\n[[asserts]]\nfile.x = 1",
		"[a.b]\nc.d = 1\n[[a.c]]\n[a.c.d]\n[[e.f]]\n[[e.f]]\n",
		"{\"name\": \"a\", \"actions\": [{\"up\": \"x\\ny\", \"down\": null}], \"deps\": {}}",
		"name = 'a'\ndepsOn = ['b']\nactions = [{sql = {up = 'x', down = 'y'}}, {file.up = '', file.down = ''}]",
		"{\"name\": \"a\", \"up\": [{\"sql\": \"x\"}],\n\"down\": [{\"sql\": \"y\"}], \"depsOn\": [\"b\"], \"deps\": [\"c\"]}",
		"[[[[", "{\"\":[", "x = [[{y = [1, {}]}]]",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, name := range []string{"a.toml", "a.json"} {
			r := &migrationReader{folder: fstest.MapFS{name: &fstest.MapFile{Data: []byte(text)}}, file: name}
			m := r.read()
			for _, err := range r.errs {
				if !strings.HasPrefix(err.Error(), name) {
					t.Fatalf("no file in %v", err)
				}
			}
			if len(r.errs) > 0 {
				continue
			}
			for _, f := range slices.Concat(m.up, m.down, m.asserts) {
				for _, s := range sqltext.Parse(dialect.SQLite, f.SQL).Statements {
					if _, line := f.At(s.Line); line < 1 || line > 1+strings.Count(text, "\n") {
						t.Fatalf("line %d of %q", line, text)
					}
				}
			}
		}
	})
}
