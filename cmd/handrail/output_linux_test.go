package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// everyCommand is one call of each command that ends with status 0 or 1 where its
// output is read.
var everyCommand = []string{
	"--help", "--version", "help check", "completion bash", "check --engine sqlite-memory history", "check --engine sqlite-memory --report json history", "check --engine sqlite-memory --report markdown history",
	"check --engine sqlite-memory --report github broken", "schema --dialect sqlite history", "rules", "rules residue", "engines --stop", "new more history", "lock history", "squash --check history history --engine sqlite-memory",
	"up history --url sqlite://store.db", "up history --url sqlite://other.db --dry-run", "status history --url sqlite://store.db", "status history --url sqlite://store.db --json",
	"history history --url sqlite://store.db", "history history --url sqlite://store.db --json", "goto base history --url sqlite://store.db --yes", "force 1 history --url sqlite://store.db --yes", "down history --url sqlite://store.db --to base --yes",
	"init new",
}

// TestOutputLost: where the output goes to a disk that is full, or to a pipe that
// nobody reads, every command ends with status 2; no signal ends it.
func TestOutputLost(t *testing.T) {
	t.Parallel()
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	require.NoError(t, err)
	t.Cleanup(func() { _ = full.Close() })
	for _, call := range everyCommand {
		t.Run(call, func(t *testing.T) {
			t.Parallel()
			for name, to := range map[string]*os.File{"full disk": full, "closed pipe": closedPipe(t), "read": nil} {
				dir := unpack(t, shortHistory)
				start := func(call string) *child {
					return newChild(t, dir, []string{"TMPDIR=" + dir, "HANDRAIL_SCRATCH_URL="}, strings.Fields(call)...)
				}
				if strings.Contains(call, "store.db") && !strings.HasPrefix(call, "up") {
					require.NoError(t, start("up history --url sqlite://store.db").cmd.Run())
				}
				c := start(call)
				if to != nil {
					c.cmd.Stdout = to
				}
				c.start(t)
				status := c.wait(t)
				if to == nil {
					require.Contains(t, []int{0, 1}, status, "%s", &c.stderr)
					continue
				}
				require.Equal(t, statusBroken, status, "%s: %s", name, &c.stderr)
				require.Regexp(t, "(?m)^handrail: .*(no space left on device|broken pipe)", c.stderr.String(), name)
				if strings.HasPrefix(call, "up") {
					require.Contains(t, c.stderr.String(), "nothing is changed")
					require.NoFileExists(t, filepath.Join(dir, "store.db"))
				}
			}
		})
	}
}

func closedPipe(t *testing.T) *os.File {
	t.Helper()
	r, w, err := os.Pipe()
	require.NoError(t, err)
	require.NoError(t, r.Close())
	t.Cleanup(func() { _ = w.Close() })
	return w
}
