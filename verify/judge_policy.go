package verify

import (
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/internal/walk"
)

// policyFindings judges that: what a reviewer asks of a revision that does what it
// should. Its down is not judged: it has to bring back schema and rows in one
// step. Said is what was found already.
func (c *Pass) policyFindings(s walk.Stair, said []finding.Finding) []finding.Finding {
	findings := append(c.mixedFindings(s, said), c.destructiveFindings(s)...)
	return append(append(findings, c.rewriteFindings(s)...), c.recreateFindings(s)...)
}
