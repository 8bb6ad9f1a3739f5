package verify_test

import (
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/verify"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
)

// noon is when the drafts of these tests are made, in a zone that is a day ahead.
var noon = time.Date(2026, 3, 2, 1, 0, 9, 7, time.FixedZone("", 13*3600))

// folderOf is a folder with a revision of each name, or of a migration in TOML or
// JSON that has that text.
func folderOf(files ...string) fstest.MapFS {
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

// TestDraftNames: which files a new revision has, by what is there.
func TestDraftNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		files []string
		want  string
	}{
		{"the next number, as wide", []string{"0001_a.up.sql", "0007_b.up.sql"}, "0008_x.down.sql 0008_x.up.sql"},
		{"not the last in the alphabet", []string{"9_a.up.sql", "10_b.up.sql"}, "11_x.down.sql 11_x.up.sql"},
		{"wider where it must be", []string{"999_a.up.sql"}, "1000_x.down.sql 1000_x.up.sql"},
		{"the digits are those of the highest", []string{"1_a.up.sql", "0002_a.up.sql"}, "0003_x.down.sql 0003_x.up.sql"},
		{"a down alone is a revision", []string{"01_a.up.sql", "02_b.down.sql"}, "03_x.down.sql 03_x.up.sql"},
		{"an ending of their own", []string{"01_a.up.pgsql", "01_a.down.pgsql"}, "02_x.down.pgsql 02_x.up.pgsql"},
		{"the time, in UTC", []string{"0001_a.up.sql", "20240102150405_b.up.sql"}, "20260301120009_x.down.sql 20260301120009_x.up.sql"},
		{"behind one from the future", []string{"20991231235959_a.up.sql"}, "21000101000000_x.down.sql 21000101000000_x.up.sql"},
		{"minutes", []string{"202401021504_a.up.sql"}, "202603011200_x.down.sql 202603011200_x.up.sql"},
		{"days", []string{"20240102_a.up.sql"}, "20260301_x.down.sql 20260301_x.up.sql"},
		{"the second of a day", []string{"20260301_a.up.sql"}, "20260302_x.down.sql 20260302_x.up.sql"},
		{"eight digits and no day", []string{"20241301_a.up.sql"}, "20241302_x.down.sql 20241302_x.up.sql"},
		{"seconds since 1970", []string{"1500360784_a.up.sql"}, "1772366409_x.down.sql 1772366409_x.up.sql"},
		{"milliseconds since 1970", []string{"1500360784000_a.up.sql"}, "1772366409000_x.down.sql 1772366409000_x.up.sql"},
		{"nanoseconds since 1970", []string{"1500360784000000000_a.up.sql"}, "1772366409000000007_x.down.sql 1772366409000000007_x.up.sql"},
		{"ten digits and not the time", []string{"2024010203_a.up.sql"}, "2024010204_x.down.sql 2024010204_x.up.sql"},
		{"ten digits that count from 1", []string{"0000000041_a.up.sql"}, "0000000042_x.down.sql 0000000042_x.up.sql"},
		{
			"both dialects, one of them behind",
			[]string{"postgres/0001_a.up.sql", "postgres/0002_b.up.sql", "sqlite/0001_a.up.sql"},
			"postgres/0003_x.down.sql postgres/0003_x.up.sql sqlite/0003_x.down.sql sqlite/0003_x.up.sql",
		},
		{
			"both dialects, one of them empty",
			[]string{"postgres/.keep", "sqlite3/0001_a.up.sql"},
			"postgres/0002_x.down.sql postgres/0002_x.up.sql sqlite3/0002_x.down.sql sqlite3/0002_x.up.sql",
		},
		{"the first", []string{"handrail.toml=", "README.md"}, "0001_x.down.sql 0001_x.up.sql"},
		{"the first of a dialect", []string{"sqlite/.keep"}, "sqlite/0001_x.down.sql sqlite/0001_x.up.sql"},
		{"TOML", []string{"b.toml=name='a'\nactions=[{up='',down=''}]"}, "x.toml"},
		{"JSON", []string{`b.json={"name":"a","actions":[{"up":"","down":""}]}`}, "x.json"},
		{
			"TOML in both, one of them empty",
			[]string{"postgres/b.toml=name='a'\nactions=[{up='',down=''}]", "sqlite/.keep"},
			"postgres/x.toml sqlite/x.toml",
		},
		{
			"TOML in one, numbers in the other",
			[]string{"postgres/b.toml=name='a'\nactions=[{up='',down=''}]", "postgres/c.toml=name='b'\nactions=[{up='',down=''}]", "sqlite/0001_a.up.sql"},
			"postgres/x.toml sqlite/0002_x.down.sql sqlite/0002_x.up.sql",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, err := verify.LoadToDraft(folderOf(c.files...))
			require.NoError(t, err)
			s.Dir = "db"
			drafts, err := verify.DraftRevision(s, "x", noon)
			require.NoError(t, err)
			var names []string
			for _, d := range drafts {
				names = append(names, strings.TrimPrefix(d.File, "db/"))
			}
			slices.Sort(names)
			require.Equal(t, c.want, strings.Join(names, " "))
		})
	}
}

