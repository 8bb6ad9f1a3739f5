package verify

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/internal/words"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
)

// judge compares what the sides have seen and writes it down in a run.
func (p *parity) judge(ctx context.Context, c *Ledger) error {
	item := func(status finding.Status, evidence string) {
		c.run.Checklist = append(c.run.Checklist, finding.Item{Promise: parityPromise, Status: status, Evidence: evidence})
	}
	if !p.subject.Ships(dialect.Postgres) || !p.subject.Ships(dialect.SQLite) {
		item(finding.NotApplicable, onOneDialect)
		return nil
	}
	histories := map[dialect.Dialect]history.History{}
	for _, d := range dialect.All() {
		h, err := p.subject.History(d)
		if err != nil {
			item(finding.NotRun, err.Error())
			return nil // the walk has said so
		}
		histories[d] = h
	}
	all, ordered := pairUp(histories[dialect.Postgres], histories[dialect.SQLite])
	if !ordered {
		item(finding.NotRun, "the migrations follow each other in another order on each dialect")
		return nil
	}
	cmp := &comparison{p: p, pairs: all}
	if p.sides[dialect.Postgres] != nil && p.sides[dialect.SQLite] != nil {
		cmp = p.compare(all)
	}
	answers := cmp.answers(ctx)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	found := cmp.revisions() // which takes from the others what belongs to it
	found = slices.Concat(found, cmp.found, answers.found)
	slices.SortStableFunc(found, func(a, b disparity) int { return a.step - b.step })
	v := &parityVerdict{p: p, c: c, pairs: all}
	v.declare()
	findings := c.whole(v.findings(found)...)
	c.run.Checklist = append(c.run.Checklist, v.items(cmp, findings, answers)...)
	return nil
}

// finish judges on the last of the runs, where there is one that was run.
func (p *parity) finish(ctx context.Context, runs []finding.Run, used map[int]bool) error {
	last := len(runs) - 1
	for i, run := range runs {
		if run.NotRun == "" {
			last = i
		}
	}
	bothShip := p.subject.Ships(dialect.Postgres) && p.subject.Ships(dialect.SQLite)
	if last < 0 || ctx.Err() != nil || !bothShip && runs[last].Unfinished != "" {
		return nil
	}
	run := &runs[last]
	c := &Ledger{Pass: Pass{engine: run.Engine, subject: p.subject}, used: used, run: *run}
	product, version, _ := strings.Cut(run.Server, " ")
	c.server = engine.Server{Product: product, Version: version}
	err := p.judge(ctx, c)
	*run = c.run
	return err
}

// A parityVerdict makes findings of disparities.
type parityVerdict struct {
	p        *parity
	c        *Ledger
	pairs    []pair
	declared []*declaration
	waivers  []finding.Waiver // of the rule, in the files of the revisions
	used     map[int]bool
	counted  int // disparities that are declared
}

// declare reads what the files say of it.
func (v *parityVerdict) declare() {
	for i, p := range v.pairs {
		for _, d := range dialect.All() {
			r := p.of[d]
			v.declared = append(v.declared, declarations(v.p.subject, d, r, i)...)
			if r != nil {
				of := &Pass{subject: v.p.subject, dialect: d}
				v.waivers = append(v.waivers, of.parityWaivers(*r)...)
			}
		}
	}
	v.used = map[int]bool{}
}

// ownWaivers are those of a revision's files that are judged with the revision.
func (c *Pass) ownWaivers(r history.Revision) []finding.Waiver {
	return slices.DeleteFunc(c.waivers(r), func(w finding.Waiver) bool { return w.Rule == finding.Parity })
}

// parityWaivers are those that are judged where the dialects are compared.
func (c *Pass) parityWaivers(r history.Revision) []finding.Waiver {
	return slices.DeleteFunc(c.waivers(r), func(w finding.Waiver) bool { return w.Rule != finding.Parity })
}

// alone reports whether a revision is on one dialect, or has a statement on one
// only.
func (p pair) alone(d dialect.Dialect) bool {
	other := p.of[otherDialect(d)]
	return other == nil || other.Up == nil || len(other.Up.Script(otherDialect(d)).Statements) == 0
}

// because is the reason that somebody has given for a disparity, "" where nobody
// has.
func (v *parityVerdict) because(d *disparity) string {
	for _, o := range v.declared {
		if o.covers(d, v.pairs[d.step].alone(o.dialect)) {
			o.used = true
			return o.because
		}
	}
	return ""
}

func (v *parityVerdict) findings(found []disparity) []finding.Finding {
	var findings []finding.Finding
	for i := range found {
		because := v.because(&found[i])
		for k := range found[i].makes {
			v.because(&found[i].makes[k]) // which makes use of what is written about it
		}
		if !found[i].judged {
			continue
		}
		f := v.finding(found[i])
		if f.Waived = because; because != "" {
			v.counted++
		}
		findings = append(findings, f)
	}
	waive(findings, v.waivers, v.used)
	return findings
}

