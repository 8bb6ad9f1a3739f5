package rows

import (
	"hash/maphash"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/dialect"
)

// A Difference is what became of the rows of one table.
type Difference struct {
	Table         *Table // as it was
	Now           *Table // as it is; nil where it holds no rows any more
	Gone          bool   // the table itself is not there any more
	Lost, Changed int64
	Added         int64
	Truncated     int64 // of Changed: values that came back narrowed, and nothing else

	// Columns are those in which rows changed, and Emptied those that held
	// values and hold none now, or only the default.
	Columns, Emptied []string

	// Examples, at most a few of each.
	LostRows, AddedRows []Row
	ChangedRows         []Pair
}

// A Pair is a row as it was and as it is.
type Pair struct{ Before, After Row }

// maxExamples is how many rows a difference shows.
const maxExamples = 3

// None reports whether nothing differs.
func (d Difference) None() bool {
	return d.Lost == 0 && d.Changed == 0 && d.Added == 0 && d.Unread() == ""
}

// Unread says why nothing is known of the rows; "" where they were compared.
func (d Difference) Unread() string {
	if d.Now != nil && d.Now.Unread != "" {
		return d.Now.Unread
	}
	return d.Table.Unread
}

// Compare says what became of the rows of before, in the columns that exist on
// both sides, table by table. There says which tables exist now, by name, with
// their columns in now's snapshot: those that hold no rows are not in now.
func Compare(before, now *Set, there func(table string) (columns []string, ok bool)) ([]Difference, error) {
	var differences []Difference
	seen := map[string]bool{}
	for _, t := range before.Tables {
		seen[t.Name] = true
		columns, ok := there(t.Name)
		if !ok {
			differences = append(differences, Difference{Table: t, Gone: true, Lost: t.Count})
			continue
		}
		d, err := compareTables(t, now.Table(t.Name), columns)
		if err != nil {
			return nil, err
		}
		if !d.None() {
			differences = append(differences, d)
		}
	}
	for _, t := range now.Tables {
		if !seen[t.Name] {
			d := Difference{Table: &Table{Dialect: t.Dialect, Name: t.Name}, Now: t, Added: t.Count}
			if err := examples(t, &d.AddedRows); err != nil {
				return nil, err
			}
			differences = append(differences, d)
		}
	}
	return differences, nil
}

// partition is how many rows of a table are looked at at once.
const partition = 1 << 16

// A comparison is that of one table with itself at another moment.
type comparison struct {
	before, now *Table
	was, is     []int // places of the columns that both have
	forms       []form
	keyWas      []int // places of the key, in was and is; nil where rows have none
	d           *Difference
	pairs       []Pair // of changed rows, to find the columns
	picked      Row    // that of the last row, and its record
	record      []byte
	gone, came  strays // rows by what is not their key
}

// maxPairs is how many changed rows are looked at to find out what changed.
const maxPairs = 1000

func compareTables(before, now *Table, columns []string) (Difference, error) {
	d := Difference{Table: before, Now: now}
	if d.Unread() != "" {
		return d, nil
	}
	if now == nil {
		now = &Table{Dialect: before.Dialect, Name: before.Name, Columns: columnsNamed(columns)}
	}
	c := &comparison{before: before, now: now, d: &d}
	for i, column := range before.Columns {
		j := now.Column(column.Name)
		if j < 0 {
			continue
		}
		if slices.Contains(before.Key, column.Name) && column.Values == before.Count && now.Columns[j].Values == now.Count { // SQLite takes NULL in a key, and often
			c.keyWas = append(c.keyWas, len(c.was))
		}
		c.was, c.is = append(c.was, i), append(c.is, j)
		c.forms = append(c.forms, formOf(before.Dialect, column, now.Columns[j]))
	}
	if len(c.keyWas) != len(before.Key) {
		c.keyWas = nil
	}
	if c.untouched() {
		return d, nil
	}
	parts := max(before.Count, now.Count)/partition + 1
	for part := range parts {
		if err := c.part(uint64(parts), uint64(part)); err != nil {
			return d, err
		}
	}
	if c.keyWas == nil {
		c.pairUp()
	} else {
		c.rekey()
	}
	c.columns()
	return d, nil
}

// pairUp takes rows without a key that went, and others that came, for rows that
// changed.
func (c *comparison) pairUp() {
	d := c.d
	n := min(d.Lost, d.Added)
	d.Changed, d.Lost, d.Added = n, d.Lost-n, d.Added-n
	for n > 0 && len(d.LostRows) > 0 && len(d.AddedRows) > 0 {
		c.pairs = append(c.pairs, Pair{d.LostRows[0], d.AddedRows[0]})
		d.LostRows, d.AddedRows, n = d.LostRows[1:], d.AddedRows[1:], n-1
	}
	d.LostRows, d.AddedRows = d.LostRows[:min(int64(len(d.LostRows)), d.Lost)], d.AddedRows[:min(int64(len(d.AddedRows)), d.Added)]
}

func columnsNamed(names []string) []Column {
	columns := make([]Column, len(names))
	for i, name := range names {
		columns[i].Name = name
	}
	return columns
}

