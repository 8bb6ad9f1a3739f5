package rows

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzSpool writes rows and reads them again.
func FuzzSpool(f *testing.F) {
	f.Add("", "a", byte(1), uint16(1))
	f.Add("\x00", strings.Repeat("x", 300), byte(0), uint16(3))
	f.Fuzz(func(t *testing.T, a, b string, kind byte, n uint16) {
		row := Row{{Kind(kind % 5), a}, {Text, b}, {}}
		if row[0].Kind == Null {
			row[0].Text = ""
		}
		var s spool
		defer func() { require.NoError(t, s.close()) }()
		for range n {
			require.NoError(t, s.add(encode(nil, row)))
		}
		read := 0
		require.NoError(t, s.each(len(row), func(r Row) error {
			read++
			require.Equal(t, row, r)
			return nil
		}))
		require.Equal(t, int(n), read)
	})
}

// FuzzDecode reads what nobody wrote: an error, or a row that is written alike.
func FuzzDecode(f *testing.F) {
	f.Add("\x01\xff\xff\xff\xff\xff\xff\xff\xff\x7f")
	f.Add(string(encode(nil, Row{{Text, "a"}, {}})))
	f.Fuzz(func(t *testing.T, record string) {
		row, again := make(Row, 2), make(Row, 2)
		if err := decode(record, row); err != nil {
			require.ErrorIs(t, err, errSpoiled)
			return
		}
		require.NoError(t, decode(string(encode(nil, row)), again))
		require.Equal(t, row, again)
	})
}

// TestSpoolLeavesNothing fills a spool until it takes a file, and wants no file
// that another process could see, neither while it is there nor when it is
// closed.
func TestSpoolLeavesNothing(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	if os.TempDir() != folder {
		t.Skip("this system does not take its folder for temporary files from TMPDIR")
	}
	files := func() int {
		entries, err := os.ReadDir(folder)
		require.NoError(t, err)
		return len(entries)
	}
	row := Row{{Text, strings.Repeat("x", 1000)}, {Integer, "7"}}
	var s spool
	for range 3 * spoolMemory / 1000 {
		require.NoError(t, s.add(encode(nil, row)))
	}
	require.NotNil(t, s.file)
	require.Zero(t, files(), "what has no name is gone with its process")
	require.LessOrEqual(t, cap(s.last), 3*spoolMemory, "the rest is not kept in memory too")
	n := 0
	require.NoError(t, s.each(2, func(r Row) error {
		n++
		require.Equal(t, row, r)
		return nil
	}))
	require.Equal(t, 3*spoolMemory/1000, n)

	_, err := s.file.WriteAt([]byte{0xff, 0xff, 0xff, 0xff, 0x0f}, 0)
	require.NoError(t, err)
	require.ErrorIs(t, s.each(2, func(Row) error { return nil }), errSpoiled)

	file := s.file
	require.NoError(t, s.close())
	require.NoError(t, s.close())
	_, err = file.Stat()
	require.ErrorIs(t, err, os.ErrClosed)
	require.Zero(t, files())
}
