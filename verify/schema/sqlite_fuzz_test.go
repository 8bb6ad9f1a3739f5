package schema

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/internal/sqltext"
)

// FuzzParseTable: whatever table SQLite accepts can be inspected, always with
// the same result, which agrees with what SQLite's own pragmas say.
func FuzzParseTable(f *testing.F) {
	for _, ddl := range tableSeeds {
		f.Add(ddl)
	}
	f.Fuzz(func(t *testing.T, ddl string) {
		parseTable("CREATE TABLE "+ddl, nil) //nolint:errcheck // must not panic, whatever it is
		// One statement, and no query in it, which might never end.
		if words := sqltext.Fold(ddl); strings.ContainsAny(ddl, ";\x00") || strings.Contains(words, "select") || strings.Contains(words, "values") {
			return
		}
		db := memory(t)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		if _, err := db.ExecContext(ctx, "CREATE TABLE "+ddl); err != nil {
			return
		}
		first, err := Inspect(ctx, db, dialect.SQLite)
		require.NoError(t, err)
		second, err := Inspect(ctx, db, dialect.SQLite)
		require.NoError(t, err)
		require.Equal(t, first, second)
		require.Empty(t, Diff(first, second))
		for _, table := range first.Kind("table") {
			agree(t, db, first, table)
		}
	})
}

var tableSeeds = []string{
	"t(a)", "t(a INTEGER PRIMARY KEY AUTOINCREMENT, b TEXT NOT NULL DEFAULT 'x' COLLATE nocase) STRICT",
	"t(a INT CONSTRAINT x CHECK (a > 0) UNIQUE ON CONFLICT IGNORE, b REFERENCES t ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED)",
	"t(a INT, b INT, PRIMARY KEY (a DESC, b COLLATE rtrim) ON CONFLICT REPLACE, FOREIGN KEY (b) REFERENCES t (a) ON UPDATE CASCADE) WITHOUT ROWID",
	"t(a, b AS (a + 1), c GENERATED ALWAYS AS (a || 'x') STORED)", `"a""b"([x y], ` + "`z`" + ` "double" 'precision')`,
	"t(a, CONSTRAINT x CONSTRAINT y UNIQUE (a) CONSTRAINT z)", "t(key, UNIQUE ('key' ASC))", "t(a DEFAULT -1, b DEFAULT (1 + 2), c DEFAULT current_timestamp)",
	"t(a NULL ON CONFLICT FAIL NOT NULL ON CONFLICT ROLLBACK, /* c */ b) -- d", "t(a REFERENCES t ON INSERT SET DEFAULT MATCH full NOT NULL NOT DEFERRABLE)",
	"t(a DECIMAL(10, -2), PRIMARY KEY (a AUTOINCREMENT))", "t(a INTEGER, PRIMARY KEY (a AUTOINCREMENT))",
}

// agree compares what was read from the text of a table with the pragmas.
func agree(t *testing.T, db *sql.DB, s Snapshot, table Object) {
	t.Helper()
	flags := query(t, db, `SELECT rtrim(iif(strict, 'strict, ', '') || iif(wr, 'without rowid', ''), ', ') FROM pragma_table_list(?) WHERE schema = 'main'`, table.Name)
	require.Equal(t, []string{table.Prop("options")}, flags, "options")

	ddl, err := parseTable(query(t, db, "SELECT sql FROM sqlite_schema WHERE name = ?", table.Name)[0], nil)
	require.NoError(t, err)
	columns := query(t, db, "SELECT name FROM pragma_table_xinfo(?)", table.Name)
	require.Len(t, ddl.columns, len(columns), "columns")
	for _, c := range columns {
		require.Contains(t, ddl.columns, sqltext.Fold(c))
	}
	generated := query(t, db, "SELECT name FROM pragma_table_xinfo(?) WHERE hidden IN (2, 3) ORDER BY lower(name)", table.Name)
	counts := query(t, db, "SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence'")
	for _, c := range s.Of(table.Name, "column") {
		if c.Prop("generated") != "" {
			generated = without(generated, c.Name)
		}
		if c.Prop("autoincrement") != "" {
			counts = nil
		}
	}
	require.Empty(t, generated, "generated columns that were not seen")
	require.Empty(t, counts, "AUTOINCREMENT that was not seen")
	keysAgree(t, db, s, table)
}

