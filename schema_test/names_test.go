package schema_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail"
	"github.com/handrail-db/handrail/verify/dialect"
)

// objects are all that is in the catalogue beside tables and columns, with the
// definition on each dialect; a dialect that is not named does not have it. Of
// a definition that ends in … only the beginning is looked at.
var objects = []struct {
	name       string
	definition perDialect
	reason     string
}{
	{"primary key pk_event_store on event_store", both("PRIMARY KEY (global_seq)"), "the order of all events"},
	{"unique uq_event_store_event_id on event_store", both("UNIQUE (event_id)"), "an event is recorded once"},
	{"unique uq_event_store_stream_id_version on event_store", both("UNIQUE (stream_id, version)"), "optimistic concurrency"},
	{"check ck_event_store_event_id_26_char on event_store", each("CHECK ((length((event_id)::text) = 26))", "CHECK (length(event_id) = 26)"), "a ULID has 26 characters"},
	{"check ck_event_store_positive_version on event_store", each("CHECK ((version >= 1))", "CHECK (version >= 1)"), "the first version is 1"},
	{"index ix_event_store_event_store_event_type on event_store", index("ix_event_store_event_store_event_type", "event_type"), "events of a type"},
	{
		"index ix_event_store_event_store_stream_id_event_store_global_seq on event_store",
		index("ix_event_store_event_store_stream_id_event_store_global_seq", "stream_id, global_seq"), "a stream in its order",
	},
	{
		"index ix_event_store_event_store_stream_type_event_store_event_type on event_store",
		index("ix_event_store_event_store_stream_type_event_store_event_type", "stream_type, event_type"), "events of a type of stream",
	},
	{
		"index ix_event_store_payload_gin on event_store", postgresOnly("CREATE INDEX ix_event_store_payload_gin ON public.event_store USING gin (payload)"),
		"documents can be searched; SQLite has no such index. jsonb_ops is the default and not printed",
	},
	{
		"index ix_event_store_metadata_gin on event_store", postgresOnly("CREATE INDEX ix_event_store_metadata_gin ON public.event_store USING gin (metadata)"),
		"documents can be searched; SQLite has no such index. jsonb_ops is the default and not printed",
	},
	{"primary key pk_stream_index on stream_index", both("PRIMARY KEY (kind, key)"), "a stream is found by kind and key"},
	{"unique uq_stream_index_stream_id on stream_index", both("UNIQUE (stream_id)"), "a stream is listed once"},

	{
		"trigger tr_event_store_append_only on event_store",
		postgresOnly("CREATE TRIGGER tr_event_store_append_only BEFORE DELETE OR UPDATE ON public.event_store FOR EACH ROW EXECUTE FUNCTION public.event_store_forbid_mod()"), "append-only",
	},
	{
		"trigger tr_event_store_no_truncate on event_store",
		postgresOnly("CREATE TRIGGER tr_event_store_no_truncate BEFORE TRUNCATE ON public.event_store FOR EACH STATEMENT EXECUTE FUNCTION public.event_store_forbid_mod()"), "TRUNCATE fires no row trigger",
	},
	{"trigger tr_event_store_no_update on event_store", sqliteOnly("create trigger tr_event_store_no_update before update on event_store begin …"), "append-only"},
	{"trigger tr_event_store_no_delete on event_store", sqliteOnly("create trigger tr_event_store_no_delete before delete on event_store begin …"), "append-only"},
	{"trigger tr_event_store_no_replace on event_store", sqliteOnly("create trigger tr_event_store_no_replace before insert on event_store when …"), "REPLACE fires no delete trigger"},
	{"function event_store_forbid_mod()", postgresOnly("CREATE OR REPLACE FUNCTION public.event_store_forbid_mod() RETURNS trigger LANGUAGE plpgsql …"), "what the triggers call"},
}

// index is the definition of a plain index on event_store.
func index(name, columns string) perDialect {
	return each("CREATE INDEX "+name+" ON public.event_store USING btree ("+columns+")", "create index "+name+" on event_store("+columns+")")
}

func TestNamesAndDefinitions(t *testing.T) {
	onEachEngine(t, func(t *testing.T, db *handrail.DB) {
		d := db.Engine.Dialect()
		definitions := map[string]string{}
		var got []string
		for _, o := range catalogue(t, db).Objects {
			switch o.Kind {
			case "schema", "table", "column", "sequence":
			default:
				definitions[local(o)] = o.Prop("definition")
				got = append(got, local(o))
			}
		}
		var want []string
		for _, o := range objects {
			if _, has := o.definition[d]; has {
				want = append(want, o.name)
				require.Contains(t, definitions, o.name, o.reason)
				got := strings.Join(strings.Fields(definitions[o.name]), " ")
				if begin, long := strings.CutSuffix(o.definition[d], "…"); long {
					got = got[:min(len(begin), len(got))] + "…"
				}
				require.Equal(t, o.definition[d], got, "%s: %s", o.name, o.reason)
			}
		}
		for _, c := range sqliteChecks {
			if d == dialect.SQLite {
				want = append(want, c.name)
			}
		}
		require.ElementsMatch(t, want, got, "these names and no others")
	})
}

func TestGuardsFireAlways(t *testing.T) {
	onEachEngine(t, func(t *testing.T, db *handrail.DB) {
		for _, o := range catalogue(t, db).Kind("trigger") {
			require.Equal(t, postgresOnly("always")[db.Engine.Dialect()], o.Prop("enabled"), "%s: an ordinary trigger does not fire for session_replication_role = replica", o)
		}
	})
}

// TestNamesFollowTheConvention: a name says what it names and on which table.
func TestNamesFollowTheConvention(t *testing.T) {
	prefixes := map[string]string{"primary key": "pk", "unique": "uq", "check": "ck", "foreign key": "fk", "index": "ix", "trigger": "tr"}
	onEachEngine(t, func(t *testing.T, db *handrail.DB) {
		for _, o := range catalogue(t, db).Objects {
			prefix, ruled := prefixes[o.Kind]
			if !ruled {
				continue
			}
			table, name := strings.TrimPrefix(o.Parent, "public."), strings.TrimPrefix(o.Name, "public.")
			form := "^" + prefix + "_" + table + "(_[a-z0-9_]+)?$"
			require.Regexp(t, regexp.MustCompile(form), name, "%s: <prefix>_<table>_<what>", o)
			require.LessOrEqual(t, len(name), 63, "%s: Postgres cuts off what is longer", o)
		}
	})
}
