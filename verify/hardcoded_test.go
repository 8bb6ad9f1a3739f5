package verify_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/verify"
	"github.com/handrail-db/handrail/verify/history"
)

// TestPasswordsAreNeverPrinted: what the case of hardcoded-url holds is nowhere
// in a report, whatever else is wrong with its revisions.
func TestPasswordsAreNeverPrinted(t *testing.T) {
	t.Parallel()
	archive, err := txtar.ParseFile("testdata/cases/hardcoded_url.txtar")
	require.NoError(t, err)
	subject, err := history.Load(caseFolder(t, archive), "")
	require.NoError(t, err)
	report, err := verify.Check(t.Context(), fixtures.All(), subject, verify.Options{})
	require.NoError(t, err)
	text, err := json.Marshal(report)
	require.NoError(t, err)
	require.NotContains(t, string(text), "hunter2")
	require.Positive(t, strings.Count(string(text), "***"))
}
