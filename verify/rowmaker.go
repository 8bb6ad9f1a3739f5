package verify

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/internal/words"
	"github.com/handrail-db/handrail/verify/rows"
	"github.com/handrail-db/handrail/verify/schema"
)

// A rowMaker adds rows to tables of a database, one at a time, each with keys of
// its own: copies of a row that is there with other values or, where there is none,
// rows out of what the catalogue says of the columns. It works in one transaction,
// in which a row that is refused leaves no trace.
type rowMaker struct {
	conn    *sql.Conn
	dialect dialect.Dialect
	snap    schema.Snapshot
	tables  map[string]*madeTable
	busy    []string // tables on the way to a row of another
}

// A madeTable is what a rowMaker knows of a table.
type madeTable struct {
	*rows.Table
	object   schema.Object
	sql      string // its name as SQL
	unique   map[string]bool
	checks   []schema.Object
	parents  []parent
	count    int             // how often values were varied
	variable map[string]bool // columns outside the keys that take another value; nil: not known
}

// A parent is a table that a foreign key references.
type parent struct {
	columns []string
	table   string
	target  []string
}

// made is the values of a row by column. A column that is not in it has what the
// database gives it.
type made map[string]rows.Value

func newRowMaker(conn *sql.Conn, d dialect.Dialect, snap schema.Snapshot) *rowMaker {
	return &rowMaker{conn: conn, dialect: d, snap: snap, tables: map[string]*madeTable{}}
}

// table describes a table by its name in the catalogue.
func (m *rowMaker) table(name string) (*madeTable, error) {
	if t := m.tables[name]; t != nil {
		return t, nil
	}
	o, ok := m.snap.Table(name)
	described := rows.Describe(m.dialect, m.snap, o.Name)
	if !ok || described == nil {
		return nil, fmt.Errorf("there is no table %s", name)
	}
	t := &madeTable{Table: described, object: o, sql: arsenals[m.dialect].name(o), unique: uniqueColumns(m.snap, o.Name), checks: m.snap.Of(o.Name, "check")}
	for _, key := range m.snap.Of(o.Name, "foreign key") {
		if to, columns, ok := m.snap.Referenced(key); ok && len(columns) == len(key.Columns) {
			t.parents = append(t.parents, parent{columns: key.Columns, table: to.Name, target: columns})
		}
	}
	m.tables[o.Name] = t
	return t, nil
}

// begin opens the transaction, and end commits it.
func (m *rowMaker) begin(ctx context.Context) error {
	_, err := m.conn.ExecContext(ctx, "BEGIN")
	return err
}

func (m *rowMaker) end(ctx context.Context) error {
	_, err := m.conn.ExecContext(ctx, "COMMIT")
	return err
}

// try runs a statement, which leaves nothing behind if it is refused; with keep
// false it leaves nothing in any case. Err is that of a database that cannot be
// used any more.
func (m *rowMaker) try(ctx context.Context, statement string, keep bool) (refused, err error) {
	if _, err := m.conn.ExecContext(ctx, "SAVEPOINT handrail_row"); err != nil {
		return nil, err
	}
	_, refused = m.conn.ExecContext(ctx, statement)
	if err := unusable(refused); err != nil {
		return refused, err
	}
	if refused != nil || !keep {
		if _, err := m.conn.ExecContext(ctx, "ROLLBACK TO SAVEPOINT handrail_row"); err != nil {
			return refused, err
		}
	}
	_, err = m.conn.ExecContext(ctx, "RELEASE SAVEPOINT handrail_row")
	return refused, err
}

// insert is the statement that writes a row.
func (m *rowMaker) insert(t *madeTable, row made) string {
	var names, values []string
	override := ""
	for _, c := range t.Columns {
		v, ok := row[c.Name]
		if !ok || c.Computed {
			continue
		}
		if c.Identity {
			override = " OVERRIDING SYSTEM VALUE"
		}
		names, values = append(names, dialect.Name(c.Name)), append(values, literalOf(m.dialect, v))
	}
	if len(names) == 0 {
		return "INSERT INTO " + t.sql + " DEFAULT VALUES"
	}
	return "INSERT INTO " + t.sql + " (" + strings.Join(names, ", ") + ")" + override + " VALUES (" + strings.Join(values, ", ") + ")"
}

