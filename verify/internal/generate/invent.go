package generate

import (
	"context"
	"fmt"
	"strings"

	"github.com/handrail-db/handrail/internal/words"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/rows"
)

// generate adds a row out of values that the types and checks of the columns
// suggest.
func (m *Maker) generate(ctx context.Context, t *Table) error {
	row, err := m.Invent(ctx, t)
	if err != nil {
		return err
	}
	_, err = m.Try(ctx, m.Insert(t, row), true)
	return err
}

// Invent finds a row that the table takes, and does not write it.
func (m *Maker) Invent(ctx context.Context, t *Table) (Row, error) {
	row, candidates, at := Row{}, map[string][]rows.Value{}, map[string]int{}
	var all []string
	for _, c := range t.Columns {
		if c.Computed || m.assigned(t, c) || t.refers(c.Name) {
			continue
		}
		all = append(all, c.Name)
		fit, err := m.fitting(ctx, c, suggestions(m.Dialect, c, t.checks))
		if err != nil {
			return nil, err
		}
		if !c.Required {
			fit = append(fit, rows.Value{})
		}
		if len(fit) == 0 {
			return nil, &NoRowError{fmt.Sprintf("no value is known for column %s of %s, which is %s: write a row in a seed", c.Name, t.Name, c.Type)}
		}
		candidates[c.Name], row[c.Name] = fit, fit[0]
	}
	if err := m.relate(ctx, t, row, nil); err != nil {
		return nil, err
	}
	var refused error
	for range attempts {
		var err error
		if refused, err = m.Try(ctx, m.Insert(t, row), false); err != nil || refused == nil {
			return row, err
		}
		// Count on, in the columns that the refusal is about, as an odometer does.
		for _, name := range blamed(refused, t, all) {
			at[name]++
			if at[name] < len(candidates[name]) {
				row[name] = candidates[name][at[name]]
				break
			}
			at[name] = 0
			row[name] = candidates[name][0]
		}
	}
	return nil, &NoRowError{fmt.Sprintf("no row was found that %s takes: write one in a seed; the last was refused: %s", t.Name, words.OneLine(refused))}
}

// fitting are the values that are some of the column's type. SQLite has none that
// it would ask for.
func (m *Maker) fitting(ctx context.Context, c rows.Column, values []rows.Value) ([]rows.Value, error) {
	if m.Dialect != dialect.Postgres {
		return values, nil
	}
	var fit []rows.Value
	for _, v := range values {
		refused, err := m.Try(ctx, "SELECT CAST("+literalOf(m.Dialect, v)+" AS "+c.Type+")", false)
		if err != nil {
			return nil, err
		}
		if refused == nil {
			fit = append(fit, v)
		}
	}
	return fit, nil
}

// blamed are the columns that an error speaks of, by name or by the name of a
// check; else all.
func blamed(refused error, t *Table, all []string) []string {
	text := strings.ToLower(refused.Error())
	for _, check := range t.checks {
		if SaysCheck(refused, check) {
			if columns := CheckColumns(t, check); len(columns) > 0 {
				return columns
			}
		}
	}
	for _, name := range all {
		if strings.Contains(text, `"`+strings.ToLower(name)+`"`) || strings.Contains(text, strings.ToLower(t.Name+"."+name)) {
			return []string{name}
		}
	}
	return all
}
