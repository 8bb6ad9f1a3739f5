package schema_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail"
	"github.com/handrail-db/handrail/fixtures/eventstore"
)

func TestValidInsert(t *testing.T) {
	onEachEngine(t, func(t *testing.T, db *handrail.DB) {
		want := eventstore.MakeEvent()
		require.NoError(t, want.Insert(t.Context(), db))
		events := read(t, db)
		require.Len(t, events, 1)
		got := events[0]
		require.Equal(t, int64(1), got.GlobalSeq, "the first event of a store is number 1")
		require.True(t, got.RecordedAt.Valid, "the server sets the time")
		require.True(t, want.Payload.Equal(got.Payload), "payload %s became %s", want.Payload, got.Payload)
		require.True(t, want.Metadata.Equal(got.Metadata), "metadata %s became %s", want.Metadata, got.Metadata)
		want.GlobalSeq, want.RecordedAt, want.Payload, want.Metadata = got.GlobalSeq, got.RecordedAt, got.Payload, got.Metadata
		require.Equal(t, want, got, "every other column as it was written")
	})
}

func read(t testing.TB, db *handrail.DB) []eventstore.Event {
	t.Helper()
	events, err := eventstore.Read(t.Context(), db.DB)
	require.NoError(t, err)
	return events
}

func TestJSONRoundTrip(t *testing.T) {
	documents := []struct {
		name, reason string
		json         eventstore.JSON
	}{
		{"empty object", "the smallest payload", eventstore.JSON(`{}`)},
		{"nested", "objects in lists in objects", eventstore.JSON(`{"a":{"b":[1,{"c":null},[true,false]]}}`)},
		{"key order and blanks", "Postgres rewrites them, the value stays", eventstore.JSON("{ \"zz\": 1,\n\t\"a\": 2 }")},
		{"letters", "beyond ASCII, beyond 16 bits, and escaped", eventstore.JSON(`{"é":"日本 😀 \u00e9 \ud83d\ude00 \"\\\/\b\f\n\r\t"}`)},
		{"numbers", "no digit gets lost", eventstore.JSON(`[0,-1,12345678901234567890,0.1,1.50,-12.0625]`)},
		{"list", "a document need not be an object", eventstore.JSON(`["a"]`)},
		{"string", "a document need not be an object", eventstore.JSON(`"text"`)},
		{"null", "a document that says null is not NULL", eventstore.JSON(`null`)},
	}
	onEachEngine(t, func(t *testing.T, db *handrail.DB) {
		for i, d := range documents {
			eventstore.Seed(t, db, eventstore.MakeEvent(func(e *eventstore.Event) { e.Version, e.Payload, e.Metadata = i+1, d.json, d.json }))
		}
		for i, e := range read(t, db) {
			d := documents[i]
			require.True(t, d.json.Equal(e.Payload), "%s: %s: payload %s became %s", d.name, d.reason, d.json, e.Payload)
			require.True(t, d.json.Equal(e.Metadata), "%s: %s: metadata %s became %s", d.name, d.reason, d.json, e.Metadata)
		}
		require.Zero(t, count(t, db, "SELECT count(*) FROM event_store WHERE metadata IS NULL"), "no document is NULL")
	})
}

func TestMetadataMayBeNull(t *testing.T) {
	onEachEngine(t, func(t *testing.T, db *handrail.DB) {
		eventstore.Seed(t, db, eventstore.MakeEvent(func(e *eventstore.Event) { e.Metadata = nil }))
		require.Nil(t, read(t, db)[0].Metadata)
		require.Equal(t, 1, count(t, db, "SELECT count(*) FROM event_store WHERE metadata IS NULL"), "NULL itself, and not a document that says null")
	})
}

