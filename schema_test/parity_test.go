package schema_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail"
	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/fixtures/eventstore"
	"github.com/handrail-db/handrail/verify"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
)

// An exception is what one dialect has and the other has not, on purpose.
type exception struct{ name, reason string }

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

// TestParity: Postgres and SQLite agree after each revision, but for what the
// revisions declare to be on one of them alone.
func TestParity(t *testing.T) {
	t.Parallel()
	handrail.Parity(t, eventstore.Subject(t))
}

// TestParityIsCompared: each difference that there is has been found and declared,
// and each check of SQLite that Postgres has not was compared by rows.
func TestParityIsCompared(t *testing.T) {
	t.Parallel()
	_ = handrail.Scratch(t, fixtures.Postgres) // skips or fails where there is none
	findings, items, err := verify.CheckParity(t.Context(), []engine.Engine{fixtures.Postgres, fixtures.SQLiteMemory}, eventstore.Subject(t))
	require.NoError(t, err)
	var declared []string
	for _, f := range findings {
		require.NotEmpty(t, f.Waived, "%s", f)
		declared = append(declared, f.Object.Name)
	}
	require.ElementsMatch(t, []string{
		"ix_event_store_payload_gin on event_store", "ix_event_store_metadata_gin on event_store", "ck_event_store_positive_global_seq on event_store",
	}, declared)
	require.Len(t, items, 1, "nothing is left that nobody knows")
	require.Equal(t, finding.Pass, items[0].Status)
	require.Regexp(t, fmt.Sprintf("^after 4 revisions; %d checks written otherwise, compared by [1-9][0-9]+ rows that they refuse; declared, with the reasons: 3 differences$", len(sqliteChecks)), items[0].Evidence)
}
