package schema

import "github.com/handrail-db/handrail/verify/dialect"

// InSQL is the name of a relation as SQL has it: on Postgres the catalogue says it so, with
// its schema and in quotes where it needs them.
func (o Object) InSQL(d dialect.Dialect) string {
	if d == dialect.Postgres {
		return o.Name
	}
	return dialect.Name(o.Name)
}
