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
//
// Its rows are an object each, with what the object is read with: a relation,
// function or type by its oid, or, where that is ”, everything else.
func postgresQuery() string { return postgresScope + postgresBody() }

// postgresBody is that without the scope.
var postgresBody = sync.OnceValue(func() string {
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
	return strings.Join(parts, union)
})

// postgresScope says which schemas are the user's, and what belongs to an
// extension: that comes and goes with it and is not listed one by one. What only
// depends on one (ALTER … DEPENDS ON EXTENSION) is listed, and says so.
const postgresScope = `
WITH scope AS MATERIALIZED (
  SELECT n.oid FROM pg_namespace n
  WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\_toast%' AND n.nspname NOT LIKE 'pg\_temp\_%'
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_namespace'::regclass AND d.objid = n.oid AND d.deptype = 'e')
), members AS MATERIALIZED (
  SELECT d.classid, d.objid FROM pg_depend d WHERE d.deptype = 'e' /* only those */
), extended AS MATERIALIZED (
  SELECT d.classid, d.objid, string_agg(quote_ident(e.extname), ', ' ORDER BY e.extname) AS extensions
  FROM pg_extension e JOIN pg_depend d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid
  WHERE d.deptype = 'x' GROUP BY 1, 2
)
`

// inspectPostgres reads the whole catalogue by one statement.
func inspectPostgres(ctx context.Context, db *sql.DB) (objects []Object, err error) {
	err = readPostgres(ctx, db, func(tx *sql.Tx) error {
		parts, err := queryParts(ctx, tx, postgresQuery())
		for _, p := range parts {
			objects = append(objects, p.Object)
		}
		return err
	})
	return objects, err
}

// readPostgres reads in a read-only transaction that sees one moment, with
// nothing but pg_catalog on the search path, so that every name is printed with
// its schema.
func readPostgres(ctx context.Context, db *sql.DB, read func(*sql.Tx) error) (err error) {
	tx, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead})
	if err != nil {
		return err
	}
	defer func() {
		if e := tx.Rollback(); e != nil && !errors.Is(e, sql.ErrTxDone) {
			err = errors.Join(err, e)
		}
	}()
	// Plans are made once: making one for the large statement takes longer than
	// running it on a part of the catalogue.
	if _, err := tx.ExecContext(ctx, "SET LOCAL search_path = pg_catalog; SET LOCAL plan_cache_mode = force_generic_plan"); err != nil {
		return err
	}
	return read(tx)
}

// queryParts runs postgresQuery or a part of it.
func queryParts(ctx context.Context, tx *sql.Tx, query string, args ...any) (_ []part, err error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var parts []part
	for rows.Next() {
		var p part
		var props []byte
		if err := rows.Scan(&p.Kind, &p.Parent, &p.Name, &props, &p.of.kind, &p.of.id); err != nil {
			return nil, err
		}
		if p.Props, err = parseProps(props); err != nil {
			return nil, fmt.Errorf("%s: %w", p, err)
		}
		if err := p.describe(); err != nil {
			return nil, fmt.Errorf("%s: %w", p, err)
		}
		parts = append(parts, p)
	}
	return parts, rows.Err()
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
