package verify

import (
	"github.com/handrail-db/handrail/verify/engine"
)

// grantedHint is what to do about an object that is not there and that no
// revision may ever have made.
func grantedHint(err error) string {
	switch engine.SQLState(err) {
	case "42704", "3F000", "42883":
		return "; where the database has it before the first revision, make it by --prelude"
	}
	return ""
}
