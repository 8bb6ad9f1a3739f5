// Package corpus has the changes of a schema that tests go through, one after the other.
package corpus

import (
	"embed"
	"strings"
)

//go:embed *.sql
var files embed.FS

// A Change is one block of a file of changes.
type Change struct {
	Name string
	Why  string // pg_dump or .schema does not show it; "" where they must
	SQL  string
}

// Changes reads a file of this package: "postgres_changes.sql".
func Changes(file string) []Change {
	text, err := files.ReadFile(file)
	if err != nil {
		panic(err)
	}
	var changes []Change
	for _, block := range strings.Split(string(text), "\n--- ")[1:] {
		title, sql, _ := strings.Cut(block, "\n")
		name, why, _ := strings.Cut(title, " | ")
		changes = append(changes, Change{name, why, sql})
	}
	return changes
}
