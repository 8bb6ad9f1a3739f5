package history

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/finding"
)

// A migrationReader reads one migration and collects what is wrong with it.
type migrationReader struct {
	folder fs.FS
	file   string
	errs   []error
}

func (r *migrationReader) fail(line int, format string, args ...any) {
	r.errs = append(r.errs, fmt.Errorf("%s: %w", finding.Place(r.file, line), fmt.Errorf(format, args...)))
}

func (r *migrationReader) read() *migration {
	m := &migration{File: r.file}
	text, err := readPlain(r.folder, r.file)
	if err != nil {
		r.fail(0, "%w", err)
		return m
	}
	root, err := parseDocument(r.file, text)
	if err != nil {
		line := 0
		if syntax := new(syntaxError); errors.As(err, &syntax) {
			line = syntax.line
		}
		r.fail(line, "%w", err)
		return m
	}
	if !r.table(root, "a migration", "name", "deps", "depsOn", "actions", "up", "down", "asserts", "seed") {
		return m
	}
	r.names(m, root)
	r.needs(m, root)
	r.actions(m, root)
	for _, n := range r.list(root, "asserts") {
		if f := r.sql(n, "an assert"); f != nil {
			m.asserts = append(m.asserts, f)
		}
	}
	if n := root.fields["seed"]; n != nil {
		m.seed = r.sql(n, "the seed")
	}
	return m
}

// names reads the name.
func (r *migrationReader) names(m *migration, root *node) {
	switch n := r.text(root, "name"); {
	case n == nil && root.fields["name"] == nil:
		r.fail(root.line, "no name: want name = %q", strings.TrimSuffix(r.file, path.Ext(r.file)))
	case n == nil:
	case !MigrationName.MatchString(n.text):
		r.fail(n.line, "name %q: %s", n.text, NameRule)
	default:
		m.name, m.Line = n.text, n.line
	}
}

// sql reads SQL that stands there or in a file.
func (r *migrationReader) sql(n *node, what string) *File {
	if !r.table(n, what, "sql", "file") {
		return nil
	}
	switch {
	case len(n.keys) != 1:
		r.fail(n.line, "%s is either sql or file", what)
		return nil
	case n.fields["sql"] != nil:
		return r.inline(n, "sql")
	}
	return r.named(n, "file")
}

// inline is SQL that stands in the migration itself.
func (r *migrationReader) inline(n *node, key string) *File {
	text := r.text(n, key)
	if text == nil {
		return nil
	}
	if err := NULByte(text.text); err != nil {
		r.fail(text.line, "%s: %w", key, err)
		return nil
	}
	return &File{Name: r.file, SQL: text.text, parts: []part{{1, r.file, text.line, text.spread}}}
}

// named is SQL in a file of the folder.
func (r *migrationReader) named(n *node, key string) *File {
	text := r.text(n, key)
	if text == nil {
		return nil
	}
	name := path.Clean(text.text)
	if !fs.ValidPath(name) || name == "." {
		r.fail(text.line, "%s %q: want a file in the folder", key, text.text)
		return nil
	}
	f, err := readSQL(r.folder, name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		r.fail(text.line, "%s %q: no such file", key, text.text)
	case err != nil:
		r.fail(text.line, "%s %q: %w", key, text.text, err)
	}
	return f
}

// table reports whether a value is a table, and refuses keys that it should not
// have.
func (r *migrationReader) table(n *node, what string, known ...string) bool {
	if n.kind != tableNode {
		r.fail(n.line, "%s: want a table with %s", what, strings.Join(known, ", "))
		return false
	}
	ok := true
	for _, key := range n.keys {
		if !slices.Contains(known, key) {
			r.fail(n.at[key], "unknown key %q in %s: want %s", key, what, strings.Join(known, ", "))
			ok = false
		}
	}
	return ok
}

// list are the values of a key; none where it is not there.
func (r *migrationReader) list(n *node, key string) []*node {
	value := n.fields[key]
	if value == nil {
		return nil
	}
	if value.kind != listNode {
		r.fail(value.line, "%s: want a list", key)
	}
	return value.items
}

// text is the string of a key; nil where there is none.
func (r *migrationReader) text(n *node, key string) *node {
	value := n.fields[key]
	if value != nil && value.kind != stringNode {
		r.fail(value.line, "%s: want a text", key)
		return nil
	}
	return value
}
