package verify

import (
	"slices"

	"github.com/handrail-db/handrail/verify/schema"
)

// widerIndex finds what does the work of an index of SQLite that is not there any
// more: an index or key of its table that begins with the same columns. A unique
// index makes a promise, which no other keeps.
func widerIndex(s schema.Snapshot, gone schema.Object) (schema.Object, bool) {
	parts := gone.Key.Parts
	if gone.Kind != "index" || gone.Key.Unique || len(parts) == 0 {
		return schema.Object{}, false
	}
	for _, o := range s.Objects {
		var others []schema.KeyPart
		switch {
		case o.Parent != gone.Parent:
		case o.Kind == "index" && (o.Key.Where == "" || o.Key.Where == gone.Key.Where):
			others = o.Key.Parts
		case o.Kind == "primary key" || o.Kind == "unique":
			others = plainParts(o.Columns)
		}
		if len(others) >= len(parts) && slices.Equal(others[:len(parts)], parts) {
			return o, true
		}
	}
	return schema.Object{}, false
}

// plainParts are those of a key on columns of which it says no more.
func plainParts(columns []string) (parts []schema.KeyPart) {
	for _, name := range columns {
		parts = append(parts, schema.KeyPart{Column: name})
	}
	return parts
}
