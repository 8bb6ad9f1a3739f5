package walk

import (
	"context"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/history"
	"github.com/handrail-db/handrail/verify/internal/sqltext"
	"github.com/handrail-db/handrail/verify/schema"
)

// recreating tries, for each table that an up makes anew, whether ALTER TABLE comes to the
// same table with the same rows.
type recreating struct{}

func (recreating) Name() string { return "recreate" }

func (recreating) Wants(d dialect.Dialect, r history.Revision, before schema.Snapshot) Wish {
	return wishIf(len(rebuilds(d, r, before)) > 0)
}

func (recreating) Look(ctx context.Context, at *Points, stair *Stair) error {
	made := tablesMade(stair.Revision.Up)
	for _, was := range rebuilds(at.history.Dialect, stair.Revision, stair.Before) {
		is := was
		if !HasTable(stair.Up.Snapshot, was) {
			is = onlyNew(stair.Before, stair.Up.Snapshot)
		}
		from, anew := made[strings.ToLower(is)]
		if !anew || !copiesPlainly(stair.Revision.Up, from) || at.up.Table(is) == nil && !copiesByName(stair.Revision.Up, from) {
			continue
		}
		for _, a := range alterations(stair.Before, stair.Up.Snapshot, was, is) {
			same, err := at.alters(ctx, a, stair.Revision.Up, from)
			if err != nil {
				return err
			}
			if same {
				stair.Manner.Recreated = append(stair.Manner.Recreated, Recreation{is, was, a.statements(), a.renamed})
				break
			}
		}
	}
	return nil
}

// copiesPlainly reports whether a file writes no rows into a table that it makes but
// as they are, column by column: then those that happen to be there say what happens
// to all others.
func copiesPlainly(f *history.File, table string) bool {
	for _, stmt := range concerning(f, table) {
		i := slices.IndexFunc(stmt.Tokens, func(l sqltext.Token) bool { return l.Is("select") })
		if i < 0 && mayWrite(stmt) || stmt.Begins("update") || stmt.Begins("delete") || stmt.Begins("with") {
			return false
		}
		what, _ := stmt.About()
		if i < 0 || !stmt.Begins("insert") && !strings.HasSuffix(what, "TABLE") {
			continue
		}
		for _, l := range stmt.Tokens[i:] {
			plain := l.IsName() && !slices.Contains(clauses, l.Text) || l.Kind == sqltext.Symbol && strings.Contains(",.*", l.Text)
			if !plain {
				return false
			}
		}
	}
	return true
}

// concerning are the statements of a file without those that fill another table,
// from which the table takes no row either.
func concerning(f *history.File, table string) []sqltext.Statement {
	var into, all []sqltext.Statement
	stmts := f.Script(dialect.SQLite).Statements
	for _, stmt := range stmts {
		if what, name := stmt.About(); what == "INSERT" && strings.ToLower(sqltext.Bare(name)) == table {
			into = append(into, stmt)
		}
	}
	for _, stmt := range stmts {
		what, name := stmt.About()
		source := slices.ContainsFunc(into, func(s sqltext.Statement) bool { return s.Mentions(sqltext.Bare(name)) })
		if what != "INSERT" || source {
			all = append(all, stmt)
		}
	}
	return all
}

// copiesByName reports whether each column that a file copies into a table keeps its
// name, so that no row is needed to see that it keeps its values.
func copiesByName(f *history.File, table string) bool {
	for _, stmt := range concerning(f, table) {
		if !stmt.Begins("insert") {
			continue
		}
		text := func(tokens []sqltext.Token) (words []string) {
			for _, l := range tokens {
				words = append(words, strings.ToLower(l.Text))
			}
			return words
		}
		all := text(stmt.Tokens)
		from, what := slices.Index(all, "from"), slices.Index(all, "select")
		if what < 0 || from < what {
			return false
		}
		columns := all[what+1 : from]
		if !slices.Equal(columns, []string{"*"}) && !slices.Equal(all[3:what], slices.Concat([]string{"("}, columns, []string{")"})) {
			return false
		}
	}
	return true
}

// clauses are the words behind which a SELECT is more than a list of columns.
var clauses = []string{"where", "join", "distinct", "union", "limit", "group", "except", "intersect", "case", "null"}

// tablesMade are the tables that a file creates, by the names that they have in
// the end, each with the one that it was created by, in lower case.
func tablesMade(f *history.File) map[string]string {
	made := map[string]string{}
	for _, stmt := range f.Script(dialect.SQLite).Statements {
		what, name := stmt.About()
		name = strings.ToLower(sqltext.Bare(name))
		i := slices.IndexFunc(stmt.Tokens, func(l sqltext.Token) bool { return l.Is("rename") })
		switch {
		case what == "CREATE TABLE":
			made[name] = name
		case what == "DROP TABLE":
			delete(made, name)
		case what == "ALTER TABLE" && i >= 0 && len(stmt.Tokens) == i+3 && made[name] != "":
			made[strings.ToLower(stmt.Tokens[i+2].Text)] = made[name]
			delete(made, name)
		}
	}
	return made
}

// onlyNew is the name of the table that came, "" where it is not one.
func onlyNew(before, after schema.Snapshot) string {
	var names []string
	for _, o := range after.Kind("table") {
		if !HasTable(before, o.Name) {
			names = append(names, o.Name)
		}
	}
	if len(names) != 1 {
		return ""
	}
	return names[0]
}
