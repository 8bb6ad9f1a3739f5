package schema

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"slices"
)

var (
	//go:embed cluster_roles.sql
	rolesQuery string

	//go:embed cluster.sql
	clusterQuery string
)

// clusterKinds are the kinds of objects that no database has for itself.
var ClusterKinds = []string{"role", "membership", "tablespace", "other database", "parameter", "replication origin", "replication slot", "server setting"}

// InspectCluster reads what the databases of the Postgres server behind db
// share: roles, who is a member of what, tablespaces, databases that are not
// handrail's own, and what ALTER SYSTEM has set. It needs a superuser.
func InspectCluster(ctx context.Context, db *sql.DB) (Snapshot, error) {
	roles, err := InspectRoles(ctx, db, nil)
	if err != nil {
		return Snapshot{}, err
	}
	rest, err := inspectShared(ctx, db, clusterQuery)
	return roles.With(rest), err
}

// InspectRoles reads the roles of these names, with the memberships that they
// have and that others have in them; nil reads all.
func InspectRoles(ctx context.Context, db *sql.DB, names []string) (Snapshot, error) {
	return inspectShared(ctx, db, rolesQuery, names)
}

func inspectShared(ctx context.Context, db *sql.DB, query string, args ...any) (Snapshot, error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return Snapshot{}, fmt.Errorf("inspect cluster: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err says it
	var objects []Object
	for rows.Next() {
		var o Object
		var props []byte
		if err := rows.Scan(&o.Kind, &o.Parent, &o.Name, &props); err != nil {
			return Snapshot{}, fmt.Errorf("inspect cluster: %w", err)
		}
		if o.Props, err = parseProps(props); err != nil {
			return Snapshot{}, fmt.Errorf("inspect cluster: %s: %w", o, err)
		}
		objects = append(objects, o)
	}
	if err := rows.Err(); err != nil {
		return Snapshot{}, fmt.Errorf("inspect cluster: %w", err)
	}
	return NewSnapshot(objects), nil
}

// With is the snapshot and the objects of another, none of which it has.
func (s Snapshot) With(t Snapshot) Snapshot {
	return NewSnapshot(slices.Concat(s.Objects, t.Objects))
}

// Local is the snapshot less what [InspectCluster] reads.
func (s Snapshot) Local() Snapshot {
	return Snapshot{s.filter(func(o Object) bool { return !slices.Contains(ClusterKinds, o.Kind) })}
}

// Cluster is what [InspectCluster] reads of the snapshot.
func (s Snapshot) Cluster() Snapshot {
	return Snapshot{s.filter(func(o Object) bool { return slices.Contains(ClusterKinds, o.Kind) })}
}
