package schema_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail"
	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/fixtures/eventstore"
	"github.com/handrail-db/handrail/verify"
	"github.com/handrail-db/handrail/verify/schema"
)

// An exception is what one dialect has and the other has not, on purpose.
type exception struct{ name, reason string }

// postgresIndexes are those that only Postgres can have.
var postgresIndexes = []exception{
	{"index ix_event_store_payload_gin on event_store", "GIN: SQLite cannot index a whole document"},
	{"index ix_event_store_metadata_gin on event_store", "GIN: SQLite cannot index a whole document"},
}

// sqliteChecks stand in for what a column's type refuses on Postgres.
var sqliteChecks = []exception{
	{"check ck_event_store_stream_id_200_char on event_store", "VARCHAR(200)"},
	{"check ck_event_store_stream_type_100_char on event_store", "VARCHAR(100)"},
	{"check ck_event_store_event_type_120_char on event_store", "VARCHAR(120)"},
	{"check ck_event_store_version_32_bit on event_store", "INTEGER has 32 bits on Postgres, 64 on SQLite"},
	{"check ck_event_store_positive_global_seq on event_store", "the identity starts at 1, and a trigger reads -1 for a number that is still to be assigned"},
	{"check ck_event_store_no_nul on event_store", "text of Postgres holds no NUL character"},
	{"check ck_event_store_recorded_at_utc on event_store", "TIMESTAMPTZ"},
	{"check ck_event_store_payload_json on event_store", "JSONB"},
	{"check ck_event_store_metadata_json on event_store", "JSONB"},
	{"check ck_event_store_payload_no_nul_escape on event_store", "JSONB cannot hold \\u0000"},
	{"check ck_event_store_payload_surrogate_pairs on event_store", "JSONB cannot hold half a surrogate pair"},
	{"check ck_event_store_metadata_no_nul_escape on event_store", "JSONB cannot hold \\u0000"},
	{"check ck_event_store_metadata_surrogate_pairs on event_store", "JSONB cannot hold half a surrogate pair"},
	{"check ck_stream_index_kind_100_char on stream_index", "VARCHAR(100)"},
	{"check ck_stream_index_key_512_char on stream_index", "VARCHAR(512)"},
	{"check ck_stream_index_stream_id_26_char on stream_index", "VARCHAR(26)"},
	{"check ck_stream_index_version_32_bit on stream_index", "INTEGER has 32 bits on Postgres, 64 on SQLite"},
	{"check ck_stream_index_no_nul on stream_index", "text of Postgres holds no NUL character"},
}

// TestParity: Postgres and SQLite agree on tables, columns, nullability, keys,
// uniques, checks and indexes, but for the exceptions that are named above.
func TestParity(t *testing.T) {
	t.Parallel()
	for _, e := range []verify.Engine{fixtures.SQLiteFile, fixtures.SQLiteMemory} {
		t.Run(e.Name(), func(t *testing.T) {
			t.Parallel()
			postgres := schema.Logical(catalogue(t, handrail.Open(t, eventstore.Subject(t), fixtures.Postgres)))
			sqlite := schema.Logical(catalogue(t, handrail.Open(t, eventstore.Subject(t), e)))
			for _, exceptions := range []struct {
				of             []exception
				there, missing schema.Snapshot
			}{{postgresIndexes, postgres, sqlite}, {sqliteChecks, sqlite, postgres}} {
				for _, x := range exceptions.of {
					require.True(t, has(exceptions.there, x), "the exception %s (%s) is no longer there: take it off the list", x.name, x.reason)
					require.False(t, has(exceptions.missing, x), "%s (%s) is on both dialects and no exception: take it off the list", x.name, x.reason)
				}
			}
			require.Empty(t, schema.Diff(without(postgres, postgresIndexes), without(sqlite, sqliteChecks)),
				"- only on Postgres, + only on SQLite: add it to the other dialect or, with its reason, to the exceptions")
		})
	}
}

func has(s schema.Snapshot, x exception) bool {
	return slices.ContainsFunc(s.Objects, func(o schema.Object) bool { return o.String() == x.name })
}

func without(s schema.Snapshot, exceptions []exception) schema.Snapshot {
	return s.Without(func(o schema.Object) bool {
		return slices.ContainsFunc(exceptions, func(x exception) bool { return x.name == o.String() })
	})
}
