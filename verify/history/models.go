package history

import (
	"github.com/handrail-db/handrail/verify/dialect"
)

// ModelFile is the declared model of a dialect, beside the revisions.
func ModelFile(d dialect.Dialect) string { return "schema." + string(d) + ".sql" }
