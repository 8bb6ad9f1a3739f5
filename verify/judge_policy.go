package verify

import (
	"context"
	"errors"

	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/rows"
)

// A Manner is how the up of a revision goes about its work.
type Manner struct {
	Rewritten []RewrittenTable // tables of Postgres
	Recreated []Recreation     // tables of SQLite that ALTER TABLE could have changed
	Writes    []Write          // statements for SQLite that write rows
}

// manner looks at an up that was made. Up are the rows after it.
func (w *walk) manner(ctx context.Context, s *workshop, stair *Stair, up *rows.Set) error {
	stair.Manner.Rewritten = rewrittenTables(stair.Before, stair.Up.Snapshot, w.rows, up)
	return errors.Join(w.recreations(ctx, s, stair, up), w.writes(ctx, s, stair))
}

// policyFindings judges that: what a reviewer asks of a revision that does what it
// should. Its down is not judged: it has to bring back schema and rows in one
// step. Said is what was found already.
func (c *course) policyFindings(s Stair, said []finding.Finding) []finding.Finding {
	findings := append(c.mixedFindings(s, said), c.destructiveFindings(s)...)
	return append(append(findings, c.rewriteFindings(s)...), c.recreateFindings(s)...)
}
