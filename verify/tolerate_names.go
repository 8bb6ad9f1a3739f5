package verify

import (
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/history"
	"github.com/handrail-db/handrail/verify/internal/sqltext"
	"github.com/handrail-db/handrail/verify/schema"
)

// authors tell what a person has named from what the server has: by the files that
// made the first and the second of two catalogues.
type authors struct {
	dialect   dialect.Dialect
	want, got []*history.File
}

// namesBack are for the catalogues before the up of a revision and after its down.
func (c *Pass) namesBack(r history.Revision) authors {
	i := c.history.Index(r.Version)
	return authors{c.dialect, append(upsOf(c.history, i), c.prelude()), []*history.File{r.Up, r.Down}}
}

// namesAgain are for those after the first up and after the second.
func (c *Pass) namesAgain(r history.Revision) authors { return namesAgain(c.history, c.subject, r) }

func namesAgain(h history.History, s history.Subject, r history.Revision) authors {
	return authors{h.Dialect, append(upsOf(h, h.Index(r.Version)+1), &history.File{SQL: s.Prelude}), []*history.File{r.Up, r.Down}}
}

// namesRound are for those after the ups of the history and after all its files.
func (c *Pass) namesRound() authors {
	ups := append(upsOf(c.history, -1), c.prelude())
	all := slices.Clone(ups)
	for _, r := range c.history.Revisions {
		all = append(all, r.Down)
	}
	return authors{c.dialect, ups, all}
}

func (c *Pass) prelude() *history.File { return &history.File{SQL: c.subject.Prelude} }

// upsOf are the up files of the first n revisions, of all where n is -1.
func upsOf(h history.History, n int) (files []*history.File) {
	for i, r := range h.Revisions {
		if n < 0 || i < n {
			files = append(files, r.Up)
		}
	}
	return files
}

// A naming is what the SQL of some files says of names.
type naming struct {
	given   map[string]bool     // to constraints, indexes and sequences
	earlier map[string][]string // what a table or column was called before it was renamed, by its new name
}

func readNaming(d dialect.Dialect, files ...*history.File) naming {
	n := naming{map[string]bool{}, map[string][]string{}}
	for _, f := range files {
		if f != nil {
			n.read(d, f.Script(d))
		}
	}
	return n
}

func (n naming) read(d dialect.Dialect, script sqltext.Script) {
	for _, s := range script.Statements {
		for i, token := range s.Tokens {
			switch {
			case token.Kind == sqltext.Literal:
				if body, _ := sqltext.Unquote(token.Text); strings.ContainsAny(body, " \n\t") { // it may be SQL that is run
					n.read(d, sqltext.Parse(d, body))
				}
			case token.IsName() && namesOne(s.Tokens[:i]):
				for i+2 < len(s.Tokens) && s.Tokens[i+1].Text == "." && s.Tokens[i+2].IsName() {
					i += 2
				}
				n.give(s.Tokens[i].Text)
			case token.IsName() && i > 0 && s.Tokens[i-1].Is("to"):
				if old, ok := renamedFrom(s.Tokens[:i-1]); ok {
					n.give(token.Text)
					n.earlier[token.Text] = append(n.earlier[token.Text], old)
				}
			}
		}
	}
}

// give notes that a name was given, as Postgres keeps it.
func (n naming) give(name string) { n.given[name[:min(len(name), longestName)]] = true }

// namesOne reports whether behind these tokens stands the name that a constraint,
// index or sequence is given.
func namesOne(before []sqltext.Token) bool {
	word := func(back int, words ...string) bool {
		i := len(before) - back
		return i >= 0 && slices.ContainsFunc(words, before[i].Is)
	}
	switch {
	case word(1, "constraint"):
		return !word(2, "drop", "validate", "alter", "rename", "on")
	case word(1, "name"):
		return word(2, "sequence")
	}
	if word(1, "exists") && word(2, "not") {
		before = before[:len(before)-3]
	}
	if word(1, "concurrently") {
		before = before[:len(before)-1]
	}
	return word(1, "index", "sequence") && word(2, "create", "unique", "temp", "temporary", "unlogged")
}

// renamedFrom is what the table, column or other object was called in a RENAME
// whose tokens end before TO.
func renamedFrom(before []sqltext.Token) (string, bool) {
	last := len(before) - 1
	switch {
	case last > 0 && before[last].Is("rename"): // ALTER TABLE t RENAME TO u
		if before[last-1].Text == "*" && last > 1 {
			last--
		}
		return before[last-1].Text, before[last-1].IsName()
	case last > 1 && (before[last-1].Is("rename") || before[last-2].Is("rename")): // RENAME COLUMN a TO b
		return before[last].Text, before[last].IsName()
	}
	return "", false
}

