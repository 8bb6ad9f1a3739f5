package main

import (
	"database/sql"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestOnlyMarkedDatabasesAreDropped: on a server that others use too, engines --stop and
// the reaper drop what carries handrail's mark, name and comment, and nothing that is
// only called like it.
func TestOnlyMarkedDatabasesAreDropped(t *testing.T) {
	server := serverDB(t)
	config, err := configOf(server)
	require.NoError(t, err)
	config.Database = "postgres"
	const hex = "0123456789abcdef01234567"
	mark := func(name, comment string) {
		_, err := server.Exec("CREATE DATABASE " + name)
		require.NoError(t, err)
		t.Cleanup(func() { _, _ = server.Exec("DROP DATABASE IF EXISTS " + name) })
		_, err = server.Exec(fmt.Sprintf("COMMENT ON DATABASE %s IS '%s'", name, comment))
		require.NoError(t, err)
	}
	theirs := map[string]string{
		"handrail_store": "", "handrail_t_store": "", "handrail_t_" + hex: "", "handrail_t_" + hex[:23] + "f": "100", "handrail_deadbee1_1": "", "handrail_deadbee1_2": "the store",
		"handrail_deadbee1_3": "handrail: owned by deadbee2", "handrail_deadbee1_4": "handrail: template of 100", "handrail_t_" + hex[:23] + "e": "handrail: template of everything",
		"handrail_t_" + hex + "x": "handrail: template of 100", "handrail_deadbee1_x": "handrail: owned by deadbee1", "handrail_t_" + hex[:23] + "d": "handrail: owned by t",
	}
	ours := map[string]string{"handrail_deadbee1_5": "handrail: owned by deadbee1", "handrail_deadbee1_6": "handrail: keep until 100", "handrail_t_" + hex[:23] + "a": "handrail: template of 100"}
	for name, comment := range theirs {
		mark(name, comment)
	}
	for name, comment := range ours {
		mark(name, comment)
	}
	stop := newChild(t, t.TempDir(), []string{"TMPDIR=" + t.TempDir(), "HANDRAIL_POSTGRES=", "HANDRAIL_SCRATCH_URL=" + urlOf(config)}, "engines", "--stop")
	stop.start(t)
	require.Equal(t, statusOK, stop.wait(t), "%s", &stop.stderr)
	left := databases(t, server)
	for name := range theirs {
		require.Contains(t, left, name)
	}
	for name := range ours {
		require.NotContains(t, left, name)
	}
}

func databases(t *testing.T, db *sql.DB) (names []string) {
	t.Helper()
	rows, err := db.Query("SELECT datname FROM pg_database")
	require.NoError(t, err)
	defer rows.Close() //nolint:errcheck // rows.Err says it
	for rows.Next() {
		var name string
		require.NoError(t, rows.Scan(&name))
		names = append(names, name)
	}
	require.NoError(t, rows.Err())
	return names
}
