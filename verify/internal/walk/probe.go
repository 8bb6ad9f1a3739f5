package walk

import (
	"context"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/history"
	"github.com/handrail-db/handrail/verify/rows"
	"github.com/handrail-db/handrail/verify/schema"
)

// A Probe looks closer at a revision than the walk does by itself, and writes what it has
// seen into the stair. It judges nothing, and leaves the walk's database as it is.
type Probe interface {
	// Name is what an error of the probe is called by.
	Name() string

	// Wants says what the probe needs of a revision, before its up is made. Before is
	// the catalogue there.
	Wants(d dialect.Dialect, r history.Revision, before schema.Snapshot) Wish

	// Look is called when the revision is where the list of the probe says.
	Look(ctx context.Context, at *Points, s *Stair) error
}

// A Wish is what a probe needs.
type Wish int

const (
	Nothing Wish = iota // it has nothing to look for
	ToLook              // it looks
	ToKeep              // it looks, and the database below the revision is to be kept for it
)

func wishIf(keep bool) Wish {
	if keep {
		return ToKeep
	}
	return Nothing
}

// Points are what a probe looks at: the database where the walk stands, that below the
// revision, and the rows at each landing.
type Points struct {
	history history.History
	subject history.Subject
	options Options
	place   *Place          // where the walk stands
	below   engine.Database // as it was below the revision; nil where no probe wants to keep it
	peopled bool            // a seed has written rows

	rows, up, down, again *rows.Set // before the up, and after each step; nil: it was not made

	assertions []history.Assertion
	empty      map[int64][]BrokenPromise // see [walker]
}

// look calls the probes that want to look at a revision.
func (p *Points) look(ctx context.Context, probes []Probe, s *Stair) error {
	for _, probe := range probes {
		if probe.Wants(p.history.Dialect, s.Revision, s.Before) == Nothing {
			continue
		}
		if err := probe.Look(ctx, p, s); err != nil {
			return err
		}
	}
	return nil
}

// close ends the copy below and the rows but those of the second up, which the walk keeps.
func (p *Points) close() error {
	for _, set := range []*rows.Set{p.up, p.down} {
		if set != nil {
			_ = set.Close() // a set that is read has nothing to lose
		}
	}
	if p.below == nil {
		return nil
	}
	return p.below.Close()
}
