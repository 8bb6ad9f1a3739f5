package verify

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/golang-migrate/migrate/v4/source"

	"github.com/handrail-db/handrail/internal/words"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
)

// lint looks at the files of a history without running them.
func (c *Ledger) lint(h history.History) []finding.Finding {
	findings := slices.Concat(c.passedOver(h), c.provisional(h), c.hardcodedConfig())
	for i, r := range h.Revisions {
		findings = slices.Concat(findings, c.names(r), c.hardcoded(r), c.foreign(h, r))
		if i > 0 {
			findings = append(findings, c.gap(h.Revisions[i-1], r)...)
		}
	}
	return findings
}

// names compares the names of the two files of a revision.
func (c *Pass) names(r history.Revision) []finding.Finding {
	if r.Up == nil && r.Migration == nil {
		return []finding.Finding{c.noUp(r)}
	}
	if r.Down == nil || r.Migration != nil {
		return nil
	}
	up, down := source.Regex.FindStringSubmatch(r.Up.Name)[2], source.Regex.FindStringSubmatch(r.Down.Name)[2]
	if up == down {
		return nil
	}
	f := c.finding(finding.NameMismatch, r, finding.Down)
	f.Severity = finding.Warning
	f.Want, f.Got = up, down
	f.Message = fmt.Sprintf("%s: the up is called %s and the down %s", r, up, down)
	f.Hint = "golang-migrate pairs them by version alone: make sure that this down belongs to this up, and give them one name"
	return []finding.Finding{f}
}

// noUp is a down file that undoes nothing of its version's.
func (c *Pass) noUp(r history.Revision) finding.Finding {
	f := c.finding(finding.NoUp, r, finding.Down)
	f.Message = fmt.Sprintf("%s is a down file, and version %d has no up file", r.Down.Name, r.Version)
	f.Hint = fmt.Sprintf("write %s", strings.Replace(path.Base(r.Down.Name), ".down.", ".up.", 1))
	if near, ok := c.nearest(r); ok {
		f.Message += fmt.Sprintf("; the nearest version is that of %s", near.Up.Name)
		if near.Down == nil {
			f.Message += ", which has no down file"
		}
		f.Hint += ", or give this file the version that it belongs to"
	}
	return f
}

// nearest is the revision with an up whose version is nearest to another's: one
// without a down, where there is one, is what was meant.
func (c *Pass) nearest(r history.Revision) (near history.Revision, ok bool) {
	far := func(o history.Revision) int64 { return max(o.Version-r.Version, r.Version-o.Version) }
	for _, o := range c.history.Revisions {
		lacks, has := o.Down == nil, ok && near.Down == nil
		switch {
		case o.Up == nil, ok && has && !lacks:
		case !ok, lacks && !has, far(o) < far(near):
			near, ok = o, true
		}
	}
	return near, ok
}

// gap notes a version that is missing in a numbered history. In a history by
// date every step is a gap.
func (c *Pass) gap(before, r history.Revision) []finding.Finding {
	if len(r.Digits) > 6 || r.Version-before.Version <= 1 {
		return nil
	}
	f := c.finding(finding.VersionGap, r, finding.Up)
	f.Severity = finding.Note
	missing := fmt.Sprintf("revision %d", before.Version+1)
	if r.Version-before.Version > 2 {
		missing = fmt.Sprintf("revisions %d to %d", before.Version+1, r.Version-1)
	}
	f.Message = fmt.Sprintf("%s follows %s: no %s", r, before, missing)
	f.Hint = "a revision that arrives with a lower version later is never applied where this one is already"
	return []finding.Finding{f}
}

// provisional notes the revisions that are not in the lock file.
func (c *Pass) provisional(h history.History) []finding.Finding {
	var labels []string
	for _, r := range h.Provisional() {
		labels = append(labels, r.String())
	}
	if len(labels) == 0 {
		return nil
	}
	return []finding.Finding{{
		Rule: finding.ProvisionalOrdinal, Severity: finding.Note, Engine: c.engine, Server: c.server.String(), File: c.subject.Path(c.dialect, history.LockFile),
		Message: fmt.Sprintf("%s has no ordinal yet for %s, so that these are provisional: %s", history.LockFile, words.Plural(len(labels), "migration"), strings.Join(labels, ", ")),
		Hint:    "handrail lock gives each its own for good; until then up refuses them",
	}}
}

// passedOver are the files and folders that somebody meant to be read, and that nobody
// reads.
func (c *Pass) passedOver(h history.History) []finding.Finding {
	var findings []finding.Finding
	for _, p := range c.subject.PassedOver {
		if !h.Reads(p.Name) {
			findings = append(findings, passedFinding(p, c, path.Join(c.subject.Dir, p.Name)))
		}
	}
	for _, p := range h.PassedOver {
		findings = append(findings, passedFinding(p, c, c.subject.Path(c.dialect, p.Name)))
	}
	return findings
}

// passedFinding is what is said of it; in is where it lies.
func passedFinding(p history.PassedOver, c *Pass, file string) finding.Finding {
	return finding.Finding{
		Rule: finding.IgnoredFile, Severity: p.Severity, Engine: c.engine, Server: c.server.String(), File: file,
		Object: &finding.ObjectRef{Kind: "file", Name: p.Name}, Message: p.Why, Hint: p.Hint,
	}
}
