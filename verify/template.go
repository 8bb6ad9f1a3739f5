package verify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/golang-migrate/migrate/v4"
)

// templateFormat changes when what handrail puts into a template does.
const templateFormat = 1

// Migrated makes a database that stands at a version of the subject's history,
// 0 for base. The first call for a history climbs it; later ones, in this
// process and, on Postgres, in any other, take a clone in milliseconds.
func Migrated(ctx context.Context, e Engine, s Subject, version int64) (Database, error) {
	h, err := s.History(e.Dialect())
	if err != nil {
		return nil, err
	}
	if version != 0 && h.Index(version) < 0 {
		return nil, fmt.Errorf("%s: no revision has version %d", s.name(), version)
	}
	return e.Clone(ctx, templateKey(h, s.Runner, version), func(ctx context.Context, db Database) error {
		return climbTo(ctx, db, h, s.Runner, version)
	})
}

// Head is the last version of the subject's history in a dialect.
func (s Subject) Head(d Dialect) (int64, error) {
	h, err := s.History(d)
	return h.Head(), err
}

// Migrate moves a database to a version of the subject's history by
// golang-migrate, up or down; 0 is base. It is no error to be there already.
func Migrate(ctx context.Context, db Database, d Dialect, s Subject, version int64) error {
	h, err := s.History(d)
	if err != nil {
		return err
	}
	return climbTo(ctx, db, h, s.Runner, version)
}

func climbTo(ctx context.Context, db Database, h History, r Runner, version int64) (err error) {
	stepper, err := newStepper(ctx, db, h, r)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stepper.close()) }()
	if err := stepper.to(ctx, version); err != nil {
		return fmt.Errorf("migrate to version %d: %w", version, describe(err))
	}
	return nil
}

// Move moves the database behind a driver to a version of the subject's history
// by golang-migrate, up or down; 0 is base. It returns the version at which the
// database stands afterwards, whether or not it got to the end.
func Move(ctx context.Context, driver Driver, d Dialect, s Subject, version int64) (State, error) {
	h, err := s.History(d)
	if err != nil {
		return State{}, err
	}
	if version != 0 && h.Index(version) < 0 {
		return State{}, fmt.Errorf("%s: no revision has version %d", s.name(), version)
	}
	m, err := migrate.NewWithInstance("handrail", historySource{h}, "target", driver)
	if err != nil {
		return State{}, err
	}
	stepper := &stepper{history: h, driver: driver, migrate: m}
	err = stepper.to(ctx, version)
	at, dirty, e := driver.Version()
	if err = errors.Join(describe(err), e); err != nil && at > 0 {
		if i := h.Index(int64(at)); i >= 0 && dirty {
			err = fmt.Errorf("revision %s: %w", h.Revisions[i], err)
		}
	}
	return State{max(0, int64(at)), dirty}, err
}

// describe gives an error of golang-migrate the words of the database.
func describe(err error) error {
	if err == nil {
		return nil
	}
	return driverError(err)
}

// templateKey tells one content of a template from all others: the versions,
// names and texts of all revisions up to the version, the runner's options and
// the format. Texts alone would not do: renumbered revisions are others.
func templateKey(h History, r Runner, version int64) string {
	sum := sha256.New()
	fmt.Fprintf(sum, "%d %s %+v %d\n", templateFormat, h.Dialect, r, version)
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