// once lists all names that a table or column of this name has had.
func (n naming) once(name string) []string {
	all := []string{name}
	for i := 0; i < len(all); i++ {
		for _, old := range n.earlier[all[i]] {
			if !slices.Contains(all, old) {
				all = append(all, old)
			}
		}
	}
	return all
}

// pair finds objects that went and came back under another name where the server
// chose both, and gives them as one change each. Of two that swapped their names
// each went and came back.
func (a authors) pair(changes []schema.Change) (rest, renamed []schema.Change) {
	if a.dialect != dialect.Postgres || !slices.ContainsFunc(changes, func(c schema.Change) bool { return c.Object().NameEnds() }) {
		return changes, nil
	}
	before, after := readNaming(a.dialect, a.want...), readNaming(a.dialect, a.got...)
	all := readNaming(a.dialect, slices.Concat(a.want, a.got)...)
	var gone, came []*schema.Object
	chosen := map[*schema.Object]bool{} // by the server
	for _, c := range changes {
		if c.Want != nil && c.Want.NameEnds() {
			gone = append(gone, c.Want)
			chosen[c.Want] = !before.given[c.Want.Local()] && c.Want.NamedByServer(all.once)
		}
		if c.Got != nil && c.Got.NameEnds() {
			came = append(came, c.Got)
			chosen[c.Got] = !after.given[c.Got.Local()] && c.Got.NamedByServer(all.once)
		}
	}
	paired, names := map[*schema.Object]bool{}, map[string]string{}
	inherited := func(want, got *schema.Object) bool {
		return want.Prop("inherited") != "" && names[want.Name] == got.Name
	}
	for range 2 { // what a partition or an heir has follows what its table has
		for _, want := range gone {
			i := slices.IndexFunc(came, func(got *schema.Object) bool {
				return !paired[want] && !paired[got] && want.Name != got.Name &&
					(chosen[want] && chosen[got] || inherited(want, got)) && schema.SameButName(*want, *got, names)
			})
			if i >= 0 {
				paired[want], paired[came[i]], names[want.Name] = true, true, came[i].Name
				renamed = append(renamed, schema.Change{Want: want, Got: came[i]})
			}
		}
	}
	return unpairedOf(changes, paired), renamed
}

// unpairedOf are the changes without what is paired.
func unpairedOf(changes []schema.Change, paired map[*schema.Object]bool) (rest []schema.Change) {
	for _, c := range changes {
		if paired[c.Want] {
			c.Want = nil
		}
		if paired[c.Got] {
			c.Got = nil
		}
		if c.Want != nil || c.Got != nil {
			rest = append(rest, c)
		}
	}
	return rest
}

// pairUnnamed makes one change of a check or foreign key without a name that went
// and the only one of its table, and of its columns, that came: SQLite names none,
// so that each is called by its text.
func pairUnnamed(changes []schema.Change) []schema.Change {
	var gone, came []*schema.Object
	for _, c := range changes {
		switch {
		case c.Want != nil && c.Got == nil && unnamedCondition(*c.Want):
			gone = append(gone, c.Want)
		case c.Got != nil && c.Want == nil && unnamedCondition(*c.Got):
			came = append(came, c.Got)
		}
	}
	paired := map[*schema.Object]bool{}
	var pairs []schema.Change
	for _, want := range gone {
		others, mates := alikeIn(gone, want), alikeIn(came, want)
		if len(others) == 1 && len(mates) == 1 {
			paired[want], paired[mates[0]] = true, true
			pairs = append(pairs, schema.Change{Want: want, Got: mates[0]})
		}
	}
	return append(unpairedOf(changes, paired), pairs...)
}

func unnamedCondition(o schema.Object) bool {
	return (o.Kind == "check" || o.Kind == "foreign key") && o.Name == o.Prop("definition")
}

// alikeIn are those of the constraints that are of the kind and table of o, and foreign
// keys of its columns.
func alikeIn(of []*schema.Object, o *schema.Object) (alike []*schema.Object) {
	for _, other := range of {
		if other.Kind == o.Kind && other.Parent == o.Parent && (o.Kind == "check" || slices.Equal(other.Columns, o.Columns)) {
			alike = append(alike, other)
		}
	}
	return alike
}
