package verify

import (
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/internal/sqltext"
	"github.com/handrail-db/handrail/verify/schema"
)

// widerIndex finds what does the work of an index of SQLite that is not there any
// more: an index or key of its table that begins with the same columns. A unique
// index makes a promise, which no other keeps.
func widerIndex(s schema.Snapshot, gone schema.Object) (schema.Object, bool) {
	parts, rest, unique := indexParts(gone)
	if gone.Kind != "index" || unique || len(parts) == 0 {
		return schema.Object{}, false
	}
	for _, o := range s.Objects {
		if o.Parent != gone.Parent {
			continue
		}
		var others []string
		behind := ""
		switch o.Kind {
		case "index":
			others, behind, _ = indexParts(o)
		case "primary key", "unique":
			for _, name := range o.Columns {
				others = append(others, strings.ToLower(name))
			}
		}
		if len(others) >= len(parts) && slices.Equal(others[:len(parts)], parts) && (behind == "" || behind == rest) {
			return o, true
		}
	}
	return schema.Object{}, false
}

// indexParts are what an index is on, one by one, in lower case; what stands behind
// that, as WHERE does; and whether it is unique.
func indexParts(o schema.Object) (parts []string, behind string, unique bool) {
	stmts := sqltext.Parse(dialect.SQLite, o.Prop("definition")).Statements
	if len(stmts) != 1 {
		return nil, "", false
	}
	depth, part := 0, []string{}
	for _, l := range stmts[0].Tokens {
		text := l.Text
		if l.IsName() {
			text = strings.ToLower(text)
		}
		symbol := l.Kind == sqltext.Symbol
		switch {
		case depth == 0 && l.Is("unique") && len(parts) == 0:
			unique = true
		case symbol && text == "(" && depth == 0 && len(parts) == 0:
			depth++
			continue
		case symbol && text == "(":
			depth++
		case symbol && text == ")":
			depth--
		}
		switch {
		case depth == 0 && symbol && text == ")" && len(part) > 0 && behind == "":
			parts, part = append(parts, strings.Join(part, " ")), nil
		case depth == 0 && len(parts) > 0:
			behind = strings.TrimSpace(behind + " " + text)
		case depth == 1 && symbol && text == ",":
			parts, part = append(parts, strings.Join(part, " ")), nil
		case depth > 0:
			part = append(part, text)
		}
	}
	return parts, behind, unique
}
