package main

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/rows"
	"github.com/handrail-db/handrail/verify/schema"
)

const promised = `
-- postgres/0001_author.up.sql --
CREATE TABLE author (id bigint PRIMARY KEY, age bigint);
INSERT INTO author VALUES (1, 5);
-- postgres/0002_everything.up.sql --
CREATE TYPE kind AS ENUM ('novel');
CREATE TABLE book (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, kind kind);
CREATE INDEX author_age ON author (age);
ALTER TABLE author ADD COLUMN name text NOT NULL DEFAULT 'nobody';
CREATE VIEW old AS SELECT * FROM author WHERE age > 4;
CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1';
UPDATE author SET age = 6;
INSERT INTO author (id, age) VALUES (2, 7);
SET search_path = nowhere;
-- postgres/0002_everything.assert.sql --
SELECT id FROM public.author WHERE age = 7;
-- sqlite/0001_author.up.sql --
CREATE TABLE author (id INTEGER PRIMARY KEY, age bigint);
INSERT INTO author VALUES (1, 5);
-- sqlite/0002_everything.up.sql --
CREATE TABLE book (id INTEGER PRIMARY KEY AUTOINCREMENT, author bigint REFERENCES author);
CREATE INDEX author_age ON author (age);
ALTER TABLE author ADD COLUMN name text NOT NULL DEFAULT 'nobody';
CREATE VIEW old AS SELECT * FROM author WHERE age > 4;
CREATE TRIGGER grow AFTER INSERT ON book BEGIN UPDATE author SET age = age + 1; END;
UPDATE author SET age = 6;
INSERT INTO author (id, age) VALUES (2, 7);
-- sqlite/0002_everything.assert.sql --
SELECT id FROM author WHERE age = 7;
`

// TestAssertionLeavesNothing compares the database before and after a revision whose
// assertion does not hold: catalogue, rows and version table are the same, but for
// the row of the attempt.
func TestAssertionLeavesNothing(t *testing.T) {
	t.Parallel()
	for _, engine := range []string{"postgres", "sqlite"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			db, url := targetOf(t, engine)
			dir := unpack(t, promised)
			status, _, stderr := command(t, "goto", "1", dir, "--url", url)
			require.Equal(t, statusOK, status, stderr)
			before, held := content(t, db, dialect.Dialect(engine))
			status, stdout, stderr := command(t, "up", dir, "--url", url)
			require.Equal(t, statusFindings, status, "%s%s", stdout, stderr)
			after, now := content(t, db, dialect.Dialect(engine))
			require.Empty(t, schema.Diff(before, after))
			differences, err := rows.Compare(held, now, func(table string) ([]string, bool) { return columns(after, table), true })
			require.NoError(t, err)
			for _, d := range differences {
				require.Contains(t, []string{"public.handrail_history", "handrail_history", "sqlite_sequence"}, d.Table.Name)
			}
			require.NotEmpty(t, differences, "the attempt is in the history")
			require.Equal(t, "1 applied, 2 rolled back", fates(t, db))
		})
	}
}

// content is the catalogue and the rows of a database.
func content(t *testing.T, db *sql.DB, d dialect.Dialect) (schema.Snapshot, *rows.Set) {
	t.Helper()
	snapshot, err := schema.Inspect(t.Context(), db, d)
	require.NoError(t, err)
	set, err := rows.Read(t.Context(), db, d, snapshot)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, set.Close()) })
	return snapshot, set
}

func columns(snapshot schema.Snapshot, table string) []string {
	for _, o := range snapshot.Objects {
		if o.Kind == "table" && o.Name == table {
			return o.Columns
		}
	}
	return nil
}

// TestDownFromElsewhere goes down from another version than the one that a person
// has seen: nothing is changed.
func TestDownFromElsewhere(t *testing.T) {
	t.Parallel()
	db, url := targetOf(t, "sqlite")
	dir := logged(t, dialect.SQLite, "")
	for _, name := range []string{"0002_gate", "0003_row", "0004_row", "0005_row"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "sqlite", name+".down.sql"), []byte("SELECT 1;\n"), 0o666))
	}
	status, _, stderr := command(t, "up", dir, "--url", url)
	require.Equal(t, statusOK, status, stderr)
	m, err := newMove([]string{dir}, url)
	require.NoError(t, err)
	m.Version, m.From = 1, &engine.State{Version: 3}
	_, err = m.Make(t.Context())
	require.ErrorContains(t, err, " was at version 3 when the plan was made, and is at version 5 by now: look at the new plan")
	require.Equal(t, "1 2 3 4 5", rowsOf(t, db))
	m.From = &engine.State{Version: 5}
	moved, err := m.Make(t.Context())
	require.NoError(t, err)
	require.Equal(t, int64(1), moved.After.Version)
}
