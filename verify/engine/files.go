package engine

import (
	"github.com/handrail-db/handrail/verify/finding"
)

// A FileEngine is an [Engine] whose databases are files of this machine, or may
// reach some: SQLite. No SQL that runs there reaches a file that is not the
// database's own.
type FileEngine interface {
	Engine

	// Admit finds the engine in whose databases SQL with these statements can
	// run, or is an error that names the first which cannot. With attach, files
	// that are named without a path are attached, in a folder of the database's
	// own.
	Admit(statements []FileStatement, attach bool) (Engine, error)
}

// A FileStatement is one of SQLite that may reach out of its database: ATTACH,
// VACUUM INTO, or a PRAGMA with a value.
type FileStatement struct {
	File    string // as findings show it; "the prelude" for a subject's prelude
	Line    int
	What    string // it does, in one line
	Name    string // of the file, or of the pragma
	Literal bool   // the name of the file stands there; else it is put together at run time
	Pragma  bool
}

// String is the statement with its place.
func (s FileStatement) String() string { return finding.Place(s.File, s.Line) + ": " + s.What }
