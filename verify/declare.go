package verify

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/history"
	"github.com/handrail-db/handrail/verify/internal/ddl"
	"github.com/handrail-db/handrail/verify/internal/walk"
	"github.com/handrail-db/handrail/verify/schema"
)

// A Model is a declared model, as [Declare] writes it.
type Model struct {
	Dialect dialect.Dialect
	File    string // its name, beside the revisions
	SQL     string // all that is to stand there

	// Current: what stands there makes the schema already, and SQL is that.
	Current bool

	// Lost are the lines of comments that stand there now, and not in SQL.
	Lost []string
}

// Declare writes the declared model of an engine's dialect: SQL that makes the
// schema at head in a new database. It has been run, and what it makes compared
// with the schema, or there is an error that names what no SQL makes. A model of
// the subject that makes the schema already is left as it is; of any other one
// the comment at the top is kept.
func Declare(ctx context.Context, e engine.Engine, s history.Subject) (Model, error) {
	m := Model{Dialect: e.Dialect(), File: history.ModelFile(e.Dialect())}
	head, base, err := defineHead(ctx, e, s)
	if err != nil {
		return m, err
	}
	declared, there := s.Declared[m.Dialect]
	if there {
		made, err := makeModel(ctx, e, s, declared, head.Snapshot)
		if err == nil && made.Equal(head.Snapshot) {
			m.SQL, m.Current = declared, true
			return m, nil
		}
		if ctx.Err() != nil {
			return m, context.Cause(ctx)
		}
	}
	text, err := head.Proven(base, func(sql string) (schema.Snapshot, error) { return makeModel(ctx, e, s, sql, head.Snapshot) })
	if err != nil {
		return m, fmt.Errorf("%s: %w", m.File, err)
	}
	m.SQL = topOf(declared, m.Dialect) + "\n" + text
	m.Lost = lostComments(declared, m.SQL)
	return m, nil
}

// defineHead climbs to head in a database of its own and reads what it takes to
// write the schema there, and what is there before the first revision.
func defineHead(ctx context.Context, e engine.Engine, s history.Subject) (head ddl.Definition, base schema.Snapshot, err error) {
	h, err := s.History(e.Dialect())
	if err != nil {
		return head, base, err
	}
	p, err := walk.At(ctx, e, h, s)
	if err != nil {
		return head, base, err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	if base, err = p.Snapshot(ctx); err != nil {
		return head, base, err
	}
	if err := p.GoTo(ctx, h.Head()); err != nil {
		return head, base, fmt.Errorf("climb to head: %w", walk.Describe(err))
	}
	snapshot, err := p.Snapshot(ctx)
	if err != nil {
		return head, base, err
	}
	// A history that leaves the roles as they were says nothing of them.
	if len(schema.Compare(base.Cluster(), snapshot.Cluster())) == 0 {
		base, snapshot = base.Local(), snapshot.Local()
	}
	head, err = define(ctx, p.Database, e.Dialect(), s, snapshot)
	return head, base, err
}

// define reads what it takes to write a snapshot of the database as SQL that runs
// as the subject's revisions do.
func define(ctx context.Context, db engine.Database, d dialect.Dialect, s history.Subject, snapshot schema.Snapshot) (ddl.Definition, error) {
	definition, err := ddl.DefineAs(ctx, db.DB(), d, snapshot)
	if s.Runner.Schema != "" {
		definition.Home = s.Runner.Schema
	}
	return definition, err
}

// makeModel is what a model makes, without roles where want has none.
func makeModel(ctx context.Context, e engine.Engine, s history.Subject, model string, want schema.Snapshot) (schema.Snapshot, error) {
	made, err := declaredSchema(ctx, e, model, s)
	if len(want.Cluster().Objects) == 0 {
		made.Snapshot = made.Local()
	}
	return made.Snapshot, err
}

// topOf is the comment at the top of a model, or what stands there in a new one.
func topOf(model string, d dialect.Dialect) string {
	var top strings.Builder
	for line := range strings.Lines(model) {
		if !strings.HasPrefix(line, "--") {
			break
		}
		top.WriteString(line)
	}
	if top.Len() == 0 {
		return fmt.Sprintf("-- The whole schema at head on %s: the revisions arrive at exactly this.\n", map[dialect.Dialect]string{dialect.Postgres: "Postgres", dialect.SQLite: "SQLite"}[d])
	}
	return top.String()
}

// lostComments are the lines of comments that one text has and another has not.
func lostComments(was, is string) (lost []string) {
	kept := map[string]bool{}
	for line := range strings.Lines(is) {
		kept[strings.TrimSpace(line)] = true
	}
	for line := range strings.Lines(was) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "--") && !kept[line] {
			lost = append(lost, line)
		}
	}
	return lost
}
