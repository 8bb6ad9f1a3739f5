package verify

// policyFindings judges how the up of a stair goes about its work: what a
// reviewer asks of a revision that does what it should. Its down is not judged:
// it has to bring back schema and rows in one step. Said is what was found
// already.
func (c *course) policyFindings(s Stair, said []Finding) []Finding {
	findings := append(c.mixedFindings(s, said), c.destructiveFindings(s)...)
	return append(append(findings, c.rewriteFindings(s)...), c.recreateFindings(s)...)
}
