package verify_test

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/verify"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
)

// TestPreludeRoles: a prelude that makes roles needs a server of its own, or it
// would be in the way of the next walk; what it makes is there from the start.
func TestPreludeRoles(t *testing.T) {
	if testing.Short() {
		t.Skip("starts servers of its own; not in a short run")
	}
	t.Parallel()
	subject := history.Subject{
		Prelude: "CREATE ROLE prelude_app",
		Postgres: fstest.MapFS{
			"1_grant.up.sql":   {Data: []byte("CREATE TABLE t (a int); GRANT SELECT ON t TO prelude_app")},
			"1_grant.down.sql": {Data: []byte("DROP TABLE t")},
			"2_alter.up.sql":   {Data: []byte("ALTER ROLE prelude_app LOGIN")},
			"2_alter.down.sql": {Data: []byte("DROP ROLE prelude_app; DROP TABLE t")},
		},
	}
	for range 2 {
		report, err := verify.Check(t.Context(), []engine.Engine{fixtures.Postgres}, subject, verify.Options{})
		require.Len(t, report.Runs, 1)
		ran(t, report.Runs[0], err)
		require.NoError(t, err)
		findings := report.Runs[0].All()
		require.Len(t, findings, 1)
		require.Equal(t, finding.DownFails, findings[0].Rule, "%s", findings[0])
	}
}

// TestMigratedOnAServerOfItsOwn: two databases of a history that makes a role,
// at once.
func TestMigratedOnAServerOfItsOwn(t *testing.T) {
	if testing.Short() {
		t.Skip("starts servers of its own; not in a short run")
	}
	t.Parallel()
	s := history.Subject{Postgres: fstest.MapFS{
		"0001_role.up.sql":   {Data: []byte("CREATE ROLE handrail_apart; CREATE TABLE t (a int); GRANT SELECT ON t TO handrail_apart;")},
		"0001_role.down.sql": {Data: []byte("DROP TABLE t; DROP ROLE handrail_apart;")},
	}}
	for range 2 {
		db, err := verify.Migrated(t.Context(), fixtures.Postgres, s, 1)
		available(t, err)
		var there bool
		require.NoError(t, db.DB().QueryRowContext(t.Context(), "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = 'handrail_apart')").Scan(&there))
		require.True(t, there)
		require.NoError(t, db.Close())
	}
}
