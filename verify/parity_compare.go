package verify

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/internal/portable"
	"github.com/handrail-db/handrail/verify/schema"
)

// A disparity is one thing in which the dialects differ.
type disparity struct {
	step   int // of the pairs: where it shows first
	judged bool
	object finding.ObjectRef
	only   dialect.Dialect // the one that alone has it; "" where both have it, and differ
	what   string          // the message, behind the revision
	want   string          // as it is on Postgres
	got    string          // and on SQLite
	rows   string
	hint   string
	makes  []disparity // of a revision on one dialect: what follows from that
}

// key tells a disparity from all others of its table, whatever the table is
// called: it stays the same when the table is renamed on both sides.
func (d disparity) key(table string) string {
	return strings.ReplaceAll(fmt.Sprintf("%s %s %s\n%s\n%s", d.object.Kind, d.object.Name, d.only, d.want, d.got), table, "\x00")
}

// A comparison goes through the revisions of both sides together.
type comparison struct {
	p       *parity
	pairs   []pair
	now     map[dialect.Dialect]map[string]shape
	next    map[dialect.Dialect]int // of what landed
	open    map[string]map[string]bool
	found   []disparity
	ask     []question
	through int // how many of the pairs were compared
}

// compare finds the disparities of the catalogues. It ends where one side was not
// seen any further.
func (p *parity) compare(all []pair) *comparison {
	c := &comparison{
		p: p, pairs: all, open: map[string]map[string]bool{}, next: map[dialect.Dialect]int{},
		now: map[dialect.Dialect]map[string]shape{dialect.Postgres: {}, dialect.SQLite: {}},
	}
	for i, pair := range all {
		for d, s := range p.sides {
			if n := len(s.landed); pair.until[d] != engine.Base && (n == 0 || s.landed[n-1].version < pair.until[d]) {
				return c
			}
		}
		c.step(i, pair)
		c.through = i + 1
	}
	return c
}

