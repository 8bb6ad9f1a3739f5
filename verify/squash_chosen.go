package verify

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
	"github.com/handrail-db/handrail/verify/internal/sqltext"
	"github.com/handrail-db/handrail/verify/internal/walk"
	"github.com/handrail-db/handrail/verify/rows"
	"github.com/handrail-db/handrail/verify/schema"
)

// chosen are the columns of a table whose values no author has chosen: those that
// the server fills where no INSERT of either history names them, and those that
// differ when the old history is climbed twice.
func (sq *squash) chosen(old, now, again *ending, table string) ([]string, error) {
	o, ok := now.schema.Table(table)
	if !ok {
		return nil, nil
	}
	var names []string
	for _, column := range o.Columns {
		filled := filledByServer(sq.dialect, now.schema, table, column) && !givesColumn(old.history, table, column) && !givesColumn(now.history, table, column)
		if !filled {
			alone := func(c rows.Column) bool { return c.Name != column }
			d, err := compareTables(old.rows.Table(table), again.rows.Table(table), alone, old.schema)
			if err != nil {
				return nil, err
			}
			filled = !d.None()
		}
		if filled {
			names = append(names, column)
		}
	}
	return names, nil
}

// compareWithout compares the rows of a table but for some columns.
func compareWithout(old, now *rows.Table, columns []string, snap schema.Snapshot) (rows.Difference, error) {
	return compareTables(old, now, func(c rows.Column) bool { return slices.Contains(columns, c.Name) }, snap)
}

// compareTables compares the rows of a table in the columns that are not left out;
// a table without rows is nil.
func compareTables(old, now *rows.Table, leave func(rows.Column) bool, snap schema.Snapshot) (_ rows.Difference, err error) {
	sets := make([]*rows.Set, 2)
	for i, t := range []*rows.Table{old, now} {
		sets[i] = &rows.Set{}
		defer func() { err = errors.Join(err, sets[i].Close()) }()
		if t == nil {
			continue
		}
		part, err := t.Without(leave)
		if err != nil {
			return rows.Difference{}, err
		}
		sets[i].Tables = append(sets[i].Tables, part)
	}
	differences, err := rows.Compare(sets[0], sets[1], walk.ColumnsIn(snap))
	if err != nil || len(differences) == 0 {
		return rows.Difference{Table: &rows.Table{}}, err
	}
	return differences[0], nil
}

// choosing are the words in a default whose value nobody knows beforehand.
var choosing = map[dialect.Dialect]*regexp.Regexp{
	dialect.Postgres: regexp.MustCompile(`^(nextval|now|(clock|statement|transaction)_timestamp|timeofday|random|(gen_random_)?uuid.*|current_.*|localtime|localtimestamp|txid_current)$`),
	dialect.SQLite:   regexp.MustCompile(`^(current_.*|datetime|date|time|strftime|julianday|unixepoch|random|randomblob)$`),
}

// filledByServer reports whether the server gives a column another value each
// time: a serial, an identity, an alias of the rowid, a time.
func filledByServer(d dialect.Dialect, snap schema.Snapshot, table, column string) bool {
	for _, o := range snap.Of(table, "column") {
		if o.Name != column {
			continue
		}
		if o.Prop("identity") != "" || d == dialect.SQLite && strings.EqualFold(o.Prop("type"), "integer") && rowid(snap, table, column) {
			return true
		}
		for _, s := range sqltext.Parse(d, o.Prop("default")).Statements {
			if slices.ContainsFunc(s.Tokens, func(l sqltext.Token) bool { return l.Kind == sqltext.Word && choosing[d].MatchString(l.Text) }) {
				return true
			}
		}
	}
	return false
}

// rowid reports whether a column of SQLite alone is the primary key of its table.
func rowid(snap schema.Snapshot, table, column string) bool {
	return slices.ContainsFunc(snap.Of(table, "primary key"), func(o schema.Object) bool { return slices.Equal(o.Columns, []string{column}) })
}

