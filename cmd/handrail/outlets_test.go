package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/report"
)

// TestFormatsAreNamed: the help of check names each format in which it can report.
func TestFormatsAreNamed(t *testing.T) {
	t.Parallel()
	help := checkCommand().Flags().Lookup("report").Usage
	for _, f := range report.Formats() {
		require.Contains(t, help, f.Name)
	}
	_, err := parseOutlet("xml")
	require.EqualError(t, err, `--report "xml": want text, json, markdown or github, or one of them with =FILE`)
}
