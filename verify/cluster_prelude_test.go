package verify_test

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/verify"
)

// TestPreludeRoles: a prelude that makes roles needs a server of its own, or it
// would be in the way of the next walk; what it makes is there from the start.
func TestPreludeRoles(t *testing.T) {
	t.Parallel()
	subject := verify.Subject{
		Prelude: "CREATE ROLE prelude_app",
		Postgres: fstest.MapFS{
			"1_grant.up.sql":   {Data: []byte("CREATE TABLE t (a int); GRANT SELECT ON t TO prelude_app")},
			"1_grant.down.sql": {Data: []byte("DROP TABLE t")},
			"2_alter.up.sql":   {Data: []byte("ALTER ROLE prelude_app LOGIN")},
			"2_alter.down.sql": {Data: []byte("DROP ROLE prelude_app; DROP TABLE t")},
		},
	}
	for range 2 {
		report, err := verify.Check(t.Context(), []verify.Engine{fixtures.Postgres}, subject, verify.Options{})
		require.NoError(t, err)
		if report.Runs[0].NotRun != "" {
			t.Skip(report.Runs[0].NotRun)
		}
		findings := report.Runs[0].All()
		require.Len(t, findings, 1)
		require.Equal(t, verify.DownFails, findings[0].Rule, "%s", findings[0])
	}
}
