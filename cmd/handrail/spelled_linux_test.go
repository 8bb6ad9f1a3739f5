package main

import (
	"fmt"
	"net"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/verify/dialect"
)

// TestTwoHostsPostgres is TestTwoSpellingsPostgres for one server that is reached by an
// address, by a name and by its socket.
func TestTwoHostsPostgres(t *testing.T) {
	t.Parallel()
	s := newOwnServer(t)
	s.stop(t, syscall.SIGINT)
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s.listen, s.port = "127.0.0.1", free.Addr().(*net.TCPAddr).Port
	require.NoError(t, free.Close())
	s.start(t)
	hosts := []string{
		"postgres://postgres@127.0.0.1:%d/%s",
		"postgresql://postgres@localhost:%d?dbname=%s&sslmode=disable",
		"postgres://postgres@/?host=" + s.folder + "&port=%d&database=%s",
	}
	admin := s.open(t, "postgres")
	for a := range hosts {
		for b := range hosts {
			name := fmt.Sprintf("store_%d_%d", a, b)
			_, err := admin.Exec("CREATE DATABASE " + name)
			require.NoError(t, err)
			dir := logged(t, dialect.Postgres, fmt.Sprintf("SELECT pg_advisory_xact_lock(%d);\n", gateLock))
			twice(t, s.open(t, name), dir, fmt.Sprintf(hosts[a], s.port, name), fmt.Sprintf(hosts[b], s.port, name))
		}
	}
}
