package walk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/history"
	"github.com/handrail-db/handrail/verify/internal/golangmigrate"
	"github.com/handrail-db/handrail/verify/schema"
)

// templateFormat changes when what handrail puts into a template does.
const templateFormat = 2

// Migrated makes a database that stands at a version of the subject's history,
// Base where none is applied. The first call for a history climbs it; later ones, in this
// process and, on Postgres, in any other, take a clone in milliseconds. A history
// that makes roles climbs each time, on a server of its own or, on a server by
// URL, while no other such database is open.
func Migrated(ctx context.Context, e engine.Engine, s history.Subject, version int64) (engine.Database, error) {
	h, err := s.History(e.Dialect())
	if err != nil {
		return nil, err
	}
	if !h.Has(version) {
		return nil, fmt.Errorf("%s: no revision has version %d", s.Title(), version)
	}
	if e, err = s.Admit(e, h); err != nil {
		return nil, err
	}
	build := func(ctx context.Context, db engine.Database) error {
		if err := Prelude(ctx, db, h.Dialect, s); err != nil {
			return err
		}
		return climbTo(ctx, db, h, s, version)
	}
	if statements := s.ClusterStatements(h); len(statements) > 0 {
		return migratedApart(ctx, e, statements, build)
	}
	return e.Clone(ctx, templateKey(h, s, version), build)
}

// migratedApart makes a database of a history that changes its server, which is
// the database's own and ends with it: a clone would be without its roles.
func migratedApart(ctx context.Context, e engine.Engine, statements []engine.ClusterStatement, build func(context.Context, engine.Database) error) (engine.Database, error) {
	room, err := Enter(ctx, e, statements)
	if err != nil {
		return nil, err
	}
	db, err := room.New(ctx)
	if err != nil {
		return nil, errors.Join(err, room.Release())
	}
	if err := build(ctx, db); err != nil {
		return nil, errors.Join(err, db.Close(), room.Release())
	}
	return apart{db, room}, nil
}

// An apart is a database on a server of its own.
type apart struct {
	engine.Database
	room Lease
}

// Unwrap is the database on that server.
func (a apart) Unwrap() engine.Database { return a.Database }

func (a apart) Close() error { return errors.Join(a.Database.Close(), a.room.Release()) }

// Keep drops the database: its server does not stay.
func (a apart) Keep() (engine.Kept, error) {
	return engine.Kept{}, errors.Join(a.Close(), fmt.Errorf("database %s cannot be kept: the server of a history that makes roles ends with it", a.Name()))
}

// SchemaAt is the catalogue that the subject's history makes up to a version, or
// at Base, without golang-migrate's own table.
func SchemaAt(ctx context.Context, e engine.Engine, s history.Subject, version int64) (_ schema.Snapshot, err error) {
	db, err := Migrated(ctx, e, s, version)
	if err != nil {
		return schema.Snapshot{}, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	snap, err := schema.Inspect(ctx, db.DB(), e.Dialect())
	return snap.Without(OwnTables(golangmigrate.TableOf(e.Dialect(), s.Runner).Names)), err
}

// Migrate moves a database to a version of the subject's history by
// golang-migrate, up or down; Base is one. It is no error to be there already.
func Migrate(ctx context.Context, db engine.Database, d dialect.Dialect, s history.Subject, version int64) error {
	h, err := s.History(d)
	if err != nil {
		return err
	}
	if !h.Has(version) {
		return fmt.Errorf("%s: no revision has version %d", s.Title(), version)
	}
	return climbTo(ctx, db, h, s, version)
}

func climbTo(ctx context.Context, db engine.Database, h history.History, s history.Subject, version int64) (err error) {
	p, err := On(ctx, db, h, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	if err := p.GoTo(ctx, version); err != nil {
		return fmt.Errorf("migrate to %s: %w", engine.State{Version: version}, Describe(err))
	}
	return nil
}

// templateKey tells one content of a template from all others: the versions,
// names and texts of all revisions up to the version, the runner's options and
// the format. Texts alone would not do: renumbered revisions are others.
func templateKey(h history.History, s history.Subject, version int64) string {
	sum := sha256.New()
	fmt.Fprintf(sum, "%d %s %+v %q %d\n", templateFormat, h.Dialect, s.Runner, s.Prelude, version)
	for _, rev := range h.Revisions {
		if rev.Version > version {
			break
		}
		text := ""
		if rev.Up != nil {
			text = rev.Up.SQL
		}
		fmt.Fprintf(sum, "%d %q %q\n", rev.Version, rev.Name, text)
	}
	return hex.EncodeToString(sum.Sum(nil))
}
