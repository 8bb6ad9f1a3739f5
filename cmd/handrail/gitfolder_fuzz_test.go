package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

type nowhereToWrite struct{ io.Writer }

func (nowhereToWrite) Close() error { return nil }

// FuzzGitTree: whatever git says of a tree, each entry of it is there or it is an error.
func FuzzGitTree(f *testing.F) {
	f.Add("100644 blob 0123\ta b.sql\x00120000 blob 4567\tlink\x00")
	f.Add("160000 commit 0123\tä\nö\x00040000 tree 89ab\tsub")
	f.Add("x\x00\x00\ty")
	f.Fuzz(func(t *testing.T, out string) {
		entries, err := parseTree(out)
		if err != nil {
			return
		}
		var lines []string
		for _, e := range entries {
			require.NotContains(t, e.name, "/")
			lines = append(lines, fmt.Sprintf("%s %s %s\t%s", e.mode, e.kind, e.id, e.name))
		}
		n := len(slices.DeleteFunc(strings.Split(out, "\x00"), func(s string) bool { return s == "" }))
		require.Len(t, entries, n)
		again, err := parseTree(strings.Join(lines, "\x00"))
		require.NoError(t, err)
		require.Equal(t, entries, again)
	})
}

// FuzzGitFile: whatever git says of a file, it is the text or an error.
func FuzzGitFile(f *testing.F) {
	f.Add([]byte("0123 blob 4\nabcd\n"))
	f.Add([]byte("0123 blob -9\nabcd\n"))
	f.Add([]byte("0123 blob 9223372036854775807\n"))
	f.Add([]byte("0123 missing\n"))
	f.Fuzz(func(t *testing.T, out []byte) {
		r := gitReader{nil, nowhereToWrite{io.Discard}, bufio.NewReader(bytes.NewReader(out))}
		text, err := r.read("0123")
		if err == nil {
			_, rest, _ := bytes.Cut(out, []byte("\n"))
			require.True(t, bytes.HasPrefix(rest, text))
		}
	})
}
