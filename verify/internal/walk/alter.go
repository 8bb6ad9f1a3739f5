package walk

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/history"
	"github.com/handrail-db/handrail/verify/internal/golangmigrate"
	"github.com/handrail-db/handrail/verify/internal/sqltext"
	"github.com/handrail-db/handrail/verify/rows"
	"github.com/handrail-db/handrail/verify/schema"
)

// alters tries the up with an alteration in place of the rebuild of its table, in
// copies of the database as it was, with foreign keys and without, and compares what
// comes of it with what the up has made: everything there is.
func (p *Points) alters(ctx context.Context, a alteration, f *history.File, from string) (same bool, err error) {
	if a.impossible() {
		return false, nil
	}
	statements, drops := a.instead(f, from)
	if drops && p.up.Table(a.is) == nil {
		return false, nil // what becomes of its rows when another table goes is not to be seen
	}
	for _, keys := range []string{"OFF", "ON"} {
		if same, err = p.altersWith(ctx, a, keys, statements); err != nil || !same {
			return false, err
		}
	}
	return true, nil
}

func (p *Points) altersWith(ctx context.Context, a alteration, keys string, statements []string) (same bool, err error) {
	db, err := p.below.Copy(ctx)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	conn, err := db.DB().Conn(ctx)
	if err != nil {
		return false, err
	}
	if !p.subject.Runner.NoTxWrap {
		statements = slices.Concat([]string{"BEGIN"}, statements, []string{"COMMIT"})
	}
	for _, stmt := range append([]string{"PRAGMA foreign_keys = " + keys}, statements...) {
		if _, err := conn.ExecContext(ctx, stmt); err != nil {
			_, _ = conn.ExecContext(ctx, "ROLLBACK")           // the copy goes all the same
			return false, errors.Join(ctx.Err(), conn.Close()) // SQLite cannot
		}
	}
	if err := conn.Close(); err != nil {
		return false, err
	}
	snap, err := schema.Inspect(ctx, db.DB(), dialect.SQLite)
	if err != nil {
		return false, err
	}
	snap = snap.Without(OwnTables(golangmigrate.TableOf(dialect.SQLite, p.subject.Runner).Names))
	if !snap.Equal(a.after) {
		return false, nil
	}
	set, err := rows.Read(ctx, db.DB(), dialect.SQLite, snap)
	if err != nil {
		return false, err
	}
	defer set.Close() //nolint:errcheck // a set that is read has nothing to lose
	return p.keepsRows(a.is, set, snap)
}

// keepsRows reports whether a table has the rows that the up has given it, and all
// others either those or, where the up takes some, what they had before.
func (p *Points) keepsRows(table string, set *rows.Set, snap schema.Snapshot) (bool, error) {
	fromUp, err := rows.Compare(p.up, set, ColumnsIn(snap))
	if err != nil {
		return false, err
	}
	fromBefore, err := rows.Compare(p.rows, set, ColumnsIn(snap))
	if err != nil {
		return false, err
	}
	return !slices.ContainsFunc(fromUp, func(d rows.Difference) bool {
		return d.Table.Name == table || slices.ContainsFunc(fromBefore, func(b rows.Difference) bool { return b.Table.Name == d.Table.Name })
	}), nil
}

// instead are the statements of a file with an alteration in place of the rebuild of
// its table, which it creates under a name; and whether they take another table away.
func (a alteration) instead(f *history.File, from string) (statements []string, drops bool) {
	was := []string{strings.ToLower(a.was)} // the names that the old table has
	put := false
	for _, stmt := range f.Script(dialect.SQLite).Statements {
		if a.rebuilds(stmt, from, &was) {
			if !put {
				statements, put = append(statements, a.statements()...), true
			}
			continue
		}
		statements, drops = append(statements, stmt.SQL), drops || stmt.Begins("drop", "table")
	}
	return statements, drops
}

// rebuilds reports whether a statement is one of those that make the table anew.
func (a alteration) rebuilds(stmt sqltext.Statement, from string, was *[]string) bool {
	what, name := stmt.About()
	name = strings.ToLower(sqltext.Bare(name))
	old := slices.Contains(*was, name)
	switch {
	case what == "ALTER TABLE" && old:
		if i := slices.IndexFunc(stmt.Tokens, func(l sqltext.Token) bool { return l.Is("rename") }); i > 0 && len(stmt.Tokens) == i+3 {
			*was = append(*was, strings.ToLower(stmt.Tokens[i+2].Text))
			return true
		}
	case what == "DROP TABLE" && old, name == from && slices.Contains([]string{"CREATE TABLE", "INSERT", "ALTER TABLE"}, what):
		return true
	case strings.HasSuffix(what, "INDEX"), strings.HasSuffix(what, "TRIGGER"):
		return slices.ContainsFunc(a.before.Objects, func(o schema.Object) bool {
			return (o.Kind == "index" || o.Kind == "trigger") && o.Parent == a.was && strings.EqualFold(o.Name, name)
		})
	}
	return false
}
