package verify

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/golang-migrate/migrate/v4/source"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
	"github.com/handrail-db/handrail/verify/internal/words"
)

// lint looks at the files of a history without running them.
func (c *course) lint(h history.History) ([]finding.Finding, error) {
	findings, err := c.ignoredFiles(h)
	findings = append(append(findings, c.provisional(h)...), c.hardcodedConfig()...)
	for i, r := range h.Revisions {
		findings = slices.Concat(findings, c.names(r), c.hardcoded(r), c.foreign(h, r))
		if i > 0 {
			findings = append(findings, c.gap(h.Revisions[i-1], r)...)
		}
	}
	return findings, err
}

// names compares the names of the two files of a revision.
func (c *course) names(r history.Revision) []finding.Finding {
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
func (c *course) noUp(r history.Revision) finding.Finding {
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
func (c *course) nearest(r history.Revision) (near history.Revision, ok bool) {
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
func (c *course) gap(before, r history.Revision) []finding.Finding {
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
func (c *course) provisional(h history.History) []finding.Finding {
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

// ignoredFiles are those that golang-migrate passes over without a word, or that
// no migration of TOML or JSON names.
func (c *course) ignoredFiles(h history.History) ([]finding.Finding, error) {
	entries, err := fs.ReadDir(c.subject.FS(c.dialect), ".")
	if err != nil {
		return nil, err
	}
	var findings []finding.Finding
	for _, p := range c.subject.PassedOver {
		if !h.Reads(p.Name) {
			findings = append(findings, passedFinding(p, c, path.Join(c.subject.Dir, p.Name)))
		}
	}
	passed, err := c.subject.PassedIn(c.dialect)
	if err != nil {
		return nil, err
	}
	for _, p := range passed {
		if !h.Reads(p.Name) {
			findings = append(findings, passedFinding(p, c, c.subject.Path(c.dialect, p.Name)))
		}
	}
	if h.TOMLJSON() {
		return append(findings, c.unnamedFiles(h, entries)...), nil
	}
	for _, e := range entries {
		name := e.Name()
		meant := source.Regex.MatchString(name) || history.Companion.MatchString(name)
		if meant != e.IsDir() || !meant && (!strings.EqualFold(path.Ext(name), ".sql") || !history.LooksLikeMigration.MatchString(name)) {
			continue
		}
		findings = append(findings, finding.Finding{
			Rule: finding.IgnoredFile, Severity: finding.Warning, Engine: c.engine, Server: c.server.String(), File: c.subject.Path(c.dialect, name),
			Object:  &finding.ObjectRef{Kind: "file", Name: name},
			Message: fmt.Sprintf("golang-migrate does not read %s: %s", name, history.WhyIgnored(name)),
			Hint:    "call it VERSION_name.up.sql or VERSION_name.down.sql, or move it out of the folder",
		})
		if last := &findings[len(findings)-1]; e.IsDir() {
			last.Message, last.Hint = name+" is not read: it is a folder", "make it a file, or move it out of the folder"
		}
	}
	return findings, nil
}

// unnamedFiles are those of SQL that no migration names.
func (c *course) unnamedFiles(h history.History, entries []fs.DirEntry) []finding.Finding {
	named := h.Named()
	var findings []finding.Finding
	for _, e := range entries {
		name := e.Name()
		if e.IsDir() || !strings.EqualFold(path.Ext(name), ".sql") || slices.Contains(named, name) || name == history.ModelFile(dialect.Postgres) || name == history.ModelFile(dialect.SQLite) {
			continue
		}
		findings = append(findings, finding.Finding{
			Rule: finding.IgnoredFile, Severity: finding.Warning, Engine: c.engine, Server: c.server.String(), File: c.subject.Path(c.dialect, name),
			Object:  &finding.ObjectRef{Kind: "file", Name: name},
			Message: fmt.Sprintf("no migration names %s", name),
			Hint:    "name it in a migration, or move it out of the folder",
		})
	}
	return findings
}
