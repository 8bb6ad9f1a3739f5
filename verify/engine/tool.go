package engine

import (
	"context"
	"strings"

	"github.com/handrail-db/handrail/verify/finding"
)

// A Tool is a migration tool: it makes the steps of a history on a database, in its own
// way.
type Tool interface {
	// Name is what people call it: "golang-migrate".
	Name() string

	Traits() Traits

	// Open makes a database ready for steps, which are those of a whole history,
	// lowest version first, a step up before its step down. The tool makes its own
	// tables where they are not there. Whoever opens a stepper closes it.
	Open(ctx context.Context, db Database, steps []Step, o Options) (Stepper, error)
}

// Traits are what messages and rules have to know of a tool.
type Traits struct {
	// Table is the table in which the tool keeps the version where nobody says
	// otherwise.
	Table string

	// SilentWithoutDown: a step down without a file is a success.
	SilentWithoutDown bool

	// AppliesLate: a version below the newest that is applied is applied when it comes.
	AppliesLate bool
}

// A Step is one direction of a revision.
type Step struct {
	Version    Version
	Name       string // "add_email"
	Direction  finding.Direction
	Text       string      // the SQL, byte for byte
	Statements []Statement // of Text, as the dialect reads it
	Refused    error       // why handrail cannot make the step; nil: it can
}

// A Statement is one of a [Step].
type Statement struct {
	Line int // on which it begins, from 1
	SQL  string
}

// A Stepper makes the steps of a history on one database. It must not be used by
// several goroutines at once.
type Stepper interface {
	// Up makes the next step up, Down takes the last one back. An error of the
	// database is a [StepError].
	Up(ctx context.Context) error
	Down(ctx context.Context) error

	// To moves to a version, or to [Base]. It is no error to be there already.
	To(ctx context.Context, version int64) error

	// State is where the tool says that the database stands.
	State(ctx context.Context) (State, error)

	// Force writes that the database stands at a version, clean, and runs nothing.
	Force(ctx context.Context, version int64) error

	// Tables are the names, as a catalogue may have them, of the tables that are the
	// tool's own.
	Tables() []string

	// Leaks is [Driver.Leaks] of the session in which the steps run.
	Leaks(ctx context.Context) ([]string, error)

	// Close releases the tool's connections; the database stays.
	Close() error
}

// A StepError is what a database said of a step.
type StepError struct {
	Tool  error  // as the tool says it
	Err   error  // as the database says it
	Line  int    // in Query, from 1; 0: not known
	Query string // what was sent; "": not known
}

// Error is the tool's own words.
func (e *StepError) Error() string { return e.Tool.Error() }

// Unwrap is the error of the database.
func (e *StepError) Unwrap() error { return e.Err }

// LineIn is the line of a text at which the statement failed, 0 where nobody knows; a
// tool may have sent the text in pieces. Without a text it is the line in what was sent.
func (e *StepError) LineIn(text string) int {
	if len(e.Query) >= len(text) {
		return e.Line
	}
	if strings.Count(text, e.Query) != 1 {
		return 0
	}
	line := e.Line
	if line == 0 {
		blank := e.Query[:len(e.Query)-len(strings.TrimLeft(e.Query, " \t\r\n"))]
		line = 1 + strings.Count(blank, "\n")
	}
	return line + strings.Count(text[:strings.Index(text, e.Query)], "\n")
}
