package report_test

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/move"
)

// TestJSONContract compares the fields that JSON.md lists, their types and
// whether they can be left out, with what the encoder can write.
func TestJSONContract(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("JSON.md")
	require.NoError(t, err)
	of := []reflect.Type{
		reflect.TypeFor[finding.Report](), reflect.TypeFor[finding.Finding](),
		reflect.TypeFor[move.Position](), reflect.TypeFor[move.Attempts](), reflect.TypeFor[move.Entry](),
	}
	tables := strings.Split(string(text), "\n|---|---|---|---|\n")[1:]
	require.Len(t, tables, len(of))
	for i, table := range tables {
		require.Equal(t, fields(of[i], ""), documented("\n"+table), of[i].Name())
	}
}

// TestGoldenShowsTheContract looks for every field of JSON.md in the golden file, so
// that there is an example of each.
func TestGoldenShowsTheContract(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("JSON.md")
	require.NoError(t, err)
	golden, err := os.ReadFile("testdata/json.golden")
	require.NoError(t, err)
	checks, _, ok := strings.Cut(string(text), "\n# Where a database stands")
	require.True(t, ok)
	for _, field := range documented(checks) {
		path, _, _ := strings.Cut(field, " ")
		name := path[strings.LastIndex(path, ".")+1:]
		require.Contains(t, string(golden), `"`+name+`": `, path)
	}
}

var row = regexp.MustCompile("(?m)^\\| `([^`]+)` \\| (\\w+) \\| .+ \\|( .+)? \\|$")

// documented are the rows of a table: name, type, and whether a condition is given
// on which the field is left out.
func documented(text string) []string {
	var all []string
	for _, m := range row.FindAllStringSubmatch(text, -1) {
		line := m[1] + " " + m[2]
		if m[3] != "" {
			line += ", may be left out"
		}
		all = append(all, line)
	}
	return all
}

// fields are those that encoding/json writes of a type, those of findings and of
// attempts, which have tables of their own, left out.
func fields(of reflect.Type, prefix string) []string {
	var all []string
	for i := range of.NumField() {
		f := of.Field(i)
		name, options, tagged := strings.Cut(f.Tag.Get("json"), ",")
		if !f.IsExported() || name == "-" { // for this process alone
			continue
		}
		line := prefix + name + " " + jsonType(f.Type)
		if tagged {
			line += ", may be left out"
			if options != "omitempty" {
				line += " by " + options
			}
		}
		all = append(all, line)
		inner, at := f.Type, prefix+name+"."
		switch inner.Kind() {
		case reflect.Pointer:
			inner = inner.Elem()
		case reflect.Slice:
			inner, at = inner.Elem(), prefix+name+"[]."
		}
		if jsonType(inner) == "object" && inner != reflect.TypeFor[finding.Finding]() && inner != reflect.TypeFor[move.Entry]() {
			all = append(all, fields(inner, at)...)
		}
	}
	return all
}

func jsonType(of reflect.Type) string {
	switch of {
	case reflect.TypeFor[time.Time]():
		return "string"
	case reflect.TypeFor[engine.Version]():
		return "version"
	}
	switch of.Kind() {
	case reflect.Bool:
		return "boolean"
	case reflect.Int, reflect.Int64:
		return "integer"
	case reflect.Float64:
		return "number"
	case reflect.String:
		return "string"
	case reflect.Slice:
		return "list"
	case reflect.Pointer:
		return jsonType(of.Elem())
	case reflect.Struct:
		return "object"
	}
	return of.String()
}