// keysAgree compares keys, indexes and foreign keys with the pragmas.
func keysAgree(t *testing.T, db *sql.DB, s Snapshot, table Object) {
	t.Helper()
	require.Equal(t, query(t, db, "SELECT name FROM pragma_table_xinfo(?) ORDER BY cid", table.Name), table.Columns, "columns")
	key := query(t, db, "SELECT name FROM pragma_table_xinfo(?) WHERE pk > 0 ORDER BY pk", table.Name)
	require.Len(t, s.Of(table.Name, "primary key"), min(len(key), 1))
	uniques := map[string]bool{}
	for _, o := range s.Of(table.Name, "primary key") {
		require.Equal(t, o.Columns, o.Key.columns(), "primary key")
		var once []string // SQLite reads a column that is there twice as one
		for _, name := range o.Columns {
			if !slices.Contains(once, name) {
				once = append(once, name)
			}
		}
		require.Equal(t, key, once, "primary key")
	}
	for _, o := range s.Of(table.Name, "unique") {
		uniques[strings.Join(o.Columns, ", ")] = true
	}
	for _, index := range query(t, db, "SELECT name FROM pragma_index_list(?) WHERE origin = 'u'", table.Name) {
		columns := strings.Join(query(t, db, "SELECT name FROM pragma_index_info(?) ORDER BY seqno", index), ", ")
		require.True(t, uniques[columns], "unique (%s) in %v", columns, uniques)
	}
	for _, o := range s.Of(table.Name, "index") {
		unique := map[bool]string{true: "1"}
		require.Equal(t, []string{cmp.Or(unique[o.Key.Unique], "0") + cmp.Or(unique[o.Key.Where != ""], "0")},
			query(t, db, `SELECT "unique" || partial FROM pragma_index_list(?) WHERE name = ?`, table.Name, o.Name), "unique, and partial: %s", o)
		var parts, columns []string
		for _, p := range o.Key.Parts {
			require.NotEqual(t, p.Column == "", p.Expression == "", o)
			parts, columns = append(parts, fmt.Sprint(cmp.Or(p.Column, "an expression"), p.Desc)), append(columns, p.Column)
		}
		require.Equal(t, query(t, db, `SELECT coalesce(name, 'an expression') || iif("desc", 'true', 'false') FROM pragma_index_xinfo(?) WHERE key ORDER BY seqno`, o.Name), parts, o)
		require.Equal(t, columns, o.Columns, o)
	}
	var foreign []string
	for _, o := range s.Of(table.Name, "foreign key") {
		to := *o.References
		foreign = append(foreign, fmt.Sprintf("%s: %s (%s) %s %s", strings.Join(o.Columns, ", "), to.Table, strings.Join(to.Columns, ", "),
			cmp.Or(to.OnUpdate, "NO ACTION"), cmp.Or(to.OnDelete, "NO ACTION")))
		require.Equal(t, strings.HasSuffix(o.Prop("definition"), " DEFERRABLE INITIALLY DEFERRED"), to.Deferred, o)
	}
	require.ElementsMatch(t, query(t, db, `SELECT group_concat("from", ', ') || ': ' || "table" || ' (' || coalesce(group_concat("to", ', '), '') || ') ' || on_update || ' ' || on_delete
		FROM (SELECT * FROM pragma_foreign_key_list(?) ORDER BY id, seq) GROUP BY id`, table.Name), foreign, "foreign keys")
}

// without takes one item off a list.
func without(list []string, item string) []string {
	for i := range list {
		if list[i] == item {
			return append(list[:i:i], list[i+1:]...)
		}
	}
	return append(list, "read, but not there: "+item)
}

// memory is an empty database in memory, on its only connection.
func memory(t testing.TB) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", ":memory:")
	require.NoError(t, err)
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

// query is the first column of the rows that a query returns.
func query(t testing.TB, db *sql.DB, text string, args ...any) (values []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), text, args...)
	require.NoError(t, err)
	defer rows.Close() //nolint:errcheck // rows.Err tells
	for rows.Next() {
		var v string
		require.NoError(t, rows.Scan(&v))
		values = append(values, v)
	}
	require.NoError(t, rows.Err())
	return values
}

func inspect(t testing.TB, db *sql.DB) Snapshot {
	t.Helper()
	s, err := Inspect(t.Context(), db, dialect.SQLite)
	require.NoError(t, err)
	return s
}
