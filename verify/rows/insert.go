package rows

import (
	"encoding/hex"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/handrail-db/handrail/verify/schema"
)

// Insert is a statement that puts a row into a table, to paste.
func (t *Table) Insert(row Row) string {
	var names, values []string
	identity := false
	for i, c := range t.Columns {
		if c.Computed {
			continue
		}
		identity = identity || c.Identity
		names, values = append(names, plain(c.Name)), append(values, t.literal(c, row[i]))
	}
	overriding := ""
	if identity {
		overriding = " OVERRIDING SYSTEM VALUE"
	}
	if len(names) == 0 {
		return "INSERT INTO " + t.sql() + " DEFAULT VALUES;"
	}
	return "INSERT INTO " + t.sql() + " (" + strings.Join(names, ", ") + ")" + overriding + " VALUES (" + strings.Join(values, ", ") + ");"
