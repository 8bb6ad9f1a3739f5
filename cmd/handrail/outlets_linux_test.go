package main

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestReportOnFullDisk: the disk runs full during the walk, after the file was found to
// be writable. The older report stays whole and nothing half-written is beside it.
func TestReportOnFullDisk(t *testing.T) {
	t.Parallel()
	disk := filepath.Join(t.TempDir(), "disk")
	require.NoError(t, os.Mkdir(disk, 0o777))
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=16k"); err != nil {
		t.Skipf("no small disk to fill: mount a tmpfs of 16 kB: %v; run it as root", err)
	}
	t.Cleanup(func() { require.NoError(t, syscall.Unmount(disk, 0)) })
	file := filepath.Join(disk, "report.json")
	require.NoError(t, os.WriteFile(file, []byte("the older one"), 0o600))

	status, stdout, stderr := command(t, "check", "--engine", "sqlite-memory", "--report", "json="+file, "../../migrations")
	require.Equal(t, statusBroken, status)
	require.Contains(t, stderr, "handrail: report json: write ")
	require.Contains(t, stderr, "no space left on device")
	require.Contains(t, stdout, "verified on 1 of 1 engines", "the report on standard output is there all the same")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, "the older one", string(text))
	left, err := os.ReadDir(disk)
	require.NoError(t, err)
	require.Len(t, left, 1)

	status, _, stderr = command(t, "check", "--engine", "sqlite-memory", "--report", "text=/dev/full", "../../migrations")
	require.Equal(t, statusBroken, status)
	require.Contains(t, stderr, "handrail: report text: write /dev/full: no space left on device")
}
