package verify_test

import (
	"context"
	"errors"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/verify"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
	"github.com/handrail-db/handrail/verify/internal/walk"
)

// TestCheckInterrupted ends the context in the middle of the walk, for a cause
// of the caller's own, as signal.NotifyContext has one: that is an error and no
// finding, and the run is not one that came to its end.
func TestCheckInterrupted(t *testing.T) {
	t.Parallel()
	subject := history.Subject{SQLite: fstest.MapFS{
		"0001_a.up.sql":   {Data: []byte("CREATE TABLE a (id INTEGER PRIMARY KEY);")},
		"0001_a.down.sql": {Data: []byte("DROP TABLE a;")},
		"0002_b.up.sql":   {Data: []byte("CREATE TABLE b (id INTEGER PRIMARY KEY);")},
		"0002_b.down.sql": {Data: []byte("DROP TABLE b;")},
	}}
	cause := errors.New("the caller has had enough")
	for _, direction := range []finding.Direction{finding.Up, finding.Down, finding.Again} {
		t.Run(string(direction), func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancelCause(t.Context())
			progress := func(p walk.Progress) {
				if p.Step == 2 && p.Direction == direction {
					cancel(cause)
				}
			}
			report, err := verify.Check(ctx, []engine.Engine{fixtures.SQLiteMemory, fixtures.SQLiteFile}, subject, verify.Options{Progress: progress})
			require.ErrorIs(t, err, cause)
			require.Len(t, report.Runs, 2)
			require.Empty(t, report.Runs[0].All(), "an interrupt says nothing about a revision")
			require.NotEmpty(t, report.Runs[0].Unfinished)
			require.Equal(t, finding.Clean, report.Runs[0].Revisions[0].Verdict)
			require.Equal(t, "0002_b", report.Runs[0].Revisions[1].Label)
			require.Equal(t, finding.Unverified, report.Runs[0].Revisions[1].Verdict)
			require.Equal(t, "interrupted", report.Runs[0].Revisions[1].NotMade[finding.Down])
			require.Equal(t, "interrupted", report.Runs[1].NotRun)
			require.Equal(t, finding.Summary{Missing: 2, NotRun: 3 + 1 + 1}, report.Summary)
		})
	}
}
