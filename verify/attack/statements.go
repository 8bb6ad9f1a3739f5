package attack

import (
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/dialect"
)

// The parts of which the statements of every dialect are made.

// list writes columns with commas between.
func list(columns []string) string {
	quoted := make([]string, len(columns))
	for i, c := range columns {
		quoted[i] = dialect.Name(c)
	}
	return strings.Join(quoted, ", ")
}

// into is the table with columns and rows, as it follows INSERT INTO.
func (p *prey) into(rows ...Row) string {
	var columns, tuples []string
	override := ""
	for _, c := range p.columns {
		columns = append(columns, c.name)
		if c.assigned {
			override = " OVERRIDING SYSTEM VALUE"
		}
	}
	for _, row := range rows {
		var values []string
		for _, c := range columns {
			values = append(values, row[c])
		}
		tuples = append(tuples, "("+strings.Join(values, ", ")+")")
	}
	return p.name + " (" + list(columns) + ")" + override + " VALUES " + strings.Join(tuples, ", ")
}

// fresh is a row that collides with none, or another one for i = 1.
func (p *prey) fresh(i int) Row { return p.Rows.Fresh[i] }

// collision is the first fresh row with the key of one that is there. It
// reports false where no row that is there has a value for every column of it.
func (p *prey) collision(k preyKey) (Row, bool) {
	for _, victim := range p.Rows.There {
		if whole(victim, k.columns) {
			return graft(p.fresh(0), victim, k.columns), true
		}
	}
	return nil, false
}

// noCollision stands for the attacks on a key for which no row can be made.
func (p *prey) noCollision(k preyKey, as Role) Attack {
	return Attack{Name: "collision on " + k.name, As: as, Want: Refused, impossible: "no row has a value in every column of the key"}
}

// whole reports whether the row has a value in each of the columns.
func whole(row Row, columns []string) bool {
	return !slices.ContainsFunc(columns, func(c string) bool { return strings.HasPrefix(row[c], "NULL") })
}

// graft is a copy of one row with some columns of another.
func graft(row, other Row, columns []string) Row {
	grafted := Row{}
	for name, value := range row {
		grafted[name] = value
	}
	for _, c := range columns {
		grafted[c] = other[c]
	}
	return grafted
}

// impostor is the first row that is there with all of its keys, and else fresh.
func (p *prey) impostor() Row {
	row := p.fresh(1)
	for _, k := range p.keys {
		row = graft(row, p.Rows.There[0], k.columns)
	}
	return row
}

// first is the condition that the first row alone meets.
func (p *prey) first() string {
	for _, k := range p.keys {
		if whole(p.Rows.There[0], k.columns) {
			return equal(k.columns, func(c string) string { return dialect.Name(c) }, func(c string) string { return p.Rows.There[0][c] })
		}
	}
	return p.Arsenal.physical() + " = (SELECT min(" + p.Arsenal.physical() + ") FROM " + p.name + ")"
}

// same is the condition that a row of the table under two aliases is the same.
func (p *prey) same(a, b string) string {
	columns := []string{p.Arsenal.physical()}
	quote := func(c string) string { return c }
	if len(p.keys) > 0 {
		columns, quote = p.keys[0].columns, dialect.Name
	}
	return equal(columns, func(c string) string { return a + "." + quote(c) }, func(c string) string { return b + "." + quote(c) })
}

func equal(columns []string, left, right func(string) string) string {
	terms := make([]string, len(columns))
	for i, c := range columns {
		terms[i] = left(c) + " = " + right(c)
	}
	return strings.Join(terms, " AND ")
}

// plain is the column that a change is tried on where any would do: one outside
// the keys, so that no constraint comes before the guard.
func (p *prey) plain() string {
	for _, c := range p.columns {
		keyed := func(k preyKey) bool { return slices.Contains(k.columns, c.name) }
		if !c.assigned && !slices.ContainsFunc(p.keys, keyed) {
			return c.name
		}
	}
	return p.columns[len(p.columns)-1].name
}

// keep sets the plain column to itself.
func (p *prey) keep() string {
	c := dialect.Name(p.plain())
	return c + " = " + c
}

// alter sets the plain column to another value.
func (p *prey) alter() string {
	return dialect.Name(p.plain()) + " = " + p.fresh(0)[p.plain()]
}

// assign sets a column to another value.
func (p *prey) assign(c preyColumn) string {
	value := p.fresh(0)[c.name]
	if c.assigned {
		value = "DEFAULT"
	}
	return dialect.Name(c.name) + " = " + value
}

// A charge is an attack in the making: name, reason and statement.
type charge struct{ name, reason, sql string }

// each makes charges into attacks with all else in common.
func (a Attack) each(charges ...charge) []Attack {
	var attacks []Attack
	for _, c := range charges {
		b := a
		b.Name, b.Reason, b.SQL = c.name, c.reason, c.sql
		attacks = append(attacks, b)
	}
	return attacks
}
