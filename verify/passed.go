package verify

import (
	"github.com/handrail-db/handrail/verify/finding"
)

// passedFinding is what is said of it; in is where it lies.
func passedFinding(p passedOver, c *course, file string) finding.Finding {
	return finding.Finding{
		Rule: finding.IgnoredFile, Severity: p.severity, Engine: c.engine, Server: c.server.String(), File: file,
		Object: &finding.ObjectRef{Kind: "file", Name: p.name}, Message: p.why, Hint: p.hint,
	}
}