func (v *parityVerdict) finding(d disparity) finding.Finding {
	pair := v.pairs[d.step]
	r := pair.any()
	f := finding.Finding{
		Rule: finding.Parity, Severity: finding.Error, Engine: v.c.engine, Server: v.c.server.String(), Version: &r.Version, Name: r.Name,
		Object: &d.object, Want: d.want, Got: d.got, Rows: d.rows, Hint: d.hint,
		Message: fmt.Sprintf("%s: %s", r, d.what),
	}
	for _, on := range []dialect.Dialect{d.only, dialect.SQLite, dialect.Postgres} {
		if r := pair.of[on]; r != nil && r.Up != nil {
			name, _, _ := strings.Cut(d.object.Name, " on ")
			f.File, f.Line = v.p.subject.Place(on, r.Up, lineOf(on, r.Up, name[strings.LastIndex(name, ".")+1:]))
			break
		}
	}
	if f.Hint == "" {
		on, object := string(d.only), strings.Split(d.object.Name, " on ")[0]
		if on == "" {
			on = "postgres"
		}
		f.Hint = fmt.Sprintf("make both the same, or say in a file of the revision why not: -- handrail:only %s %s because …", on, object)
	}
	return f
}

// items say how the promise fared, and judge what was written about it.
func (v *parityVerdict) items(cmp *comparison, findings []finding.Finding, answers answers) []finding.Item {
	item := finding.Item{Promise: parityPromise, Status: finding.Pass, Evidence: "after " + words.Plural(len(v.pairs), "revision")}
	why := v.incomplete(cmp)
	standing := slices.ContainsFunc(findings, func(f finding.Finding) bool { return f.Waived == "" })
	switch {
	case standing:
		item.Status, item.Evidence = broken(findings)
	case why != "":
		item.Status, item.Evidence = finding.NotRun, why
	case len(findings) > v.counted:
		item.Status, item.Evidence = finding.Waived, findings[slices.IndexFunc(findings, func(f finding.Finding) bool { return f.Waived != "" })].Waived
	}
	if answers.answered > 0 && item.Status == finding.Pass {
		item.Evidence += fmt.Sprintf("; %s written otherwise, compared by %s that they refuse", words.Plural(answers.answered, "check"), words.Plural(answers.rows, "row"))
	}
	if v.counted > 0 && item.Status == finding.Pass {
		item.Evidence += "; declared, with the reasons: " + words.Plural(v.counted, "difference")
	}
	items := []finding.Item{item}
	for _, u := range answers.unanswered {
		if d := (&disparity{step: u.step, object: u.object(), only: u.on}); v.because(d) == "" && u.judged {
			items = append(items, finding.Item{Revision: v.pairs[u.step].any().String(), Promise: u.promise(), Status: finding.NotRun, Evidence: u.why})
		}
	}
	all := why == "" && v.p.whole
	for i, w := range v.p.subject.Allow {
		v.c.used[i] = v.c.used[i] || w.Rule == finding.Parity && !all // nobody knows
	}
	v.c.run.Findings = append(v.c.run.Findings, v.about(all)...)
	return items
}

// incomplete says why not all revisions were compared, "" where they were.
func (v *parityVerdict) incomplete(cmp *comparison) string {
	for _, d := range dialect.All() {
		if v.p.sides[d] == nil {
			return fmt.Sprintf("no engine of %s was run beside this one", dialectName(d))
		}
	}
	if cmp.through == len(v.pairs) {
		return ""
	}
	for _, s := range v.p.sides {
		if s.stopped != "" {
			return s.stopped
		}
	}
	return fmt.Sprintf("the walk ends before %s", v.pairs[cmp.through].any())
}

// about are findings about declarations and waivers: without a reason or, where
// all has been compared, for nothing.
func (v *parityVerdict) about(all bool) []finding.Finding {
	var findings []finding.Finding
	for _, o := range v.declared {
		r := v.pairs[o.step].any()
		f := finding.Finding{Severity: finding.Error, Engine: v.c.engine, Server: v.c.server.String(), Version: &r.Version, Name: r.Name, File: o.file, Line: o.line}
		what := strings.TrimSpace(fmt.Sprintf("only %s %s", o.dialect, o.object))
		switch {
		case v.p.subject.BelowFloor(r.Version):
			continue
		case o.dialect == "":
			f.Rule, f.Message = finding.WaiverIncomplete, r.String()+": a declaration that names no dialect"
			f.Hint = "write -- handrail:only postgres|sqlite [OBJECT] because REASON"
		case o.because == "":
			f.Rule, f.Message = finding.WaiverIncomplete, fmt.Sprintf("%s: the declaration %q gives no reason", r, what)
			f.Hint = "say why: … because REASON"
		case !o.used && all:
			f.Rule, f.Severity, f.Message = finding.WaiverUnused, finding.Warning, fmt.Sprintf("%s: the declaration %q matches nothing", r, what)
			f.Hint = "remove it"
			if o.object == "" && !v.pairs[o.step].alone(o.dialect) {
				f.Hint = "both dialects have statements in this revision: name the object that is on one alone"
			}
		default:
			continue
		}
		findings = append(findings, f)
	}
	if all {
		findings = append(findings, v.c.waiverFindings(v.waivers, v.used)...)
	}
	return findings
}
