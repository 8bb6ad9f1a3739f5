package schema_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"
	"modernc.org/sqlite"

	"github.com/handrail-db/handrail"
	"github.com/handrail-db/handrail/verify/dialect"
)

// refusal says in the engine's own code, and in words that are the same on
// every engine, what refused a statement: "23505 unique uq_event_store_event_id",
// "275 check ck_event_store_positive_version", "1299 column event_store.payload".
// Where the engine names nothing it is the code alone.
func refusal(t testing.TB, db *handrail.DB, err error) string {
	t.Helper()
	require.Error(t, err, "the statement must be refused")
	code, object := refusals[db.Engine.Dialect()](t, db, err)
	return strings.TrimSpace(code + " " + object)
}

var refusals = map[dialect.Dialect]func(testing.TB, *handrail.DB, error) (code, object string){
	dialect.Postgres: refusedByPostgres,
	dialect.SQLite:   refusedBySQLite,
}

func refusedByPostgres(t testing.TB, db *handrail.DB, err error) (code, object string) {
	t.Helper()
	var e *pgconn.PgError
	require.ErrorAs(t, err, &e)
	switch {
	case e.ConstraintName != "":
		for _, o := range catalogue(t, db).Objects {
			if o.Parent == e.SchemaName+"."+e.TableName && o.Name == e.ConstraintName {
				return e.Code, o.Kind + " " + o.Name
			}
		}
		require.Failf(t, "unknown constraint", "the error names %s.%s, which is not in the catalogue", e.TableName, e.ConstraintName)
	case e.ColumnName != "":
		return e.Code, "column " + e.TableName + "." + e.ColumnName
	}
	return e.Code, ""
}

// sqliteMessage is where SQLite says what refused a row: in words, nowhere else.
var sqliteMessage = regexp.MustCompile(`^constraint failed: (?:(UNIQUE|CHECK|NOT NULL) constraint failed:|cannot store \w+ value in \w+ column) (.*) \(\d+\)$`)

func refusedBySQLite(t testing.TB, db *handrail.DB, err error) (code, object string) {
	t.Helper()
	var e *sqlite.Error
	require.ErrorAs(t, err, &e)
	code = fmt.Sprint(e.Code())
	words := sqliteMessage.FindStringSubmatch(e.Error())
	switch {
	case words == nil:
		return code, ""
	case words[1] == "CHECK":
		return code, "check " + words[2]
	case words[1] == "UNIQUE":
		return code, keyOf(t, db, words[2])
	}
	return code, "column " + words[2]
}

// keyOf finds the key of which SQLite names only the columns.
func keyOf(t testing.TB, db *handrail.DB, columns string) string {
	t.Helper()
	for _, o := range catalogue(t, db).Objects {
		qualified := o.Parent + "." + strings.ReplaceAll(o.Prop("columns"), ", ", ", "+o.Parent+".")
		if (o.Kind == "primary key" || o.Kind == "unique") && qualified == columns {
			return o.Kind + " " + o.Name
		}
	}
	require.Failf(t, "unknown key", "the error names the columns %s, of which no key in the catalogue consists", columns)
	return ""
}

// duplicate is the refusal by a unique constraint, on each engine in its code.
func duplicate(constraint string) perDialect {
	return each("23505 "+constraint, "2067 "+constraint)
}

// violated is the refusal by a check.
func violated(name string) perDialect { return each("23514 check "+name, "275 check "+name) }

// missing is the refusal of NULL in a column.
func missing(column string) perDialect {
	return each("23502 column "+column, "1299 column "+column)
}
