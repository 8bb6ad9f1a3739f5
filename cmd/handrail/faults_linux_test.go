package main

import (
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/verify/move"
)

// TestDiskFullSQLite lets the disk run full at each boundary: a real one, of a
// megabyte in memory.
func TestDiskFullSQLite(t *testing.T) {
	t.Parallel()
	disk := filepath.Join(t.TempDir(), "disk")
	require.NoError(t, os.Mkdir(disk, 0o777))
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("no small disk to fill: mount a tmpfs of 1 MB: %v; run it as root", err)
	}
	t.Cleanup(func() { require.NoError(t, syscall.Unmount(disk, 0)) })
	for _, plain := range []bool{false, true} {
		for _, boundary := range boundaries() {
			t.Run(fmt.Sprintf("plain=%t/%d", plain, boundary), func(t *testing.T) {
				file := filepath.Join(disk, "store.db")
				db, err := sql.Open("sqlite", file)
				require.NoError(t, err)
				dir := fiveStatements(t, "sqlite", plain, boundary, "CREATE TABLE fill AS SELECT zeroblob(2000000);\n")
				status, _, stderr := command(t, "up", dir, "--url", "sqlite://"+file)
				require.Equal(t, statusBroken, status)
				require.Contains(t, stderr, "database or disk is full (13)")
				afterFault(t, db, dir, fiveStatements(t, "sqlite", plain, 0, ""), "sqlite://"+file, plain, boundary, move.Failed)
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

// An ownServer is a Postgres server of a test's own, which it may stop.
type ownServer struct {
	bin, folder string
	listen      string // addresses beside the socket
	port        int
	as          *syscall.SysProcAttr
	large       error // why the disk is not small; nil: it is
	process     *os.Process
	ended       chan struct{}
}

// newOwnServer makes a server, on a small disk where that is to be had, and starts
// it. Where there are no binaries the test is skipped.
func newOwnServer(t *testing.T) *ownServer {
	t.Helper()
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	require.NoError(t, err)
	if path, err := exec.LookPath("initdb"); err == nil {
		found = append(found, path)
	}
	if len(found) == 0 {
		t.Skip("no server that may be stopped: no initdb in /usr/lib/postgresql/*/bin nor on PATH; install the postgresql package")
	}
	folder, err := os.MkdirTemp("", "own-")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(folder)) })
	s := &ownServer{bin: filepath.Dir(found[len(found)-1]), folder: folder, port: 5432, as: &syscall.SysProcAttr{}}
	if s.large = syscall.Mount("tmpfs", folder, "tmpfs", 0, "size=96m"); s.large == nil {
		t.Cleanup(func() { require.NoError(t, syscall.Unmount(folder, 0)) })
	}
	if os.Getuid() == 0 { // as which no server runs
		nobody, err := user.Lookup("nobody")
		require.NoError(t, err)
		uid, err := strconv.Atoi(nobody.Uid)
		require.NoError(t, err)
		s.as.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(uid), NoSetGroups: true}
		require.NoError(t, os.Chown(folder, uid, uid))
	}
	init := exec.Command(filepath.Join(s.bin, "initdb"), "-D", s.data(), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", "--wal-segsize=1")
	init.SysProcAttr, init.Dir = s.as, folder
	said, err := init.CombinedOutput()
	require.NoError(t, err, "%s", said)
	s.start(t)
	t.Cleanup(func() { s.stop(t, syscall.SIGQUIT) })
	return s
}

func (s *ownServer) data() string { return filepath.Join(s.folder, "data") }

// start starts the server, which ends with this process at the latest.
func (s *ownServer) start(t *testing.T) {
	t.Helper()
	s.as.Pdeathsig = syscall.SIGQUIT
	started := make(chan error, 1)
	s.ended = make(chan struct{})
	go func() {
		runtime.LockOSThread() // the server ends with the thread
		c := exec.Command(filepath.Join(s.bin, "postgres"), "-D", s.data(), "-k", s.folder, "-p", strconv.Itoa(s.port), "-c", "listen_addresses="+s.listen, "-c", "fsync=off", "-c", "max_wal_size=2MB", "-c", "min_wal_size=2MB")
		c.SysProcAttr, c.Dir = s.as, s.folder
		err := c.Start()
		s.process = c.Process
		started <- err
		if err == nil {
			_ = c.Wait()
		}
		close(s.ended)
	}()
	require.NoError(t, <-started)
	db := s.open(t, "postgres")
	eventually(t, func() bool { return db.Ping() == nil }, "the server answers")
}

// stop sends the server a signal and waits until it has ended.
func (s *ownServer) stop(t *testing.T, signal os.Signal) {
	t.Helper()
	_ = s.process.Signal(signal) // it may have ended
	<-s.ended
}

func (s *ownServer) url(name string) string {
	return fmt.Sprintf("postgres://postgres@/%s?host=%s&port=%d", name, s.folder, s.port)
}

func (s *ownServer) open(t *testing.T, name string) *sql.DB {
	t.Helper()
	db, err := sql.Open("pgx", s.url(name))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

// TestServerFaultsPostgres stops a server, quickly and at once, and lets its disk
// run full, at each boundary.
func TestServerFaultsPostgres(t *testing.T) {
	if testing.Short() {
		t.Skip("starts servers of its own; not in a short run")
	}
	t.Parallel()
	s := newOwnServer(t)
	n := 0
	for _, fault := range []struct {
		name string
		gate string
		stop os.Signal
		want move.Outcome
	}{
		{"stopped", "SELECT pg_sleep(600);\n", syscall.SIGINT, move.Crashed},
		{"stopped at once", "SELECT pg_sleep(600);\n", syscall.SIGQUIT, move.Crashed},
		{"disk full", "CREATE UNLOGGED TABLE fill AS SELECT repeat(md5(i::text), 30) FROM generate_series(1, 300000) i;\n", nil, move.Failed},
	} {
		for _, plain := range []bool{false, true} {
			for _, boundary := range boundaries() {
				t.Run(fmt.Sprintf("%s/plain=%t/%d", fault.name, plain, boundary), func(t *testing.T) {
					if fault.stop == nil && s.large != nil {
						t.Skipf("no small disk to fill: mount a tmpfs: %v; run it as root", s.large)
					}
					n++
					name := fmt.Sprintf("store%d", n)
					admin := s.open(t, "postgres")
					_, err := admin.Exec("CREATE DATABASE " + name)
					require.NoError(t, err)
					dir := fiveStatements(t, "postgres", plain, boundary, fault.gate)
					c := newChild(t, dir, nil, "up", ".", "--url", s.url(name))
					c.start(t)
					if fault.stop != nil {
						eventually(t, func() bool {
							var there bool
							err := admin.QueryRow("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = $1 AND wait_event = 'PgSleep')", name).Scan(&there)
							return err == nil && there
						}, "the revision is at the boundary")
						s.stop(t, fault.stop)
					}
					require.Equal(t, statusBroken, c.wait(t))
					if fault.stop != nil {
						require.Contains(t, c.stderr.String(), "where it stands is not known: ")
						status, _, stderr := command(t, "status", dir, "--url", s.url(name))
						require.Equal(t, statusBroken, status)
						require.Contains(t, stderr, "handrail: database "+name+" at socket ")
						s.start(t)
					} else {
						require.Contains(t, c.stderr.String(), "(SQLSTATE 53100)") // disk full
					}
					db := s.open(t, name)
					afterFault(t, db, dir, fiveStatements(t, "postgres", plain, 0, ""), s.url(name), plain, boundary, fault.want)
					require.NoError(t, db.Close())
					_, err = s.open(t, "postgres").Exec("DROP DATABASE " + name + " WITH (FORCE)")
					require.NoError(t, err)
				})
			}
		}
	}
}
