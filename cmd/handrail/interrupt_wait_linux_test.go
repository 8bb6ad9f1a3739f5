package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestFirstSignalEnds: whatever a command waits for, the first signal ends it, soon and
// with status 2: a question at a terminal, a pipe that nobody opens or reads.
func TestFirstSignalEnds(t *testing.T) {
	t.Parallel()
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		for call, says := range map[string]string{
			"down history --url sqlite://store.db --to base":                       "interrupted: nothing is changed",
			"force 1 history --url sqlite://store.db":                              "interrupted: nothing is changed",
			"check history --engine sqlite-memory --report json=fifo":              "report json: interrupted",
			"check history --engine sqlite-memory --prelude fifo":                  "interrupted",
			"squash --check history history --engine sqlite-memory --prelude fifo": "interrupted",
			"rules | pipe": "standard output: interrupted",
			"check history --engine sqlite-memory --report json --timeout 100ms | pipe": "report json: interrupted",
		} {
			t.Run(signal.String()+" "+call, func(t *testing.T) {
				t.Parallel()
				dir := unpack(t, shortHistory)
				require.NoError(t, syscall.Mkfifo(filepath.Join(dir, "fifo"), 0o600))
				require.NoError(t, newChild(t, dir, nil, "up", "history", "--url", "sqlite://store.db").cmd.Run())
				master, slave := terminal(t, 80)
				go io.Copy(io.Discard, master) //nolint:errcheck // until the terminal is closed
				call, pipe := strings.CutSuffix(call, " | pipe")
				c := newChild(t, dir, nil, strings.Fields(call)...)
				c.cmd.Stdin = slave
				if pipe {
					c.cmd.Stdout = fullPipe(t)
				}
				c.start(t)
				time.Sleep(time.Second) // by then it waits
				require.NoError(t, c.cmd.Process.Signal(signal))
				begin := time.Now()
				require.Equal(t, statusBroken, c.wait(t), "%s", &c.stderr)
				require.Less(t, time.Since(begin), 5*time.Second)
				require.Contains(t, c.stderr.String(), says)
				if strings.HasPrefix(call, "down") || strings.HasPrefix(call, "force") {
					status, stdout, _ := command(t, "status", dir+"/history", "--url", "sqlite://"+dir+"/store.db")
					require.Equal(t, statusOK, status, stdout)
				}
			})
		}
	}
}

// fullPipe is one that nobody reads, with as much in it as goes into one.
func fullPipe(t *testing.T) *os.File {
	t.Helper()
	r, w, err := os.Pipe()
	require.NoError(t, err)
	t.Cleanup(func() { _, _ = r.Close(), w.Close() })
	fd := int(w.Fd()) // which makes it blocking, each time
	require.NoError(t, syscall.SetNonblock(fd, true))
	for err == nil {
		_, err = syscall.Write(fd, make([]byte, 4096))
	}
	require.NoError(t, syscall.SetNonblock(fd, false))
	return w
}
