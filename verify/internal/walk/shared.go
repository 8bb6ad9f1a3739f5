package walk

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/schema"
)

// A shared compares what the databases of a server share, and tells what a walk
// has changed from what others do there meanwhile.
type shared struct {
	watch    engine.Watch
	scratch  *regexp.Regexp
	roles    bool            // pg_authid may be read
	locked   bool            // no other check makes roles meanwhile
	own      map[string]bool // roles that the walk makes and drops again, as SQL has them
	first    schema.Shared   // before the walk, and with what others have changed
	last     schema.Shared
	findings []SharedChange // that nobody has fetched
	others   []string       // what is gone, and nobody knows by whose doing
	compared int
}

func newShared(ctx context.Context, w engine.Watch, created []string, locked bool) (*shared, error) {
	s := &shared{watch: w, locked: locked, own: map[string]bool{}}
	var err error
	if s.scratch, err = regexp.Compile(w.Scratch); err != nil {
		return nil, err
	}
	rows := w.DB.QueryRowContext(ctx, "SELECT coalesce(array_to_string(array(SELECT quote_ident(r) FROM unnest($1::text[]) r), E'\\n'), '')", created)
	var quoted string
	if err := rows.Scan(&quoted); err != nil {
		return nil, err
	}
	for name := range strings.SplitSeq(quoted, "\n") {
		s.own[name] = name != ""
	}
	if s.roles, err = schema.MayReadRoles(ctx, w.DB); err != nil {
		return nil, err
	}
	if s.first, err = s.read(ctx); err != nil {
		return nil, err
	}
	s.last = schema.Shared{Objects: maps.Clone(s.first.Objects), Snapshot: s.first.Snapshot}
	return s, nil
}

// read reads what is there, less what is handrail's own: its databases, and the
// roles that the walk makes.
func (s *shared) read(ctx context.Context) (schema.Shared, error) {
	now, err := schema.InspectShared(ctx, s.watch.DB, s.watch.Scratch, s.roles)
	maps.DeleteFunc(now.Objects, func(_ string, o schema.SharedObject) bool {
		return o.Kind == "replication slot" && s.scratch.MatchString(o.Database) || // which goes with its database
			s.own[o.Role] || s.own[o.Facts["role"]] || s.scratch.MatchString(o.Database) && !s.watch.Made(o.Database)
	})
	for _, o := range now.Objects {
		if granted, ok := o.Facts["privileges"]; ok && len(s.own) > 0 {
			o.Facts["privileges"] = strings.Join(slices.DeleteFunc(strings.Split(granted, "\n"), func(line string) bool {
				return s.own[line[strings.LastIndex(line, " ")+1:]]
			}), "\n")
		}
	}
	return now, err
}

// look compares what is there with what was there at the last look, and keeps what
// the walk has changed for changes.
func (s *shared) look(ctx context.Context) error {
	hidden := s.watch.Hidden()
	now, err := s.read(ctx)
	if err != nil {
		return err
	}
	s.compared = len(now.Objects)
	var mine []SharedChange
	for _, key := range slices.Sorted(maps.Keys(union(s.last.Objects, now.Objects))) {
		was, is := objectIn(s.last.Objects, key), objectIn(now.Objects, key)
		if same(was, is) {
			continue
		}
		change := SharedChange{SharedChange: schema.SharedChange{Before: objectIn(s.first.Objects, key), After: is}}
		ours, err := s.ours(ctx, &change, was, now.Snapshot, hidden)
		if err != nil {
			return err
		}
		switch {
		case ours && !same(change.Before, is):
			mine = append(mine, change)
		case ours: // it is as it was
		case is == nil:
			s.others = append(s.others, was.String())
			delete(s.first.Objects, key)
		default:
			s.first.Objects[key] = *is
		}
	}
	s.last = now
	s.findings = append(s.findings, rootsOf(mine)...)
	return nil
}

// changes are those that look has found and nobody has fetched.
func (s *shared) changes() []SharedChange {
	found := s.findings
	s.findings = nil
	return found
}

