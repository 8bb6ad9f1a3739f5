package history

import (
	"slices"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/internal/sqltext"
)

// StatementOn is where a file does something to an object: the last statement that
// begins with one of the verbs and names it, else the last that names it at all.
func StatementOn(d dialect.Dialect, f *File, name string, verbs ...string) (stmt sqltext.Statement, ok bool) {
	if f == nil {
		return sqltext.Statement{}, false
	}
	sure := false
	for _, s := range sqltext.Parse(d, f.SQL).Statements {
		if !s.Mentions(name) {
			continue
		}
		verb := slices.ContainsFunc(verbs, func(v string) bool { return s.Begins(v) })
		if verb || !sure {
			stmt, ok, sure = s, true, verb
		}
	}
	return stmt, ok
}
