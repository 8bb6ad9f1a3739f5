package verify

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/rows"
)

// search looks for a row that the check refuses and the other side takes: with
// another value in one of its columns or, where it refuses none of these, in two.
func (q question) search(ctx context.Context, mine, other *bench, columns []string) (*disparity, int, error) {
	refusals := 0
	for _, changes := range q.changes(mine, columns) {
		refused, err := mine.trial(ctx, mine, columns, changes)
		if err != nil {
			return nil, refusals, err
		}
		if refused == nil || !saysCheck(refused, q.check) {
			continue
		}
		refusals++
		there, err := other.trial(ctx, mine, columns, changes)
		if err != nil {
			return nil, refusals, err
		}
		if there != nil {
			continue
		}
		kept, err := other.keeps(ctx, mine, columns, changes)
		if err != nil {
			return nil, refusals, err
		}
		if kept {
			return q.disparity(other.statement(mine, columns, changes)), refusals, nil
		}
	}
	if refusals == 0 {
		return nil, 0, &errUnknown{"no row was found that this check refuses, so that none could be tried on " + dialectName(other.dialect)}
	}
	return nil, refusals, nil
}

// mostPairs is how many rows are tried with other values in two columns.
const mostPairs = 1000

// changes are the values to try in the columns of a check.
func (q question) changes(mine *bench, columns []string) []made {
	var alone, pairs []made
	values := map[string][]rows.Value{}
	for _, column := range columns {
		c := mine.table.Columns[mine.table.column(column)]
		values[column] = q.values(c, mine.base[c.Name])
		for _, v := range values[column] {
			alone = append(alone, made{column: v})
		}
	}
	for i, a := range columns {
		for _, b := range columns[i+1:] {
			for _, v := range values[a] {
				for _, w := range values[b] {
					pairs = append(pairs, made{a: v, b: w})
				}
			}
		}
	}
	return append(alone, pairs[:min(len(pairs), mostPairs)]...)
}

// values are what the check speaks of in the column, what is like the value that
// is there, and what nobody expects.
func (q question) values(c rows.Column, there rows.Value) []rows.Value {
	all := spoken(q.on, q.check)
	for _, v := range append(slices.Clone(all), there) {
		if v.Kind == rows.Text && len(v.Text) < finding.LongestValue {
			if v == there && v.Text != "" {
				_, n := utf8.DecodeRuneInString(v.Text)
				all = append(all, textValue("a"+v.Text[n:]), textValue("A"+v.Text[n:]))
			}
			all = append(all, textValue(`"`+v.Text+`"`), textValue(v.Text+"x"), textValue(strings.ToUpper(v.Text)), textValue(strings.ToLower(v.Text)))
		}
	}
	for _, text := range []string{"0", "1", "-1", "2147483647", "2147483648", "-2147483649", "1000000", "1.5"} {
		all = append(all, numberValue(text))
	}
	for _, text := range []string{"", "x", "X", " ", "handrail probe", "{}", "9999-12-31", "0001-01-01"} {
		all = append(all, textValue(text))
	}
	if strings.Contains(strings.ToLower(q.check.Prop("definition")), "typeof") {
		all = append(all, rows.Value{Kind: rows.Blob, Text: "\x00"})
	}
	// A text in a column of numbers says nothing of the check.
	return slices.DeleteFunc(all, func(v rows.Value) bool {
		return q.on == dialect.Postgres && v.Kind == rows.Text && numeric(strings.ToLower(c.Type))
	})
}

func (q question) disparity(row string) *disparity {
	o := q.object()
	here, there := dialectName(q.on), dialectName(otherDialect(q.on))
	return &disparity{
		object: o, only: q.on, rows: cutText(row),
		what: fmt.Sprintf("check %s refuses on %s what %s takes", o.Name, here, there),
		hint: fmt.Sprintf("refuse it on %s too, or say in a file of the revision why not: -- handrail:only %s %s because …", there, q.on, strings.Split(o.Name, " on ")[0]),
	}
}

// cutText is a statement of a length that a person reads.
func cutText(text string) string {
	if runes := []rune(text); len(runes) > longestRow {
		return string(runes[:longestRow]) + "…"
	}
	return text
}

const longestRow = 600
