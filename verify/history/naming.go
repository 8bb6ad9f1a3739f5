package history

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
)

// A Convention holds a pattern for the names of each kind of object, in handrail.toml
// the keys of [naming]. A kind without a pattern may be called anything.
type Convention struct {
	Table      Pattern `toml:"table"`
	Column     Pattern `toml:"column"`
	PrimaryKey Pattern `toml:"primary_key"`
	Unique     Pattern `toml:"unique"`
	Check      Pattern `toml:"check"`
	ForeignKey Pattern `toml:"foreign_key"`
	Index      Pattern `toml:"index"`
	Trigger    Pattern `toml:"trigger"`
}

// A Pattern is a regular expression, in the syntax of package regexp, that must
// match the whole of a name. In it {table} stands for the name of the object's
// table, {columns} for its columns with _ between them, {reftable} for the table
// that a foreign key references, each without its schema. Where an index is on
// an expression {columns} is anything. The zero value matches every name.
type Pattern string

// Conventions are the kinds of objects that a pattern can be given for.
var Conventions = []struct {
	Kind    string // of the catalogue
	Key     string // of handrail.toml
	pattern func(Convention) Pattern
	holders []string // what may stand for something in the pattern
}{
	{"table", "table", func(n Convention) Pattern { return n.Table }, nil},
	{"column", "column", func(n Convention) Pattern { return n.Column }, []string{"table"}},
	{"primary key", "primary_key", func(n Convention) Pattern { return n.PrimaryKey }, []string{"table", "columns"}},
	{"unique", "unique", func(n Convention) Pattern { return n.Unique }, []string{"table", "columns"}},
	{"check", "check", func(n Convention) Pattern { return n.Check }, []string{"table"}},
	{"foreign key", "foreign_key", func(n Convention) Pattern { return n.ForeignKey }, []string{"table", "columns", "reftable"}},
	{"index", "index", func(n Convention) Pattern { return n.Index }, []string{"table", "columns"}},
	{"trigger", "trigger", func(n Convention) Pattern { return n.Trigger }, []string{"table"}},
}

// Of is the pattern for a kind of object, "" where there is none.
func (n Convention) Of(kind string) Pattern {
	for _, k := range Conventions {
		if k.Kind == kind {
			return k.pattern(n)
		}
	}
	return ""
}

// Validate says which key has a pattern that cannot be one, and why.
func (n Convention) Validate() (key string, err error) {
	for _, k := range Conventions {
		if err := k.pattern(n).check(k.holders); err != nil {
			return k.Key, fmt.Errorf("naming.%s: %w", k.Key, err)
		}
	}
	return "", nil
}

// placeholder is what stands for something of the object. A quantifier of a
// regular expression has digits in its braces.
var placeholder = regexp.MustCompile(`\{([a-z_]+)\}`)

func (p Pattern) check(holders []string) error {
	for _, m := range placeholder.FindAllStringSubmatch(string(p), -1) {
		if !slices.Contains(holders, m[1]) {
			known := "nothing does"
			if len(holders) > 0 {
				known = "{" + strings.Join(holders, "}, {") + "} do"
			}
			return fmt.Errorf("%s stands for nothing here: %s", m[0], known)
		}
	}
	_, err := regexp.Compile(p.Shown(func(string) string { return "x" }))
	return err
}

// With is the regular expression in which each placeholder is what it stands for.
func (p Pattern) With(value func(holder string) string) string {
	return `^(?:` + placeholder.ReplaceAllStringFunc(string(p), func(m string) string {
		return `(?:` + value(strings.Trim(m, "{}")) + `)`
	}) + `)$`
}

// Shown is the pattern for a person, each placeholder what it stands for.
func (p Pattern) Shown(value func(holder string) string) string {
	return placeholder.ReplaceAllStringFunc(string(p), func(m string) string { return value(strings.Trim(m, "{}")) })
}

// Uses reports whether the pattern has the placeholder.
func (p Pattern) Uses(holder string) bool { return strings.Contains(string(p), "{"+holder+"}") }

// OnlyText is the one text that an expression matches, false where there are more.
func OnlyText(expression string) (string, bool) {
	parsed, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		return "", false
	}
	var text strings.Builder
	if !spell(parsed.Simplify(), &text) {
		return "", false
	}
	return text.String(), true
}

// spell writes down what an expression matches, if that is one text.
func spell(e *syntax.Regexp, into *strings.Builder) bool {
	switch e.Op {
	case syntax.OpEmptyMatch, syntax.OpBeginText, syntax.OpEndText:
		return true
	case syntax.OpLiteral:
		into.WriteString(string(e.Rune))
		return e.Flags&syntax.FoldCase == 0
	case syntax.OpConcat, syntax.OpCapture:
		return !slices.ContainsFunc(e.Sub, func(sub *syntax.Regexp) bool { return !spell(sub, into) })
	}
	return false
}

// configLine is the line at which a key of a table of handrail.toml stands, 0
// where it is not found.
func configLine(text []byte, table, key string) int {
	root, err := parseTOML(text)
	if err != nil || root.fields[table] == nil {
		return 0
	}
	return root.fields[table].at[key]
}
