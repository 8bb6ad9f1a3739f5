package history

import (
	"fmt"
	"slices"
	"strings"
)

// What a migration does and needs is written in several ways: as handrail drafts
// it, and in the three spellings that its inventor has had. All are read in TOML
// and in JSON, and a folder may mix them.

// needs reads what the migration needs, from deps or from depsOn, which mean the
// same. A migration may have both where they name the same.
func (r *migrationReader) needs(m *migration, root *node) {
	deps, dependsOn := r.dependencies(root, "deps"), r.dependencies(root, "depsOn")
	m.Deps = deps
	switch {
	case root.fields["depsOn"] == nil:
	case root.fields["deps"] == nil:
		m.Deps = dependsOn
	case !slices.Equal(sortedNames(deps), sortedNames(dependsOn)):
		r.fail(root.at["depsOn"], "depsOn and deps (line %d) mean the same and name different migrations: keep one", root.at["deps"])
	}
}

func (r *migrationReader) dependencies(root *node, key string) (all []dependency) {
	for _, n := range r.list(root, key) {
		if n.kind != stringNode {
			r.fail(n.line, "%s: want names", key)
			continue
		}
		all = append(all, dependency{n.text, n.line})
	}
	return all
}

// sortedNames are the names of dependencies, each once.
func sortedNames(all []dependency) (names []string) {
	for _, d := range all {
		names = append(names, d.Name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// actions reads what the migration does: a list of pairs, or a list for each way of
// which those of one position are a pair.
func (r *migrationReader) actions(m *migration, root *node) {
	up, down := root.fields["up"], root.fields["down"]
	switch {
	case up == nil && down == nil:
		r.pairs(m, root)
	case root.fields["actions"] != nil:
		r.fail(root.at["actions"], "a migration has either actions or the lists up and down")
	case up == nil, down == nil:
		has := root.keys[slices.IndexFunc(root.keys, func(k string) bool { return k == "up" || k == "down" })]
		r.fail(root.at[has], "each entry of up has its own in down, and this migration has %s alone", has)
	default:
		r.lists(m, root)
	}
}

// pairs reads a list of actions.
func (r *migrationReader) pairs(m *migration, root *node) {
	list := root.fields["actions"]
	if list == nil || list.kind == listNode && len(list.items) == 0 {
		r.fail(root.line, "no actions: want at least one [[actions]] with up and down")
	}
	for _, n := range r.list(root, "actions") {
		if up, down := r.action(n); up != nil {
			m.up, m.down = append(m.up, up), append(m.down, down)
		}
	}
}

// lists reads a list for each way.
func (r *migrationReader) lists(m *migration, root *node) {
	up, down := r.list(root, "up"), r.list(root, "down")
	switch isList := root.fields["up"].kind == listNode && root.fields["down"].kind == listNode; {
	case !isList:
		return // which list has said already
	case len(up) != len(down):
		r.fail(root.at["down"], "each entry of up has its own in down, by position: up has %d (line %d) and down %d", len(up), root.at["up"], len(down))
		return
	case len(up) == 0:
		r.fail(root.at["up"], "up and down are empty: want at least one entry in each")
	}
	for i := range up {
		u, d := r.sql(up[i], "an entry of up"), r.sql(down[i], "an entry of down")
		if u != nil && d != nil {
			m.up, m.down = append(m.up, u), append(m.down, d)
		}
	}
}

// pairOf says how an action can be written.
const pairOf = "up and down, or up_file and down_file, or either file or sql with up and down in it"

// action reads the two ways of an action; nil where it has not got both.
func (r *migrationReader) action(n *node) (up, down *File) {
	if !r.table(n, "an action", "up", "down", "up_file", "down_file", "file", "sql") {
		return nil, nil
	}
	switch {
	case n.hasOnly("up", "down"):
		up, down = r.inline(n, "up"), r.inline(n, "down")
	case n.hasOnly("up_file", "down_file"):
		up, down = r.named(n, "up_file"), r.named(n, "down_file")
	case n.hasOnly("file"):
		up, down = r.within(n, "file", r.named)
	case n.hasOnly("sql"):
		up, down = r.within(n, "sql", r.inline)
	default:
		r.fail(n.line, "an action is a pair, %s, and this one has %s", pairOf, n.has())
	}
	if up == nil || down == nil {
		return nil, nil
	}
	return up, down
}

// within reads the two ways of an action from the table of a key.
func (r *migrationReader) within(n *node, key string, read func(*node, string) *File) (up, down *File) {
	pair := n.fields[key]
	switch {
	case !r.table(pair, fmt.Sprintf("%s of an action", key), "up", "down"):
		return nil, nil
	case !pair.hasOnly("up", "down"):
		r.fail(n.at[key], "%s of an action is a pair, up and down, and this one has %s", key, pair.has())
		return nil, nil
	}
	return read(pair, "up"), read(pair, "down")
}

// hasOnly reports whether a table has these keys and no others.
func (n *node) hasOnly(keys ...string) bool {
	return len(n.keys) == len(keys) && !slices.ContainsFunc(keys, func(k string) bool { return n.fields[k] == nil })
}

// has is what a table has, in words.
func (n *node) has() string {
	if len(n.keys) == 0 {
		return "nothing"
	}
	return strings.Join(n.keys, " and ")
}
