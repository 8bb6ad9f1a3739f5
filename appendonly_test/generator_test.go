package appendonly_test

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail"
	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/fixtures/eventstore"
	"github.com/handrail-db/handrail/verify/attack"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
)

// attackTable runs the whole check and returns the messages of the findings.
func attackTable(t *testing.T, e engine.Engine, s handrail.Subject, target attack.Table) ([]string, []finding.Finding, []finding.Item) {
	t.Helper()
	db := handrail.Scratch(t, e) // skips or fails where the engine is not to be had
	if !superuser(t, db) {
		t.Skip("not run: the role of the connection is no superuser and cannot play every part")
	}
	findings, items, err := attack.AttackTable(t.Context(), e, s, target)
	require.NoError(t, err)
	var messages []string
	for _, f := range findings {
		require.Equal(t, finding.AppendOnly, f.Rule)
		require.Equal(t, e.Name(), f.Engine)
		require.NotEmpty(t, f.Hint)
		messages = append(messages, string(f.Severity)+": "+f.Message)
	}
	return messages, findings, items
}

// TestProtected shows the check on the event store as it is: nothing to report.
func TestProtected(t *testing.T) {
	t.Parallel()
	evidence := map[dialect.Dialect]string{
		dialect.Postgres: "159 attacks, 127 of them refused, and every row as it was",
		dialect.SQLite:   "176 attacks, 141 of them refused, and every row as it was",
	}
	for _, e := range fixtures.All() {
		t.Run(e.Name(), func(t *testing.T) {
			t.Parallel()
			messages, _, items := attackTable(t, e, eventstore.Subject(t), target)
			require.Empty(t, messages)
			require.Equal(t, []finding.Item{{Promise: "event_store is append-only", Status: finding.Pass, Evidence: evidence[e.Dialect()]}}, items)
		})
	}
}

