package walk

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/history"
	"github.com/handrail-db/handrail/verify/internal/golangmigrate"
	"github.com/handrail-db/handrail/verify/internal/sqltext"
	"github.com/handrail-db/handrail/verify/schema"
)

// mayMix reports whether a file for SQLite has statements of both kinds, so that
// it is worth a copy of the database to ask what they write.
func mayMix(d dialect.Dialect, f *history.File) bool {
	if d != dialect.SQLite || f == nil {
		return false
	}
	ddl, data := false, false
	for _, s := range f.Script(d).Statements {
		ddl = ddl || s.Begins("create") || s.Begins("alter") || s.Begins("drop")
		data = data || mayWrite(s)
	}
	return ddl && data
}

// mayWrite reports whether a statement of SQLite may write rows: a WITH may be
// part of a SELECT.
func mayWrite(s sqltext.Statement) bool {
	return s.Begins("insert") || s.Begins("replace") || s.Begins("update") || s.Begins("delete") || s.Begins("with")
}

// writing runs the statements of an up for SQLite one by one in a copy of the
// database as it was, and asks SQLite of each, in its place, what it would write.
// Copying the rows of a table that is made anew does not count.
type writing struct{}

func (writing) Name() string { return "writes" }

func (writing) Wants(d dialect.Dialect, r history.Revision, _ schema.Snapshot) Wish {
	return wishIf(mayMix(d, r.Up))
}

