package schema_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/schema"
)

// columns are those of both tables, in their order.
var columns = []struct {
	table, name   string
	null          bool
	types, preset perDialect // preset is the default, by introspection
	comment       string
}{
	{"event_store", "global_seq", false, each("bigint", "integer"), nil, "Global, monotonically increasing sequence across all streams."},
	{"event_store", "stream_id", false, each("character varying(200)", "text"), nil, "Logical stream identifier (e.g. aggregate ID)."},
	{"event_store", "stream_type", false, each("character varying(100)", "text"), nil, "Stream category/type (e.g. aggregate class)."},
	{"event_store", "version", false, both("integer"), nil, "Per-stream version (starts at 1); optimistic concurrency."},
	{"event_store", "event_id", false, each("character varying(26)", "text"), nil, "ULID (26 chars). Uniquely identifies this event."},
	{"event_store", "event_type", false, each("character varying(120)", "text"), nil, "Fully-qualified event name used by projections/handlers."},
	{"event_store", "recorded_at", false, each("timestamp with time zone", "text"), each("now()", "strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')"), "Server-assigned UTC timestamp."},
	{"event_store", "payload", false, each("jsonb", "text"), nil, "Domain event payload (JSON object)."},
	{"event_store", "metadata", true, each("jsonb", "text"), nil, "Transport/headers (correlation_id, causation_id, actor)."},
	{"stream_index", "kind", false, each("character varying(100)", "text"), nil, "Stream category/type (stream_type of its first event)."},
	{"stream_index", "key", false, each("character varying(512)", "text"), nil, "Logical stream identifier (event_store.stream_id)."},
	{"stream_index", "stream_id", false, each("character varying(26)", "text"), nil, "ULID (26 chars) of the stream: event_id of its first event."},
	{"stream_index", "version", false, both("integer"), both("0"), "Highest version of the stream; 0 before its first event."},
}

func TestColumns(t *testing.T) {
	onEachEngine(t, func(t *testing.T, db *handrail.DB) {
		s, dialect := catalogue(t, db), db.Engine.Dialect()
		order := map[string][]string{}
		for _, want := range columns {
			table, found := s.Table(want.table)
			require.True(t, found, "table %s", want.table)
			i := slices.IndexFunc(s.Of(table.Name, "column"), func(o schema.Object) bool { return o.Name == want.name })
			require.GreaterOrEqual(t, i, 0, "column %s.%s: every column of the reference is there", want.table, want.name)
			column := s.Of(table.Name, "column")[i]

			require.Equal(t, want.types[dialect], column.Prop("type"), "%s: the type is part of the reference", column)
			require.Equal(t, want.null, column.Prop("null") != "no", "%s: only metadata may be NULL", column)
			require.Equal(t, want.preset[dialect], column.Prop("default"), "%s: the server sets the time, and nothing that the writer must know", column)
			order[table.Name] = append(order[table.Name], want.name)
		}
		for name, want := range order {
			table, _ := s.Table(name)
			require.Equal(t, strings.Join(want, ", "), table.Prop("column order"), "%s: these columns in this order, and no others", table)
		}
		require.Len(t, s.Kind("table"), len(order), "these tables and no others")
	})
}

func TestTableOptions(t *testing.T) {
	onEachEngine(t, func(t *testing.T, db *handrail.DB) {
		for _, table := range catalogue(t, db).Kind("table") {
			want := perDialect{dialect.SQLite: "strict"}[db.Engine.Dialect()]
			require.Equal(t, want, table.Prop("options"), "%s: without STRICT a column of SQLite takes values of any type", table)
		}
	})
}

func TestGlobalSeqIsAssignedByTheDatabase(t *testing.T) {
	onEachEngine(t, func(t *testing.T, db *handrail.DB) {
		s := catalogue(t, db)
		table, _ := s.Table("event_store")
		column := s.Of(table.Name, "column")[slices.IndexFunc(s.Of(table.Name, "column"), func(o schema.Object) bool { return o.Name == "global_seq" })]
		require.Equal(t, postgresOnly("by default")[db.Engine.Dialect()], column.Prop("identity"), "BY DEFAULT: an import keeps its numbers; SQLite's rowid needs no word")
		var sequences []string
		for _, o := range s.Kind("sequence") {
			sequences = append(sequences, local(o)+" from "+o.Prop("start")+" by "+o.Prop("increment")+" for "+o.Prop("owned by"))
		}
		want := map[dialect.Dialect][]string{dialect.Postgres: {"sequence event_store_global_seq_seq from 1 by 1 for public.event_store.global_seq"}}
		require.Equal(t, want[db.Engine.Dialect()], sequences, "the first event is number 1")
	})
}

func TestComments(t *testing.T) {
	onEachEngine(t, func(t *testing.T, db *handrail.DB) {
		if db.Engine.Dialect() == dialect.SQLite {
			for _, o := range catalogue(t, db).Objects {
				require.Empty(t, o.Prop("comment"), "SQLite keeps no comments: %s", o)
			}
			return
		}
		want := map[string]string{
			"table event_store":  "Append-only event log. One row per domain event.",
			"table stream_index": "Index of streams. One row per stream.",
		}
		for _, c := range columns {
			want["column "+c.table+"."+c.name] = c.comment
		}
		got := map[string]string{}
		for _, o := range catalogue(t, db).Objects {
			if o.Kind == "table" || o.Kind == "column" || o.Prop("comment") != "" {
				got[local(o)] = o.Prop("comment")
			}
		}
		require.Equal(t, want, got, "every table and column says what it is for")
	})
}

// local names an object without its schema.
func local(o schema.Object) string { return strings.ReplaceAll(o.String(), "public.", "") }