// ours reports whether the walk has made a change, and in which step.
func (s *shared) ours(ctx context.Context, c *SharedChange, was *schema.SharedObject, now schema.TransactionSnapshot, hidden bool) (bool, error) {
	is := c.After
	switch {
	case is == nil && s.locked && was.Kind != "database" && was.Kind != "tablespace": // which a script cannot drop
		return true, nil
	case is == nil:
		return s.alone(ctx, now)
	case s.scratch.MatchString(is.Database): // one that the walk has made
		step, _ := s.watch.Wrote(is.Xmin)
		c.Step, _ = step.(*SharedStep)
		return true, nil
	case is.Xmin == 0:
		return s.alone(ctx, now)
	}
	step, ok := s.watch.Wrote(is.Xmin)
	if ok {
		c.Step, _ = step.(*SharedStep)
		return true, nil
	}
	c.Hidden = hidden && slices.Contains(s.since(now), uint64(is.Xmin))
	return c.Hidden, nil
}

// mostTransactions is how many transactions may have ended since the last look,
// for somebody to ask each who it was.
const mostTransactions = 10_000

// since are the transactions that may have ended since the last look.
func (s *shared) since(now schema.TransactionSnapshot) []uint64 {
	was := s.last.Snapshot
	ids := slices.Clone(was.Running)
	for id := was.Max; id < now.Max && len(ids) <= mostTransactions; id++ {
		ids = append(ids, id)
	}
	return ids
}

// alone reports whether all transactions since the last look that have changed
// anything are the walk's, or have made a database of handrail's, or marked it.
func (s *shared) alone(ctx context.Context, now schema.TransactionSnapshot) (bool, error) {
	ids := s.since(now)
	if len(ids) > mostTransactions {
		return false, nil
	}
	var unknown []string
	for _, id := range ids {
		if _, ok := s.watch.Wrote(uint32(id)); !ok {
			unknown = append(unknown, fmt.Sprint(id))
		}
	}
	var others bool
	err := s.watch.DB.QueryRowContext(ctx, `SELECT EXISTS (SELECT FROM unnest($1::text[]) id WHERE pg_xact_status(id::xid8) IS DISTINCT FROM 'aborted'
		AND NOT EXISTS (SELECT FROM pg_database d WHERE d.datname ~ $2 AND d.xmin = id::xid8::xid)
		AND NOT EXISTS (SELECT FROM pg_shdescription c JOIN pg_database d ON c.classoid = 'pg_database'::regclass AND c.objoid = d.oid
			WHERE d.datname ~ $2 AND c.xmin = id::xid8::xid))`, unknown, s.watch.Scratch).Scan(&others)
	return !others, err
}

func union(a, b map[string]schema.SharedObject) map[string]schema.SharedObject {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

func objectIn(objects map[string]schema.SharedObject, key string) *schema.SharedObject {
	if o, ok := objects[key]; ok {
		return &o
	}
	return nil
}

func same(a, b *schema.SharedObject) bool {
	return a == nil && b == nil || a != nil && b != nil && a.Name == b.Name && maps.Equal(a.Facts, b.Facts)
}

// rootsOf leaves out what goes with a new role: its memberships, settings, comments.
// What is to be undone first comes first: a role that is gone, and last a new one,
// which cannot go while it has privileges.
func rootsOf(all []SharedChange) []SharedChange {
	made := map[string]bool{}
	for _, c := range all {
		if c.Object().Kind == "role" && c.Before == nil {
			made[c.Object().Name] = true
		}
	}
	all = slices.DeleteFunc(all, func(c SharedChange) bool {
		o := c.Object()
		return o.Kind != "role" && (made[o.Role] || o.Kind == "membership" && made[o.Facts["role"]])
	})
	slices.SortStableFunc(all, func(a, b SharedChange) int { return cmp.Compare(undoAt(a), undoAt(b)) })
	return all
}

func undoAt(c SharedChange) int {
	switch {
	case c.Object().Kind != "role":
		return 1
	case c.Before == nil:
		return 2
	}
	return 0
}

// A ClusterError is that SQL of the subject has changed what all databases of the
// server share, where nobody makes a finding of it.
type ClusterError struct{ Changes []SharedChange }

func (e *ClusterError) Error() string {
	var parts []string
	for _, c := range e.Changes {
		parts = append(parts, fmt.Sprintf("%s, which all databases of the server share; take it back there: %s", WhatChanged(c), strings.Join(c.Undo(), " ")))
	}
	return strings.Join(parts, "\n")
}

// WhatChanged is the change in words.
func WhatChanged(c SharedChange) string {
	who := "the history"
	if c.Step != nil {
		who = c.Step.Part
	}
	verb := "changes"
	switch {
	case c.Before == nil:
		verb = "makes"
	case c.After == nil:
		verb = "drops"
	}
	return fmt.Sprintf("%s %s %s", who, verb, c.Object())
}