// TestBroken takes one guard at a time away from the event store and wants the
// attacks that it was there for to be reported, and no others.
func TestBroken(t *testing.T) {
	if testing.Short() {
		t.Skip("attacks the table once for each guard; not in a short run")
	}
	t.Parallel()
	cases := []struct {
		name      string
		dialect   dialect.Dialect
		old, new  string // in the text of revision 0002
		want      []string
		forRoles  []string // put behind each of want; none: want is whole
		exception []string // more of want
	}{
		{
			name: "without the TRUNCATE trigger", dialect: dialect.Postgres,
			old: "BEFORE TRUNCATE ON event_store\n    FOR EACH STATEMENT", new: "BEFORE INSERT ON event_store\n    FOR EACH STATEMENT WHEN (false)",
			want: []string{
				"error: public.event_store: TRUNCATE as %s removes 5 of 5 rows",
				"error: public.event_store: TRUNCATE CASCADE as %s removes 5 of 5 rows",
				"error: public.event_store: TRUNCATE of two tables as %s removes 5 of 5 rows",
				"error: public.event_store: TRUNCATE CASCADE of a table that it references as %s removes 5 of 5 rows",
			},
			forRoles: []string{"owner", "superuser", "all privileges"},
			exception: []string{ // all privileges are not those on the sequence
				"error: public.event_store: TRUNCATE RESTART IDENTITY as owner removes 5 of 5 rows",
				"error: public.event_store: TRUNCATE RESTART IDENTITY as superuser removes 5 of 5 rows",
				"error: public.event_store: TRUNCATE in a replica's session as superuser removes 5 of 5 rows",
			},
		},
		{
			name: "without ENABLE ALWAYS", dialect: dialect.Postgres,
			old: "ENABLE ALWAYS TRIGGER", new: "ENABLE TRIGGER",
			want: []string{
				"error: public.event_store: UPDATE in a replica's session as superuser changes 5 of 5 rows",
				"error: public.event_store: DELETE in a replica's session as superuser removes 5 of 5 rows",
				"error: public.event_store: TRUNCATE in a replica's session as superuser removes 5 of 5 rows",
			},
		},
		{
			name: "without tr_event_store_no_replace", dialect: dialect.SQLite,
			old: "BEFORE INSERT ON event_store\nWHEN (", new: "BEFORE INSERT ON event_store\nWHEN false AND (",
			want: []string{
				"error: event_store: INSERT OR REPLACE on conflict of pk_event_store (recursive_triggers off) changes 1 of 5 rows",
				"error: event_store: REPLACE on conflict of pk_event_store (recursive_triggers off) changes 1 of 5 rows",
				"error: event_store: REPLACE RETURNING on conflict of pk_event_store (recursive_triggers off) changes 1 of 5 rows",
				"error: event_store: INSERT OR REPLACE on conflict of uq_event_store_event_id (recursive_triggers off) changes 1 of 5 rows",
				"error: event_store: REPLACE on conflict of uq_event_store_event_id (recursive_triggers off) changes 1 of 5 rows",
				"error: event_store: REPLACE RETURNING on conflict of uq_event_store_event_id (recursive_triggers off) changes 1 of 5 rows",
				"error: event_store: REPLACE without a number on conflict of uq_event_store_event_id (recursive_triggers off) changes 1 of 5 rows",
				"error: event_store: INSERT OR REPLACE on conflict of uq_event_store_stream_id_version (recursive_triggers off) changes 1 of 5 rows",
				"error: event_store: REPLACE on conflict of uq_event_store_stream_id_version (recursive_triggers off) changes 1 of 5 rows",
				"error: event_store: REPLACE RETURNING on conflict of uq_event_store_stream_id_version (recursive_triggers off) changes 1 of 5 rows",
				"error: event_store: REPLACE without a number on conflict of uq_event_store_stream_id_version (recursive_triggers off) changes 1 of 5 rows",
				"error: event_store: REPLACE of one row by one with all of its keys (recursive_triggers off) changes 1 of 5 rows",
				"error: event_store: REPLACE of three rows, the second one there (recursive_triggers off) changes 1 of 5 rows",
				"error: event_store: REPLACE of every row by a SELECT (recursive_triggers off) changes 5 of 5 rows",
				"error: event_store: REPLACE of two rows by one (recursive_triggers off) changes 2 of 5 rows",
				"error: event_store: REPLACE in another table's trigger (recursive_triggers off) changes 1 of 5 rows",
				"error: event_store: INSERT in the trigger of another table under REPLACE (recursive_triggers off) changes 1 of 5 rows",
				"error: event_store: INSERT OR REPLACE into a view (recursive_triggers off) changes 1 of 5 rows",
			},
		},
		{
			name: "with a trigger that refuses every collision", dialect: dialect.SQLite,
			old: "WHERE changes() > 0;", new: ";",
			want: nil, // it refuses too much, and that changes no row: DO NOTHING is for TestAttacks
		},
	}
	for _, c := range cases {
		for _, e := range fixtures.All() {
			if e.Dialect() != c.dialect {
				continue
			}
			t.Run(c.name+"/"+e.Name(), func(t *testing.T) {
				t.Parallel()
				messages, _, _ := attackTable(t, e, broken(t, c.dialect, c.old, c.new), target)
				want := c.want
				if c.forRoles != nil {
					want = slices.Clone(c.exception)
					for _, role := range c.forRoles {
						for _, message := range c.want {
							want = append(want, fmt.Sprintf(message, role))
						}
					}
				}
				require.ElementsMatch(t, want, messages)
			})
		}
	}
}

// broken is the event store with another revision 0002.
func broken(t *testing.T, d dialect.Dialect, old, new string) handrail.Subject {
	t.Helper()
	s := eventstore.Subject(t)
	files := fstest.MapFS{}
	original := s.FS(d)
	names, err := fs.Glob(original, "*.sql")
	require.NoError(t, err)
	for _, name := range names {
		text, err := fs.ReadFile(original, name)
		require.NoError(t, err)
		if name == "0002_append_only.up.sql" {
			require.Contains(t, string(text), old)
			text = []byte(strings.ReplaceAll(string(text), old, new))
		}
		files[name] = &fstest.MapFile{Data: text}
	}
	s.Postgres, s.SQLite = files, files
	return s
}
