package schema

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEachSelectSaysWhatItIsAbout: one that did not say which objects it is about
// would be read with all of them; a catalogue that it needs and that nobody counts
// would always be asked.
func TestEachSelectSaysWhatItIsAbout(t *testing.T) {
	t.Parallel()
	kind := regexp.MustCompile(`/\* only (relations: [cs]\.\w+|functions: p\.oid|types: t\.oid|others) \*/`)
	count := 0
	whole := selects(postgresBody(), func(part string) bool {
		count++
		require.Len(t, kind.FindAllString(part, -1), 1, "its kind is marked once:\n%s", part)
		needs := needsMark.FindAllStringSubmatch(part, -1)
		require.LessOrEqual(t, len(needs), 1, "one catalogue is needed:\n%s", part)
		for _, m := range needs {
			require.True(t, slices.ContainsFunc(postgresCatalogues, func(c catalogue) bool { return c.table == m[1] }), "nobody counts the rows of %s", m[1])
		}
		return true
	})
	require.Equal(t, postgresBody(), whole, "what wants all leaves nothing out")
	require.Equal(t, strings.Count(postgresBody(), "/* only "), count, "SELECTs that are not told apart")
}
