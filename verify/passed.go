package verify

import (
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
)

// passedFinding is what is said of it; in is where it lies.
func passedFinding(p history.PassedOver, c *course, file string) finding.Finding {
	return finding.Finding{
		Rule: finding.IgnoredFile, Severity: p.Severity, Engine: c.engine, Server: c.server.String(), File: file,
		Object: &finding.ObjectRef{Kind: "file", Name: p.Name}, Message: p.Why, Hint: p.Hint,
	}
}
