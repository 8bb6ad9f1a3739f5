package rows

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestWithout: a table without a column of its key has none, and one without
// another column keeps it; the rows are those of the columns that are left.
func TestWithout(t *testing.T) {
	t.Parallel()
	table := &Table{Name: "t", Columns: []Column{{Name: "a"}, {Name: "b"}, {Name: "c"}}, Key: []string{"a", "b"}}
	row := Row{{Integer, "1"}, {}, {Text, "x"}}
	require.NoError(t, table.spool.add(encode(nil, row)))
	table.Count = 1
	for name, want := range map[string]struct {
		row Row
		key []string
	}{
		"a": {Row{{}, {Text, "x"}}, nil},
		"c": {Row{{Integer, "1"}, {}}, []string{"a", "b"}},
	} {
		less, err := table.Without(func(c Column) bool { return c.Name == name })
		require.NoError(t, err)
		require.Equal(t, want.key, less.Key)
		require.Equal(t, int64(1), less.Count)
		require.NoError(t, less.Each(func(got Row) error {
			require.Equal(t, want.row, got)
			return nil
		}))
		require.Negative(t, less.Column(name))
	}
}
