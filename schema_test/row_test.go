package schema_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail"
	"github.com/handrail-db/handrail/fixtures/eventstore"
	"github.com/handrail-db/handrail/verify/dialect"
)

// A row is what goes into a table, by column: an sqlText or perDialect is
// written into the statement as it is, anything else is passed as an argument.
type row map[string]any

// sqlText is a piece of SQL that every engine understands.
type sqlText string

// event is a valid row of event_store with the changes. Two of them collide
// in nothing as long as the numbers differ.
func event(n int, changes row) row {
	return changed(row{
		"stream_id": fmt.Sprint("stream-", n), "stream_type": "Test", "version": 1,
		"event_id": fmt.Sprintf("row-%022d", n), "event_type": "Tested", "payload": "{}",
	}, changes)
}

// stream is a valid row of stream_index with the changes.
func stream(n int, changes row) row {
	return changed(row{"kind": "Test", "key": fmt.Sprint("stream-", n), "stream_id": fmt.Sprintf("row-%022d", n)}, changes)
}

func changed(r, changes row) row {
	for column, value := range changes {
		r[column] = value
	}
	return r
}

// insert is the statement that writes the row, with its arguments.
func (r row) insert(table string, d dialect.Dialect) (statement string, args []any) {
	var columns, values []string
	for column := range r {
		columns = append(columns, column)
	}
	slices.Sort(columns)
	for _, column := range columns {
		switch v := r[column].(type) {
		case sqlText:
			values = append(values, string(v))
		case perDialect:
			values = append(values, v[d])
		default:
			args = append(args, v)
			values = append(values, fmt.Sprintf("$%d", len(args)))
		}
	}
	return "INSERT INTO " + table + " (" + strings.Join(columns, ", ") + ") VALUES (" + strings.Join(values, ", ") + ")", args
}

func (r row) into(t testing.TB, db eventstore.Execer, table string, d dialect.Dialect) error {
	t.Helper()
	statement, args := r.insert(table, d)
	_, err := db.ExecContext(t.Context(), statement, args...)
	return err
}

// content is every value of every row of a table.
func content(t testing.TB, db *handrail.DB, table string) (lines []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "SELECT * FROM "+table)
	require.NoError(t, err)
	defer rows.Close() //nolint:errcheck // rows.Err tells
	names, err := rows.Columns()
	require.NoError(t, err)
	for rows.Next() {
		values, targets := make([]any, len(names)), make([]any, len(names))
		for i := range values {
			targets[i] = &values[i]
		}
		require.NoError(t, rows.Scan(targets...))
		for i, v := range values {
			if text, ok := v.([]byte); ok {
				values[i] = string(text)
			}
		}
		lines = append(lines, fmt.Sprintf("%+v", values))
	}
	require.NoError(t, rows.Err())
	slices.Sort(lines)
	return lines
}