func (writing) Look(ctx context.Context, at *Points, stair *Stair) (err error) {
	if _, changed := SchemaChange(*stair); !changed {
		return nil
	}
	db, err := at.below.Copy(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	conn, err := db.DB().Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close() //nolint:errcheck // goes with its database
	// With foreign keys on a plan reads and writes more tables than the statement
	// names.
	if _, err := conn.ExecContext(ctx, "PRAGMA foreign_keys = OFF"); err != nil {
		return err
	}
	script := stair.Revision.Up.Script(dialect.SQLite).Statements
	version := golangmigrate.TableOf(dialect.SQLite, at.subject.Runner)
	made := map[string]bool{} // tables of this file, in lower case
	for i, stmt := range script {
		if stmt.Transaction() != "" || stmt.Begins("pragma") {
			continue
		}
		if mayWrite(stmt) {
			p, err := explain(ctx, conn, stmt)
			if err != nil {
				return ctx.Err() // it has run by golang-migrate: what its rows say is judged
			}
			p.writes = slices.DeleteFunc(p.writes, func(t string) bool { return strings.EqualFold(t, version.Name) || strings.HasPrefix(t, "sqlite_") })
			if len(p.writes) > 0 && !(made[strings.ToLower(p.writes[0])] && moves(p, script[i+1:], stair)) {
				stair.Manner.Writes = append(stair.Manner.Writes, writeOf(stmt, p))
			}
		}
		if what, name := stmt.About(); what == "CREATE TABLE" {
			made[strings.ToLower(name)] = true
		}
		if _, err := conn.ExecContext(ctx, stmt.SQL); err != nil {
			return ctx.Err()
		}
	}
	return nil
}

// writeOf names the table that a statement writes: that which it names, unless
// what it names is a view.
func writeOf(stmt sqltext.Statement, p plan) Write {
	_, name := stmt.About()
	verb := strings.ToUpper(stmt.Tokens[0].Text)
	if in := WritesIn(stmt.Tokens, false); stmt.Begins("with") && len(in) > 0 {
		verb, _, _ = strings.Cut(in[0].What, " ")
		name = in[0].Table
	}
	table := p.writes[0]
	for _, t := range p.writes {
		if strings.EqualFold(t, name) {
			table = t
		}
	}
	return Write{table, verb + " " + table, stmt.Line}
}

// moves reports whether a statement that fills a new table moves the rows of one
// that is made anew: it reads nothing but tables that the rest of the file drops,
// or that go with the session, and the new one takes the name of one that was
// there, or was shown to be one under another name.
func moves(p plan, rest []sqltext.Statement, stair *Stair) bool {
	into := p.writes[0]
	if len(p.writes) != 1 || len(p.reads)+p.temporary == 0 {
		return false
	}
	dropped := map[string]bool{}
	for _, stmt := range rest {
		what, name := stmt.About()
		i := slices.IndexFunc(stmt.Tokens, func(l sqltext.Token) bool { return l.Is("rename") })
		switch {
		case what == "DROP TABLE":
			dropped[strings.ToLower(name)] = true
		case what == "ALTER TABLE" && i >= 0 && len(stmt.Tokens) == i+3 && strings.EqualFold(name, into):
			into = stmt.Tokens[i+2].Text
		}
	}
	for _, t := range p.reads {
		if !dropped[strings.ToLower(t)] && !strings.EqualFold(t, p.writes[0]) {
			return false
		}
	}
	return slices.ContainsFunc(stair.Before.Kind("table"), func(o schema.Object) bool { return strings.EqualFold(o.Name, into) }) ||
		slices.ContainsFunc(stair.Manner.Recreated, func(r Recreation) bool { return strings.EqualFold(r.Name, into) })
}

// A plan is the tables that a statement of SQLite reads and writes.
type plan struct {
	reads, writes []string
	temporary     int // tables of the session that it reads
}

// explain asks SQLite for the plan of a statement, which is not run.
func explain(ctx context.Context, conn *sql.Conn, stmt sqltext.Statement) (plan, error) {
	tables := map[int64]string{}
	err := each(ctx, conn, "SELECT rootpage, tbl_name FROM sqlite_schema WHERE rootpage > 0", func(scan func(...any) error) error {
		var page int64
		var name string
		err := scan(&page, &name)
		tables[page] = name
		return err
	})
	if err != nil {
		return plan{}, err
	}
	var p plan
	add := func(list *[]string, page int64) {
		if name := tables[page]; name != "" && !slices.Contains(*list, name) {
			*list = append(*list, name)
		}
	}
	err = each(ctx, conn, "EXPLAIN "+stmt.SQL, func(scan func(...any) error) error {
		var addr, p1, p2, p3 int64
		var opcode string
		var p4, p5, comment any
		if err := scan(&addr, &opcode, &p1, &p2, &p3, &p4, &p5, &comment); err != nil {
			return fmt.Errorf("explain: %w", err)
		}
		switch {
		case opcode == "OpenWrite" && p3 == 0:
			add(&p.writes, p2)
		case opcode == "Clear" && p2 == 0:
			add(&p.writes, p1)
		case opcode == "OpenRead" && p3 == 0:
			add(&p.reads, p2)
		case opcode == "OpenRead" && p3 == 1:
			p.temporary++
		case opcode == "VUpdate" && !commands(stmt):
			_, name := stmt.About()
			p.writes = append(p.writes, name)
		}
		return nil
	})
	p.reads = slices.DeleteFunc(p.reads, func(t string) bool { return strings.HasPrefix(t, "sqlite_") })
	return p, err
}

// each runs a query and calls f with each row.
func each(ctx context.Context, conn *sql.Conn, query string, f func(scan func(...any) error) error) (err error) {
	rows, err := conn.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := f(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// commands reports whether a statement tells a virtual table what to do, as
// INSERT INTO words(words) VALUES ('rebuild') does.
func commands(s sqltext.Statement) bool {
	t := s.Tokens
	return len(t) > 5 && t[1].Is("into") && t[3].Text == "(" && strings.EqualFold(t[2].Text, t[4].Text)
}

// SchemaChange is the first thing that an up has changed in the schema. Comments
// and privileges are none of it.
func SchemaChange(s Stair) (schema.Change, bool) {
	for _, change := range schema.Compare(s.Before, s.Up.Snapshot) {
		o := change.Object()
		props := change.Props()
		switch {
		case o.Kind == "privileges" || o.Kind == "default privileges" || o.Kind == "role" || o.Kind == "membership":
		case len(props) == 1 && props[0] == "comment":
		default:
			return change, true
		}
	}
	return schema.Change{}, false
}

// WritesIn lists the statements in tokens that write rows. In a body one begins
// behind a semicolon or one of PL/pgSQL's words; everywhere it may stand in
// brackets, as the part of a WITH, or behind them.
func WritesIn(tokens []sqltext.Token, body bool) []Write {
	var found []Write
	for i := range tokens {
		if i > 0 && !sqltext.MayStart(tokens[i-1], body) {
			continue
		}
		if table, ok := sqltext.Writes(tokens[i:]); ok {
			found = append(found, Write{table, strings.ToUpper(tokens[i].Text) + " " + table, tokens[i].Line})
		}
	}
	return found
}
