package verify

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/internal/words"
	"github.com/handrail-db/handrail/verify/attack"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
	"github.com/handrail-db/handrail/verify/internal/walk"
	"github.com/handrail-db/handrail/verify/schema"
)

const namingPromise = "names follow the patterns of " + history.ConfigFile

// misnamed are the objects that the up of a stair added, renamed or changed and
// that are not called as the convention says. What was so before is not said
// again.
func (c *Ledger) misnamed(s walk.Stair) []finding.Finding {
	if c.subject.Naming == (history.Convention{}) {
		return nil
	}
	changes := schema.Compare(s.Before, s.Up.Snapshot)
	before, after := c.namesIn(s.Before), c.namesIn(s.Up.Snapshot)
	var findings []finding.Finding
	for _, change := range changes {
		if change.Got == nil || !after.judged(*change.Got) {
			continue
		}
		c.named++
		want := after.want(*change.Got)
		if want.matches(after.name(*change.Got)) || before.knew(change, changes) {
			continue
		}
		findings = append(findings, c.misnamedFinding(s.Revision, *change.Got, want, after.name(*change.Got)))
	}
	return findings
}

func (c *Pass) misnamedFinding(r history.Revision, o schema.Object, want wanted, name string) finding.Finding {
	f := c.finding(finding.Naming, r, finding.Up)
	f.Object = &finding.ObjectRef{Kind: o.Kind, Name: strings.TrimPrefix(o.String(), o.Kind+" ")}
	f.Want = want.shown
	how := fmt.Sprintf("whose name does not match naming.%s of %s", want.key, history.ConfigFile)
	switch {
	case name == "":
		how = "which has no name"
	case c.dialect == dialect.Postgres && chosenBy(o, r.Up):
		f.Got, how = name, "which has no name of its own: Postgres chose this one"
	default:
		f.Got = name
	}
	f.Message = fmt.Sprintf("%s: up makes %s, %s", r, o, how)
	f.Hint = "call it by a name that matches " + want.shown
	if want.name != "" {
		f.Hint = "call it " + want.name
	}
	if o.Kind != "table" && o.Kind != "column" && o.Kind != "index" && o.Kind != "trigger" {
		f.Hint += ", with CONSTRAINT and the name in front"
	}
	if line := lineOf(c.dialect, r.Up, name); line > 0 {
		f.File, f.Line = c.subject.Place(c.dialect, r.Up, line)
	}
	return f
}

// lineOf is the line at which a file has a name, 0 where it has not.
func lineOf(d dialect.Dialect, f *history.File, name string) int {
	if f == nil {
		return 0
	}
	for _, s := range f.Script(d).Statements {
		for _, token := range s.Tokens {
			if token.IsName() && strings.EqualFold(token.Text, name) {
				return token.Line
			}
		}
	}
	return 0
}

// chosenBy reports whether Postgres chose the name of a constraint or index that
// an up has made.
func chosenBy(o schema.Object, up *history.File) bool {
	n := readNaming(dialect.Postgres, up)
	return !n.given[o.Local()] && o.NamedByServer(n.once)
}

// namingItems say how the names of all revisions fared, where the project has
// written what they must be.
func (c *Ledger) namingItems() []finding.Item {
	if c.subject.Naming == (history.Convention{}) {
		return nil
	}
	return []finding.Item{c.promiseOf(finding.Naming, namingPromise, words.Plural(c.named, "name"))}
}

// names are the names of a catalogue, seen by a convention.
type names struct {
	dialect    dialect.Dialect
	convention history.Convention
	snapshot   schema.Snapshot
	tables     map[string]schema.Object
}

func (c *Pass) namesIn(s schema.Snapshot) names {
	n := names{c.dialect, c.subject.Naming, s, map[string]schema.Object{}}
	for _, o := range s.Objects {
		if o.Kind == "table" || o.Kind == "materialized view" {
			n.tables[o.Name] = o
		}
	}
	return n
}

// judged reports whether somebody has given the object its name: a partition's
// objects and what a table inherits have theirs from the server.
func (n names) judged(o schema.Object) bool {
	if n.convention.Of(o.Kind) == "" {
		return false
	}
	table, ok := n.tables[o.Parent]
	return o.Kind == "table" || ok && table.Prop("partition bound") == "" && o.Prop("inherited") == "" &&
		(o.Kind != "column" || table.Kind == "table")
}

// name is the name of an object alone, without schema and quotes; "" where it
// has none.
func (n names) name(o schema.Object) string {
	switch {
	case n.dialect == dialect.SQLite && o.Name == o.Prop("definition"):
		return ""
	case o.Kind == "table" || o.Kind == "index":
		return n.local(o.Name)
	}
	return o.Name
}

// local is the name of what lives in a schema. SQLite has none.
func (n names) local(name string) string {
	if n.dialect != dialect.Postgres {
		return name
	}
	_, local := attack.SplitQualified(name)
	if strings.HasPrefix(local, `"`) {
		local = strings.ReplaceAll(strings.Trim(local, `"`), `""`, `"`)
	}
	return local
}

// A wanted is what an object should be called.
type wanted struct {
	key        string // of handrail.toml
	shown      string // to a person
	expression string
	name       string // the only one that matches; "" where there are more
	cut        bool   // Postgres cuts names off
}

func (n names) want(o schema.Object) wanted {
	pattern := n.convention.Of(o.Kind)
	value := func(holder string) string { return n.stands(o, holder) }
	w := wanted{shown: pattern.Shown(value), expression: pattern.With(value), cut: n.dialect == dialect.Postgres}
	for _, k := range history.Conventions {
		if k.Kind == o.Kind {
			w.key = k.Key
		}
	}
	w.name, _ = history.OnlyText(w.expression)
	return w
}

// longestName is how many bytes of a name Postgres keeps.
const longestName = 63

func (w wanted) matches(name string) bool {
	if w.cut && len(w.name) > longestName {
		// What is cut off ends at a whole character.
		return len(name) > longestName-4 && strings.HasPrefix(w.name, name)
	}
	return name != "" && regexp.MustCompile(w.expression).MatchString(name)
}

// stands is what a placeholder stands for, as a regular expression.
func (n names) stands(o schema.Object, holder string) string {
	switch holder {
	case "table":
		return regexp.QuoteMeta(n.local(o.Parent))
	case "reftable":
		return regexp.QuoteMeta(n.local(n.spelled(o.References.Table, slices.Collect(maps.Keys(n.tables)))))
	}
	if slices.Contains(o.Columns, "") { // an index on an expression
		return ".+"
	}
	return regexp.QuoteMeta(strings.Join(o.Columns, "_"))
}

// spelled is a name as it is spelled where it was made: SQLite does not tell
// cases apart.
func (n names) spelled(name string, among []string) string {
	if n.dialect == dialect.SQLite {
		for _, other := range among {
			if strings.EqualFold(other, name) {
				return other
			}
		}
	}
	return name
}

// knew reports whether the change is of an object that was not called as it
// should be before either, under a table of another name perhaps.
func (n names) knew(change schema.Change, all []schema.Change) bool {
	was := change.Want
	for _, c := range all {
		// A table that is renamed takes what belongs to it along.
		if was == nil && c.Got == nil && c.Want.Kind == change.Got.Kind && c.Want.Name == change.Got.Name &&
			c.Want.Parent != change.Got.Parent && !n.convention.Of(c.Want.Kind).Uses("table") {
			was = c.Want
		}
	}
	return was != nil && n.judged(*was) && !n.want(*was).matches(n.name(*was))
}
