package main

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/verify"
)

// TestDiskFullSQLite lets the disk run full at each boundary: a real one, of a
// megabyte in memory.
func TestDiskFullSQLite(t *testing.T) {
	t.Parallel()
	disk := filepath.Join(t.TempDir(), "disk")
	require.NoError(t, os.Mkdir(disk, 0o777))
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("no small disk to fill: mount: %v", err)
	}
	t.Cleanup(func() { require.NoError(t, syscall.Unmount(disk, 0)) })
	for _, plain := range []bool{false, true} {
		for boundary := 1; boundary <= 6; boundary++ {
			t.Run(fmt.Sprintf("plain=%t/%d", plain, boundary), func(t *testing.T) {
				file := filepath.Join(disk, "store.db")
				db, err := sql.Open("sqlite", file)
				require.NoError(t, err)
				dir := fiveStatements(t, "sqlite", plain, boundary, "CREATE TABLE fill AS SELECT zeroblob(2000000);\n")
				status, _, stderr := command(t, "up", dir, "--url", "sqlite://"+file)
				require.Equal(t, statusBroken, status)
				require.Contains(t, stderr, "database or disk is full (13)")
				afterFault(t, db, dir, fiveStatements(t, "sqlite", plain, 0, ""), "sqlite://"+file, plain, boundary, verify.Failed)
				require.NoError(t, db.Close())
				left, err := filepath.Glob(file + "*")
				require.NoError(t, err)
				for _, f := range left {
					require.NoError(t, os.Remove(f))
				}
			})
		}
	}
}
