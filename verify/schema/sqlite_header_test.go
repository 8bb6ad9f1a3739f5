package schema_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail"
	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/schema"
)

func TestInspectSQLiteHeader(t *testing.T) {
	t.Parallel()
	db := handrail.Scratch(t, fixtures.SQLiteMemory)
	inspect := func() schema.Snapshot {
		s, err := schema.Inspect(t.Context(), db.DB, dialect.SQLite)
		require.NoError(t, err)
		return s
	}
	empty := inspect()
	require.Empty(t, empty.Objects, "a database of which nobody has said anything has nothing to tell")
	_, err := db.ExecContext(t.Context(), "PRAGMA user_version = 7")
	require.NoError(t, err)
	require.Equal(t, "+ database main\n+     user_version: 7\n", schema.Diff(empty, inspect()))
	_, err = db.ExecContext(t.Context(), "PRAGMA application_id = 99; PRAGMA user_version = 0")
	require.NoError(t, err)
	require.Equal(t, "+ database main\n+     application_id: 99\n", schema.Diff(empty, inspect()))
}
