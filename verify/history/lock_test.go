package history

import (
	"bytes"
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/internal/sqltext"
)

const (
	sumA = "0123456789abcdef0123456789abcdef"
	sumB = "fedcba9876543210fedcba9876543210"
)

func TestBadLocks(t *testing.T) {
	t.Parallel()
	const conflict = "a merge conflict: two branches have each added a migration; keep the lines that are published, remove the others and the marks, and run handrail lock"
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", `handrail.lock:1: want "handrail.lock 2", the version of the format, got ""`},
		{"no lock", "{\"lockfileVersion\": 3}\n", `handrail.lock:1: want "handrail.lock 2", the version of the format, got "{\"lockfileVersion\": 3}"`},
		{"a newer format", "handrail.lock 3\n1 a\n", `handrail.lock:1: format 3 is that of a newer handrail: this one knows formats up to 2`},
		{"format 0", "handrail.lock 0\n", `handrail.lock:1: want "handrail.lock 2", the version of the format, got "handrail.lock 0"`},
		{"a conflict", "handrail.lock 1\n1 a\n<<<<<<< ours\n2 b\n=======\n2 c\n>>>>>>> theirs\n", "handrail.lock:3: " + conflict},
		{"a conflict in the first line", "<<<<<<< ours\nhandrail.lock 2\n", "handrail.lock:1: " + conflict},
		{"half a conflict", "handrail.lock 1\r\n1 a\r\n>>>>>>> theirs\r\n", "handrail.lock:3: " + conflict},
		{"both lines of a merge", "handrail.lock 1\n1 a\n2 b\n2 c\n", "handrail.lock:4: ordinal 2 where 3 comes next; a line that was published never changes and never goes"},
		{"a line removed", "handrail.lock 1\n# comment\n\n1 a\n3 c\n", "handrail.lock:5: ordinal 3 where 2 comes next; a line that was published never changes and never goes"},
		{"a name twice", "handrail.lock 1\n1 a\n2 a\n", "handrail.lock:3: a has an ordinal in line 2"},
		{"no ordinal", "handrail.lock 1\na\n", `handrail.lock:2: want an ordinal and a name, got "a"`},
		{"more", "handrail.lock 1\n1 a b\n", `handrail.lock:2: want an ordinal and a name, got "1 a b"`},
		{"below 1", "handrail.lock 1\n0 a\n", `handrail.lock:2: ordinal "0": want a number from 1 on`},
		{"above all", "handrail.lock 1\n99999999999999999999 a\n", `handrail.lock:2: ordinal "99999999999999999999": want a number from 1 on`},
		{"no name", "handrail.lock 1\n1 7\n", `handrail.lock:2: "7" is no name of a migration: want a letter, then letters, digits, _ and -`},

		{"format 1 in format 2", "handrail.lock 2\n1 a\n", `handrail.lock:2: want VERSION NAME UP DOWN [baseline], got "1 a"`},
		{"garbage", "handrail.lock 2\n\x00\x01\n", "handrail.lock:2: want VERSION NAME UP DOWN [baseline], got \"\\x00\\x01\""},
		{"another word", "handrail.lock 2\n1 a " + sumA + " - first\n", `handrail.lock:2: want VERSION NAME UP DOWN [baseline], got "1 a ` + sumA + ` - first"`},
		{"a short checksum", "handrail.lock 2\n1 a abc -\n", `handrail.lock:2: "abc" is no checksum: want 32 hexadecimal digits, or - where there is no file`},
		{"a version with a sign", "handrail.lock 2\n+1 a " + sumA + " -\n", `handrail.lock:2: version "+1": want a number`},
		{"a version above all", "handrail.lock 2\n9223372036854775808 a " + sumA + " -\n", `handrail.lock:2: version "9223372036854775808": want a number`},
		{"a version twice", "handrail.lock 2\n01 a " + sumA + " -\n1 b " + sumA + " -\n", "handrail.lock:3: version 1 is in line 2 already"},
		{"a lower version behind", "handrail.lock 2\n7 a " + sumA + " -\n# x\n3 b " + sumA + " -\n", "handrail.lock:4: version 3 stands behind version 7 of line 2; they stand in order"},
		{"a second baseline", "handrail.lock 2\n1 a " + sumA + " - baseline\n2 b " + sumA + " - baseline\n", "handrail.lock:3: 2_b is no baseline: that is the first revision of the lock"},
		{"quotes", "handrail.lock 2\n1 \"a b " + sumA + " -\n", `handrail.lock:2: a name in quotes that is not closed: "a b ` + sumA + ` -`},
		{"rewritten without a reason", "handrail.lock 2\n1 a " + sumA + " -\nrewritten 1_a because\n", `handrail.lock:3: want rewritten REVISION because REASON, got "rewritten 1_a because"`},
		{"rewritten without a name", "handrail.lock 2\nremoved because x\n", `handrail.lock:2: want removed REVISION because REASON, got "removed because x"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := parseLock([]byte(c.text))
			require.EqualError(t, err, c.want)
			_, err = Subject{SQLite: fstest.MapFS{"1_a.up.sql": {}, LockFile: {Data: []byte(c.text)}}}.History(dialect.SQLite)
			require.EqualError(t, err, "sqlite revisions of migrations: "+c.want, "a folder of golang-migrate files says the same")
		})
	}
}

// TestParseLock: all that a lock can say, with the ends of lines of any system.
func TestParseLock(t *testing.T) {
	t.Parallel()
	text := "handrail.lock 2\n# a comment\n\n0001 a " + sumA + " " + sumB + " baseline\n0003 \"b \\\" \\n#\" " + sumB + " -\nrewritten 0001_a because nobody had it\nremoved \"0002_x y\" because  two  words\n"
	for _, end := range []string{"\n", "\r\n"} {
		l, err := parseLock([]byte(strings.ReplaceAll(text, "\n", end)))
		require.NoError(t, err)
		require.Equal(t, []LockEntry{
			{Version: 1, Digits: "0001", Name: "a", Up: sumA, Down: sumB, Baseline: true, Line: 4},
			{Version: 3, Digits: "0003", Name: "b \" \n#", Up: sumB, Down: "-", Line: 5},
		}, l.Entries)
		require.Equal(t, []lockReason{{"rewritten", "0001_a", "nobody had it"}, {"removed", "0002_x y", "two  words"}}, l.Reasons)
		for _, e := range l.Entries {
			require.Contains(t, text, e.text()+"\n")
		}
	}
}

// writeLock puts what a lock should hold into a folder.
func writeLock(t *testing.T, folder fstest.MapFS, lock Lock, err error) Lock {
	t.Helper()
	require.NoError(t, err)
	folder[LockFile] = &fstest.MapFile{Data: lock.Text}
	return lock
}

var lockSums = regexp.MustCompile(`\b[0-9a-f]{32}\b`)

// entries are the lines of a lock that are no comments, without checksums.
func entries(text []byte) (lines []string) {
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, lockSums.ReplaceAllString(line, "…"))
		}
	}
	return lines[1:]
}

// TestLockOfMigrations: a lock of TOML is appended to, and once all names are in
// it, it stays.
func TestLockOfMigrations(t *testing.T) {
	t.Parallel()
	folder := folderOf("-- b.toml --\nname = 'b'" + oneAction + "-- a.toml --\nname = 'c'\ndeps = ['b']" + oneAction)
	s := Subject{SQLite: folder}
	h, err := s.History(dialect.SQLite)
	require.NoError(t, err)
	require.EqualError(t, h.Published(), "no ordinal in handrail.lock: b, c; run handrail lock, which gives each its own for good, and commit it")
	first, err := s.Lock(dialect.SQLite)
	writeLock(t, folder, first, err)
	require.True(t, strings.HasPrefix(string(first.Text), lockHead+"\n"+lockComment))
	require.Equal(t, []string{"0001 b … … baseline", "0002 c … …"}, entries(first.Text))

	again, err := s.Lock(dialect.SQLite)
	require.NoError(t, err)
	require.Empty(t, again.Added)
	require.False(t, again.Changed)
	require.Equal(t, first.Text, again.Text)
	h, err = s.History(dialect.SQLite)
	require.NoError(t, err)
	require.NoError(t, h.Published())

	folder["c.json"] = &fstest.MapFile{Data: []byte(`{"name": "B", "actions": [{"up": "", "down": ""}]}`)}
	h, err = s.History(dialect.SQLite)
	require.NoError(t, err)
	require.Equal(t, []string{"0001_b", "0002_c", "0003_B"}, labels(h))
	delete(folder, LockFile)
	h, err = s.History(dialect.SQLite)
	require.NoError(t, err)
	require.Equal(t, []string{"0001_B", "0002_b", "0003_c"}, labels(h), "by name, where nothing else decides")
	delete(folder, "c.json")

	folder["0.toml"] = &fstest.MapFile{Data: []byte("name = 'a'" + oneAction)}
	for _, end := range []string{"", "\n", "\r\n"} {
		text := []byte(strings.ReplaceAll(strings.TrimSpace(string(first.Text)), "\n", cmp.Or(end, "\n")) + end)
		folder[LockFile] = &fstest.MapFile{Data: text}
		more, err := s.Lock(dialect.SQLite)
		require.NoError(t, err)
		require.Len(t, more.Added, 1)
		require.True(t, bytes.HasPrefix(more.Text, text), "what is there stays as it is")
		rest := strings.TrimPrefix(string(more.Text), strings.TrimSuffix(string(text), end))
		require.Regexp(t, "^"+cmp.Or(end, "\n")+"0003 a [0-9a-f]{32} [0-9a-f]{32}"+cmp.Or(end, "\n")+"$", rest)
	}
}

// TestFormat1: a lock without checksums is read, keeps its order, and gets them.
func TestFormat1(t *testing.T) {
	t.Parallel()
	folder := folderOf("-- b.toml --\nname = 'b'" + oneAction + "-- a.toml --\nname = 'a'" + oneAction)
	for _, end := range []string{"\n", "\r\n"} {
		old := "handrail.lock 1\n" + lockComment1 + "1 b\n# of ours\n2 a\n"
		folder[LockFile] = &fstest.MapFile{Data: []byte(strings.ReplaceAll(old, "\n", end))}
		s := Subject{SQLite: folder}
		h, err := s.History(dialect.SQLite)
		require.NoError(t, err)
		require.Empty(t, h.Edits())
		lock, err := s.Lock(dialect.SQLite)
		require.NoError(t, err)
		require.Empty(t, lock.Added)
		require.Equal(t, []string{"0001_b", "0002_a"}, labels(History{Revisions: lock.Completed}))
		require.Equal(t, []string{"0001 b … … baseline", "0002 a … …"}, entries(lock.Text))
		text := strings.ReplaceAll(string(lock.Text), end, "\n")
		require.NotContains(t, text, "\r")
		require.True(t, strings.HasPrefix(text, lockHead+"\n"+lockComment+"0001 b"), text)
		require.Contains(t, text, "# of ours\n")
		require.NotContains(t, text, "never changes")
	}
}

// golangMigrate is a folder of revisions, by name, with a down that says the same.
func golangMigrate(revisions ...string) fstest.MapFS {
	folder := fstest.MapFS{}
	for _, name := range revisions {
		folder[name+".up.sql"] = &fstest.MapFile{Data: []byte("CREATE TABLE t" + name + " (a int)")}
		folder[name+".down.sql"] = &fstest.MapFile{Data: []byte("DROP TABLE t" + name)}
	}
	return folder
}

// TestLockOfFiles: a lock of golang-migrate's files is appended to, never
// rewritten, and refuses what would not be last.
func TestLockOfFiles(t *testing.T) {
	t.Parallel()
	folder := golangMigrate("1_a", "0002_b c")
	s := Subject{SQLite: folder, Dir: "db", Subfolders: map[dialect.Dialect]string{dialect.SQLite: "sqlite"}}
	lock, err := s.Lock(dialect.SQLite)
	writeLock(t, folder, lock, err)
	require.Equal(t, "db/sqlite/handrail.lock", lock.File)
	require.Equal(t, []string{"1 a … … baseline", `0002 "b c" … …`}, entries(lock.Text))

	folder["1_a.up.sql"].Data = []byte("CREATE TABLE other (a int)")
	delete(folder, "1_a.down.sql")
	folder["5_e.up.sql"] = &fstest.MapFile{}
	more, err := s.Lock(dialect.SQLite)
	writeLock(t, folder, more, err)
	require.Equal(t, []string{"1_a"}, more.Differing)
	require.True(t, bytes.HasPrefix(more.Text, lock.Text), "the line of what differs stays")
	require.Equal(t, []string{"1 a … … baseline", `0002 "b c" … …`, "5 e … -"}, entries(more.Text))

	folder["3_d.up.sql"] = &fstest.MapFile{}
	_, err = s.Lock(dialect.SQLite)
	require.EqualError(t, err, "db/sqlite/handrail.lock: 3_d would not be the last: 5_e is published, and golang-migrate applies nothing below it where that is; give it a version above 5, or say why it may be there: handrail lock --rewrite REASON")
}

// TestLockOfAGuess: a lock that was made when a flat folder was taken for one of the
// other dialect is still good.
func TestLockOfAGuess(t *testing.T) {
	t.Parallel()
	folder := fstest.MapFS{"1_a.up.sql": {Data: []byte("CREATE TABLE [a b] (c DEFAULT '$$', `d` DEFAULT '\\'); INSERT INTO [a b] (c) VALUES ('x')")}}
	other, err := Subject{Postgres: folder}.Lock(dialect.Postgres)
	writeLock(t, folder, other, err)
	own, err := Subject{SQLite: folder}.Lock(dialect.SQLite)
	require.NoError(t, err)
	require.Empty(t, own.Differing)
	delete(folder, LockFile)
	own, err = Subject{SQLite: folder}.Lock(dialect.SQLite)
	require.NoError(t, err)
	require.NotEqual(t, other.Text, own.Text, "the two read it otherwise, or this shows nothing")
}

// TestRelock: what is rewritten leaves its reason, and all else stays.
func TestRelock(t *testing.T) {
	t.Parallel()
	folder := golangMigrate("1_a", "2_b", "3_c", "5_e")
	s := Subject{SQLite: folder}
	lock, err := s.Lock(dialect.SQLite)
	writeLock(t, folder, lock, err)
	same, err := s.Relock(dialect.SQLite, "x")
	require.NoError(t, err)
	require.False(t, same.Changed)
	require.Empty(t, same.Rewritten)

	folder["2_b.up.sql"].Data = []byte("SELECT 1")
	delete(folder, "1_a.up.sql")
	delete(folder, "1_a.down.sql")
	folder["4_d.up.sql"] = &fstest.MapFile{}
	folder["5_f.up.sql"], folder["5_f.down.sql"] = folder["5_e.up.sql"], folder["5_e.down.sql"]
	delete(folder, "5_e.up.sql")
	delete(folder, "5_e.down.sql")
	rewritten, err := s.Relock(dialect.SQLite, " nobody\n has it")
	writeLock(t, folder, rewritten, err)
	require.Equal(t, []string{
		"2 b … … baseline", "3 c … …", "4 d … -", "5 f … …",
		"removed 1_a because nobody has it", "rewritten 2_b because nobody has it", "rewritten 5_f because nobody has it", "inserted 4_d because nobody has it",
	}, entries(rewritten.Text))
	untouched := slices.DeleteFunc(strings.Split(string(lock.Text), "\n"), func(line string) bool { return !strings.HasPrefix(line, "3 c") })
	require.Contains(t, string(rewritten.Text), untouched[0]+"\n")

	folder["6_g.up.sql"] = &fstest.MapFile{}
	more, err := s.Lock(dialect.SQLite)
	writeLock(t, folder, more, err)
	require.True(t, bytes.HasPrefix(more.Text, rewritten.Text), "the reasons stay")
	require.Empty(t, more.Differing)

	for reason, want := range map[string]string{
		" \n ": "no reason: say why what is published is rewritten", "a\x1b[2J": `reason "a\x1b[2J": want text that can be printed`,
	} {
		_, err := s.Relock(dialect.SQLite, reason)
		require.EqualError(t, err, want)
	}
}

// TestRelockMigrations: what replaces published migrations takes their last
// places, so that a database which has those has it too.
func TestRelockMigrations(t *testing.T) {
	t.Parallel()
	toml := func(names ...string) string {
		text := ""
		for i, name := range names {
			text += fmt.Sprintf("-- %s.toml --\nname = '%s'\n", name, name)
			if i > 0 {
				text += fmt.Sprintf("deps = ['%s']\n", names[i-1])
			}
			text += strings.TrimPrefix(oneAction, "\n")
		}
		return text
	}
	old := folderOf(toml("a", "b", "c", "d"))
	lock, err := Subject{SQLite: old}.Lock(dialect.SQLite)
	writeLock(t, old, lock, err)
	for _, c := range []struct {
		name string
		now  []string
		want []string
		err  string
	}{
		{"a baseline", []string{"base"}, []string{"0004 base … … baseline"}, ""},
		{"two for four", []string{"base", "rows"}, []string{"0003 base … … baseline", "0004 rows … …"}, ""},
		{"more than before", []string{"w", "x", "y", "z", "zz"}, []string{"0001 w … … baseline", "0002 x … …", "0003 y … …", "0004 z … …", "0005 zz … …"}, ""},
		{"the beginning", []string{"base", "c", "d"}, []string{"0002 base … … baseline", "0003 c … …", "0004 d … …"}, ""},
		{"another name", []string{"a", "x", "c", "d"}, []string{"0001 a … … baseline", "0002 x … …", "0003 c … …", "0004 d … …"}, ""},
		{"the end", []string{"a", "b"}, nil, "handrail.lock:8: c is published and gone, and nothing takes its place: only the beginning of a history can go"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			folder := folderOf(toml(c.now...))
			folder[LockFile] = &fstest.MapFile{Data: lock.Text}
			s := Subject{SQLite: folder}
			_, err := s.Lock(dialect.SQLite)
			require.ErrorContains(t, err, "is published and no migration has that name")
			after, err := s.Relock(dialect.SQLite, "squashed")
			if c.err != "" {
				require.EqualError(t, err, "sqlite revisions of migrations: "+c.err)
				return
			}
			writeLock(t, folder, after, err)
			lines := entries(after.Text)
			require.Equal(t, c.want, lines[:len(c.want)])
			for _, line := range lines[len(c.want):] {
				require.Regexp(t, "^(rewritten|removed) .* because squashed$", line)
			}
			h, err := s.History(dialect.SQLite)
			require.NoError(t, err, "the lock is good")
			require.NoError(t, h.Published())
			require.Empty(t, h.Edits())
		})
	}
}

// TestSQLSum: what counts for a checksum and what does not.
func TestSQLSum(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, a, b string
		d          dialect.Dialect
		same       bool
	}{
		{"comments", "SELECT 1", "-- handrail:allow loss because x\nSELECT /* a */ 1 -- b", dialect.SQLite, true},
		{"white space", "SELECT 1,2", "\n\tSELECT\n 1 ,\f2 ;\n", dialect.SQLite, true},
		{"line endings", "SELECT 1\nFROM a", "SELECT 1\r\nFROM a\r\n", dialect.SQLite, true},
		{"a byte order mark", "SELECT 1", "\ufeffSELECT 1", dialect.SQLite, true},
		{"empty statements", "SELECT 1; SELECT 2", "SELECT 1;; SELECT 2;;", dialect.SQLite, true},
		{"case of words", "create table A (b INT)", "CREATE TABLE a (B int)", dialect.Postgres, true},
		{"case of letters that no server folds", "SELECT É", "SELECT é", dialect.Postgres, false},
		{"line endings in a body", "SELECT $$a\nb$$", "SELECT $$a\r\nb$$", dialect.Postgres, true},
		{"an operator", "SELECT a < 1", "SELECT a<1", dialect.Postgres, true},
		{"a literal", "SELECT 'a'", "SELECT 'A'", dialect.SQLite, false},
		{"white space in a literal", "SELECT 'a b'", "SELECT 'a  b'", dialect.SQLite, false},
		{"a comment in a literal", "SELECT '-- a'", "SELECT '-- b'", dialect.SQLite, false},
		{"a comment in a body", "DO $$ -- a\n$$", "DO $$ -- b\n$$", dialect.Postgres, false},
		{"a tag", "DO $$x$$", "DO $a$x$a$", dialect.Postgres, false},
		{"an escape", `SELECT E'\n'`, `SELECT '\n'`, dialect.Postgres, false},
		{"a blob", "SELECT x'41'", "SELECT '41'", dialect.SQLite, false},
		{"bits", "SELECT b'1'", "SELECT x'1'", dialect.Postgres, false},
		{"a quoted name", `SELECT "a"`, `SELECT "A"`, dialect.Postgres, false},
		{"quotes", `SELECT "a"`, "SELECT a", dialect.SQLite, false},
		{"a quoted name and a literal", `SELECT "a"`, "SELECT 'a'", dialect.SQLite, false},
		{"two words", "SELECT ab", "SELECT a b", dialect.SQLite, false},
		{"two literals", "SELECT 'a''b'", "SELECT 'a' 'b'", dialect.SQLite, false},
		{"two statements", "SELECT 1; SELECT 2", "SELECT 1 SELECT 2", dialect.SQLite, false},
		{"one statement more", "SELECT 1", "SELECT 1; SELECT 1", dialect.SQLite, false},
		{"a number", "SELECT 10", "SELECT 1 0", dialect.SQLite, false},
		{"the body of a trigger", "CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM b; END", "CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM c; END", dialect.SQLite, false},
		{"a statement behind a trigger", "CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM b; END; SELECT 1", "CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM b; SELECT 1; END", dialect.SQLite, false},
		{"nothing", "", "-- nothing", dialect.SQLite, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a, b := SQLSum(c.d, &File{SQL: c.a}), SQLSum(c.d, &File{SQL: c.b})
			require.Equal(t, c.same, a == b, "%s\n%s", c.a, c.b)
			require.Regexp(t, lockSum, a)
		})
	}
	trigger := &File{SQL: "CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM b; DELETE FROM c; END; SELECT 1"}
	require.Equal(t, SQLSum(dialect.SQLite, trigger), SQLSum(dialect.Postgres, trigger), "the dialect of a folder may be a guess")
	require.Equal(t, NoSQL, SQLSum(dialect.SQLite, nil))
	require.NotEqual(t, NoSQL, SQLSum(dialect.SQLite, &File{}), "an empty file is there")
}

// FuzzSQLSum: a comment and line endings change no checksum, and a statement more
// always does.
func FuzzSQLSum(f *testing.F) {
	for _, sql := range []string{"SELECT 1;\nSELECT E'\\';\r\n'", "CREATE FUNCTION f() AS $x$\r\n;$x$", "[a", "\"", "/*", "--", "'"} {
		f.Add(sql, true)
		f.Add(sql, false)
	}
	f.Fuzz(func(t *testing.T, sql string, postgres bool) {
		d := dialect.SQLite
		if postgres {
			d = dialect.Postgres
		}
		sum := func(sql string) string { return SQLSum(d, &File{SQL: sql}) }
		unix := strings.ReplaceAll(sql, "\r\n", "\n")
		if sum(unix) != sum(strings.ReplaceAll(unix, "\n", "\r\n")) && !strings.Contains(unix, "\r") {
			t.Fatalf("%q: line endings count", sql)
		}
		if sum(sql) != sum("-- a comment\n"+sql) {
			t.Fatalf("%q: a comment counts", sql)
		}
		if sum(sql) == sum("SELECT 1;"+sql) {
			t.Fatalf("%q: a statement does not count", sql)
		}
		for i, s := range sqltext.ParseRaw(d, sql) {
			if parsed := sqltext.Parse(d, sql).Statements[i]; len(parsed.Tokens) != len(s.Tokens) || parsed.SQL != s.SQL {
				t.Fatalf("%q: %v is not %v", sql, s, parsed)
			}
		}
	})
}

// FuzzLock: a lock is read or refused with its line, and what is read can be
// appended to, which changes no line of it.
func FuzzLock(f *testing.F) {
	f.Add([]byte("handrail.lock 1\n1 a\n2 b"))
	f.Add([]byte("handrail.lock 1\r\n# x\r\n\r\n1 a\r\n"))
	f.Add([]byte("handrail.lock 1\n<<<<<<<\n"))
	f.Add([]byte("handrail.lock 1\n01 a\n+2 b\n"))
	f.Add([]byte("handrail.lock 2\n1 a " + sumA + " - baseline\r\n2 \"b c\" " + sumB + " " + sumA))
	f.Add([]byte("handrail.lock 2\n1 a " + sumA + " -\nremoved \"\\x00\" because x\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		l, err := parseLock(text)
		if err != nil {
			if !strings.HasPrefix(err.Error(), LockFile+":") {
				t.Fatalf("no line in %v", err)
			}
			return
		}
		last := l.last().Version
		if last == 1<<63-1 {
			return
		}
		next := LockEntry{Version: last + 1, Digits: "00" + fmt.Sprint(last+1), Name: "handrail fuzz", Up: sumA, Down: NoSQL}
		w := newLockWriter(l)
		for _, e := range l.Entries {
			if !l.Summed() {
				e.Up, e.Down = sumB, sumB
				w.set(e)
			}
		}
		w.set(next)
		more, err := parseLock(w.text())
		if err != nil || len(more.Entries) != len(l.Entries)+1 || more.last().String() != next.String() || !slices.Equal(more.Reasons, l.Reasons) {
			t.Fatalf("%q: %v, %v", text, more, err)
		}
		for i, e := range l.Entries {
			if now := more.Entries[i]; now.Version != e.Version || now.Name != e.Name || l.Summed() && (now.Up != e.Up || now.Down != e.Down || now.Baseline != e.Baseline) {
				t.Fatalf("%q: %v is now %v", text, e, now)
			}
		}
	})
}

// TestSumsStay: a checksum is in the locks of others. Where one of these changes,
// every lock is wrong, and its format must be another.
func TestSumsStay(t *testing.T) {
	t.Parallel()
	for d, want := range map[dialect.Dialect]string{dialect.Postgres: "082b577d6ced84e108e846b792a441f3", dialect.SQLite: "ce26eadfd0a838b51ea2b6d4ba75eb0c"} {
		sql := "CREATE TABLE \"a b\" (c text DEFAULT E'\\n', D int CHECK (d >= 1.5e3 AND d <> -1));\n-- no\nINSERT INTO é VALUES ($x$ y\r\n$x$, x'00');"
		require.Equal(t, want, SQLSum(d, &File{SQL: sql}), d)
	}
}
