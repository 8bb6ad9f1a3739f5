package walk

import (
	"context"
	"errors"
	"slices"

	"github.com/handrail-db/handrail/verify/rows"
	"github.com/handrail-db/handrail/verify/schema"
)

// manner looks at an up that was made. Up are the rows after it.
func (w *walker) manner(ctx context.Context, s *points, stair *Stair, up *rows.Set) error {
	stair.Manner.Rewritten = rewrittenTables(stair.Before, stair.Up.Snapshot, w.rows, up)
	return errors.Join(w.recreations(ctx, s, stair, up), w.writes(ctx, s, stair))
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
