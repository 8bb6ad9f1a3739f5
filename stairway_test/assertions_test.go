package stairway_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail"
	"github.com/handrail-db/handrail/fixtures/eventstore"
	"github.com/handrail-db/handrail/verify"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
)

// TestAssertions: what the history promises in its assertions holds after each
// revision.
func TestAssertions(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(t *testing.T, e engine.Engine) {
		handrail.Assertions(t, eventstore.Subject(t), e)
	})
}

// TestAssertionsSeeWhatIsMissing takes a promise out of a revision, which still goes
// up and down, and wants its assertion to say so.
func TestAssertionsSeeWhatIsMissing(t *testing.T) {
	t.Parallel()
	cut := map[dialect.Dialect]map[string][2]string{ // by file: a text, and what stands in its place
		dialect.Postgres: {
			"0001_event_store.up.sql": {"version >= 1", "version >= 0"},
			"0002_append_only.up.sql": {"BEFORE UPDATE OR DELETE", "BEFORE UPDATE"},
		},
		dialect.SQLite: {
			"0001_event_store.up.sql": {"version >= 1", "version >= 0"},
			"0002_append_only.up.sql": {"changes() > 0", "changes() > 9"},
		},
	}
	onEachEngine(t, func(t *testing.T, e engine.Engine) {
		handrail.Scratch(t, e) // or the test is skipped
		for name, change := range cut[e.Dialect()] {
			s := eventstore.Subject(t)
			folder := overlay(t, s.FS(e.Dialect()), name, change[0], change[1])
			if e.Dialect() == dialect.Postgres {
				s.Postgres = folder
			} else {
				s.SQLite = folder
			}
			findings, err := verify.CheckAssertions(t.Context(), e, s)
			require.NoError(t, err)
			require.NotEmpty(t, findings, "%s with %q in place of %q", name, change[1], change[0])
			require.Equal(t, finding.AssertionFailed, findings[0].Rule)
			require.Contains(t, findings[0].File, strings.Replace(name, ".up.", ".assert.", 1))
		}
	})
}

// overlay is a folder with one text in a file replaced by another.
func overlay(t *testing.T, folder fs.FS, name, text, by string) fs.FS {
	t.Helper()
	copied := fstest.MapFS{}
	files, err := fs.Glob(folder, "*.sql")
	require.NoError(t, err)
	for _, f := range files {
		content, err := fs.ReadFile(folder, f)
		require.NoError(t, err)
		if f == name {
			require.Contains(t, string(content), text)
			content = []byte(strings.Replace(string(content), text, by, 1))
		}
		copied[f] = &fstest.MapFile{Data: content}
	}
	return copied
}
