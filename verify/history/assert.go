package history

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/internal/sqltext"
)

var assertFile = regexp.MustCompile(`^([0-9]+)_(.*?)\.assert(?:\.([^.]+))?\.sql$`)

// An Assertion is a file of SQL that must hold from its revision on: no statement
// raises, and none returns a row, of whatever kind it is. It runs in a transaction
// that is always rolled back.
type Assertion struct {
	File     *File
	Revision Revision // that it belongs to
	Until    *int64   // the version from which it need not hold any more; nil: it always must

	Statements []AssertionStatement
	Limit      time.Duration // of each statement
}

// An AssertionStatement is one statement.
type AssertionStatement struct {
	sqltext.Statement
	Raises *regexp.Regexp // what it must raise; nil: nothing
}

// readAssertions gives each revision the assertion files that are called like it.
func readAssertions(folder fs.FS, byVersion map[int64]*Revision) error {
	entries, err := fs.ReadDir(folder, ".")
	if err != nil {
		return err
	}
	for _, e := range entries {
		parts := assertFile.FindStringSubmatch(e.Name())
		if parts == nil || e.IsDir() {
			continue
		}
		r, err := companionOf(byVersion, e.Name(), parts[1], parts[2])
		if err != nil {
			return err
		}
		file, err := readSQL(folder, e.Name())
		if err != nil {
			return err
		}
		r.Asserts = append(r.Asserts, file)
	}
	return nil
}

// companionOf is the revision that a file beside its own belongs to.
func companionOf(byVersion map[int64]*Revision, file, version, name string) (*Revision, error) {
	v, err := strconv.ParseInt(version, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	r := byVersion[v]
	switch {
	case r == nil:
		return nil, fmt.Errorf("%s: no revision has version %d", file, v)
	case r.Name != name:
		return nil, fmt.Errorf("%s: revision %d is called %s", file, v, r)
	}
	return r, nil
}

// Assertions are those of a history of the subject's, oldest first. Errors name
// file and line: a statement that would end the transaction, a directive that
// says nothing.
func (s Subject) Assertions(h History) ([]Assertion, error) {
	var all []Assertion
	for _, r := range h.Revisions {
		for _, f := range r.Asserts {
			a, err := ParseAssertion(h, r, f)
			if err != nil {
				return nil, err
			}
			a.Limit = s.AssertionLimit()
			all = append(all, a)
		}
	}
	return all, nil
}

const (
	raisesMark = "handrail:raises"
	untilMark  = "handrail:until"
)

func ParseAssertion(h History, r Revision, f *File) (Assertion, error) {
	a := Assertion{File: f, Revision: r}
	if err := NoTransaction(h.Dialect, f, "an assertion runs in a transaction that handrail opens and rolls back"); err != nil {
		return a, err
	}
	script := sqltext.Parse(h.Dialect, f.SQL)
	for _, stmt := range script.Statements {
		if stmt.Copies("from", "stdin") || stmt.Copies("to", "stdout") {
			return a, fmt.Errorf("%s: COPY: its rows go to a client or come from one, and say nothing: write SELECT, or INSERT", finding.Place(f.At(stmt.Line)))
		}
		if h.Dialect == dialect.SQLite && stmt.Begins("attach") {
			return a, fmt.Errorf("%s: ATTACH in an assertion: it makes a file where there is none, and no rollback takes that back: attach it in the revision", finding.Place(f.At(stmt.Line)))
		}
		a.Statements = append(a.Statements, AssertionStatement{Statement: stmt})
	}
	if len(a.Statements) == 0 {
		return a, fmt.Errorf("%s: an assertion without a statement asserts nothing", f.Name)
	}
	for _, c := range script.Comments {
		word, rest, _ := strings.Cut(c.Text, " ")
		rest = strings.TrimSpace(rest)
		switch word {
		case untilMark:
			i := slices.IndexFunc(h.Revisions, func(r Revision) bool { return r.Ref() == rest })
			if version, err := strconv.ParseInt(rest, 10, 64); err == nil {
				i = h.Index(version)
			}
			if i < 0 {
				return a, fmt.Errorf("%s: %s %q: want the version of a revision", finding.Place(f.At(c.Line)), untilMark, rest)
			}
			a.Until = &h.Revisions[i].Version
		case raisesMark:
			pattern, err := regexp.Compile(rest)
			if err != nil || rest == "" {
				return a, fmt.Errorf("%s: %s %q: want a pattern that the message matches", finding.Place(f.At(c.Line)), raisesMark, rest)
			}
			i := slices.IndexFunc(a.Statements, func(s AssertionStatement) bool { return s.Line > c.Line })
			if i < 0 {
				return a, fmt.Errorf("%s: %s stands above no statement", finding.Place(f.At(c.Line)), raisesMark)
			}
			a.Statements[i].Raises = pattern
		}
	}
	return a, nil
}

// Holds reports whether the assertion must hold at a version.
func (a Assertion) Holds(version int64) bool {
	return a.Revision.Version <= version && (a.Until == nil || version < *a.Until)
}
