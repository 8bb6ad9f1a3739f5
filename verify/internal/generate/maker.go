package generate

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/handrail-db/handrail/internal/words"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/internal/sqltext"
	"github.com/handrail-db/handrail/verify/rows"
	"github.com/handrail-db/handrail/verify/schema"
)

// A Maker adds rows to tables of a database, one at a time, each with keys of
// its own: copies of a row that is there with other values or, where there is none,
// rows out of what the catalogue says of the columns. It works in one transaction,
// in which a row that is refused leaves no trace.
type Maker struct {
	Conn    *sql.Conn
	Dialect dialect.Dialect
	Snap    schema.Snapshot
	tables  map[string]*Table
	busy    []string // tables on the way to a row of another
}

// A Table is what a rowMaker knows of a table.
type Table struct {
	*rows.Table
	object   schema.Object
	SQL      string // its name as SQL
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

// Row is the values of a row by column. A column that is not in it has what the
// database gives it.
type Row map[string]rows.Value

func NewMaker(conn *sql.Conn, d dialect.Dialect, snap schema.Snapshot) *Maker {
	return &Maker{Conn: conn, Dialect: d, Snap: snap, tables: map[string]*Table{}}
}

// Table describes a table by its name in the catalogue.
func (m *Maker) Table(name string) (*Table, error) {
	if t := m.tables[name]; t != nil {
		return t, nil
	}
	o, ok := m.Snap.Table(name)
	described := rows.Describe(m.Dialect, m.Snap, o.Name)
	if !ok || described == nil {
		return nil, fmt.Errorf("there is no table %s", name)
	}
	t := &Table{Table: described, object: o, SQL: o.InSQL(m.Dialect), unique: UniqueColumns(m.Snap, o.Name), checks: m.Snap.Of(o.Name, "check")}
	for _, key := range m.Snap.Of(o.Name, "foreign key") {
		if to, columns, ok := m.Snap.Referenced(key); ok && len(columns) == len(key.Columns) {
			t.parents = append(t.parents, parent{columns: key.Columns, table: to.Name, target: columns})
		}
	}
	m.tables[o.Name] = t
	return t, nil
}

// Begin opens the transaction, and end commits it.
func (m *Maker) Begin(ctx context.Context) error {
	_, err := m.Conn.ExecContext(ctx, "BEGIN")
	return err
}

func (m *Maker) End(ctx context.Context) error {
	_, err := m.Conn.ExecContext(ctx, "COMMIT")
	return err
}

// Try runs a statement, which leaves nothing behind if it is refused; with keep
// false it leaves nothing in any case. Err is that of a database that cannot be
// used any more.
func (m *Maker) Try(ctx context.Context, statement string, keep bool) (refused, err error) {
	if _, err := m.Conn.ExecContext(ctx, "SAVEPOINT handrail_row"); err != nil {
		return nil, err
	}
	_, refused = m.Conn.ExecContext(ctx, statement)
	if err := Unusable(refused); err != nil {
		return refused, err
	}
	if refused != nil || !keep {
		if _, err := m.Conn.ExecContext(ctx, "ROLLBACK TO SAVEPOINT handrail_row"); err != nil {
			return refused, err
		}
	}
	_, err = m.Conn.ExecContext(ctx, "RELEASE SAVEPOINT handrail_row")
	return refused, err
}

// Insert is the statement that writes a row.
func (m *Maker) Insert(t *Table, row Row) string {
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
		names, values = append(names, dialect.Name(c.Name)), append(values, literalOf(m.Dialect, v))
	}
	if len(names) == 0 {
		return "INSERT INTO " + t.SQL + " DEFAULT VALUES"
	}
	return "INSERT INTO " + t.SQL + " (" + strings.Join(names, ", ") + ")" + override + " VALUES (" + strings.Join(values, ", ") + ")"
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

// Read reads rows of a table, as many as a limit allows.
func (m *Maker) Read(ctx context.Context, t *Table, limit int) (_ []Row, err error) {
	var names, values []string
	for _, c := range t.Columns {
		if c.Computed {
			continue
		}
		value := "+" + dialect.Name(c.Name) // which hides its declared type from the driver
		if m.Dialect == dialect.Postgres {
			value = dialect.Name(c.Name) + "::text"
		}
		names, values = append(names, c.Name), append(values, value)
	}
	if len(names) == 0 {
		return nil, nil
	}
	found, err := m.Conn.QueryContext(ctx, fmt.Sprintf("SELECT %s FROM %s LIMIT %d", strings.Join(values, ", "), t.SQL, limit))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, found.Close()) }()
	var all []Row
	for found.Next() {
		cells, places := make([]any, len(names)), make([]any, len(names))
		for i := range cells {
			places[i] = &cells[i]
		}
		if err := found.Scan(places...); err != nil {
			return nil, err
		}
		row := Row{}
		for i, name := range names {
			row[name] = rows.ValueOf(cells[i])
		}
		all = append(all, row)
	}
	return all, found.Err()
}

// NoRowError is why no row could be made.
type NoRowError struct{ Why string }

func (e *NoRowError) Error() string { return e.Why }

// attempts is how many rows are tried before none can be made.
const attempts = 300

// Add adds a row that was not there. It is an [NoRowError] where none could be made.
func (m *Maker) Add(ctx context.Context, name string) error {
	t, err := m.Table(name)
	if err != nil {
		return err
	}
	if slices.Contains(m.busy, t.Name) {
		return &NoRowError{fmt.Sprintf("%s needs a row of itself through its foreign keys", t.Name)}
	}
	m.busy = append(m.busy, t.Name)
	defer func() { m.busy = m.busy[:len(m.busy)-1] }()
	there, err := m.Read(ctx, t, 1)
	if err != nil {
		return err
	}
	if len(there) > 0 {
		return m.vary(ctx, t, there[0])
	}
	return m.generate(ctx, t)
}

