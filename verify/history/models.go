package history

import (
	"slices"

	"github.com/handrail-db/handrail/verify/dialect"
)

// ModelFile is the declared model of a dialect, beside the revisions.
func ModelFile(d dialect.Dialect) string { return "schema." + string(d) + ".sql" }

// isModelFile reports whether a file is the declared model of a dialect.
func isModelFile(name string) bool {
	return slices.ContainsFunc(dialect.All(), func(d dialect.Dialect) bool { return name == ModelFile(d) })
}
