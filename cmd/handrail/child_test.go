package main

import (
	"bytes"
	"database/sql"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/verify/engine"
)

// A child is the command in a process of its own, for what a script cannot do.
type child struct {
	cmd            *exec.Cmd
	stdout, stderr bytes.Buffer
}

// newChild prepares the command to run in a folder. TestMain makes this very
// binary the command where it is called by its name.
func newChild(t *testing.T, dir string, env []string, args ...string) *child {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	c := &child{cmd: exec.Command(self, args...)}
	c.cmd.Args[0] = "handrail"
	c.cmd.Dir = dir
	c.cmd.Env = withEnv(withEnv(os.Environ(), "CI=", "HANDRAIL_WITHOUT=", "HANDRAIL_TARGET_URL="), env...)
	c.cmd.Stdout, c.cmd.Stderr = &c.stdout, &c.stderr
	return c
}

// start starts the child, which does not outlive the test.
func (c *child) start(t *testing.T) {
	t.Helper()
	require.NoError(t, c.cmd.Start())
	t.Cleanup(func() { _ = c.cmd.Process.Kill() })
}

// patience is how long a test waits for what takes a moment.
const patience = 30 * time.Second

// wait is the exit status of the child.
func (c *child) wait(t *testing.T) int {
	t.Helper()
	return c.waitFor(t, patience)
}

// waitFor is wait for a child that has much to do, and under the race detector much
// more.
func (c *child) waitFor(t *testing.T, limit time.Duration) int {
	t.Helper()
	ended := make(chan error, 1)
	go func() { ended <- c.cmd.Wait() }()
	select {
	case err := <-ended:
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			require.NoError(t, err)
		}
	case <-time.After(limit):
		_ = c.cmd.Process.Kill()
		t.Fatalf("the command still runs after %s", limit)
	}
	return c.cmd.ProcessState.ExitCode()
}

// unpack writes the files of a txtar archive into a new folder.
func unpack(t *testing.T, archive string) string {
	t.Helper()
	dir := t.TempDir()
	for _, f := range txtar.Parse([]byte(archive)).Files {
		path := filepath.Join(dir, filepath.FromSlash(f.Name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o777))
		require.NoError(t, os.WriteFile(path, f.Data, 0o666))
	}
	return dir
}

// command runs the command in this process.
func command(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	status = run(t.Context(), args, strings.NewReader(""), &out, &err)
	return status, out.String(), err.String()
}

// eventually polls until a condition holds.
func eventually(t *testing.T, holds func() bool, why string) {
	t.Helper()
	require.Eventually(t, holds, patience, 20*time.Millisecond, why)
}

// serverDB is a new database on the Postgres server that the child will find.
func serverDB(t *testing.T) *sql.DB {
	t.Helper()
	db, err := fixtures.Postgres.New(t.Context())
	var missing *engine.Unavailable
	if errors.As(err, &missing) && missing.Required == "" {
		t.Skip(missing)
	}
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db.DB()
}
