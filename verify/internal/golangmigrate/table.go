package golangmigrate

import (
	"context"
	"fmt"
	"strings"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
)

// A VersionTable is where golang-migrate keeps the version.
type VersionTable struct {
	Space   string   // the schema that it is in; "" on SQLite
	Name    string   // of the table alone, for a person
	SQLName string   // as it is written in SQL
	Names   []string // what the catalogue may call it
}

// defaultTable is the version table where nobody says otherwise.
const defaultTable = "schema_migrations"

// TableOf follows golang-migrate's rules for naming the table.
func TableOf(d dialect.Dialect, r engine.Options) VersionTable {
	table := r.MigrationsTable
	if table == "" {
		table = defaultTable
	}
	if d == dialect.SQLite {
		bare := strings.Trim(table, "\"`[]")
		return VersionTable{"", bare, "main." + table, []string{bare}} // a temporary one of the name would come first
	}
	space := r.Schema
	if space == "" {
		space = "public"
	}
	if strings.HasPrefix(table, `"`) {
		parts := strings.Split(strings.Trim(table, `"`), `"."`)
		if len(parts) == 2 {
			space = parts[0]
		}
		table = parts[len(parts)-1]
	}
	name := dialect.Name(space) + "." + dialect.Name(table)
	return VersionTable{space, table, name, []string{name, space + "." + table}}
}

// Label names the table for a person.
func (t VersionTable) Label() string {
	if t.Space == "" {
		return t.Name
	}
	return t.SQLName
}

// mostVersions are shown of a version table that has too many.
const mostVersions = 5

// Read is what the table says; no row is Base.
func (t VersionTable) Read(ctx context.Context, db engine.Session) (engine.State, error) {
	state, n, first := engine.State{Version: engine.Base}, 0, []string{}
	rows, err := db.QueryContext(ctx, "SELECT version, dirty FROM "+t.SQLName)
	if err != nil {
		return state, fmt.Errorf("read version table %s: %w", t.Label(), err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err tells
	for ; rows.Next(); n++ {
		if err := rows.Scan(&state.Version, &state.Dirty); err != nil {
			return state, fmt.Errorf("read version table %s: %w", t.Label(), err)
		}
		if n < mostVersions {
			first = append(first, state.String())
		}
	}
	switch err := rows.Err(); {
	case err != nil:
		return state, fmt.Errorf("read version table %s: %w", t.Label(), err)
	case n > 1:
		return engine.State{Version: engine.Base}, fmt.Errorf("version table %s has %d rows, where one says where the schema stands: %s\n"+
			"    remedy: look where it stands, DELETE FROM %s, and write that down: handrail force VERSION", t.Label(), n, strings.Join(first, "; "), t.Label())
	}
	return state, nil
}
