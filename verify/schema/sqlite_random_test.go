package schema

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/verify/internal/sqltext"
)

// TestRandomTables writes tables by SQLite's grammar, as no person would, and
// compares what is read of them with SQLite's own pragmas. The canonical text
// of each, run as a statement, gives the same table again.
func TestRandomTables(t *testing.T) {
	t.Parallel()
	accepted := 0
	for seed := range uint64(400) {
		ddl := (&author{rand.New(rand.NewPCG(seed, 0))}).table()
		db := memory(t)
		if _, err := db.ExecContext(t.Context(), ddl); err != nil {
			continue
		}
		accepted++
		ok := t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			s := inspect(t, db)
			for _, table := range s.Kind("table") {
				agree(t, db, s, table)
			}
			tokens, err := sqltext.Canonical(ddl)
			require.NoError(t, err)
			again := memory(t)
			_, err = again.ExecContext(t.Context(), sqltext.Render(tokens))
			require.NoError(t, err, "canonical text %s", sqltext.Render(tokens))
			require.Empty(t, Diff(folded(s), folded(inspect(t, again))), "canonical text %s", sqltext.Render(tokens))
		})
		require.True(t, ok, "reading this table: %s", ddl)
	}
	require.Greater(t, accepted, 150, "SQLite must accept a good part of the tables")
}

// folded is a snapshot with its names in lower case.
func folded(s Snapshot) Snapshot {
	var objects []Object
	for _, o := range s.Objects {
		f := Object{Kind: o.Kind, Parent: sqltext.Fold(o.Parent), Name: sqltext.Fold(o.Name)}
		for _, p := range o.Props {
			f = f.With(p.Name, sqltext.Fold(p.Value))
		}
		objects = append(objects, f)
	}
	return NewSnapshot(objects)
}

// An author writes random SQL.
type author struct{ *rand.Rand }

func (a *author) pick(of ...string) string { return of[a.IntN(len(of))] }

// maybe is one of the texts, or, half the time, none.
func (a *author) maybe(of ...string) string {
	if a.IntN(2) == 0 {
		return ""
	}
	return a.pick(of...)
}

// join writes parts with white space or a comment between.
func (a *author) join(parts ...string) string {
	var b strings.Builder
	for _, p := range parts {
		if p != "" {
			b.WriteString(p + a.pick(" ", " ", "  ", "\n", "/* , ( */ ", "-- ) '\n"))
		}
	}
	return b.String()
}

func (a *author) spell(name string) string {
	switch a.IntN(6) {
	case 0:
		return `"` + name + `"`
	case 1:
		return "[" + name + "]"
	case 2:
		return "`" + strings.ToUpper(name) + "`"
	case 3:
		return strings.ToUpper(name)
	}
	return name
}

func (a *author) column() string { return a.spell(a.pick("a", "b", "key")) }

func (a *author) table() string {
	options := a.maybe("STRICT", "without ROWID", "strict, WITHOUT rowid")
	types := []string{"", "INT", "varchar(10)", "double precision", "decimal(10,-2)", "INTEGER"}
	if strings.Contains(strings.ToLower(options), "strict") {
		types = []string{"INT", "INTEGER", "text", "ANY", "Real"}
	}
	var items []string
	for _, name := range []string{"a", "b", "key"} {
		item := []string{a.spell(name), a.pick(types...)}
		for range a.IntN(4) {
			item = append(item, a.columnConstraint())
		}
		items = append(items, a.join(item...))
	}
	for range a.IntN(4) {
		items = append(items, a.tableConstraint())
	}
	return a.join("CREATE TABLE", a.spell("t"), "(", strings.Join(items, ","), ")", options)
}

func (a *author) conflict() string {
	return a.maybe("ON CONFLICT IGNORE", "on conflict abort", "On Conflict Rollback")
}

func (a *author) named(constraint string) string {
	return a.join(a.maybe("CONSTRAINT c1", `constraint "C 2"`, "CONSTRAINT x CONSTRAINT [y]"), constraint)
}

func (a *author) columnConstraint() string {
	switch a.IntN(10) {
	case 0:
		return a.named(a.join("PRIMARY KEY", a.maybe("asc", "DESC"), a.conflict(), a.maybe("AUTOINCREMENT")))
	case 1:
		return a.named(a.join(a.pick("not null", "NOT NULL", "NULL"), a.conflict()))
	case 2:
		return a.named(a.join("UNIQUE", a.conflict()))
	case 3:
		return a.named("check" + a.expression())
	case 4:
		return a.join("DEFAULT", a.pick("1", "-1", "+ 2.5e-1", "'it''s'", "x'4A'", "current_date", "null", "true", "abc", "(1 + (2))"))
	case 5:
		return a.join("COLLATE", a.pick("nocase", "RTRIM", `"binary"`))
	case 6, 7:
		return a.named(a.reference())
	case 8:
		return a.pick("DEFERRABLE", "not deferrable", "deferrable initially deferred")
	}
	return a.join(a.maybe("GENERATED ALWAYS"), "AS", a.expression(), a.maybe("stored", "VIRTUAL"))
}

func (a *author) expression() string {
	return a.pick("(1)", "(length('a,)') > 1)", "(((1)))", "(1 in (1, 2))", "(CASE WHEN 1 THEN 'x' ELSE 2 END)", "('a' || \"b\" > 1)", "(1 IS NOT NULL AND 2 <> - 3)")
}

func (a *author) reference() string {
	parts := []string{"REFERENCES", a.spell(a.pick("t", "elsewhere")), a.maybe("(a)", `( "b" )`)}
	for range a.IntN(3) {
		parts = append(parts, a.pick("ON DELETE CASCADE", "on update set null", "ON INSERT SET DEFAULT", "ON DELETE SET DEFAULT", "on delete NO ACTION", "ON UPDATE RESTRICT", "MATCH full"))
	}
	return a.join(append(parts, a.maybe("NOT DEFERRABLE INITIALLY IMMEDIATE", "DEFERRABLE", "DEFERRABLE INITIALLY DEFERRED"))...)
}

func (a *author) list() string {
	return a.join("(", a.column(), a.maybe("collate NOCASE"), a.maybe("ASC", "desc"), a.maybe(", "+a.column()), ")")
}

func (a *author) tableConstraint() string {
	switch a.IntN(5) {
	case 0:
		return a.named(a.join("primary key", a.list(), a.conflict()))
	case 1:
		return a.named(a.join("UNIQUE", a.list(), a.conflict()))
	case 2:
		return a.named(a.join("CHECK", a.expression(), a.conflict()))
	case 3:
		return a.named(a.join("FOREIGN KEY", "("+a.column()+")", a.reference()))
	}
	return a.join("CONSTRAINT", a.spell("alone"))
}