// givesColumn reports whether an INSERT of the history says what a column of a table
// holds: it lists the column, or none at all.
func givesColumn(h history.History, table, column string) bool {
	table = table[strings.LastIndex(table, ".")+1:]
	for _, r := range h.Revisions {
		if r.Up == nil {
			continue
		}
		for _, s := range r.Up.Script(h.Dialect).Statements {
			if insertGives(s.Tokens, strings.Trim(table, `"`), column) {
				return true
			}
		}
	}
	return false
}

// insertGives looks for an INSERT INTO the table, which may stand behind WITH.
func insertGives(tokens []sqltext.Token, table, column string) bool {
	for i := range tokens {
		if i == 0 || !tokens[i].Is("into") || i+1 >= len(tokens) {
			continue
		}
		at := i + 1
		for at+2 < len(tokens) && tokens[at+1].Text == "." {
			at += 2
		}
		if !tokens[at].IsName() || !strings.EqualFold(tokens[at].Text, table) {
			continue
		}
		at++
		if at+1 < len(tokens) && tokens[at].Is("as") {
			at += 2
		}
		if at >= len(tokens) || tokens[at].Text != "(" || at+1 < len(tokens) && (tokens[at+1].Is("select") || tokens[at+1].Is("values")) {
			return at < len(tokens) && !tokens[at].Is("default")
		}
		for ; at < len(tokens) && tokens[at].Text != ")"; at++ {
			if tokens[at].IsName() && strings.EqualFold(tokens[at].Text, column) {
				return true
			}
		}
	}
	return false
}

// nextValues are what the sequences of Postgres give next, by their name in a
// snapshot; those of SQLite follow the rows.
func nextValues(ctx context.Context, db *sql.DB, d dialect.Dialect) (_ map[string]int64, err error) {
	if d != dialect.Postgres {
		return nil, nil
	}
	found, err := db.QueryContext(ctx, `SELECT format('%I.%I', schemaname, sequencename), coalesce(last_value + increment_by, start_value) FROM pg_catalog.pg_sequences WHERE increment_by > 0`)
	if err != nil {
		return nil, fmt.Errorf("read sequences: %w", err)
	}
	defer func() { err = errors.Join(err, found.Close()) }()
	next := map[string]int64{}
	for found.Next() {
		var name string
		var value int64
		if err := found.Scan(&name, &value); err != nil {
			return nil, err
		}
		next[name] = value
	}
	return next, found.Err()
}

// sequences are the findings about those that give next a value which is in a row:
// rows that a baseline writes with their keys leave the sequence where it was.
func (sq *squash) sequences(old, now *ending) []finding.Finding {
	var findings []finding.Finding
	for _, o := range now.schema.Objects {
		next, ok := now.next[o.Name]
		owner := o.Prop("owned by")
		dot := strings.LastIndex(owner, ".")
		if !ok || o.Kind != "sequence" && o.Kind != "column" || dot < 0 {
			continue
		}
		table, column := owner[:dot], strings.Trim(owner[dot+1:], `"`)
		highest := highestIn(now.rows.Table(table), column)
		if next > highest || old.next[o.Name] <= highestIn(old.rows.Table(table), column) {
			continue
		}
		f := sq.finding(finding.ObjectRef{Kind: o.Kind, Name: o.Name})
		f.Want, f.Got = fmt.Sprintf("next value %d", old.next[o.Name]), fmt.Sprintf("next value %d", next)
		f.Message = fmt.Sprintf("sequence %s gives %d next in the new history, and %s.%s holds values up to %d: the next rows meet them", o.Name, next, table, column, highest)
		f.Hint = fmt.Sprintf("set it behind the rows: SELECT setval('%s', (SELECT max(%s) FROM %s))", strings.ReplaceAll(o.Name, "'", "''"), dialect.Name(column), table)
		findings = append(findings, f)
	}
	return findings
}

// highestIn is the highest number in a column, 0 where there is none.
func highestIn(t *rows.Table, column string) (highest int64) {
	if t == nil || t.Column(column) < 0 {
		return 0
	}
	i := t.Column(column)
	_ = t.Each(func(row rows.Row) error { // what cannot be read again is said of the rows
		if n, err := strconv.ParseInt(row[i].Text, 10, 64); err == nil {
			highest = max(highest, n)
		}
		return nil
	})
	return highest
}
