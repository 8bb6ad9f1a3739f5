package schema_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail"
	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/verify"
	"github.com/handrail-db/handrail/verify/schema"
)

// TestTrackerSeesWhatInspectSees makes every change that the tests of
// completeness make, and then more, and compares what a tracker makes of it
// with what is there.
func TestTrackerSeesWhatInspectSees(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		engine verify.Engine
		files  []string
	}{
		{fixtures.Postgres, []string{"testdata/postgres_changes.sql", "testdata/postgres_renames.sql"}},
		{fixtures.SQLiteMemory, []string{"testdata/sqlite_changes.sql", "testdata/sqlite_renames.sql"}},
		{fixtures.SQLiteFile, []string{"testdata/sqlite_changes.sql", "testdata/sqlite_renames.sql"}},
	} {
		t.Run(c.engine.Name(), func(t *testing.T) {
			t.Parallel()
			for _, file := range c.files {
				trackAndInspect(t, c.engine, readChanges(t, file))
			}
		})
	}
}

func trackAndInspect(t *testing.T, e verify.Engine, changes []change) {
	db := handrail.Scratch(t, e)
	tracker, err := schema.NewTracker(db.DB, e.Dialect())
	require.NoError(t, err)
	before, err := tracker.Inspect(t.Context())
	require.NoError(t, err)
	for _, c := range changes {
		_, err := db.ExecContext(t.Context(), c.sql)
		require.NoError(t, err, c.name)
		want, err := schema.Inspect(t.Context(), db.DB, e.Dialect())
		require.NoError(t, err, c.name)
		if c.why == "" {
			require.NotEmpty(t, schema.Diff(before, want), "%s: no change", c.name)
		}
		got, err := tracker.Inspect(t.Context())
		require.NoError(t, err, c.name)
		require.Empty(t, schema.Diff(want, got), c.name)
		require.Equal(t, want, got, "%s: the order", c.name)
		before = want
	}
}
