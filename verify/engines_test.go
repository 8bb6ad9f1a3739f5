package verify_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
)

// ran ends a test whose engine was not to be had: it is skipped, with what was
// tried, or fails where the engine is required.
func ran(t *testing.T, run finding.Run, err error) {
	t.Helper()
	if run.NotRun != "" {
		require.NoError(t, err)
		t.Skip(run.NotRun)
	}
}

// available is ran for an engine that is asked directly.
func available(t *testing.T, err error) {
	t.Helper()
	var missing *engine.Unavailable
	if errors.As(err, &missing) && missing.Required == "" {
		t.Skip(missing)
	}
	require.NoError(t, err)
}
