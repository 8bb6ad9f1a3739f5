package history

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/finding"
)

// spelled is one migration in each of the ways in which it can be written.
var spelled = map[string]string{
	"handrail's TOML": `-- m.toml --
name = "m"
deps = ["first", "second"]
[[actions]]
up = "UP 1"
down = "DOWN 1"
[[actions]]
up_file = "sql/2.up.sql"
down_file = "sql/2.down.sql"
[[asserts]]
file = "sql/m.assert.sql"
`,
	"handrail's JSON": `-- m.json --
{"name": "m", "deps": ["first", "second"],
 "actions": [{"up": "UP 1", "down": "DOWN 1"}, {"up_file": "sql/2.up.sql", "down_file": "sql/2.down.sql"}],
 "asserts": [{"file": "sql/m.assert.sql"}]}
`,
	"the first JSON": `-- m.json --
{"name": "m", "deps": ["first", "second"],
 "up": [{"sql": "UP 1"}, {"file": "sql/2.up.sql"}],
 "down": [{"sql": "DOWN 1"}, {"file": "sql/2.down.sql"}],
 "asserts": [{"file": "sql/m.assert.sql"}]}
`,
	"the first JSON's lists in TOML": `-- m.toml --
name = "m"
deps = ["first", "second"]
[[up]]
sql = "UP 1"
[[up]]
file = "sql/2.up.sql"
[[down]]
sql = "DOWN 1"
[[down]]
file = "sql/2.down.sql"
[[asserts]]
file = "sql/m.assert.sql"
`,
	"the later JSON": `-- m.json --
{"name": "m", "depsOn": ["first", "second"],
 "actions": [{"sql": {"up": "UP 1", "down": "DOWN 1"}}, {"file": {"up": "sql/2.up.sql", "down": "sql/2.down.sql"}}],
 "asserts": [{"file": "sql/m.assert.sql"}]}
`,
	"the TOML with sub-tables": `-- m.toml --
name = "m"
deps = ["first", "second"]
[[actions]]
[actions.sql]
up = "UP 1"
down = "DOWN 1"
[[actions]]
[actions.file]
up = "sql/2.up.sql"
down = "sql/2.down.sql"
[[asserts]]
file = "sql/m.assert.sql"
`,
	"the TOML with inline tables": `-- m.toml --
name = "m"
depsOn = ["first", "second"]
actions = [
  { sql = { up = "UP 1", down = "DOWN 1" } },
  { file = { up = "./sql/2.up.sql", down = "sql/2.down.sql" } },
]
asserts = [{ file = "sql/m.assert.sql" }]
`,
	"the TOML with dotted keys": `-- m.toml --
name = "m"
depsOn = ["second", "first"]
deps = ["first", "second"]
[[actions]]
sql.up = "UP 1"
sql.down = "DOWN 1"
[[actions]]
file.up = "sql/2.up.sql"
file.down = "sql/2.down.sql"
[[asserts]]
file = "sql/m.assert.sql"
`,
}

const spelledFiles = "-- sql/2.up.sql --\nUP 2\n-- sql/2.down.sql --\nDOWN 2\n-- sql/m.assert.sql --\nSELECT 1\n" +
	"-- first.toml --\nname = 'first'" + oneAction + "-- second.json --\n{\"name\": \"second\", \"up\": [{\"sql\": \"\"}], \"down\": [{\"sql\": \"\"}]}\n"

// TestSpellings: a migration is the same one in every spelling, beside others in
// other spellings.
func TestSpellings(t *testing.T) {
	t.Parallel()
	for name, text := range spelled {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, err := Subject{SQLite: folderOf(text + spelledFiles)}.History(dialect.SQLite)
			require.NoError(t, err)
			require.Equal(t, []string{"0001_first", "0002_second", "0003_m"}, labels(h))
			m := h.Revisions[2]
			require.Equal(t, "UP 1\n;\nUP 2\n", m.Up.SQL)
			require.Equal(t, "DOWN 2\n;\nDOWN 1", m.Down.SQL, "the last first")
			require.Equal(t, "sql/2.up.sql:1", finding.Place(m.Up.At(3)))
			require.Equal(t, "sql/2.down.sql:1", finding.Place(m.Down.At(1)))
			require.Len(t, m.Asserts, 1)
			require.Equal(t, "sql/m.assert.sql", m.Asserts[0].Name)
		})
	}
}

