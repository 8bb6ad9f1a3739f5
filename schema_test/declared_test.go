package schema_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail"
	"github.com/handrail-db/handrail/fixtures/eventstore"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/schema"
)

// TestDeclaredModel: the schema that people read is the one at which the
// revisions arrive, in everything that the catalogue knows.
func TestDeclaredModel(t *testing.T) {
	onEachEngine(t, func(t *testing.T, db *handrail.DB) {
		declared := catalogue(t, eventstore.DeclaredOn(t, db.Engine))
		require.NotEmpty(t, declared.Objects)
		require.Empty(t, schema.Diff(declared, catalogue(t, db)), "- declared in migrations/schema.%s.sql, + made by the revisions", db.Engine.Dialect())
	})
}

// TestDriftIsSeen: the test above can fail, and then it names what differs.
func TestDriftIsSeen(t *testing.T) {
	cases := []struct {
		name, reason, statement string
		want                    perDialect
	}{
		{
			"extra column", "somebody wrote a revision and forgot the model",
			"ALTER TABLE event_store ADD COLUMN extra INTEGER",
			each("+ column public.event_store.extra\n+     type: integer\n", "+ column event_store.extra\n+     type: integer\n"),
		},
		{
			"missing index", "somebody wrote the model and forgot the revision",
			"DROP INDEX ix_event_store_event_store_event_type",
			each("- index public.ix_event_store_event_store_event_type on public.event_store\n"+
				"-     definition: CREATE INDEX ix_event_store_event_store_event_type ON public.event_store USING btree (event_type)\n",
				"- index ix_event_store_event_store_event_type on event_store\n"+
					"-     definition: create index ix_event_store_event_store_event_type on event_store(event_type)\n"),
		},
		{
			"extra view", "tables are not all there is",
			"CREATE VIEW streams AS SELECT 1 AS key",
			each("+ view public.streams\n+     column order: key\n+     definition:  SELECT 1 AS key;\n"+
				"+ column public.streams.key\n+     type: integer\n",
				"+ view streams\n+     column order: key\n+     definition: create view streams as select 1 as key\n"+
					"+ column streams.key\n"),
		},
	}
	onEachEngine(t, func(t *testing.T, db *handrail.DB) {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				drifted := handrail.Open(t, eventstore.Subject(t), db.Engine)
				run(t, drifted, c.statement)
				require.Equal(t, c.want[db.Engine.Dialect()], schema.Diff(catalogue(t, db), catalogue(t, drifted)), c.reason)
			})
		}
	})
}

// TestDeclaredWithoutTriggers: the database for tests that need tables and
// constraints and not the append-only guard.
func TestDeclaredWithoutTriggers(t *testing.T) {
	t.Parallel()
	db := eventstore.Declared(t)
	require.Equal(t, dialect.SQLite, db.Engine.Dialect())
	whole := catalogue(t, eventstore.DeclaredOn(t, db.Engine))
	require.NotEmpty(t, whole.Kind("trigger"), "without triggers in the model the test would show nothing")
	require.Empty(t, schema.Diff(whole.Without(func(o schema.Object) bool { return o.Kind == "trigger" }), catalogue(t, db)), "the triggers are gone and nothing else")

	first := eventstore.MakeEvent()
	eventstore.Seed(t, db, first)
	again := eventstore.MakeEvent(func(e *eventstore.Event) { e.Version, e.EventID = 2, first.EventID })
	require.Equal(t, "2067 unique uq_event_store_event_id", refusal(t, db, again.Insert(t.Context(), db)), "constraints are still there")
	run(t, db, "UPDATE event_store SET stream_type = 'Changed'")
	run(t, db, "DELETE FROM event_store")
	require.Empty(t, read(t, db), "and nothing guards the rows")
}
