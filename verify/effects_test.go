package verify_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/verify"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
)

const effective = `
-- sqlite/0001_a.up.sql --
CREATE TABLE a (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE b (id INTEGER PRIMARY KEY);
-- sqlite/0001_a.down.sql --
DROP TABLE b;
DROP TABLE a;
-- sqlite/0002_rows.seed.sql --
INSERT INTO a (id, name) VALUES (1, 'one'), (2, 'two'), (3, 'three');
INSERT INTO b (id) VALUES (1), (2);
-- sqlite/0002_rows.up.sql --
INSERT INTO a (id, name) VALUES (4, 'four');
UPDATE a SET name = 'ONE' WHERE id = 1;
DELETE FROM a WHERE id = 2;
-- sqlite/0002_rows.down.sql --
DELETE FROM a WHERE id = 4;
-- sqlite/0003_column.up.sql --
ALTER TABLE a ADD COLUMN note TEXT;
CREATE INDEX ix_a_note ON a (note);
-- sqlite/0003_column.down.sql --
DROP INDEX ix_a_note;
-- sqlite/0004_drop.up.sql --
DROP TABLE b;
-- sqlite/0004_drop.down.sql --
CREATE TABLE b (id INTEGER PRIMARY KEY);
-- sqlite/0005_fails.up.sql --
CREATE TABLE c (id INTEGER PRIMARY KEY);
-- sqlite/0005_fails.down.sql --
DROP TABLE nowhere;
-- sqlite/0006_none.up.sql --
CREATE TABLE d (id INTEGER PRIMARY KEY);
-- sqlite/0007_broken.up.sql --
CREATE TABEL e (id INTEGER PRIMARY KEY);
-- sqlite/0008_behind.up.sql --
CREATE TABLE f (id INTEGER PRIMARY KEY);
`

// TestEffects: what a reviewer is told that a revision does is what it did.
func TestEffects(t *testing.T) {
	t.Parallel()
	wants := []struct {
		changes []string // the first line of each change
		rows    *finding.RowEffects
		back    string
	}{
		{
			[]string{"+ table a", "+ column a.id", "+ column a.name", "+ primary key (id) on a", "+ table b", "+ column b.id", "+ primary key (id) on b"},
			&finding.RowEffects{}, "the schema as it was; no row was there",
		},
		{
			nil, &finding.RowEffects{Before: 5, Tables: 2, Touched: []finding.TableEffect{{Table: "a", Inserted: 1, Changed: 1, Deleted: 1, Kept: 1}}},
			"the schema as it was; 3 of 5 rows in 2 tables kept, 1 lost, 1 changed",
		},
		{
			[]string{"+ column a.note", "+ index ix_a_note on a"},
			&finding.RowEffects{Before: 5, Tables: 2},
			"the schema but for column a.note (left behind); 5 rows in 2 tables kept",
		},
		{
			[]string{"- table b", "- column b.id", "- primary key (id) on b"},
			&finding.RowEffects{Before: 5, Tables: 2, Touched: []finding.TableEffect{{Table: "b", Deleted: 2}}},
			"the schema as it was; 3 of 5 rows in 2 tables kept, 2 lost",
		},
		{[]string{"+ table c", "+ column c.id", "+ primary key (id) on c"}, &finding.RowEffects{Before: 3, Tables: 1}, "nothing: the down fails"},
		{[]string{"+ table d", "+ column d.id", "+ primary key (id) on d"}, &finding.RowEffects{Before: 3, Tables: 1}, "nothing: there is no down file"},
		{nil, nil, ""},
		{nil, nil, ""},
	}
	run := runOf(t, effective, verify.Options{})
	require.Len(t, run.Revisions, len(wants))
	for i, want := range wants {
		v := run.Revisions[i]
		var changes []string
		for line := range strings.Lines(v.Changes) {
			if !strings.HasPrefix(line[1:], "     ") {
				changes = append(changes, strings.TrimSpace(line))
			}
		}
		require.Equal(t, want.changes, changes, v.Label)
		require.Equal(t, want.rows, v.Rows, v.Label)
		require.Equal(t, want.back, v.Back, v.Label)
		require.Empty(t, v.Climbed, v.Label)
	}
}

// TestEffectsOfClimbed: of a revision that nobody looked at nothing is told but that.
func TestEffectsOfClimbed(t *testing.T) {
	t.Parallel()
	run := runOf(t, effective, verify.Options{To: new(int64(3)), Only: func(version int64) bool { return version == 3 }})
	for _, v := range run.Revisions[:2] {
		require.Equal(t, "it was not asked for", v.Climbed, v.Label)
		require.Nil(t, v.Rows, v.Label)
		require.Empty(t, v.Changes+v.Back, v.Label)
	}
	require.Empty(t, run.Revisions[2].Climbed)
	require.Equal(t, int64(5), run.Revisions[2].Rows.Before)
}

func runOf(t *testing.T, archive string, o verify.Options) finding.Run {
	t.Helper()
	subject, err := history.Load(reviewedFolder(archive), "")
	require.NoError(t, err)
	report, err := verify.Check(t.Context(), []engine.Engine{fixtures.SQLiteMemory}, subject, o)
	require.NoError(t, err)
	return report.Runs[0]
}