// TestBadSpellings: what is wrong in one of the other spellings is named with file
// and line, in TOML and in JSON.
func TestBadSpellings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, files, want string }{
		{
			"a list up with fewer down", "-- a.json --\n{\"name\": \"a\",\n\"up\": [{\"sql\": \"\"}, {\"sql\": \"\"}],\n\"down\": [{\"sql\": \"\"}]}\n",
			"a.json:3: each entry of up has its own in down, by position: up has 2 (line 2) and down 1",
		},
		{
			"a list up with more down, in TOML", "-- a.toml --\nname = 'a'\n[[up]]\nsql = ''\n[[down]]\nsql = ''\n[[down]]\nsql = ''\n",
			"a.toml:4: each entry of up has its own in down, by position: up has 1 (line 2) and down 2",
		},
		{"a list up alone", "-- a.json --\n{\"name\": \"a\",\n\"up\": [{\"sql\": \"\"}]}\n", "a.json:2: each entry of up has its own in down, and this migration has up alone"},
		{"a list down alone", "-- a.json --\n{\"name\": \"a\", \"down\": []}\n", "a.json:1: each entry of up has its own in down, and this migration has down alone"},
		{"empty lists", "-- a.json --\n{\"name\": \"a\",\n\"up\": [], \"down\": []}\n", "a.json:2: up and down are empty: want at least one entry in each"},
		{"a list and a text", "-- a.json --\n{\"name\": \"a\",\n\"up\": [{\"sql\": \"\"}],\n\"down\": \"x\"}\n", "a.json:3: down: want a list"},
		{"lists and actions", "-- a.json --\n{\"name\": \"a\", \"up\": [], \"down\": [],\n\"actions\": []}\n", "a.json:2: a migration has either actions or the lists up and down"},
		{"an entry of both", "-- a.json --\n{\"name\": \"a\", \"up\": [\n{\"sql\": \"\", \"file\": \"\"}], \"down\": [{\"sql\": \"\"}]}\n", "a.json:2: an entry of up is either sql or file"},
		{"an entry that is a text", "-- a.json --\n{\"name\": \"a\", \"up\": [{\"sql\": \"\"}], \"down\": [\n\n\"x.sql\"]}\n", "a.json:3: an entry of down: want a table with sql, file"},
		{"an entry without its file", "-- a.json --\n{\"name\": \"a\", \"up\": [{\"sql\": \"\"}], \"down\": [\n{\"file\": \"x.sql\"}]}\n", `a.json:2: file "x.sql": no such file`},
		{"an entry outside", "-- a.json --\n{\"name\": \"a\", \"up\": [{\"sql\": \"\"}], \"down\": [\n{\"file\": \"../x.sql\"}]}\n", `a.json:2: file "../x.sql": want a file in the folder`},
		{"another key in an entry", "-- a.json --\n{\"name\": \"a\", \"up\": [{\"sql\": \"\"}], \"down\": [\n{\"raw\": \"x\"}]}\n", `a.json:2: unknown key "raw" in an entry of down: want sql, file`},
		{
			"file and sql in one action", "-- a.json --\n{\"name\": \"a\", \"actions\": [\n{\"file\": {\"up\": \"a\", \"down\": \"b\"}, \"sql\": {\"up\": \"a\", \"down\": \"b\"}}]}\n",
			"a.json:2: an action is a pair, up and down, or up_file and down_file, or either file or sql with up and down in it, and this one has file and sql",
		},
		{
			"file and up in one action, in TOML", "-- a.toml --\nname = 'a'\n[[actions]]\nup = ''\n[actions.file]\nup = 'a'\ndown = 'b'\n",
			"a.toml:2: an action is a pair, up and down, or up_file and down_file, or either file or sql with up and down in it, and this one has up and file",
		},
		{"a file without a down", "-- a.toml --\nname = 'a'\n[[actions]]\n[actions.file]\nup = 'a.sql'\n-- a.sql --\n", "a.toml:3: file of an action is a pair, up and down, and this one has up"},
		{"an sql of nothing", "-- a.json --\n{\"name\": \"a\", \"actions\": [{\n\"sql\": {}}]}\n", "a.json:2: sql of an action is a pair, up and down, and this one has nothing"},
		{"a file that is a text", "-- a.json --\n{\"name\": \"a\", \"actions\": [{\n\"file\": \"a.sql\"}]}\n", "a.json:2: file of an action: want a table with up, down"},
		{"another key in a file", "-- a.toml --\nname = 'a'\n[[actions]]\n[actions.file]\nup = 'a.sql'\ndonw = 'b.sql'\n", `a.toml:5: unknown key "donw" in file of an action: want up, down`},
		{
			"no such files", "-- a.json --\n{\"name\": \"a\", \"actions\": [{\"file\": {\n\"up\": \"a.sql\",\n\"down\": \"b.sql\"}}]}\n",
			"a.json:2: up \"a.sql\": no such file\na.json:3: down \"b.sql\": no such file",
		},
		{"a file outside", "-- a.json --\n{\"name\": \"a\", \"actions\": [{\"file\": {\n\"up\": \"/a.sql\",\n\"down\": \"b.sql\"}}]}\n-- b.sql --\n", `a.json:2: up "/a.sql": want a file in the folder`},
		{"deps and depsOn that differ", "-- a.json --\n{\"name\": \"a\", \"deps\": [\"b\"],\n\"depsOn\": [\"c\"], \"actions\": [{\"up\": \"\", \"down\": \"\"}]}\n", "a.json:2: depsOn and deps (line 1) mean the same and name different migrations: keep one"},
		{"depsOn and no deps", "-- a.toml --\nname = 'a'\ndeps = []\ndepsOn = ['b']" + oneAction, "a.toml:3: depsOn and deps (line 2) mean the same and name different migrations: keep one"},
		{"depsOn no list", "-- a.json --\n{\"name\": \"a\",\n\"depsOn\": \"b\", \"actions\": [{\"up\": \"\", \"down\": \"\"}]}\n", "a.json:2: depsOn: want a list"},
		{"depsOn no names", "-- a.json --\n{\"name\": \"a\", \"depsOn\": [\n1], \"actions\": [{\"up\": \"\", \"down\": \"\"}]}\n", "a.json:2: depsOn: want names"},
		{"depsOn nobody", "-- a.json --\n{\"name\": \"a\", \"depsOn\": [\n\"b\"], \"actions\": [{\"up\": \"\", \"down\": \"\"}]}\n", "a.json:2: a needs b, and no migration has that name"},
		{
			"a cycle through three spellings",
			"-- a.json --\n{\"name\": \"a\", \"deps\": [\"b\"], \"up\": [{\"sql\": \"\"}], \"down\": [{\"sql\": \"\"}]}\n" +
				"-- b.json --\n{\"name\": \"b\",\n\"depsOn\": [\"c\"], \"actions\": [{\"sql\": {\"up\": \"\", \"down\": \"\"}}]}\n" +
				"-- c.toml --\nname = 'c'\n\ndeps = ['a']\n[[actions]]\n[actions.sql]\nup = ''\ndown = ''\n",
			"a.json:1: a cycle: a needs b needs c needs a",
		},
		{
			"one name in two spellings", "-- a.json --\n{\"name\": \"x\", \"up\": [{\"sql\": \"\"}], \"down\": [{\"sql\": \"\"}]}\n-- b.toml --\n\nname = 'x'" + oneAction,
			"b.toml:2: x is the name of a.json:1 too",
		},
		{"lists that cannot be parsed", "-- a.json --\n{\"name\": \"a\",\n\"up\": [{]}\n", "a.json:2: invalid character ']'"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := Subject{SQLite: folderOf(c.files)}.History(dialect.SQLite)
			require.EqualError(t, err, "sqlite revisions of migrations: "+c.want)
		})
	}
}
