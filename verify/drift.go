package verify

import (
	"context"
	"errors"
	"fmt"
	"path"

	"github.com/handrail-db/handrail/internal/words"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
	"github.com/handrail-db/handrail/verify/internal/ddl"
	"github.com/handrail-db/handrail/verify/internal/sqltext"
	"github.com/handrail-db/handrail/verify/internal/walk"
	"github.com/handrail-db/handrail/verify/schema"
)

// driftRemedy names both ways out.
const driftRemedy = "run that in a new revision, or bring the model up to date with handrail schema --write"

const declaredPromise = "the schema at head is the declared one"

// drift compares the schema at head with the declared model of the dialect,
// where there is one.
func (c *Ledger) drift(ctx context.Context, e engine.Engine, head schema.Snapshot) error {
	model, ok := c.subject.Declared[c.dialect]
	if !ok {
		return nil
	}
	item := finding.Item{Promise: declaredPromise, Status: finding.Pass}
	declared, err := declaredSchema(ctx, e, model, c.subject)
	if err != nil {
		return fmt.Errorf("declared model %s: %w", history.ModelFile(c.dialect), err)
	}
	// A model that says nothing of roles leaves them to somebody else.
	if len(history.FindClusterStatements(history.ModelFile(c.dialect), sqltext.Parse(dialect.Postgres, model))) == 0 {
		declared.Snapshot, head = declared.Local(), head.Local()
	}
	changes := schema.Roots(schema.Compare(declared.Snapshot, head))
	statements, err := ddl.StatementsFor(changes, head, declared)
	if err != nil {
		return err
	}
	var findings []finding.Finding
	for i, change := range changes {
		f := aboutChange(finding.Finding{
			Rule: finding.Drift, Severity: finding.Error, Engine: c.engine, Server: c.server.String(), Statements: statements[i],
			File: path.Join(c.subject.Dir, history.ModelFile(c.dialect)), Hint: driftRemedy,
		}, change)
		if f.Statements == "" {
			f.Hint = "change the model or add a revision, so that both say the same"
		}
		switch {
		case change.Want == nil:
			f.Message = fmt.Sprintf("%s is made by the revisions and not declared", change.Object())
		case change.Got == nil:
			f.Message = fmt.Sprintf("%s is declared and not made by any revision", change.Object())
		default:
			f.Message = fmt.Sprintf("%s is declared otherwise than the revisions make it", change.Object())
		}
		findings = append(findings, f)
	}
	if len(c.whole(findings...)) > 0 {
		item.Status, item.Evidence = broken(findings)
	} else {
		item.Evidence = fmt.Sprintf("%s compared with %s", words.Plural(len(head.Objects), "object"), history.ModelFile(c.dialect))
	}
	c.run.Checklist = append(c.run.Checklist, item)
	return nil
}

// declaredSchema is the catalogue of a new database made from a model alone, with
// what it takes to write it.
func declaredSchema(ctx context.Context, e engine.Engine, model string, s history.Subject) (_ ddl.Definition, err error) {
	h := history.History{Dialect: e.Dialect(), Revisions: []history.Revision{{Version: 1, Name: "declared", Digits: "1", Up: &history.File{Name: history.ModelFile(e.Dialect()), SQL: model}}}}
	s.Subfolders = nil // the model is beside them
	p, err := walk.At(ctx, e, h, s)
	if err != nil {
		return ddl.Definition{}, err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	if err := p.GoTo(ctx, 1); err != nil {
		return ddl.Definition{}, walk.Describe(err)
	}
	snapshot, err := p.Snapshot(ctx)
	if err != nil {
		return ddl.Definition{}, err
	}
	return define(ctx, p.Database, e.Dialect(), s, snapshot)
}
