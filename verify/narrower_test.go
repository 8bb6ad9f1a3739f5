package verify

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestNarrowerType: in each pair the first type holds what the second does not,
// and the second all that the first does where it is not listed the other way.
func TestNarrowerType(t *testing.T) {
	t.Parallel()
	narrower := [][2]string{
		{"text", "character varying(20)"},
		{"character varying", "character varying(20)"},
		{"character varying(20)", "character varying(10)"},
		{"text", "character(1)"},
		{"bigint", "integer"},
		{"integer", "smallint"},
		{"numeric", "numeric(6,2)"},
		{"numeric(6,2)", "numeric(5,2)"},
		{"numeric(6,2)", "integer"},
		{"numeric(12,0)", "integer"},
		{"integer", "numeric(9,0)"},
		{"bigint", "numeric(18,0)"},
		{"double precision", "real"},
		{"double precision", "integer"},
		{"real", "numeric(6,2)"},
		{"timestamp with time zone", "date"},
		{"timestamp without time zone", "timestamp(0) without time zone"},
		{"timestamp without time zone", "time without time zone"},
		{"text", "uuid"},
		{"text", "jsonb"},
		{"character varying(36)", "uuid"},
		{"integer", "boolean"},
		{"bit varying(8)", "bit(4)"},
		{"text[]", "character varying(3)[]"},
	}
	for _, c := range narrower {
		require.True(t, narrowerType(c[0], c[1]), "%s becomes %s", c[0], c[1])
	}
	for _, c := range [][2]string{
		{"character varying(20)", "text"},
		{"character varying(20)", "character varying"},
		{"text", "character varying"},
		{"character varying(10)", "character varying(20)"},
		{"text", "citext"},
		{"integer", "bigint"},
		{"integer", "numeric(10,0)"},
		{"integer", "numeric"},
		{"numeric(6,2)", "numeric(7,2)"},
		{"numeric(6,2)", "numeric(8,4)"},
		{"numeric(9,0)", "integer"},
		{"numeric(4,0)", "smallint"},
		{"real", "double precision"},
		{"integer", "double precision"},
		{"double precision", "numeric"},
		{"date", "timestamp with time zone"},
		{"timestamp without time zone", "timestamp with time zone"},
		{"timestamp with time zone", "timestamp without time zone"},
		{"timestamp(3) with time zone", "timestamp with time zone"},
		{"json", "jsonb"},
		{"jsonb", "json"},
		{"uuid", "text"},
		{"public.mood", "text"},
		{"boolean", "integer"},
		{"text", "text[]"},
		{"integer", "text"},
		{"text", "public.mood"},
	} {
		require.False(t, narrowerType(c[0], c[1]), "%s becomes %s", c[0], c[1])
	}
}
