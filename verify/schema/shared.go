package schema

import (
	"context"
	"database/sql"
	_ "embed"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

//go:embed shared.sql
var sharedQuery string

// A SharedObject is a row of a catalogue that the databases of a Postgres server
// share: a database, a role, a membership, settings, a comment, a slot.
type SharedObject struct {
	Kind     string
	Name     string // as SQL has it
	Key      string // tells it from all others of its kind, by whatever name
	Xmin     uint32 // the transaction that wrote it; 0: that is not known
	Database string // the one that it belongs to; "": to none
	Role     string // the role that it is or belongs to; "": none

	// Facts are what can differ. "privileges" has a line a privilege, as
	// "CONNECT false PUBLIC", "settings" one a setting.
	Facts map[string]string
}

// String is how a message calls it.
func (o SharedObject) String() string { return o.Kind + " " + o.Name }

// A Shared is what the databases of a server share at one moment.
type Shared struct {
	Objects  map[string]SharedObject
	Snapshot TransactionSnapshot
}

// A TransactionSnapshot says which transactions have ended: those below Max that
// are not Running.
type TransactionSnapshot struct {
	Max     uint64
	Running []uint64
}

// InspectShared reads what the databases of the Postgres server behind db share,
// less the databases whose names match the regular expression. Whoever may not
// read pg_authid does not see passwords, nor who wrote a role.
func InspectShared(ctx context.Context, db *sql.DB, without string, authid bool) (Shared, error) {
	query := sharedQuery
	if !authid {
		query = strings.NewReplacer("/*roles*/pg_authid", "pg_roles", "/*role xmin*/r.xmin::text", "'0'").Replace(query)
	}
	rows, err := db.QueryContext(ctx, query, without)
	if err != nil {
		return Shared{}, fmt.Errorf("inspect what databases share: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err says it
	shared := Shared{Objects: map[string]SharedObject{}}
	for rows.Next() {
		var o SharedObject
		var xmin string
		var facts []byte
		if err := rows.Scan(&o.Kind, &o.Name, &o.Key, &xmin, &o.Database, &o.Role, &facts); err != nil {
			return Shared{}, fmt.Errorf("inspect what databases share: %w", err)
		}
		if o.Kind == "snapshot" {
			if shared.Snapshot, err = parseSnapshot(o.Name); err != nil {
				return Shared{}, err
			}
			continue
		}
		n, err := strconv.ParseUint(xmin, 10, 32)
		if err != nil {
			return Shared{}, fmt.Errorf("inspect what databases share: %s: %w", o, err)
		}
		o.Xmin = uint32(n)
		if o.Facts, err = parseFacts(facts); err != nil {
			return Shared{}, fmt.Errorf("inspect what databases share: %s: %w", o, err)
		}
		shared.Objects[o.Kind+" "+o.Key] = o
	}
	return shared, rows.Err()
}

// MayReadRoles reports whether the user of db may read pg_authid.
func MayReadRoles(ctx context.Context, db *sql.DB) (may bool, err error) {
	err = db.QueryRowContext(ctx, "SELECT has_table_privilege('pg_catalog.pg_authid', 'SELECT')").Scan(&may)
	return may, err
}

func parseFacts(text []byte) (map[string]string, error) {
	var values map[string]any
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.UseNumber()
	if err := decoder.Decode(&values); err != nil {
		return nil, err
	}
	facts := map[string]string{}
	for name, v := range values {
		if v != nil {
			facts[name] = fmt.Sprint(v)
		}
	}
	return facts, nil
}

// parseSnapshot reads a pg_snapshot, as 10:20:10,14. What counts transactions in
// catalogues has 32 bits.
func parseSnapshot(text string) (TransactionSnapshot, error) {
	var s TransactionSnapshot
	parts := strings.Split(text, ":")
	if len(parts) != 3 {
		return s, fmt.Errorf("snapshot %q: want xmin:xmax:list", text)
	}
	for i, number := range append([]string{parts[1]}, strings.FieldsFunc(parts[2], func(r rune) bool { return r == ',' })...) {
		n, err := strconv.ParseUint(number, 10, 64)
		if err != nil {
			return s, fmt.Errorf("snapshot %q: %w", text, err)
		}
		if i == 0 {
			s.Max = n
		} else {
			s.Running = append(s.Running, n)
		}
	}
	return s, nil
}