// step compares the tables that a revision changed on either side.
func (c *comparison) step(i int, pair pair) {
	changed, reshaped, judged := map[string]bool{}, map[string]bool{}, false
	for d, s := range c.p.sides {
		for ; c.next[d] < len(s.landed) && s.landed[c.next[d]].version <= pair.until[d]; c.next[d]++ {
			l := s.landed[c.next[d]]
			judged = judged || l.judged
			for name, shape := range l.tables {
				changed[name] = true
				if !slices.EqualFunc(shape.raw, c.now[d][name].raw, sameObject) {
					reshaped[name] = true
				}
				c.now[d][name] = shape
			}
		}
	}
	known := map[string]bool{} // of tables that are gone
	for name := range changed {
		if len(c.now[dialect.Postgres][name].portable)+len(c.now[dialect.SQLite][name].portable) == 0 {
			maps.Copy(known, c.open[name])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(changed)) {
		there := map[string]bool{}
		for _, d := range disparities(c.now[dialect.Postgres][name].portable, c.now[dialect.SQLite][name].portable) {
			d.step, d.judged = i, judged
			key := d.key(name)
			there[key] = true
			if !c.open[name][key] && !known[key] {
				c.found = append(c.found, d)
			}
		}
		c.open[name] = there
		if reshaped[name] {
			c.question(i, name, judged)
		}
	}
}

func sameObject(a, b schema.Object) bool {
	return a.Kind == b.Kind && a.Name == b.Name && slices.Equal(a.Props, b.Props)
}

// disparities are the differences of a table on Postgres and on SQLite, as portable
// snapshots have it.
func disparities(postgres, sqlite []schema.Object) []disparity {
	changes := schema.Roots(schema.Compare(schema.Snapshot{Objects: postgres}, schema.Snapshot{Objects: sqlite}))
	changes = slices.DeleteFunc(changes, func(c schema.Change) bool {
		return c.Want != nil && c.Got != nil && slices.Equal(c.Props(), []string{"default"}) && sameDefault(c.Want.Prop("default"), c.Got.Prop("default"))
	})
	var all []disparity
	for _, c := range unpaired(changes) {
		o := c.Object()
		d := disparity{object: finding.ObjectRef{Kind: o.Kind, Name: strings.TrimPrefix(o.String(), o.Kind+" ")}}
		d.want, d.got = c.Sides()
		switch {
		case c.Got == nil:
			d.only, d.what = dialect.Postgres, fmt.Sprintf("%s is on Postgres and not on SQLite", o)
		case c.Want == nil:
			d.only, d.what = dialect.SQLite, fmt.Sprintf("%s is on SQLite and not on Postgres", o)
		default:
			d.what = fmt.Sprintf("%s is not the same on Postgres (-) and on SQLite (+)", o)
		}
		all = append(all, d)
	}
	return all
}

// sameDefault reports whether two classes of defaults differ only in what SQLite
// does by itself: it numbers what is the rowid.
func sameDefault(postgres, sqlite string) bool {
	return sqlite == portable.Rowid && (postgres == "" || postgres == portable.Generated)
}

// unpaired leaves out the constraints that are on both sides and are called
// otherwise because nobody gave one of them a name, and the unique constraints that
// are a unique index on the other side.
func unpaired(changes []schema.Change) []schema.Change {
	paired := map[*schema.Object]bool{}
	for _, a := range changes {
		for _, b := range changes {
			if a.Got == nil && b.Want == nil && !paired[a.Want] && !paired[b.Got] && sameKey(*a.Want, *b.Got) {
				paired[a.Want], paired[b.Got] = true, true
			}
		}
	}
	return slices.DeleteFunc(changes, func(c schema.Change) bool { return c.Want != nil && paired[c.Want] || c.Got != nil && paired[c.Got] })
}

func sameKey(a, b schema.Object) bool {
	if a.Parent != b.Parent || a.Kind == "column" || a.Kind == "table" {
		return false
	}
	if a.Name != b.Name && !a.Unnamed() && !b.Unnamed() {
		return false
	}
	return a.Kind == b.Kind && a.Kind != "index" && slices.Equal(a.Props, b.Props) ||
		uniqueColumnsOf(a) != "" && uniqueColumnsOf(a) == uniqueColumnsOf(b)
}

// uniqueColumnsOf are the columns that are unique by a constraint or by an index
// on nothing else, "" where it is none.
func uniqueColumnsOf(o schema.Object) string {
	plain := o.Kind == "unique" || o.Kind == "index" && o.Prop("unique") == "yes" && o.Prop("partial") == "" && o.Prop("method") == ""
	if columns := o.Prop("columns"); plain && !strings.Contains(columns, "(expression)") {
		return columns
	}
	return ""
}

// revisions compares the files: the same versions under the same names. What a
// revision of one dialect makes is part of that one disparity.
func (c *comparison) revisions() (found []disparity) {
	for i, p := range c.pairs {
		a, b := p.of[dialect.Postgres], p.of[dialect.SQLite]
		d := disparity{step: i, judged: !c.p.subject.BelowFloor(p.any().Version)}
		switch {
		case a != nil && b != nil && a.Name == b.Name:
			continue
		case a != nil && b != nil:
			d.object, d.want, d.got = finding.ObjectRef{Kind: "revision", Name: a.String()}, a.String(), b.String()
			d.what = fmt.Sprintf("version %d is called %s on Postgres and %s on SQLite", a.Version, a.Name, b.Name)
			d.hint = "give both one name, or a version of its own to each"
		default:
			r := p.any()
			d.only = dialect.Postgres
			if a == nil {
				d.only = dialect.SQLite
			}
			other := dialectName(otherDialect(d.only))
			d.object = finding.ObjectRef{Kind: "revision", Name: r.String()}
			d.what = fmt.Sprintf("the revision is on %s and not on %s", dialectName(d.only), other)
			d.hint = fmt.Sprintf("write it for %s, or say in its file why not: -- handrail:only %s because …", other, d.only)
		}
		for _, made := range c.found {
			if made.step == i && d.only != "" {
				d.want, d.got = joined(d.want, made.want), joined(d.got, made.got)
				d.makes = append(d.makes, made)
			}
		}
		c.found = slices.DeleteFunc(c.found, func(made disparity) bool { return made.step == i && d.only != "" })
		found = append(found, d)
	}
	return found
}