// TestDraftRefused: what is no name, and folders that get no revision.
func TestDraftRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, revision, file, want string }{
		{"spaces", "add email", "0001_a.up.sql", `name "add email": want a letter, then letters, digits, _ and -; perhaps add_email`},
		{"a path", "../x", "0001_a.up.sql", `name "../x": want a letter, then letters, digits, _ and -; perhaps x`},
		{"a file", "x.up.sql", "0001_a.up.sql", `name "x.up.sql": want a letter, then letters, digits, _ and -; perhaps x_up_sql`},
		{"a digit first", "2fa", "0001_a.up.sql", `name "2fa": want a letter, then letters, digits, _ and -; perhaps fa`},
		{"nothing", "", "0001_a.up.sql", `name "": want a letter, then letters, digits, _ and -`},
		{"no letter", "…\n", "0001_a.up.sql", `name "…\n": want a letter, then letters, digits, _ and -`},
		{"a name that is there", "Users", "0001_users.up.sql", "migrations: 0001_users has that name: choose another"},
		{"no number is left", "x", "9223372036854775807_a.up.sql", "migrations: no version is left: 9223372036854775807_a has the highest that the version table can hold"},
		{"twice", "x", "1_a.up.sql 01_b.up.sql", "postgres revisions of migrations: version 1 twice: 01_b.up.sql and 1_a.up.sql; golang-migrate refuses the folder; renumber one of them"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, err := verify.LoadToDraft(folderOf(strings.Fields(c.file)...))
			require.NoError(t, err)
			_, err = verify.DraftRevision(s, c.revision, noon)
			require.EqualError(t, err, c.want)
		})
	}
	for _, file := range []string{"V1__users.sql", "0001_users.sql", "users.toml", "package.json"} {
		_, err := verify.LoadToDraft(folderOf(file))
		require.ErrorIs(t, err, history.ErrNoRevisions, file)
		s, err := verify.LoadToDraft(folderOf("postgres/"+file, "sqlite/0001_a.up.sql"))
		require.NoError(t, err)
		_, err = verify.DraftRevision(s, "x", noon)
		require.ErrorIs(t, err, history.ErrNoRevisions, file)
	}
}

// TestDraftNeeds: a migration needs those that no other needs.
func TestDraftNeeds(t *testing.T) {
	t.Parallel()
	action := "\nactions = [{up = 'SELECT 1', down = 'SELECT 1'}]"
	folder := folderOf("a.toml=name = 'a'"+action, "b.toml=name = 'b'\ndeps = ['a']"+action, "c.toml=name = 'c'\ndeps = ['a']"+action)
	s := history.Subject{SQLite: folder}
	drafts, err := verify.DraftRevision(s, "x", noon)
	require.NoError(t, err)
	require.Len(t, drafts, 1)
	require.Contains(t, string(drafts[0].Text), `deps = ["b", "c"] # what must be there first`)
	folder["x.toml"] = &fstest.MapFile{Data: drafts[0].Text}
	h, err := s.History(dialect.SQLite)
	require.NoError(t, err)
	require.Equal(t, "x", h.Revisions[3].Name)
}

// TestDraftIsChecked fills in nothing but the up: the down is found, and nothing in
// its text excuses it. Filled in as well, all is well.
func TestDraftIsChecked(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]string{
		"files": "0001_a.up.sql=CREATE TABLE a (id INTEGER);",
		"TOML":  "a.toml=name = 'a'\nactions = [{up = 'CREATE TABLE a (id INTEGER)', down = 'DROP TABLE a'}]",
		"JSON":  `a.json={"name": "a", "actions": [{"up": "CREATE TABLE a (id INTEGER)", "down": "DROP TABLE a"}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := folderOf(first)
			if name == "files" {
				maps.Copy(folder, folderOf("0001_a.down.sql=DROP TABLE a;"))
			}
			s := history.Subject{SQLite: folder}
			drafts, err := verify.DraftRevision(s, "b", noon)
			require.NoError(t, err)
			for _, d := range drafts {
				folder[d.File] = &fstest.MapFile{Data: d.Text}
			}
			require.Empty(t, errorsOf(t, s), "as it is drafted")
			fillIn(t, folder, drafts, "up", "CREATE TABLE b (id INTEGER);")
			require.Equal(t, []finding.Rule{finding.EmptyDown, finding.ReupFails}, errorsOf(t, s), "with an up")
			fillIn(t, folder, drafts, "down", "DROP TABLE b;")
			require.Empty(t, errorsOf(t, s), "with both")
		})
	}
}

// errorsOf are the rules of the errors that a walk in memory finds.
func errorsOf(t *testing.T, s history.Subject) []finding.Rule {
	t.Helper()
	run, err := verify.Stairway(t.Context(), fixtures.SQLiteMemory, s)
	require.NoError(t, err)
	var rules []finding.Rule
	for _, f := range run.All() {
		if f.Counts(finding.Error) {
			rules = append(rules, f.Rule)
		}
	}
	return rules
}

// fillIn writes SQL into a draft, where its author would.
func fillIn(t *testing.T, folder fs.FS, drafts []verify.Draft, direction, sql string) {
	t.Helper()
	for _, d := range drafts {
		file := folder.(fstest.MapFS)[d.File]
		before := string(file.Data)
		switch path.Ext(d.File) {
		case ".toml":
			file.Data = []byte(strings.Replace(before, direction+" = '''\n", direction+" = '''\n"+sql+"\n", 1))
		case ".json":
			file.Data = []byte(strings.Replace(before, `"`+direction+`": ""`, `"`+direction+`": "`+sql+`"`, 1))
		default:
			if !strings.Contains(d.File, "."+direction+".") {
				continue
			}
			file.Data = append(file.Data, sql...)
		}
		require.NotEqual(t, before, string(file.Data), "%s has no place for the %s", d.File, direction)
	}
}