// literalOf is a value as SQL. Postgres is given text, which it reads as the
// column's type.
func literalOf(d dialect.Dialect, v rows.Value) string {
	nul := strings.Contains(v.Text, "\x00")
	switch {
	case v.Kind == rows.Null:
		return "NULL"
	case v.Kind == rows.Blob && d == dialect.Postgres:
		return `'\x` + hex.EncodeToString([]byte(v.Text)) + "'::bytea"
	case v.Kind == rows.Blob:
		return "x'" + hex.EncodeToString([]byte(v.Text)) + "'"
	case v.Kind != rows.Text && d == dialect.SQLite:
		return v.Text
	case nul && d == dialect.Postgres: // no statement can hold it: the server is to refuse the bytes
		return `convert_from('\x` + hex.EncodeToString([]byte(v.Text)) + "'::bytea, 'UTF8')"
	case nul:
		return "CAST(x'" + hex.EncodeToString([]byte(v.Text)) + "' AS TEXT)"
	case d == dialect.Postgres && strings.Contains(v.Text, `\`):
		return " E" + strings.ReplaceAll(dialect.Literal(v.Text), `\`, `\\`)
	}
	return dialect.Literal(v.Text)
}

// read reads rows of a table, as many as a limit allows.
func (m *rowMaker) read(ctx context.Context, t *madeTable, limit int) (_ []made, err error) {
	var names, values []string
	for _, c := range t.Columns {
		if c.Computed {
			continue
		}
		value := "+" + dialect.Name(c.Name) // which hides its declared type from the driver
		if m.dialect == dialect.Postgres {
			value = dialect.Name(c.Name) + "::text"
		}
		names, values = append(names, c.Name), append(values, value)
	}
	if len(names) == 0 {
		return nil, nil
	}
	found, err := m.conn.QueryContext(ctx, fmt.Sprintf("SELECT %s FROM %s LIMIT %d", strings.Join(values, ", "), t.sql, limit))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, found.Close()) }()
	var all []made
	for found.Next() {
		cells, places := make([]any, len(names)), make([]any, len(names))
		for i := range cells {
			places[i] = &cells[i]
		}
		if err := found.Scan(places...); err != nil {
			return nil, err
		}
		row := made{}
		for i, name := range names {
			row[name] = rows.ValueOf(cells[i])
		}
		all = append(all, row)
	}
	return all, found.Err()
}

// errNoRow is why no row could be made.
type errNoRow struct{ why string }

func (e *errNoRow) Error() string { return e.why }

// attempts is how many rows are tried before none can be made.
const attempts = 300

// add adds a row that was not there. It is an [errNoRow] where none could be made.
func (m *rowMaker) add(ctx context.Context, name string) error {
	t, err := m.table(name)
	if err != nil {
		return err
	}
	if slices.Contains(m.busy, t.Name) {
		return &errNoRow{fmt.Sprintf("%s needs a row of itself through its foreign keys", t.Name)}
	}
	m.busy = append(m.busy, t.Name)
	defer func() { m.busy = m.busy[:len(m.busy)-1] }()
	there, err := m.read(ctx, t, 1)
	if err != nil {
		return err
	}
	if len(there) > 0 {
		return m.vary(ctx, t, there[0])
	}
	return m.generate(ctx, t)
}

// vary adds a row that is another in every column where that may be.
func (m *rowMaker) vary(ctx context.Context, t *madeTable, like made) error {
	var last error
	for range attempts / 10 {
		t.count++
		keys := made{}
		for _, c := range t.Columns {
			if v, ok := like[c.Name]; ok && !m.assigned(t, c) {
				if t.unique[c.Name] && !t.refers(c.Name) {
					v = another(v, c, t.count)
				}
				keys[c.Name] = v
			}
		}
		if err := m.relate(ctx, t, keys, t.unique); err != nil {
			return err
		}
		refused, err := m.try(ctx, m.insert(t, keys), false)
		if err != nil {
			return err
		}
		if last = refused; refused != nil {
			continue
		}
		if err := m.loosen(ctx, t, keys); err != nil {
			return err
		}
		for name := range t.variable {
			keys[name] = another(keys[name], t.Columns[t.Column(name)], t.count)
		}
		if last, err = m.try(ctx, m.insert(t, keys), true); err != nil || last == nil {
			return err
		}
	}
	return &errNoRow{fmt.Sprintf("no other row can be made of one that is there: %s", words.OneLine(last))}
}

// loosen finds out which columns outside the keys take another value.
func (m *rowMaker) loosen(ctx context.Context, t *madeTable, row made) error {
	if t.variable != nil {
		return nil
	}
	t.variable = map[string]bool{}
	for _, c := range t.Columns {
		v, ok := row[c.Name]
		if !ok || t.unique[c.Name] || t.refers(c.Name) || another(v, c, 1) == v {
			continue
		}
		trial := made{}
		for name, value := range row {
			trial[name] = value
		}
		takes := true
		for n := 1; n <= 3 && takes; n++ { // some of them may be refused
			trial[c.Name] = another(v, c, n)
			refused, err := m.try(ctx, m.insert(t, trial), false)
			if err != nil {
				return err
			}
			takes = refused == nil
		}
		if takes {
			t.variable[c.Name] = true
		}
	}
	return nil
}

// refers reports whether the column is part of a foreign key.
func (t *madeTable) refers(column string) bool {
	return slices.ContainsFunc(t.parents, func(p parent) bool { return slices.Contains(p.columns, column) })
}

// assigned reports whether the database gives the column its values.
func (m *rowMaker) assigned(t *madeTable, c rows.Column) bool {
	if m.dialect == dialect.SQLite {
		return strings.EqualFold(c.Type, "integer") && len(t.Key) == 1 && t.Key[0] == c.Name && len(m.snap.Of(t.Name, "primary key")) > 0 &&
			!strings.Contains(t.object.Prop("options"), "without rowid")
	}
	identity := slices.ContainsFunc(m.snap.Of(t.Name, "column"), func(o schema.Object) bool { return o.Name == c.Name && o.Prop("identity") != "" })
	return identity || strings.HasPrefix(c.Default, "nextval(")
}

// relate gives the columns of foreign keys the keys of rows that are there, or
// are made for it. Those in fresh get one that no row of the table has yet.
func (m *rowMaker) relate(ctx context.Context, t *madeTable, row made, fresh map[string]bool) error {
	for _, p := range t.parents {
		own := slices.ContainsFunc(p.columns, func(c string) bool { return fresh[c] })
		if set := row[p.columns[0]]; !own && set.Kind != rows.Null {
			continue // a copy refers to what its original does
		}
		required := slices.ContainsFunc(p.columns, func(c string) bool { return t.Columns[t.Column(c)].Required })
		if !own && !required {
			continue
		}
		key, err := m.parentKey(ctx, t, p, own)
		if err != nil {
			return err
		}
		for i, c := range p.columns {
			row[c] = key[i]
		}
	}
	return nil
}

// parentKey finds the key of a row in a parent table.
func (m *rowMaker) parentKey(ctx context.Context, t *madeTable, p parent, own bool) ([]rows.Value, error) {
	of, err := m.table(p.table)
	if err != nil {
		return nil, err
	}
	for range 2 {
		there, err := m.read(ctx, of, attempts)
		if err != nil {
			return nil, err
		}
		taken, err := m.read(ctx, t, attempts)
		if err != nil {
			return nil, err
		}
		for _, row := range there {
			same := func(other made) bool {
				for i, c := range p.columns {
					if other[c] != row[p.target[i]] {
						return false
					}
				}
				return true
			}
			if own && slices.ContainsFunc(taken, same) {
				continue
			}
			var key []rows.Value
			for _, c := range p.target {
				key = append(key, row[c])
			}
			return key, nil
		}
		if err := m.add(ctx, p.table); err != nil {
			return nil, err
		}
	}
	return nil, &errNoRow{fmt.Sprintf("no row of %s is left that %s could refer to", p.table, t.Name)}
}

// reserve sees to it that so many more rows of a table have something to refer to
// that no other row refers to, where each needs that.
func (m *rowMaker) reserve(ctx context.Context, name string, n int) error {
	t, err := m.table(name)
	if err != nil {
		return err
	}
	for _, p := range t.parents {
		if !slices.ContainsFunc(p.columns, func(c string) bool { return t.unique[c] }) {
			continue
		}
		for range n {
			if err := m.add(ctx, p.table); err != nil {
				return err
			}
		}
	}
	return nil
}