// TestUniqueness changes one thing at a time, so that only one constraint can
// fire.
func TestUniqueness(t *testing.T) {
	first := eventstore.MakeEvent()
	cases := []struct {
		name, reason string
		change       func(*eventstore.Event)
		want         perDialect // nil: accepted
	}{
		{
			"stream and version", "two writers cannot both append a version",
			func(e *eventstore.Event) { e.Version = first.Version }, duplicate("unique uq_event_store_stream_id_version"),
		},
		{
			"event id, another version", "an event is recorded once",
			func(e *eventstore.Event) { e.EventID = first.EventID }, duplicate("unique uq_event_store_event_id"),
		},
		{
			"event id, another stream", "an event belongs to one stream",
			func(e *eventstore.Event) { e.EventID, e.StreamID = first.EventID, "elsewhere" }, duplicate("unique uq_event_store_event_id"),
		},
		{
			"number", "each number is given once",
			func(e *eventstore.Event) { e.GlobalSeq = 1 }, each("23505 primary key pk_event_store", "1555 primary key pk_event_store"),
		},
		{"version in another stream", "each stream counts for itself", func(e *eventstore.Event) { e.Version, e.StreamID = first.Version, "other" }, nil},
		{"version in a stream of another case", "stream ids are compared byte by byte", func(e *eventstore.Event) { e.Version, e.StreamID = first.Version, "Test-stream" }, nil},
		{"next version", "the stream goes on", func(*eventstore.Event) {}, nil},
	}
	onEachEngine(t, func(t *testing.T, db *handrail.DB) {
		eventstore.Seed(t, db, first)
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				before := read(t, db)
				e := eventstore.MakeEvent(func(e *eventstore.Event) { e.Version = first.Version + 1 }, c.change)
				err := e.Insert(t.Context(), db)
				if c.want == nil {
					require.NoError(t, err, c.reason)
					require.Len(t, read(t, db), len(before)+1)
					return
				}
				require.Equal(t, c.want[db.Engine.Dialect()], refusal(t, db, err), c.reason)
				require.Equal(t, before, read(t, db), "what is refused changes nothing")
			})
		}
	})
}

// TestGlobalSeqIncreases: numbers grow in the order of inserts. Gaps are legal,
// as a refused insert leaves one on Postgres.
func TestGlobalSeqIncreases(t *testing.T) {
	onEachEngine(t, func(t *testing.T, db *handrail.DB) {
		at := func(version int) eventstore.Event {
			return eventstore.MakeEvent(func(e *eventstore.Event) { e.Version = version })
		}
		eventstore.Seed(t, db, at(1), at(2))
		require.Error(t, at(2).Insert(t.Context(), db), "a duplicate, for the gap")
		eventstore.Seed(t, db, at(3))
		run(t, db, `INSERT INTO event_store (stream_id, stream_type, version, event_id, event_type, payload) VALUES
			('test-stream', 'T', 4, 'several-rows-at-once-00004', 'T', '{}'), ('test-stream', 'T', 5, 'several-rows-at-once-00005', 'T', '{}')`)
		tx, err := db.BeginTx(t.Context(), nil)
		require.NoError(t, err)
		eventstore.Seed(t, tx, at(6))
		require.NoError(t, tx.Rollback())
		eventstore.Seed(t, db, at(7))

		var versions []int
		last := int64(0)
		for _, e := range read(t, db) { // in the order of global_seq
			require.Greater(t, e.GlobalSeq, last, "strictly increasing")
			last = e.GlobalSeq
			versions = append(versions, e.Version)
		}
		require.Equal(t, []int{1, 2, 3, 4, 5, 7}, versions, "in the order in which they were written")
	})
}

// TestSample: the events that other suites fill the table with are valid.
func TestSample(t *testing.T) {
	onEachEngine(t, func(t *testing.T, db *handrail.DB) {
		sample := eventstore.Sample()
		eventstore.Seed(t, db, sample...)
		events := read(t, db)
		require.Len(t, events, len(sample))
		for i, e := range events {
			require.Equal(t, sample[i].EventID, e.EventID)
			require.True(t, sample[i].Payload.Equal(e.Payload), "payload %s became %s", sample[i].Payload, e.Payload)
			require.WithinDuration(t, time.Now(), e.RecordedAt.V.Time, time.Minute)
		}
	})
}
