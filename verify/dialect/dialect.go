// Package dialect names the kinds of SQL that Handrail speaks, and how they write names
// and texts.
package dialect

import "strings"

// A Dialect is a family of engines that speak one SQL and keep one catalogue.
type Dialect string

// The dialects. The zero value is none of them.
const (
	Postgres Dialect = "postgres"
	SQLite   Dialect = "sqlite"
)

// All are the dialects, in the order in which reports list them. Whatever has an entry
// for one of them has an entry for each.
func All() []Dialect { return []Dialect{Postgres, SQLite} }

// Name writes an identifier as SQL, in quotes. Both dialects read it alike; a NUL byte
// in it is for the caller to refuse.
func Name(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// Literal writes a text as SQL. Postgres reads it so as long as
// standard_conforming_strings is on, its default.
func Literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
