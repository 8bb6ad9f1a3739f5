package schema_test

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail"
	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/internal/corpus"
	"github.com/handrail-db/handrail/verify/internal/sqltext"
	"github.com/handrail-db/handrail/verify/schema"
)

// TestKeysOfPostgres makes one change after the other and compares what a tracker has of
// columns, keys and references with what the server prints of them.
func TestKeysOfPostgres(t *testing.T) {
	t.Parallel()
	for name, changes := range map[string][]corpus.Change{
		"changes": corpus.Changes("postgres_changes.sql"),
		"renames": corpus.Changes("postgres_renames.sql"),
		"keys": {
			{SQL: `CREATE SCHEMA "S.1"; CREATE TABLE "S.1"."T, 1" (a int, "b, c" text, "D""d" int CHECK (length("b, c") < "D""d"), length int, PRIMARY KEY ("b, c", a), UNIQUE ("D""d") INCLUDE (a))`},
			{SQL: `CREATE TABLE r (x text, y int, z int REFERENCES "S.1"."T, 1" ("D""d") ON UPDATE SET DEFAULT ON DELETE RESTRICT,
				FOREIGN KEY (x, y) REFERENCES "S.1"."T, 1" MATCH FULL ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED)`},
			{SQL: `CREATE UNIQUE INDEX i1 ON "S.1"."T, 1" ("D""d" DESC NULLS LAST, "b, c" COLLATE "C" text_pattern_ops) INCLUDE (length) WHERE a > 1`},
			{SQL: `CREATE INDEX i2 ON "S.1"."T, 1" USING hash (lower("b, c")); CREATE INDEX i3 ON "S.1"."T, 1" ((a + length) DESC, a)`},
			{SQL: `ALTER TABLE "S.1"."T, 1" RENAME "b, c" TO "B.C"`},
			{SQL: `ALTER TABLE "S.1"."T, 1" RENAME a TO "select"`},
			{SQL: `ALTER TABLE "S.1"."T, 1" DROP length; ALTER TABLE r RENAME y TO a`},
			{SQL: `ALTER TABLE "S.1"."T, 1" RENAME TO t; ALTER SCHEMA "S.1" RENAME TO s`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := handrail.Scratch(t, fixtures.Postgres)
			tracker := begun(t, db)
			conn, err := db.Conn(t.Context())
			require.NoError(t, err)
			defer conn.Close() //nolint:errcheck // the database goes
			_, err = conn.ExecContext(t.Context(), "SET search_path = pg_catalog")
			require.NoError(t, err)
			for _, c := range changes {
				_, err := db.ExecContext(t.Context(), c.SQL)
				require.NoError(t, err, c.SQL)
				s, err := tracker.Inspect(t.Context())
				require.NoError(t, err, c.SQL)
				items := itemsOfIndexes(t, conn)
				now, err := schema.Inspect(t.Context(), db.DB, dialect.Postgres)
				require.NoError(t, err, c.SQL)
				require.Len(t, s.Objects, len(now.Objects), c.SQL)
				for i, o := range s.Objects {
					agreesWithServer(t, now, o, now.Objects[i].Prop("definition"), items[o.Name], "%s\n%s", c.SQL, o)
				}
			}
		})
	}
}

// itemsOfIndexes are what each index is on, as the server prints it.
func itemsOfIndexes(t *testing.T, conn *sql.Conn) map[string][]string {
	rows, err := conn.QueryContext(context.WithoutCancel(t.Context()), `
		SELECT i.indexrelid::regclass, pg_get_indexdef(i.indexrelid, k, false) || CASE WHEN pg_index_column_has_property(i.indexrelid, k, 'desc') THEN ' DESC' ELSE '' END
		FROM pg_index i, generate_series(1, i.indnkeyatts) k WHERE i.indexrelid >= 16384 ORDER BY 1, k`)
	require.NoError(t, err)
	defer rows.Close() //nolint:errcheck // rows.Err tells
	items := map[string][]string{}
	for rows.Next() {
		var name, item string
		require.NoError(t, rows.Scan(&name, &item))
		items[name] = append(items[name], item)
	}
	require.NoError(t, rows.Err())
	return items
}

// agreesWithServer compares an object with the definition that the server has for it now,
// and with what an index is on.
func agreesWithServer(t *testing.T, s schema.Snapshot, o schema.Object, definition string, items []string, why string, args ...any) {
	t.Helper()
	says := append([]any{why}, args...)
	list := func(names []string) string {
		quoted := make([]string, len(names))
		for i, name := range names {
			quoted[i] = sqltext.QuoteIdent(name)
		}
		return strings.Join(quoted, ", ")
	}
	switch o.Kind {
	case "table", "view", "materialized view", "foreign table":
		var columns []string
		for _, c := range s.Of(o.Name, "column") {
			columns = append(columns, c.Name)
		}
		require.ElementsMatch(t, columns, o.Columns, says...)
		require.Equal(t, o.Prop("column order"), list(o.Columns), says...)
	case "check":
		for _, c := range s.Of(o.Parent, "column") {
			named := slices.ContainsFunc(sqltext.Pieces(definition), func(p sqltext.Piece) bool { return p.Kind == sqltext.NamePiece && p.Name == c.Name })
			require.Equal(t, named && !strings.Contains(definition, c.Name+"("), slices.Contains(o.Columns, c.Name), says...)
		}
	case "primary key", "unique":
		require.Contains(t, definition, " ("+list(o.Columns)+")", says...)
		require.True(t, o.Key.Unique && o.Key.Plain() && len(o.Key.Parts) == len(o.Columns), says...)
	case "foreign key":
		to := o.References
		require.Contains(t, definition, fmt.Sprintf("FOREIGN KEY (%s) REFERENCES %s(%s)", list(o.Columns), to.Table, list(to.Columns)), says...)
		for _, action := range []struct{ on, does string }{{" ON UPDATE ", to.OnUpdate}, {" ON DELETE ", to.OnDelete}} {
			require.Equal(t, action.does != "", strings.Contains(definition, action.on), says...)
			require.True(t, action.does == "" || strings.Contains(definition, action.on+action.does), says...)
		}
		require.Equal(t, to.Deferred, strings.Contains(definition, " INITIALLY DEFERRED"), says...)
	case "index":
		var parts, columns []string
		for _, p := range o.Key.Parts {
			text := p.Expression
			if p.Column != "" {
				text = sqltext.QuoteIdent(p.Column)
			}
			if p.Desc {
				text += " DESC"
			}
			parts, columns = append(parts, text), append(columns, p.Column)
		}
		require.Equal(t, items, parts, says...)
		require.Equal(t, columns, o.Columns, says...)
		require.Equal(t, o.Key.Unique, strings.HasPrefix(definition, "CREATE UNIQUE "), says...)
		method := o.Key.Method
		if method == "" {
			method = "btree"
		}
		require.Contains(t, definition, " USING "+method+" (", says...)
		_, where, _ := strings.Cut(definition, " WHERE ")
		require.Equal(t, where, o.Key.Where, says...)
	}
}
