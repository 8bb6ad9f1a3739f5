package schema_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail"
)

func TestStreamIndexDefaults(t *testing.T) {
	onEachEngine(t, func(t *testing.T, db *handrail.DB) {
		require.NoError(t, stream(1, nil).into(t, db, "stream_index", db.Engine.Dialect()))
		require.Equal(t, 0, count(t, db, "SELECT version FROM stream_index"), "a stream without events has version 0")
	})
}

// TestStreamIndexUniqueness changes one thing at a time, so that only one
// constraint can fire.
func TestStreamIndexUniqueness(t *testing.T) {
	cases := []struct {
		name, reason string
		row          row
		want         perDialect // nil: accepted
	}{
		{
			"kind and key", "a stream is found by them",
			row{"kind": "Test", "key": "stream-1"},
			each("23505 primary key pk_stream_index", "1555 primary key pk_stream_index"),
		},
		{"stream_id", "a stream is listed once", row{"stream_id": stream(1, nil)["stream_id"]}, duplicate("unique uq_stream_index_stream_id")},
		{"key of another kind", "kinds do not share keys", row{"kind": "Other", "key": "stream-1"}, nil},
		{"another key of a kind", "a kind has many", row{"kind": "Test", "key": "Stream-1"}, nil},
	}
	onEachEngine(t, func(t *testing.T, db *handrail.DB) {
		require.NoError(t, stream(1, nil).into(t, db, "stream_index", db.Engine.Dialect()))
		for i, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				before := content(t, db, "stream_index")
				err := stream(i+2, c.row).into(t, db, "stream_index", db.Engine.Dialect())
				if c.want == nil {
					require.NoError(t, err, c.reason)
					require.Len(t, content(t, db, "stream_index"), len(before)+1)
					return
				}
				require.Equal(t, c.want[db.Engine.Dialect()], refusal(t, db, err), c.reason)
				require.Equal(t, before, content(t, db, "stream_index"), "what is refused changes nothing")
			})
		}
	})
}

func TestGoodStreams(t *testing.T) {
	cases := []struct {
		name, reason string
		row          row
	}{
		{"kind of 100 characters", "as wide as a stream_type", at("kind", long("é", 100))},
		{"key of 512 characters", "the limit itself", at("key", long("😀", 512))},
		{"stream_id of 26 characters", "the limit itself", at("stream_id", long("é", 26))},
		{"stream_id of 1 character", "nobody forbids it", at("stream_id", "x")},
		{"greatest version", "INTEGER", at("version", sqlText("2147483647"))},
		{"smallest version", "INTEGER", at("version", sqlText("-2147483648"))},
	}
	onEachEngine(t, func(t *testing.T, db *handrail.DB) {
		for i, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				require.NoError(t, stream(i, c.row).into(t, db, "stream_index", db.Engine.Dialect()), c.reason)
			})
		}
		require.Len(t, content(t, db, "stream_index"), len(cases))
	})
}

// TestStreamIndexIsNoLog: rows are kept up to date, and nothing guards them.
func TestStreamIndexIsNoLog(t *testing.T) {
	onEachEngine(t, func(t *testing.T, db *handrail.DB) {
		require.NoError(t, stream(1, nil).into(t, db, "stream_index", db.Engine.Dialect()))
		run(t, db, "UPDATE stream_index SET version = version + 1")
		require.Equal(t, 1, count(t, db, "SELECT version FROM stream_index"))
		run(t, db, "DELETE FROM stream_index")
		require.Empty(t, content(t, db, "stream_index"))
	})
}
