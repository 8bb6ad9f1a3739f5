package schema

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestNamedByServer: a name is the server's where it is exactly the one that it
// would have chosen. The cases of verify try it on what the server does choose.
func TestNamedByServer(t *testing.T) {
	t.Parallel()
	renamed := func(name string) []string {
		if name == "now" {
			return []string{"now", "then"}
		}
		return []string{name}
	}
	long := strings.Repeat("l", 40)
	for _, c := range []struct {
		reason, kind, parent, name string
		columns                    []string
		chosen                     bool
	}{
		{"a key", "primary key", "public.t", "t_pkey", nil, true},
		{"a key, numbered", "primary key", "public.t", "t_pkey12", nil, true},
		{"a number that no server writes", "primary key", "public.t", "t_pkey01", nil, false},
		{"a key of another table", "primary key", "public.t", "u_pkey", nil, false},
		{"a key of a table that was called so", "primary key", "public.now", "then_pkey", nil, true},
		{"more behind it", "primary key", "public.t", "t_pkey_old", nil, false},
		{"the columns of the index", "index", "public.t", "public.t_a_b_idx", []string{"a", "b"}, true},
		{"in another order", "index", "public.t", "public.t_b_a_idx", []string{"a", "b"}, false},
		{"another column", "index", "public.t", "public.t_email_idx", []string{"mail"}, false},
		{"a column that was called so", "index", "public.t", "public.t_then_b_idx", []string{"now", "b"}, true},
		{"the label of another kind", "index", "public.t", "public.t_a_key", []string{"a"}, false},
		{"quoted names", "index", `public."T.a"`, `public."T.a_B""c_idx"`, []string{`B"c`}, true},
		{"a check of one column", "check", "public.t", "t_a_check", []string{"a"}, true},
		{"a check of two has none in its name", "check", "public.t", "t_check", []string{"a", "b"}, true},
		{"and not both", "check", "public.t", "t_a_b_check", []string{"a", "b"}, false},
		{"a foreign key of two columns", "foreign key", "public.t", "t_a_b_fkey", []string{"a", "b"}, true},
		{"a long name, cut", "unique", "public." + long, strings.Repeat("l", 29) + "_" + strings.Repeat("c", 29) + "_key", []string{strings.Repeat("c", 40)}, true},
		{"a long name, cut by a person", "unique", "public." + long, strings.Repeat("l", 28) + "_" + strings.Repeat("c", 29) + "_key", []string{strings.Repeat("c", 40)}, false},
		{"a trigger has its name from a person", "trigger", "public.t", "t_a_key", []string{"a"}, false},
		{"a table too", "table", "", "public.t_a_key", []string{"a"}, false},
	} {
		o := Object{Kind: c.kind, Parent: c.parent, Name: c.name}
		o.identity.named = append([]string{}, c.columns...)
		require.Equal(t, c.chosen, o.NamedByServer(renamed), c.reason)
		o.identity.named = nil
		require.False(t, o.NamedByServer(renamed), "SQLite chooses no name: %s", c.reason)
	}
	sequence := func(name, of string) Object {
		o := Object{Kind: "sequence", Name: name}.With(OwnedBy, of)
		o.identity.named = []string{"id"}
		return o
	}
	require.True(t, sequence("public.t_id_seq1", "public.t.id").NamedByServer(renamed))
	require.True(t, sequence("public.then_id_seq", "public.now.id").NamedByServer(renamed))
	require.False(t, sequence("public.t_no_seq", "public.t.id").NamedByServer(renamed))
	require.False(t, sequence("other.t_id_seq", "public.t.id").NamedByServer(renamed), "a sequence is made in the schema of its table")
	require.False(t, sequence("public.t_id_seq", "").NamedByServer(renamed), "a sequence of its own")
}
