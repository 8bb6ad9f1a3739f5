package verify

import (
	"reflect"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/verify/history"
)

// subjects ship on one dialect or on both.
func subjects() map[string]history.Subject {
	folder := fstest.MapFS{"0007_a.up.sql": &fstest.MapFile{Data: []byte("SELECT 1;")}}
	return map[string]history.Subject{"postgres": {Postgres: folder}, "sqlite": {SQLite: folder}, "both": {Postgres: folder, SQLite: folder}}
}

// TestDraftConfig: a new handrail.toml promises nothing, and each example in it is
// valid once the # before it is gone.
func TestDraftConfig(t *testing.T) {
	t.Parallel()
	commented := regexp.MustCompile(`(?m)^# ([a-z_]+ = |\[)`)
	for name, s := range subjects() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := DraftConfig(s)
			require.NoError(t, err)
			require.Equal(t, history.ConfigFile, d.File)
			c, err := history.ParseConfig(d.Text)
			require.NoError(t, err)
			c.Text = ""
			require.Empty(t, c)
			c, err = history.ParseConfig(commented.ReplaceAll(d.Text, []byte("$1")))
			require.NoError(t, err)
			require.Equal(t, int64(7), *c.Floor)
			require.Equal(t, name != "sqlite", strings.Contains(string(d.Text), "statement_timeout"))
			require.Equal(t, name != "postgres", strings.Contains(string(d.Text), "no_tx_wrap"))
		})
	}
}

// TestDraftConfigIsWhole: every key that handrail.toml can have stands in a new one
// for both dialects.
func TestDraftConfigIsWhole(t *testing.T) {
	t.Parallel()
	d, err := DraftConfig(subjects()["both"])
	require.NoError(t, err)
	for _, key := range tomlKeys(reflect.TypeFor[history.Config]()) {
		require.Regexp(t, `(?m)^(# )?(`+key+` = |\[+`+key+`\])`, string(d.Text))
	}
}

// tomlKeys are the keys of a table and of those in it.
func tomlKeys(of reflect.Type) (keys []string) {
	for i := range of.NumField() {
		f := of.Field(i)
		key := f.Tag.Get("toml")
		if key != "" && key != "-" {
			keys = append(keys, key)
		}
		inner := f.Type
		if inner.Kind() == reflect.Slice || inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		if key != "-" && inner.Kind() == reflect.Struct {
			keys = append(keys, tomlKeys(inner)...)
		}
	}
	return keys
}
