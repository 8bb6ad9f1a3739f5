package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/internal/words"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
	"github.com/handrail-db/handrail/verify/internal/sqltext"
)

const guardPromise = "every statement is of its file's own dialect"

// foreign names what the files of a revision hold that only the other dialect
// understands. Texts, comments, names in quotes and the bodies of functions do
// not count.
func (c *Pass) foreign(h history.History, r history.Revision) []finding.Finding {
	var findings []finding.Finding
	for _, d := range []finding.Direction{finding.Up, finding.Down} {
		said := map[string]bool{}
		file := r.File(d)
		if file == nil {
			continue
		}
	statements:
		for _, s := range file.Script(c.dialect).Statements {
			for i, token := range s.Tokens {
				sign, what := sqltext.SignAt(s, i, otherDialect(c.dialect))
				if what == "" || sign.Harmless || said[what] || sign.Function && definesFunction(h, token.Text) {
					continue
				}
				if said[what] = true; what != "$$" || !said["DO"] {
					findings = append(findings, c.foreignFinding(r, d, sign, what, token.Line))
				}
				if what == "$$" { // only Postgres knows where that ends
					break statements
				}
			}
		}
	}
	return findings
}

func (c *Pass) foreignFinding(r history.Revision, d finding.Direction, sign sqltext.Sign, what string, line int) finding.Finding {
	f := c.finding(finding.Guard, r, d)
	f.Severity = finding.Warning
	f.File, f.Line = c.subject.Place(c.dialect, r.File(d), line)
	f.Object = &finding.ObjectRef{Kind: "statement", Name: what}
	other := dialectName(sign.Dialect)
	f.Message = fmt.Sprintf("%s: %s has %s, which is %s and not %s", r, d, what, other, dialectName(c.dialect))
	if sign.There != "" {
		f.Message += ": " + sign.There
	}
	f.Hint = "write what " + dialectName(c.dialect) + " has for it"
	if c.subject.Ships(sign.Dialect) {
		f.Hint += fmt.Sprintf("; what only %s can do stands in its own files, with -- handrail:only %s OBJECT because …", other, sign.Dialect)
	}
	return f
}

// dialectName is a dialect as a person writes it.
func dialectName(d dialect.Dialect) string {
	switch d {
	case dialect.Postgres:
		return "Postgres"
	case dialect.SQLite:
		return "SQLite"
	}
	return string(d)
}

func otherDialect(d dialect.Dialect) dialect.Dialect {
	if d == dialect.Postgres {
		return dialect.SQLite
	}
	return dialect.Postgres
}

// definesFunction reports whether a revision creates a function of the name.
func definesFunction(h history.History, function string) bool {
	for _, r := range h.Revisions {
		if r.Up == nil || !strings.Contains(strings.ToLower(r.Up.SQL), function) {
			continue
		}
		for _, s := range r.Up.Script(h.Dialect).Statements {
			i := slices.IndexFunc(s.Tokens, func(l sqltext.Token) bool { return l.Is("function") })
			if s.Begins("create") && i > 0 && i < 4 && slices.ContainsFunc(s.Tokens[i:min(i+4, len(s.Tokens))], func(l sqltext.Token) bool { return l.IsName() && l.Text == function }) {
				return true
			}
		}
	}
	return false
}

// guardItem says how the files of all revisions fared.
func (c *Ledger) guardItem() finding.Item {
	files := 0
	for _, r := range c.history.Revisions {
		for _, d := range []finding.Direction{finding.Up, finding.Down} {
			if r.File(d) != nil {
				files++
			}
		}
	}
	return c.promiseOf(finding.Guard, guardPromise, words.Plural(files, "file"))
}

// promiseOf is the item of a promise about all revisions that one rule judges.
func (c *Ledger) promiseOf(rule finding.Rule, promise, evidence string) finding.Item {
	var findings []finding.Finding
	judged := false
	for _, v := range c.run.Revisions {
		judged = judged || v.Verdict != finding.Unverified
		findings = append(findings, slices.DeleteFunc(slices.Clone(v.Findings), func(f finding.Finding) bool { return f.Rule != rule })...)
	}
	item := finding.Item{Promise: promise, Status: finding.Pass, Evidence: evidence}
	switch {
	case len(findings) > 0:
		item.Status, item.Evidence = broken(findings)
	case !judged:
		item.Status, item.Evidence = finding.NotRun, "no revision was looked at"
	}
	return item
}
