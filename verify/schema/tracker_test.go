package schema_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail"
	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/verify"
	"github.com/handrail-db/handrail/verify/internal/corpus"
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

func trackAndInspect(t *testing.T, e verify.Engine, changes []corpus.Change) {
	db := handrail.Scratch(t, e)
	tracker, err := schema.NewTracker(db.DB, e.Dialect())
	require.NoError(t, err)
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
