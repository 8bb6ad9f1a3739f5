package rows

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/maphash"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/schema"
)

// seed makes the digests of this process comparable with each other.
var seed = maphash.MakeSeed()

// A way is what reading takes on one family of engines.
type way struct {
	settings string // SQL that makes values print alike in every session
	// inhabited lists which of the tables may hold rows.
	inhabited func(ctx context.Context, tx *sql.Tx, tables []*Table) (map[string]bool, error)
	from      func(t *Table) string      // the table as SQL
	value     func(column string) string // a column as SQL, as it is read
}

var ways = map[dialect.Dialect]way{
	dialect.Postgres: {
		settings: `SET LOCAL search_path = pg_catalog; SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL IntervalStyle = 'iso_8601';
SET LOCAL extra_float_digits = 1; SET LOCAL bytea_output = 'hex'; SET LOCAL lc_monetary = 'C'; SET LOCAL row_security = off`,
		inhabited: postgresInhabited,
		from:      func(t *Table) string { return postgresOnly(t) + t.Name },
		value:     func(column string) string { return dialect.Name(column) + "::text" },
	},
	dialect.SQLite: {
		inhabited: sqliteInhabited,
		from:      func(t *Table) string { return "main." + dialect.Name(t.Name) },
		value:     func(column string) string { return "+" + dialect.Name(column) }, // which hides its declared type from the driver
	},
}

// Read reads all rows of the tables in a snapshot of the database, in one
// transaction. It leaves out what other tables hold anyway (partitions are read
// through their table), views, and foreign and virtual tables.
//
// A table that cannot be read is in the set, with the reason.
func Read(ctx context.Context, db *sql.DB, d dialect.Dialect, snap schema.Snapshot) (_ *Set, err error) {
	how, ok := ways[d]
	if !ok {
		return nil, fmt.Errorf("read rows: unknown dialect %q", d)
	}
	options := &sql.TxOptions{ReadOnly: d == dialect.Postgres}
	if d == dialect.Postgres {
		options.Isolation = sql.LevelRepeatableRead
	}
	tx, err := db.BeginTx(ctx, options)
	if err != nil {
		return nil, fmt.Errorf("read rows: %w", err)
	}
	defer func() {
		if e := tx.Rollback(); e != nil && !errors.Is(e, sql.ErrTxDone) {
			err = errors.Join(err, e)
		}
	}()
	if how.settings != "" {
		if _, err := tx.ExecContext(ctx, how.settings); err != nil {
			return nil, fmt.Errorf("read rows: %w", err)
		}
	}
	tables := tablesOf(d, snap)
	inhabited, err := how.inhabited(ctx, tx, tables)
	if err != nil {
		return nil, fmt.Errorf("read rows: %w", err)
	}
	set := &Set{}
	for _, t := range tables {
		if !inhabited[t.Name] {
			continue
		}
		if err := t.read(ctx, tx, how); err != nil {
			return nil, errors.Join(fmt.Errorf("read rows of %s: %w", t.Name, err), t.spool.close(), set.Close())
		}
		if t.Count > 0 || t.Unread != "" {
			set.Tables = append(set.Tables, t)
		}
	}
	slices.SortFunc(set.Tables, func(a, b *Table) int { return cmp.Compare(a.Name, b.Name) })
	return set, nil
}

// tablesOf lists the tables of a snapshot with their columns and keys.
func tablesOf(d dialect.Dialect, snap schema.Snapshot) []*Table {
	var tables []*Table
	labels := map[string]string{}
	for _, o := range snap.Kind("enum") {
		labels[o.Name] = o.Prop("labels")
	}
	byName, order := map[string]*Table{}, map[string][]string{}
	for _, o := range snap.Objects {
		if o.Kind == "table" && o.Prop("partition bound") == "" {
			t := &Table{Dialect: d, Name: o.Name, Partitioned: o.Prop("partition key") != ""}
			byName[o.Name], order[o.Name] = t, o.Columns
			tables = append(tables, t)
		}
		t := byName[o.Parent]
		switch {
		case t == nil:
		case o.Kind == "column":
			t.Columns = append(t.Columns, Column{
				Name: o.Name, Type: o.Prop("type"), Default: o.Prop("default"), Required: o.Prop("null") == "no",
				Computed: o.Prop("generated") != "", Identity: o.Prop("identity") == "always", Labels: labels[o.Prop("type")],
			})
		case t.Key == nil && (o.Kind == "primary key" || o.Kind == "unique" && t.require(o.Columns)):
			t.Key = o.Columns
		}
	}
	for _, t := range tables {
		slices.SortStableFunc(t.Columns, func(a, b Column) int {
			return cmp.Compare(slices.Index(order[t.Name], a.Name), slices.Index(order[t.Name], b.Name))
		})
	}
	return tables
}

