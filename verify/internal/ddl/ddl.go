package ddl

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/schema"
)

// A Definition is the catalogue of a database with what it takes beside to
// write it as SQL. It is read where somebody wants to write, and not with each
// snapshot.
type Definition struct {
	schema.Snapshot
	Dialect dialect.Dialect

	// Home is the schema that unqualified names are made in, on Postgres: names
	// in it are written without it. "" writes every name with its schema.
	Home string

	// Exact also writes what a server decides where nobody says it: versions and
	// comments of extensions.
	Exact bool

	role     string               // Postgres: who has read it, and owns what has no other owner
	shadowed map[string]bool      // Postgres: names that mean the server's own without their schema
	texts    map[sqliteKey]string // SQLite: the stored texts
}

// sqliteKey names a row of sqlite_schema, in lower case.
type sqliteKey struct{ kind, name string }

// Define reads the catalogue of the database behind db as [Inspect] does, with
// what [Definition.DDL] needs.
func Define(ctx context.Context, db *sql.DB, dialect dialect.Dialect) (Definition, error) {
	snapshot, err := schema.Inspect(ctx, db, dialect)
	if err != nil {
		return Definition{}, err
	}
	return DefineAs(ctx, db, dialect, snapshot)
}

// DefineAs is [Define] where the catalogue, or the part of it that is to be
// written, has been read already.
func DefineAs(ctx context.Context, db *sql.DB, dialect dialect.Dialect, snapshot schema.Snapshot) (Definition, error) {
	d := Definition{Snapshot: snapshot, Dialect: dialect}
	w, err := d.writer()
	if err != nil {
		return d, err
	}
	if err := w.read(ctx, db, &d); err != nil {
		return d, fmt.Errorf("read what the %s catalogue is written with: %w", dialect, err)
	}
	return d, nil
}

// A Statement is one step on the way from one schema to another.
type Statement struct {
	// Of is the object that the statement makes, changes or drops.
	Of schema.Object

	// SQL is the statement, without the semicolon at its end. Where no statement
	// does it, it is a comment that says what a person has to do.
	SQL string

	// Manual is why no statement does it; "" where SQL does.
	Manual string

	due     objectKey // the change for which the object is dropped and made again
	rebuild bool      // it does all that is to be done about a table
}

// String is the statement as it stands in a file.
func (s Statement) String() string {
	if s.Manual != "" {
		return s.SQL
	}
	return s.SQL + ";"
}

// A ddlWriter writes the SQL of one dialect.
type ddlWriter interface {
	// read reads into the definition what a snapshot does not hold.
	read(ctx context.Context, db *sql.DB, d *Definition) error

	// create makes everything that is not in base, in an order that runs, in
	// paragraphs.
	create(base schema.Snapshot, d Definition) [][]Statement

	// change makes one schema out of another, in an order that runs.
	change(from schema.Snapshot, to Definition) []Statement
}

// writers holds how each dialect is written.
var writers = map[dialect.Dialect]ddlWriter{dialect.Postgres: pgDialect{}, dialect.SQLite: sqliteDialect{}}

func (d Definition) writer() (ddlWriter, error) {
	if w, ok := writers[d.Dialect]; ok {
		return w, nil
	}
	return nil, fmt.Errorf("write catalogue: unknown dialect %q", d.Dialect)
}

// An Unwritable is the error of a schema that SQL alone cannot make.
type Unwritable struct {
	Objects []schema.Object
	Reasons []string // one for each
}

// Error names the objects, each with its reason.
func (u *Unwritable) Error() string {
	lines := make([]string, len(u.Objects))
	for i, o := range u.Objects {
		lines[i] = o.String() + ": " + u.Reasons[i]
	}
	return "no SQL makes " + strings.Join(lines, "; ")
}

// DDL is SQL that makes the schema in an order that runs, in a database that
// holds base, as that of a new one. What it makes is equal to the snapshot, or
// there is an [Unwritable] error; whoever must be sure runs it and compares.
func (d Definition) DDL(base schema.Snapshot) (string, error) {
	w, err := d.writer()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	var not Unwritable
	for i, paragraph := range w.create(base, d) {
		if i > 0 {
			b.WriteByte('\n')
		}
		for _, s := range paragraph {
			if s.Manual != "" {
				not.Objects, not.Reasons = append(not.Objects, s.Of), append(not.Reasons, s.Manual)
			}
			b.WriteString(s.String() + "\n")
		}
	}
	if len(not.Objects) > 0 {
		return "", &not
	}
	return b.String(), nil
}

// Statements are what a revision has to run to make the schema to out of the
// schema from, in an order that runs. What no statement does is a comment that
// says so.
func Statements(from schema.Snapshot, to Definition) ([]Statement, error) {
	w, err := to.writer()
	if err != nil {
		return nil, err
	}
	return w.change(from, to), nil
}

// StatementsFor are the texts of [Statements], each with the change that it is
// for: changes is what [Roots] has of the differences between to and from. What
// has to be dropped and made again for a change stands with it.
func StatementsFor(changes []schema.Change, from schema.Snapshot, to Definition) ([]string, error) {
	texts := make([]string, len(changes))
	if len(changes) == 0 {
		return texts, nil
	}
	statements, err := Statements(from, to)
	if err != nil {
		return nil, err
	}
	for _, s := range statements {
		for i, c := range changes {
			if covers(c, s.Of) || keyOf(c.Object()) == s.due {
				texts[i] += s.String() + "\n"
				break
			}
			if s.rebuild && c.Object().Parent == s.Of.Name {
				texts[i] += s.String() + "\n"
			}
		}
	}
	return texts, nil
}

// covers reports whether an object is the changed one or came or went with it.
func covers(c schema.Change, o schema.Object) bool {
	changed := c.Object()
	if keyOf(changed) == keyOf(o) {
		return true
	}
	whole := map[string]bool{}
	switch {
	case changed.Parent == "":
		whole[changed.Name] = true
	case changed.Kind == "column":
		whole[changed.Parent+"."+changed.Name] = true
		whole[changed.Parent+"."+dialect.Name(changed.Name)] = true
	}
	return whole[o.Parent] || schema.Owned(o, whole)
}

// Proven is [Definition.DDL] that has been run. Try runs a text in a new
// database, which holds base before, and reads the catalogue after it. It is as
// short as it can be; where that makes another schema, as it does where an
// extension has another version than a new one would, all is written out. The
// error names what differs then.
func (d Definition) Proven(base schema.Snapshot, try func(sql string) (schema.Snapshot, error)) (string, error) {
	short, err := d.DDL(base)
	if err != nil {
		return "", err
	}
	made, err := try(short)
	if err == nil && made.Equal(d.Snapshot) {
		return short, nil
	}
	d.Home, d.Exact = "", true
	whole, e := d.DDL(base)
	if e != nil {
		return "", e
	}
	if whole != short {
		made, err = try(whole)
	}
	if err != nil {
		return "", err
	}
	if changes := schema.Compare(d.Snapshot, made); len(changes) > 0 {
		not := &Unwritable{}
		for _, c := range schema.Roots(changes) {
			not.Objects = append(not.Objects, c.Object())
			not.Reasons = append(not.Reasons, "it comes out otherwise (-want +got)\n"+c.String())
		}
		return "", not
	}
	return whole, nil
}
