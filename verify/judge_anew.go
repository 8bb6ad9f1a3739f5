package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/internal/sqltext"
	"github.com/handrail-db/handrail/verify/internal/walk"
	"github.com/handrail-db/handrail/verify/schema"
)

// besides are the properties that an object has beside its definition, which are
// lost where it is made anew.
var besides = []string{"comment", "options", "toast options", "row security", "owner"}

// lostByUp is the remedy where an object lost something in the up already, which
// makes it anew: to restore it in the down alone would leave every database that is
// not rolled back without it. It is "" where the down has lost it.
func (c *Pass) lostByUp(s walk.Stair, change schema.Change) string {
	if change.Want == nil || !lostBesides(s.Up.Snapshot, change) {
		return ""
	}
	o := *change.Want
	what, anew := "it", o.String()
	if o.Kind == "privileges" { // on view public.v
		what, anew = "these privileges", o.Name
	} else if change.Got == nil {
		anew = "the table of " + o.String()
	}
	if !c.madeAnew(s, o) {
		return ""
	}
	up, down := c.subject.Path(c.dialect, s.Revision.Up.Name), c.subject.Path(c.dialect, s.Revision.Down.Name)
	return fmt.Sprintf("the up makes %s anew and loses %s, and no database that is not rolled back has %s any more: "+
		"give %s back in %s, behind the CREATE; and in %s, where that makes it anew too", anew, what, what, what, up, down)
}

// lostBesides reports whether what a change lost after the down is lost after the
// up already, and is nothing but what an object has beside its definition.
func lostBesides(up schema.Snapshot, change schema.Change) bool {
	o := *change.Want
	i := slices.IndexFunc(up.Objects, func(p schema.Object) bool { return p.String() == o.String() && p.Parent == o.Parent })
	switch {
	case change.Got == nil || o.Kind == "privileges" && i < 0:
		return i < 0 && (o.Kind == "privileges" || o.Kind == "policy")
	case i < 0:
		return false
	}
	for _, name := range change.Props() {
		if up.Objects[i].Prop(name) == o.Prop(name) || o.Kind != "privileges" && !slices.Contains(besides, name) {
			return false
		}
	}
	return true
}

// madeAnew reports whether the up of a stair makes an object anew that was there, or
// what it belongs to: another one has its name, or CREATE OR REPLACE has gone over it.
func (c *Pass) madeAnew(s walk.Stair, o schema.Object) bool {
	name := o.String()
	switch {
	case o.Kind == "privileges": // "view public.v", "column public.t.a"
		name = o.Name
	case o.Kind == "policy":
		name = "table " + o.Parent
	}
	_, bareName, _ := strings.Cut(name, " ")
	i := slices.IndexFunc(s.Before.Objects, func(p schema.Object) bool {
		return p.String() == name || p.Parent == "" && p.Kind != "privileges" && strings.HasSuffix(name, " "+p.Name)
	})
	if i < 0 || s.Revision.Up == nil {
		return false
	}
	if now, ok := s.Up.Snapshot.Successor(s.Before.Objects[i]); !ok || now.Name != s.Before.Objects[i].Name {
		return true
	}
	return slices.ContainsFunc(s.Revision.Up.Script(c.dialect).Statements, func(stmt sqltext.Statement) bool {
		_, made := stmt.About()
		return stmt.Begins("create", "or", "replace") && strings.EqualFold(sqltext.Bare(made), localName(schema.Object{Name: bareName}))
	})
}
