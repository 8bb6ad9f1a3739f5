// Package verify verifies database migrations by running them.
//
// A [history.Subject] is a history of revisions with what its authors promise about it.
// An [engine.Engine] makes scratch databases. [Check] walks the history on each engine,
// up, down and up again at each revision, through the migration tool, reads the whole
// catalogue at each landing, judges what it saw and reports findings in a
// [finding.Report].
//
// A failed check is a finding. An error means that something could not be
// checked at all, and is never a verdict about the revisions.
//
// The package knows engines as an interface only and imports no database
// driver; package fixtures has the engines.
package verify
