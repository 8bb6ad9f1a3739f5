// Package rows reads what the tables of a database hold, and says what became
// of it: [Read] takes the rows of one moment, [Compare] says which of them are
// lost, changed or new at another.
//
// Values are compared and not their text: JSON by what it says, numbers of
// different types by their value, times by the instant that they mean.
package rows

import (
	"errors"
	"slices"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/schema"
)

// A Kind is how a database stores a value. Postgres gives all values as text.
type Kind byte

// The kinds. The zero value is NULL.
const (
	Null Kind = iota
	Text
	Integer
	Real
	Blob
)

// A Value is one value of a row, in the text form that the database gives it: a
// blob of SQLite is its bytes.
type Value struct {
	Kind Kind
	Text string
}

// A Row is the values of a row, in the order of its table's columns.
type Row []Value

// A Column is a column as the catalogue describes it.
type Column struct {
	Name      string
	Type      string
	Default   string // as SQL; "" where it has none
	Required  bool   // NOT NULL
	Computed  bool   // a generated column, which nobody can write
	Identity  bool   // GENERATED ALWAYS AS IDENTITY
	Labels    string // of an enum, as its type lists them
	Values    int64  // how many rows have a value here that is not NULL
	same      Value  // the value of all rows, where they have the same
	different bool   // they have not
}

// A Table is the rows of one table at one moment.
type Table struct {
	Dialect dialect.Dialect
	Name    string // as the snapshot calls it
	Columns []Column
	Key     []string // the columns that tell a row from all others; nil where there are none
	Count   int64

	Partitioned bool // on Postgres: read through all its partitions

	// Unread says why the rows could not be read; "" where they were.
	Unread string

	digest uint64 // of all rows, in any order
	spool  spool
}

// Column finds a column by its name, -1 where there is none.
func (t *Table) Column(name string) int {
	return slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == name })
}

// Each calls f with each row, in no order. The row is valid during the call.
func (t *Table) Each(f func(Row) error) error {
	if len(t.Columns) > 0 {
		return t.spool.each(len(t.Columns), f)
	}
	for range t.Count { // such rows say that they are there, and nothing else
		if err := f(Row{}); err != nil {
			return err
		}
	}
	return nil
}

// A Set is the rows of all tables of a database at one moment. It may hold a
// file: its owner must Close it.
type Set struct {
	Tables []*Table // those that hold rows, sorted by name
}

// Table finds a table by its name, nil where it is empty or not there.
func (s *Set) Table(name string) *Table {
	i, ok := slices.BinarySearchFunc(s.Tables, name, func(t *Table, name string) int {
		switch {
		case t.Name < name:
			return -1
		case t.Name > name:
			return 1
		}
		return 0
	})
	if !ok {
		return nil
	}
	return s.Tables[i]
}

// Count is the number of rows in all tables.
func (s *Set) Count() (n int64) {
	for _, t := range s.Tables {
		n += t.Count
	}
	return n
}

// Close releases what the set holds. It may be called on nil, and twice.
func (s *Set) Close() error {
	if s == nil {
		return nil
	}
	var errs []error
	for _, t := range s.Tables {
		errs = append(errs, t.spool.close())
	}
	s.Tables = nil
	return errors.Join(errs...)
}

// Describe is a table of a snapshot with its columns and key and without rows, nil
// where there is none of the name.
func Describe(d dialect.Dialect, snap schema.Snapshot, name string) *Table {
	for _, t := range tablesOf(d, snap) {
		if t.Name == name {
			return t
		}
	}
	return nil
}
