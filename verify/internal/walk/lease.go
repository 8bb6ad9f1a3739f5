package walk

import (
	"context"
	"database/sql"
	"errors"

	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/schema"
)

// A Lease is the engine of a walk, and what belongs to the walk on its server.
type Lease struct {
	engine.Engine
	shared  func(context.Context, *sql.DB) (schema.Snapshot, error) // of what databases share; nil: nothing
	watched *shared                                                 // what others on the server have too; nil: there are none
	Release func() error
}

// Enter finds the engine on which SQL with these statements can run. Where others
// use its server, release returns a [ClusterError] for what was changed there.
func Enter(ctx context.Context, e engine.Engine, statements []engine.ClusterStatement) (Lease, error) {
	clustered, ok := e.(engine.ClusterEngine)
	if !ok {
		return Lease{e, nil, nil, func() error { return nil }}, nil
	}
	if len(statements) == 0 {
		return watch(ctx, clustered, Lease{Release: func() error { return nil }}, nil)
	}
	p, err := clustered.Private(ctx, statements)
	if err != nil {
		return Lease{}, err
	}
	if p.Alone {
		return Lease{p.Engine, schema.InspectCluster, nil, p.Release}, nil
	}
	created := engine.CreatedRoles(statements)
	roles := func(ctx context.Context, db *sql.DB) (schema.Snapshot, error) {
		return schema.InspectRoles(ctx, db, created)
	}
	return watch(ctx, clustered, Lease{shared: roles, Release: p.Release}, created)
}

// watch compares what others on the server have too, as long as a room lasts.
func watch(ctx context.Context, e engine.ClusterEngine, r Lease, created []string) (Lease, error) {
	w, err := e.Watch(ctx)
	if err != nil {
		return Lease{}, errors.Join(err, r.Release())
	}
	if r.watched, err = newShared(ctx, w, created, r.shared != nil); err != nil {
		return Lease{}, errors.Join(err, r.Release())
	}
	r.Engine = w.Engine
	leave := r.Release
	r.Release = func() error {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookLimit)
		defer cancel()
		err := r.watched.look(ctx)
		if found := r.watched.changes(); len(found) > 0 {
			err = errors.Join(err, &ClusterError{found})
		}
		return errors.Join(err, leave())
	}
	return r, nil
}

// New makes a database of the room.
func (r Lease) New(ctx context.Context) (engine.Database, error) {
	db, err := r.Engine.New(ctx)
	if err != nil || r.watched == nil {
		return db, err
	}
	return watchedDatabase{db, r.watched}, nil
}

// A watchedDatabase is one of a room. What its SQL has done to the server is looked
// for once more before it is dropped, which is a transaction too.
type watchedDatabase struct {
	engine.Database
	watched *shared
}

// Unwrap is the database that is watched.
func (d watchedDatabase) Unwrap() engine.Database { return d.Database }

func (d watchedDatabase) Origin() *schema.Origin { return engine.OriginOf(d.Database) }

func (d watchedDatabase) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), lookLimit)
	defer cancel()
	return errors.Join(d.watched.look(ctx), d.Database.Close())
}

var (
	_ engine.Copied  = watchedDatabase{}
	_ engine.Wrapped = watchedDatabase{}
)

// mark says what the transactions from now on belong to.
func (r Lease) mark(step SharedStep) {
	if r.watched != nil {
		r.watched.watch.Mark(&step)
	}
}
