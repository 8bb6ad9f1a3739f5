package walk

import (
	"context"
	"slices"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/history"
	"github.com/handrail-db/handrail/verify/rows"
	"github.com/handrail-db/handrail/verify/schema"
)

// rewriting finds the tables of Postgres that an up has rewritten.
type rewriting struct{}

func (rewriting) Name() string { return "rewrite" }

func (rewriting) Wants(d dialect.Dialect, _ history.Revision, _ schema.Snapshot) Wish {
	if d == dialect.Postgres {
		return ToLook
	}
	return Nothing
}

func (rewriting) Look(_ context.Context, at *Points, stair *Stair) error {
	stair.Manner.Rewritten = rewrittenTables(stair.Before, stair.Up.Snapshot, at.rows, at.up)
	return nil
}

// rewrittenTables are those of Postgres that a step has rewritten. One that held
// rows and holds none now was emptied, as by TRUNCATE.
func rewrittenTables(before, after schema.Snapshot, was, is *rows.Set) []RewrittenTable {
	var all []RewrittenTable
	for _, change := range schema.Rewritten(before, after) {
		t := RewrittenTable{Name: root(after, *change.Got), Was: root(before, *change.Want)}
		if held := was.Table(t.Was); held != nil {
			t.Rows = held.Count
		}
		if t.Rows > 0 && is.Table(t.Name) == nil {
			continue
		}
		n := slices.IndexFunc(all, func(o RewrittenTable) bool { return o.Name == t.Name })
		if n < 0 {
			n, all = len(all), append(all, t)
		}
		if t.Name != change.Got.Name {
			all[n].Partitions++
		}
	}
	return all
}

// root is the name of the table that a partition belongs to, in the end, or that
// of the table itself.
func root(s schema.Snapshot, o schema.Object) string {
	for o.Prop("partition bound") != "" {
		parent, ok := s.Table(o.Prop("inherits"))
		if !ok {
			break
		}
		o = parent
	}
	return o.Name
}
