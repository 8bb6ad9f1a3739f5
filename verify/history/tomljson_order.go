package history

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/finding"
)

// arrange puts migrations into the order in which they are applied, and gives
// each its ordinal: first those of the lock file, as it lists them, then each
// that has all it needs, by name. So the order depends on nothing but names and
// needs, and one that is added moves no other that does not need it.
func arrange(all []*migration, locked []LockEntry) ([]*migration, error) {
	byName, err := index(all)
	if err != nil {
		return nil, err
	}
	var order []*migration
	for _, e := range locked {
		m := byName[e.Name]
		if m == nil {
			return nil, fmt.Errorf("%s: %s is published and no migration has that name: what is applied somewhere stays", finding.Place(LockFile, e.Line), e.Name)
		}
		for _, dep := range m.Deps {
			if needed := byName[dep.Name]; !slices.Contains(order, needed) {
				return nil, fmt.Errorf("%s: %s was published as number %d, before %s, which it cannot need", finding.Place(m.File, dep.line), m.name, e.Version, dep.Name)
			}
		}
		m.ordinal, m.Listed = e.Version, true
		order = append(order, m)
	}
	done := map[string]bool{}
	for _, m := range order {
		done[m.name] = true
	}
	for len(order) < len(all) {
		var next *migration
		for _, m := range all {
			ready := !done[m.name] && !slices.ContainsFunc(m.Deps, func(d dependency) bool { return !done[d.Name] })
			if ready && (next == nil || m.name < next.name) {
				next = m
			}
		}
		if next == nil {
			return nil, cycle(all, byName, done)
		}
		next.ordinal = 1
		if n := len(order); n > 0 {
			next.ordinal = order[n-1].ordinal + 1
		}
		done[next.name] = true
		order = append(order, next)
	}
	return order, nil
}

// replaced gives the places of published migrations that are gone to new ones, the
// last place to the last one, so that a database which has the old ones has what
// replaces them. What is left over must be the beginning of the history.
func replaced(all []*migration, locked []LockEntry) ([]LockEntry, error) {
	natural, err := arrange(all, nil)
	if err != nil {
		return nil, err
	}
	var fresh []string
	there := map[string]bool{}
	for _, m := range natural {
		there[m.name] = true
		if !slices.ContainsFunc(locked, func(e LockEntry) bool { return e.Name == m.name }) {
			fresh = append(fresh, m.name)
		}
	}
	gone := 0
	for _, e := range locked {
		if !there[e.Name] {
			gone++
		}
	}
	fresh = fresh[:min(len(fresh), gone)]
	var kept []LockEntry
	for _, e := range locked {
		switch {
		case there[e.Name]:
		case gone > len(fresh):
			if gone--; len(kept) > 0 {
				return nil, fmt.Errorf("%s: %s is published and gone, and nothing takes its place: only the beginning of a history can go", finding.Place(LockFile, e.Line), e.Name)
			}
			continue
		default:
			e.Name, fresh, gone = fresh[0], fresh[1:], gone-1
		}
		kept = append(kept, e)
	}
	return kept, nil
}

// index finds migrations by name. Each name is there once, and so is each that
// is needed.
func index(all []*migration) (map[string]*migration, error) {
	byName := map[string]*migration{}
	var errs []error
	for _, m := range all {
		if first := byName[m.name]; first != nil {
			errs = append(errs, fmt.Errorf("%s: %s is the name of %s too", finding.Place(m.File, m.Line), m.name, finding.Place(first.File, first.Line)))
			continue
		}
		byName[m.name] = m
	}
	for _, m := range all {
		for _, dep := range m.Deps {
			if byName[dep.Name] == nil {
				errs = append(errs, fmt.Errorf("%s: %s needs %s, and no migration has that name", finding.Place(m.File, dep.line), m.name, dep.Name))
			}
		}
	}
	return byName, errors.Join(errs...)
}

// cycle is the error of migrations of which none can be first, with one of the
// circles that they go in.
func cycle(all []*migration, byName map[string]*migration, done map[string]bool) error {
	left := slices.DeleteFunc(slices.Clone(all), func(m *migration) bool { return done[m.name] })
	at := slices.MinFunc(left, func(a, b *migration) int { return cmp.Compare(a.name, b.name) })
	var way []string
	for !slices.Contains(way, at.name) {
		way = append(way, at.name)
		at = byName[at.blocker(done).Name]
	}
	way = append(way[slices.Index(way, at.name):], at.name)
	return fmt.Errorf("%s: a cycle: %s", finding.Place(at.File, at.blocker(done).line), strings.Join(way, " needs "))
}

// blocker is the first that the migration needs and that is not done.
func (m *migration) blocker(done map[string]bool) dependency {
	return m.Deps[slices.IndexFunc(m.Deps, func(d dependency) bool { return !done[d.Name] })]
}

// Needs reports whether the migration says that it needs another.
func (m *migration) Needs(other *migration) bool {
	return slices.ContainsFunc(m.Deps, func(d dependency) bool { return d.Name == other.name })
}
