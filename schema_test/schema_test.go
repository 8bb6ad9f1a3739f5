// Package schema_test verifies the event store's schema at head: what is
// called how, which rows it takes and which it refuses, that the declared
// models are what the revisions arrive at, and that Postgres and SQLite agree.
// Each test is one body over every engine.
package schema_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail"
	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/fixtures/eventstore"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/schema"
)

// onEachEngine runs a test on an event store of its own on every engine.
func onEachEngine(t *testing.T, test func(t *testing.T, db *handrail.DB)) {
	t.Helper()
	t.Parallel()
	for _, e := range fixtures.All() {
		t.Run(e.Name(), func(t *testing.T) {
			t.Parallel()
			test(t, handrail.Open(t, eventstore.Subject(t), e))
		})
	}
}

// catalogue is the whole catalogue but for golang-migrate's own table.
func catalogue(t testing.TB, db *handrail.DB) schema.Snapshot {
	t.Helper()
	s, err := schema.Inspect(t.Context(), db.DB, db.Engine.Dialect())
	require.NoError(t, err)
	return s.Without(func(o schema.Object) bool {
		return o.Kind == "table" && (o.Name == "schema_migrations" || o.Name == "public.schema_migrations")
	})
}

// A perDialect is what differs between the dialects.
type perDialect map[dialect.Dialect]string

// both is what does not.
func both(text string) perDialect {
	return perDialect{dialect.Postgres: text, dialect.SQLite: text}
}

func postgresOnly(text string) perDialect { return perDialect{dialect.Postgres: text} }

func sqliteOnly(text string) perDialect { return perDialect{dialect.SQLite: text} }

// each is one text a dialect.
func each(postgres, sqlite string) perDialect {
	return perDialect{dialect.Postgres: postgres, dialect.SQLite: sqlite}
}

// run executes a statement that must succeed.
func run(t testing.TB, db eventstore.Execer, statement string, args ...any) {
	t.Helper()
	_, err := db.ExecContext(t.Context(), statement, args...)
	require.NoError(t, err, statement)
}

// count is the number that a query returns.
func count(t testing.TB, db *handrail.DB, query string, args ...any) int {
	t.Helper()
	var n int
	require.NoError(t, db.QueryRowContext(t.Context(), query, args...).Scan(&n), query)
	return n
}