// vary adds a row that is another in every column where that may be.
func (m *Maker) vary(ctx context.Context, t *Table, like Row) error {
	var last error
	for range attempts / 10 {
		t.count++
		keys := Row{}
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
		refused, err := m.Try(ctx, m.Insert(t, keys), false)
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
		if last, err = m.Try(ctx, m.Insert(t, keys), true); err != nil || last == nil {
			return err
		}
	}
	return &NoRowError{fmt.Sprintf("no other row can be made of one that is there: %s", words.OneLine(last))}
}

// loosen finds out which columns outside the keys take another value.
func (m *Maker) loosen(ctx context.Context, t *Table, row Row) error {
	if t.variable != nil {
		return nil
	}
	t.variable = map[string]bool{}
	for _, c := range t.Columns {
		v, ok := row[c.Name]
		if !ok || t.unique[c.Name] || t.refers(c.Name) || another(v, c, 1) == v {
			continue
		}
		trial := Row{}
		for name, value := range row {
			trial[name] = value
		}
		takes := true
		for n := 1; n <= 3 && takes; n++ { // some of them may be refused
			trial[c.Name] = another(v, c, n)
			refused, err := m.Try(ctx, m.Insert(t, trial), false)
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
func (t *Table) refers(column string) bool {
	return slices.ContainsFunc(t.parents, func(p parent) bool { return slices.Contains(p.columns, column) })
}

// assigned reports whether the database gives the column its values.
func (m *Maker) assigned(t *Table, c rows.Column) bool {
	if m.Dialect == dialect.SQLite {
		return strings.EqualFold(c.Type, "integer") && len(t.Key) == 1 && t.Key[0] == c.Name && len(m.Snap.Of(t.Name, "primary key")) > 0 &&
			!strings.Contains(t.object.Prop("options"), "without rowid")
	}
	identity := slices.ContainsFunc(m.Snap.Of(t.Name, "column"), func(o schema.Object) bool { return o.Name == c.Name && o.Prop("identity") != "" })
	return identity || strings.HasPrefix(c.Default, "nextval(")
}

// relate gives the columns of foreign keys the keys of rows that are there, or
// are made for it. Those in fresh get one that no row of the table has yet.
func (m *Maker) relate(ctx context.Context, t *Table, row Row, fresh map[string]bool) error {
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
func (m *Maker) parentKey(ctx context.Context, t *Table, p parent, own bool) ([]rows.Value, error) {
	of, err := m.Table(p.table)
	if err != nil {
		return nil, err
	}
	for range 2 {
		there, err := m.Read(ctx, of, attempts)
		if err != nil {
			return nil, err
		}
		taken, err := m.Read(ctx, t, attempts)
		if err != nil {
			return nil, err
		}
		for _, row := range there {
			same := func(other Row) bool {
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
		if err := m.Add(ctx, p.table); err != nil {
			return nil, err
		}
	}
	return nil, &NoRowError{fmt.Sprintf("no row of %s is left that %s could refer to", p.table, t.Name)}
}

// Reserve sees to it that so many more rows of a table have something to refer to
// that no other row refers to, where each needs that.
func (m *Maker) Reserve(ctx context.Context, name string, n int) error {
	t, err := m.Table(name)
	if err != nil {
		return err
	}
	for _, p := range t.parents {
		if !slices.ContainsFunc(p.columns, func(c string) bool { return t.unique[c] }) {
			continue
		}
		for range n {
			if err := m.Add(ctx, p.table); err != nil {
				return err
			}
		}
	}
	return nil
}

// UniqueColumns are the columns of a table's keys and unique indexes, and all names in
// the expressions of those.
func UniqueColumns(s schema.Snapshot, table string) map[string]bool {
	unique := map[string]bool{}
	for _, o := range s.Objects {
		if o.Parent != table || !o.Key.Unique {
			continue
		}
		expressions := o.Key.Where
		for _, part := range o.Key.Parts {
			unique[part.Column] = true
			expressions += " " + part.Expression
		}
		for _, l := range sqltext.Parse(dialect.SQLite, expressions).Statements {
			for _, token := range l.Tokens {
				if token.IsName() {
					unique[token.Text] = true
				}
			}
		}
	}
	return unique
}

// Unusable is the error if it says that the database cannot be used at all.
func Unusable(err error) error {
	if err != nil && engine.Environmental(err) {
		return err
	}
	return nil
}

// EndSession closes a connection for good, so that its settings and its role go to
// nobody else.
func EndSession(conn *sql.Conn) error {
	// ErrBadConn is how a pool is told to close a connection.
	err := conn.Raw(func(any) error { return driver.ErrBadConn })
	if errors.Is(err, driver.ErrBadConn) {
		err = nil
	}
	if e := conn.Close(); !errors.Is(e, sql.ErrConnDone) {
		err = errors.Join(err, e)
	}
	return err
}

// ErrorCode is the SQLSTATE or the extended result code of SQLite that an error
// carries, "" where it carries none.
func ErrorCode(err error) string {
	var state interface{ SQLState() string }
	if errors.As(err, &state) {
		return state.SQLState()
	}
	var code interface{ Code() int }
	if errors.As(err, &code) {
		return strconv.Itoa(code.Code())
	}
	return ""
}

// Column finds a column, in whatever case its name is.
func (t *Table) Column(name string) int {
	return slices.IndexFunc(t.Columns, func(c rows.Column) bool { return strings.EqualFold(c.Name, name) })
}