// require reports whether none of the columns can be NULL.
func (t *Table) require(names []string) bool {
	return !slices.ContainsFunc(names, func(name string) bool {
		i := t.Column(name)
		return i < 0 || !t.Columns[i].Required
	})
}

// read reads the rows of one table into its spool.
func (t *Table) read(ctx context.Context, tx *sql.Tx, how way) (err error) {
	values := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		values[i] = how.value(c.Name)
	}
	if t.Dialect == dialect.Postgres {
		// A table that may not be read must not end the transaction.
		if _, err := tx.ExecContext(ctx, "SAVEPOINT one_table"); err != nil {
			return err
		}
	}
	rows, err := tx.QueryContext(ctx, "SELECT "+strings.Join(values, ", ")+" FROM "+how.from(t))
	if err == nil {
		err = errors.Join(t.take(rows), rows.Close())
	}
	if t.Dialect != dialect.Postgres {
		return err
	}
	var state interface{ SQLState() string }
	if errors.As(err, &state) && state.SQLState() == "42501" {
		t.Unread, t.Count = err.Error(), 0
		_, err = tx.ExecContext(ctx, "ROLLBACK TO SAVEPOINT one_table")
		return errors.Join(err, t.spool.close())
	}
	if err == nil {
		_, err = tx.ExecContext(ctx, "RELEASE SAVEPOINT one_table")
	}
	return err
}

func (t *Table) take(rows *sql.Rows) error {
	row, record := make(Row, len(t.Columns)), []byte{}
	cells, places := make([]any, len(t.Columns)), make([]any, len(t.Columns))
	for i := range cells {
		places[i] = &cells[i]
	}
	for rows.Next() {
		if err := rows.Scan(places...); err != nil {
			return err
		}
		for i, cell := range cells {
			row[i] = ValueOf(cell)
			t.Columns[i].see(row[i], t.Count == 0)
		}
		record = encode(record[:0], row)
		t.Count++
		t.digest += maphash.Bytes(seed, record)
		if err := t.spool.add(record); err != nil {
			return err
		}
	}
	return rows.Err()
}

// see takes note of a value of the column.
func (c *Column) see(v Value, first bool) {
	if v.Kind != Null {
		c.Values++
	}
	switch {
	case first:
		c.same = v
	case c.same != v:
		c.different = true
	}
}

// ValueOf is what a driver hands over for a cell, as a value.
func ValueOf(cell any) Value {
	switch v := cell.(type) {
	case nil:
		return Value{}
	case int64:
		return Value{Integer, strconv.FormatInt(v, 10)}
	case float64:
		return Value{Real, realText(v)}
	case []byte:
		return Value{Blob, string(v)}
	case string:
		return Value{Text, v}
	default:
		return Value{Text, fmt.Sprint(v)}
	}
}

// realText is a number that reads back as the same, and not as an integer.
func realText(f float64) string {
	text := strconv.FormatFloat(f, 'g', -1, 64)
	if !math.IsInf(f, 0) && !math.IsNaN(f) && !strings.ContainsAny(text, ".e") {
		text += ".0"
	}
	return text
}

// postgresInhabited leaves out tables without a page of their own: nothing was
// ever written to them, or they were truncated.
func postgresInhabited(ctx context.Context, tx *sql.Tx, _ []*Table) (_ map[string]bool, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'p' OR c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND pg_relation_size(c.oid) > 0`)
	if err != nil {
		return nil, err
	}
	return names(rows)
}

// sqliteTables is how many tables are asked for at once: SQLite joins at most
// 500 selects.
const sqliteTables = 200

func sqliteInhabited(ctx context.Context, tx *sql.Tx, tables []*Table) (map[string]bool, error) {
	inhabited := map[string]bool{}
	for some := range slices.Chunk(tables, sqliteTables) {
		var parts []string
		for _, t := range some {
			parts = append(parts, fmt.Sprintf("SELECT %s WHERE EXISTS (SELECT 1 FROM main.%s)", dialect.Literal(t.Name), dialect.Name(t.Name)))
		}
		rows, err := tx.QueryContext(ctx, strings.Join(parts, " UNION ALL "))
		if err != nil {
			return nil, err
		}
		found, err := names(rows)
		if err != nil {
			return nil, err
		}
		for name := range found {
			inhabited[name] = true
		}
	}
	return inhabited, nil
}

func names(rows *sql.Rows) (_ map[string]bool, err error) {
	defer func() { err = errors.Join(err, rows.Close()) }()
	found := map[string]bool{}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		found[name] = true
	}
	return found, rows.Err()
}

// postgresOnly leaves the rows of inheriting tables to them.
func postgresOnly(t *Table) string {
	if t.Partitioned {
		return ""
	}
	return "ONLY "
}
