package schema

import (
	"context"
	"database/sql"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"
)

//go:embed postgres/*.sql
var postgresFiles embed.FS

// postgresQuery joins the files of the folder into one statement: one round
// trip and one catalogue snapshot, whatever other sessions do meanwhile.
var postgresQuery = sync.OnceValue(func() string {
	names, err := fs.Glob(postgresFiles, "postgres/*.sql")
	if err != nil || len(names) == 0 {
		panic(fmt.Sprintf("embedded catalogue queries: %v", err))
	}
	parts := make([]string, len(names))
	for i, name := range names {
		part, err := postgresFiles.ReadFile(name)
		if err != nil {
			panic(err)
		}
		parts[i] = string(part)
	}
	return postgresScope + strings.Join(parts, "\nUNION ALL\n")
})

// postgresScope says which schemas are the user's, and what belongs to an
// extension: that comes and goes with it and is not listed one by one.
const postgresScope = `
WITH scope AS MATERIALIZED (
  SELECT n.oid FROM pg_namespace n
  WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\_toast%' AND n.nspname NOT LIKE 'pg\_temp\_%'
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_namespace'::regclass AND d.objid = n.oid AND d.deptype = 'e')
), members AS MATERIALIZED (
  SELECT d.classid, d.objid FROM pg_depend d WHERE d.deptype = 'e'
)
`

// inspectPostgres reads in a read-only transaction with nothing but pg_catalog
// on the search path, so that every name is printed with its schema.
func inspectPostgres(ctx context.Context, db *sql.DB) (_ []Object, err error) {
	tx, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer func() {
		if e := tx.Rollback(); e != nil && !errors.Is(e, sql.ErrTxDone) {
			err = errors.Join(err, e)
		}
	}()
	if _, err := tx.ExecContext(ctx, "SET LOCAL search_path = pg_catalog"); err != nil {
		return nil, err
	}
	rows, err := tx.QueryContext(ctx, postgresQuery())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var objects []Object
	for rows.Next() {
		var o Object
		var props []byte
		if err := rows.Scan(&o.Kind, &o.Parent, &o.Name, &props); err != nil {
			return nil, err
		}
		if o.Props, err = parseProps(props); err != nil {
			return nil, fmt.Errorf("%s: %w", o, err)
		}
		objects = append(objects, o)
	}
	return objects, rows.Err()
}

// parseProps turns the JSON object of a catalogue row into properties. A null
// is an absent property; a number keeps its digits.
func parseProps(text []byte) ([]Prop, error) {
	var values map[string]json.RawMessage
	if err := json.Unmarshal(text, &values); err != nil {
		return nil, err
	}
	var props []Prop
	for name, raw := range values {
		value := string(raw)
		if value == "null" {
			continue
		}
		if strings.HasPrefix(value, `"`) {
			if err := json.Unmarshal(raw, &value); err != nil {
				return nil, err
			}
		}
		props = append(props, Prop{name, value})
	}
	return props, nil
}
