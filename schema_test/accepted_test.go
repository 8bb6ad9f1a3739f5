package schema_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail"
	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/fixtures/eventstore"
)

// goodEvents are the near misses of badEvents.
var goodEvents = []struct {
	name, reason string
	row          row
}{
	{"nothing but what must be there", "the rest has defaults or may be NULL", nil},
	{"stream_id of 200 characters", "the limit itself", at("stream_id", long("x", 200))},
	{"stream_id of 200 characters of four bytes", "characters are counted, not bytes", at("stream_id", long("😀", 200))},
	{"stream_id of 200 characters of two code points", "code points are counted, not what a person sees", at("stream_id", long("e\u0301", 100))},
	{"empty stream_id", "nobody forbids it", at("stream_id", "")},
	{"stream_type of 100 characters", "the limit itself", at("stream_type", long("é", 100))},
	{"event_type of 120 characters", "the limit itself", at("event_type", long("é", 120))},
	{"event_id of 26 characters of two bytes", "characters are counted, not bytes", at("event_id", long("é", 26))},
	{"version of 31 bits", "the greatest", at("version", sqlText("2147483647"))},
	{"version 1", "the smallest", at("version", 1)},
	{"global_seq 1000", "an import keeps its numbers", at("global_seq", 1000)},
	{"global_seq of 63 bits", "the greatest", at("global_seq", sqlText("9223372036854775807"))},
	{"recorded_at in the first year", "the range ends here", at("recorded_at", sqlText("'0001-01-01T00:00:00.000000Z'"))},
	{"recorded_at in the last year", "and here", at("recorded_at", sqlText("'9999-12-31T23:59:59.999999Z'"))},
	{"recorded_at on a leap day", "29 February 2000", at("recorded_at", sqlText("'2000-02-29T00:00:00.000000Z'"))},
	{"metadata NULL", "the only column that may be", at("metadata", sqlText("NULL"))},
	{"metadata empty object", "not NULL", at("metadata", "{}")},

	{"payload that says null", "a document", at("payload", "null")},
	{"payload with blanks around", "a document", at("payload", " \n{ } ")},
	{"payload of a pair of surrogates", "one character", at("payload", `{"a":"\ud83d\ude00"}`)},
	{"payload of pairs of surrogates in all cases", "hexadecimal has two", at("payload", `"\uD83D\uDE00\udBfF\uDfFf\ud800\udc00"`)},
	{"payload with an escaped backslash before ud800", "six plain characters", at("payload", `"\\ud800"`)},
	{"payload with an escaped backslash before u0000", "six plain characters", at("payload", `"\\u0000"`)},
	{"payload with two escaped backslashes before udc00", "two backslashes and five characters", at("payload", `"\\\\udc00"`)},
	{"payload with a backslash as an escape before u0000", "a backslash and five characters", at("payload", `"\u005cu0000"`)},
	{"payload with an escaped backslash before a pair", "a backslash and a character", at("payload", `"\\\ud83d\ude00\\"`)},
	{"payload with \\u0001", "Postgres holds all control characters but one", at("payload", `"\u0001\u001f\u007f"`)},
	{"payload next to the surrogates", "the characters before and behind them", at("payload", `"\ud7ff\ue000\udbff\udfff"`)},
	{"payload with letters that look like escapes", "no backslash, no escape", at("payload", `"ud800 u0000 /ud800"`)},
	{"payload with keys twice", "Postgres keeps the last", at("payload", `{"a":1,"a":2}`)},
	{"payload of 1 MB", "documents may be long", at("payload", `"`+long("x", 1<<20)+`"`)},
	{"payload nested 1000 deep", "the depth that both read", at("payload", long("[", 1000)+long("]", 1000))},
}

func TestGoodEvents(t *testing.T) {
	onEachEngine(t, func(t *testing.T, db *handrail.DB) {
		for i, c := range goodEvents {
			t.Run(c.name, func(t *testing.T) {
				tx, err := db.BeginTx(t.Context(), nil)
				require.NoError(t, err)
				defer tx.Rollback() //nolint:errcheck // the next row finds the table empty
				require.NoError(t, event(i+1, c.row).into(t, tx, "event_store", db.Engine.Dialect()), c.reason)
			})
		}
		require.Empty(t, read(t, db))
	})
}

// pieces make JSON strings that are valid or nearly so: all that an escape can
// be next to.
var pieces = []string{`\\`, `\ud83d`, `\ude00`, `\uDBFF`, `\uDC00`, `\u0000`, `\u0041`, `\ud7ff`, `\ue000`, `\n`, `\"`, `u0000`, `ud83d`, `\u00`, `\`, "x", "abcd", "é", "'", `"`, " "}

// TestJSONAgreement writes many strings of escapes: SQLite, with checks that
// only look at the text, takes those that Postgres takes.
func TestJSONAgreement(t *testing.T) {
	t.Parallel()
	for _, column := range []string{"payload", "metadata"} {
		t.Run(column, func(t *testing.T) {
			t.Parallel()
			postgres := handrail.Open(t, eventstore.Subject(t), fixtures.Postgres)
			sqlite := handrail.Open(t, eventstore.Subject(t), fixtures.SQLiteMemory)
			random := rand.New(rand.NewPCG(2026, 1))
			const documents = 1000
			for n := range documents {
				document := nearlyJSON(random)
				inPostgres := event(n, at(column, document)).into(t, postgres, "event_store", postgres.Engine.Dialect())
				inSQLite := event(n, at(column, document)).into(t, sqlite, "event_store", sqlite.Engine.Dialect())
				require.Equal(t, inPostgres == nil, inSQLite == nil, "document %s\nPostgres: %v\nSQLite: %v", document, inPostgres, inSQLite)
			}
			a, b := read(t, postgres), read(t, sqlite)
			require.Greater(t, len(a), documents/5, "both answers must come up")
			require.Less(t, len(a), documents*4/5, "both answers must come up")
			require.Len(t, b, len(a))
			for i := range a {
				require.True(t, a[i].Payload.Equal(b[i].Payload), "%s and %s", a[i].Payload, b[i].Payload)
				require.True(t, a[i].Metadata.Equal(b[i].Metadata), "%s and %s", a[i].Metadata, b[i].Metadata)
			}
		})
	}
}

// nearlyJSON is a document with a string of some pieces. Those that end the
// string or break an escape come rarely.
func nearlyJSON(random *rand.Rand) string {
	var b strings.Builder
	for range 1 + random.IntN(4) {
		p := pieces[random.IntN(len(pieces))]
		if p == `\` || p == `\u00` || p == `"` {
			p = pieces[random.IntN(len(pieces))]
		}
		b.WriteString(p)
	}
	return `{"a":"` + b.String() + `"}`
}
