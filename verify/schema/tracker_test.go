package schema_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail"
	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/internal/corpus"
	"github.com/handrail-db/handrail/verify/schema"
)

// TestTrackerSeesWhatInspectSees makes every change that the tests of
// completeness make, and then more, and compares what a tracker makes of it
// with what is there.
func TestTrackerSeesWhatInspectSees(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		engine engine.Engine
		files  []string
	}{
		{fixtures.Postgres, []string{"postgres_changes.sql", "postgres_renames.sql"}},
		{fixtures.SQLiteMemory, []string{"sqlite_changes.sql", "sqlite_renames.sql"}},
		{fixtures.SQLiteFile, []string{"sqlite_changes.sql", "sqlite_renames.sql"}},
	} {
		t.Run(c.engine.Name(), func(t *testing.T) {
			t.Parallel()
			for _, file := range c.files {
				trackAndInspect(t, c.engine, corpus.Changes(file))
			}
		})
	}
}

// begun is a tracker of a new database that begins with what is known of others.
func begun(t *testing.T, db *handrail.DB) *schema.Tracker {
	tracker, err := schema.NewTracker(db.DB, db.Engine.Dialect())
	require.NoError(t, err)
	copied, ok := db.Database.(engine.Copied)
	if !ok {
		return tracker
	}
	other := handrail.Scratch(t, db.Engine)
	first, err := schema.NewTracker(other.DB, db.Engine.Dialect())
	require.NoError(t, err)
	require.NoError(t, first.Begin(t.Context(), copied.Origin()))
	_, err = other.ExecContext(t.Context(), "CREATE TABLE elsewhere (id int PRIMARY KEY)")
	require.NoError(t, err)
	ended, end := context.WithCancel(t.Context())
	end()
	require.NoError(t, tracker.Begin(ended, copied.Origin()), "nothing is read")
	return tracker
}

// TestFirstLookSeesWhatACopyHasOfItsOwn: what belongs to a database and is in no
// copy of it, or to its whole server, is written where no number of a transaction
// tells that it is new.
func TestFirstLookSeesWhatACopyHasOfItsOwn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, sql string }{
		{"nothing", "SELECT"},
		{"a table", "CREATE TABLE t (id int)"},
		{"settings", "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET work_mem = ''8MB''', current_database()); END $$"},
		{"privileges", "DO $$ BEGIN EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database()); END $$"},
		{"owner", "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I OWNER TO pg_monitor', current_database()); END $$"},
		{"a schema that is gone", "DROP SCHEMA public"},
		{"a comment", "COMMENT ON SCHEMA public IS 'mine'"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			db := handrail.Scratch(t, fixtures.Postgres)
			empty, err := schema.Inspect(t.Context(), db.DB, dialect.Postgres)
			require.NoError(t, err)
			tracker := begun(t, db)
			_, err = db.ExecContext(t.Context(), c.sql)
			require.NoError(t, err)
			want, err := schema.Inspect(t.Context(), db.DB, dialect.Postgres)
			require.NoError(t, err)
			got, err := tracker.Inspect(t.Context())
			require.NoError(t, err)
			require.True(t, want.Equal(got), schema.Diff(want, got))
			require.Equal(t, c.name == "nothing", want.Equal(empty), "the statement changes something")
		})
	}
}

// TestFirstLookPrintsAsTheSessionDoes: how a session prints names shows in what was
// there from the start.
func TestFirstLookPrintsAsTheSessionDoes(t *testing.T) {
	t.Parallel()
	db := handrail.Scratch(t, fixtures.Postgres)
	tracker := begun(t, db)
	db.SetMaxOpenConns(1)
	_, err := db.ExecContext(t.Context(), "SET quote_all_identifiers = on")
	require.NoError(t, err)
	want, err := schema.Inspect(t.Context(), db.DB, dialect.Postgres)
	require.NoError(t, err)
	got, err := tracker.Inspect(t.Context())
	require.NoError(t, err)
	require.True(t, want.Equal(got), schema.Diff(want, got))
	require.Contains(t, want.String(), `"public"`)
}

func trackAndInspect(t *testing.T, e engine.Engine, changes []corpus.Change) {
	db := handrail.Scratch(t, e)
	tracker := begun(t, db)
	before, err := tracker.Inspect(t.Context())
	require.NoError(t, err)
	for _, c := range changes {
		_, err := db.ExecContext(t.Context(), c.SQL)
		require.NoError(t, err, c.Name)
		want, err := schema.Inspect(t.Context(), db.DB, e.Dialect())
		require.NoError(t, err, c.Name)
		if c.Why == "" {
			require.NotEmpty(t, schema.Diff(before, want), "%s: no change", c.Name)
		}
		got, err := tracker.Inspect(t.Context())
		require.NoError(t, err, c.Name)
		require.Empty(t, schema.Diff(want, got), c.Name)
		require.Equal(t, want, got, "%s: the order", c.Name)
		before = want
	}
}