// untouched reports whether all is as it was, to the last byte.
func (c *comparison) untouched() bool {
	return c.before.Count == c.now.Count && c.before.digest == c.now.digest && len(c.before.Columns) == len(c.now.Columns) &&
		slices.EqualFunc(c.before.Columns, c.now.Columns, func(a, b Column) bool { return a.Name == b.Name && a.Type == b.Type })
}

// pick is the compared part of a row in its form.
func (c *comparison) pick(row Row, places []int) Row {
	return c.pickInto(make(Row, len(places)), row, places)
}

func (c *comparison) pickInto(picked, row Row, places []int) Row {
	for i, p := range places {
		if picked[i] = row[p]; c.forms[i] != nil && picked[i].Kind != Null {
			picked[i] = c.forms[i](picked[i])
		}
	}
	return picked
}

// hashes are those of the compared part of a row, and of its key: of a row
// without a key they are the same.
func (c *comparison) hashes(row Row, places []int) (key, whole uint64) {
	c.picked = c.pickInto(slices.Grow(c.picked[:0], len(places))[:len(places)], row, places)
	c.record = encode(c.record[:0], c.picked)
	whole = maphash.Bytes(seed, c.record)
	if c.keyWas == nil {
		return whole, whole
	}
	c.record = c.record[:0]
	for _, p := range c.keyWas {
		c.record = encode(c.record, c.picked[p:p+1])
	}
	return maphash.Bytes(seed, c.record), whole
}

// part looks at the rows whose keys fall into one of several parts.
func (c *comparison) part(parts, part uint64) error {
	was := map[uint64][]uint64{} // rows by key
	err := c.before.Each(func(row Row) error {
		if key, whole := c.hashes(row, c.was); key%parts == part {
			was[key] = append(was[key], whole)
		}
		return nil
	})
	if err != nil {
		return err
	}
	changed := map[uint64]Row{}
	err = c.now.Each(func(row Row) error {
		key, whole := c.hashes(row, c.is)
		if key%parts != part {
			return nil
		}
		rest := was[key]
		switch i := slices.Index(rest, whole); {
		case i >= 0:
			was[key] = slices.Delete(rest, i, i+1)
		case len(rest) > 0:
			c.d.Changed++
			was[key] = rest[1:]
			if len(changed)+len(c.pairs) < maxPairs {
				changed[key] = slices.Clone(row)
			}
		default:
			c.d.Added++
			if len(c.d.AddedRows) < maxExamples {
				c.d.AddedRows = append(c.d.AddedRows, slices.Clone(row))
			}
			c.came.add(c.rest(), row)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, rest := range was {
		c.d.Lost += int64(len(rest))
	}
	return c.before.Each(func(row Row) error {
		key, _ := c.hashes(row, c.was)
		if after, ok := changed[key]; ok {
			c.pairs = append(c.pairs, Pair{slices.Clone(row), after})
			delete(changed, key)
		} else if len(was[key]) > 0 {
			if len(c.d.LostRows) < maxExamples {
				c.d.LostRows = append(c.d.LostRows, slices.Clone(row))
			}
			c.gone.add(c.rest(), row)
		}
		return nil
	})
}

// columns finds out in which columns the rows changed.
func (c *comparison) columns() {
	for _, p := range c.pairs {
		was, is := c.pick(p.Before, c.was), c.pick(p.After, c.is)
		narrow := true
		for i := range was {
			if was[i] == is[i] {
				continue
			}
			if name := c.before.Columns[c.was[i]].Name; !slices.Contains(c.d.Columns, name) {
				c.d.Columns = append(c.d.Columns, name)
			}
			narrow = narrow && narrowed(p.Before[c.was[i]], p.After[c.is[i]])
		}
		if narrow {
			c.d.Truncated++
		}
	}
	if c.d.Truncated == int64(len(c.pairs)) {
		c.d.Truncated = c.d.Changed // all that were looked at
	}
	c.d.ChangedRows = c.pairs[:min(len(c.pairs), maxExamples)]
	for _, name := range c.d.Columns {
		was, is := c.before.Columns[c.before.Column(name)], c.now.Columns[c.now.Column(name)]
		if was.Values > 0 && is.empty() {
			c.d.Emptied = append(c.d.Emptied, name)
		}
	}
}

// empty reports whether a column says nothing of its rows: it holds NULL or its
// default everywhere.
func (c Column) empty() bool {
	if c.Values == 0 {
		return true
	}
	constant := strings.TrimSpace(c.Default)
	if cast := strings.LastIndex(constant, "::"); cast > 0 {
		constant = constant[:cast]
	}
	constant = strings.Trim(constant, "()")
	return !c.different && c.Default != "" && (c.same.Text == constant || dialect.Literal(c.same.Text) == constant)
}

// examples takes a few rows of a table.
func examples(t *Table, into *[]Row) error {
	return t.Each(func(row Row) error {
		if len(*into) < maxExamples {
			*into = append(*into, slices.Clone(row))
		}
		return nil
	})
}
