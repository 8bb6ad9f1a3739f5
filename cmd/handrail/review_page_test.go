package main

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/verify/engine"
)

// TestReviewPage compares migrations/REVIEW.md, the page of the event store, with what
// a check on all engines writes now, but for durations and versions of servers; -update
// writes it where it differs in more than these.
func TestReviewPage(t *testing.T) {
	if testing.Short() {
		t.Skip("checks the event store on three engines; not in a short run")
	}
	t.Parallel()
	_, err := fixtures.Postgres.Server(t.Context())
	var missing *engine.Unavailable
	if errors.As(err, &missing) && missing.Required == "" {
		t.Skipf("the page is that of all three engines: %v", missing)
	}
	require.NoError(t, err)
	now, committed := filepath.Join(t.TempDir(), "page.md"), "../../migrations/REVIEW.md"
	c := newChild(t, "../..", nil, "check", "migrations", "--report", "markdown="+now)
	c.start(t)
	require.Equal(t, statusOK, c.waitFor(t, 10*time.Minute), "%s%s", &c.stdout, &c.stderr)
	page, err := os.ReadFile(now)
	require.NoError(t, err)
	require.NotContains(t, string(page), "✗", "nothing is wrong with the event store")
	was, err := os.ReadFile(committed)
	if *update && (err != nil || timeless(was) != timeless(page)) {
		require.NoError(t, os.WriteFile(committed, page, 0o644))
		return
	}
	require.NoError(t, err)
	require.Equal(t, timeless(was), timeless(page), "migrations/REVIEW.md is out of date: go test ./cmd/handrail -run TestReviewPage -update")
}

var (
	duration = regexp.MustCompile(`\b\d+\.\d m?s\b`)
	product  = regexp.MustCompile(`\b(Postgres|SQLite) \d+(\.\d+)*`)
	origin   = regexp.MustCompile(`(?m)^(- postgres: Postgres VERSION, ).*`)
)

// timeless is a page without what differs from run to run and from machine to machine.
func timeless(page []byte) string {
	page = duration.ReplaceAll(page, []byte("TIME"))
	page = product.ReplaceAll(page, []byte("$1 VERSION"))
	return string(origin.ReplaceAll(page, []byte("${1}SOURCE")))
}
