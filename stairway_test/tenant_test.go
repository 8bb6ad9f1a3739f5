package stairway_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail"
	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/fixtures/eventstore"
	"github.com/handrail-db/handrail/verify"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
)

// traps take the names that the revisions and golang-migrate would use if they
// did not run in the schema, and with the version table, that they should.
const traps = `
CREATE SCHEMA meta;
CREATE SCHEMA tenant_a;
CREATE TABLE public.event_store (trap int);
CREATE TABLE public.schema_migrations (trap int);
CREATE TABLE tenant_a.schema_migrations (trap int);
`

// TestTenant verifies the history as a project runs it that keeps the event store
// in a schema of its own and golang-migrate's version table in another. Where
// either option is dropped the same check is not clean.
func TestTenant(t *testing.T) {
	if testing.Short() {
		t.Skip("checks the event store three times more; not in a short run")
	}
	t.Parallel()
	t.Run(fixtures.Postgres.Name(), func(t *testing.T) {
		t.Parallel()
		tenant := eventstore.Subject(t)
		tenant.Prelude, tenant.Declared = traps, nil // the model is declared for a database without traps
		tenant.Runner = engine.Options{Schema: "tenant_a", MigrationsTable: `"meta"."versions"`}
		db := handrail.Open(t, tenant, fixtures.Postgres)
		var there bool
		require.NoError(t, db.QueryRow("SELECT to_regclass('tenant_a.event_store') IS NOT NULL AND to_regclass('meta.versions') IS NOT NULL").Scan(&there))
		require.True(t, there, "tenant_a.event_store and meta.versions")
		t.Run("both options", func(t *testing.T) {
			handrail.Run(t, handrail.Subject{Postgres: tenant.Postgres, Runner: tenant.Runner, Prelude: traps})
		})

		for name, dropped := range map[string]engine.Options{
			"schema":           {MigrationsTable: tenant.Runner.MigrationsTable},
			"migrations_table": {Schema: tenant.Runner.Schema},
		} {
			s := tenant
			s.Runner, s.AppendOnly = dropped, nil // a schema that is not the tenant's shows without attacks
			report, err := verify.Check(t.Context(), []engine.Engine{fixtures.Postgres}, s, verify.Options{})
			require.True(t, err != nil || report.Failed(finding.Error), "without %s the check must not be clean", name)
		}
	})
}
