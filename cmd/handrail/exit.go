package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
)

// The exit statuses of the command.
const (
	statusOK       = 0
	statusFindings = 1 // a check found an error
	statusBroken   = 2 // usage, or something could not be run
)

// errFindings ends a command that found something, with [statusFindings]. Nothing more
// is printed: the report has said it.
var errFindings = errors.New("findings")

// interrupted is the error of a check that was told to stop. It keeps what else went
// wrong, a database that could not be dropped for one.
func interrupted(ctx context.Context, err error, keep bool) error {
	if others := beside(err, context.Cause(ctx)); len(others) > 0 {
		return fmt.Errorf("interrupted; %w", errors.Join(others...))
	}
	if keep {
		return errors.New("interrupted; the report says which databases are kept")
	}
	return errors.New("interrupted; the databases of this run are dropped")
}

// beside are the errors joined in err that neither the cause nor the end of a context
// has brought about.
func beside(err, cause error) []error {
	if err == nil {
		return nil
	}
	if !errors.Is(err, cause) && !errors.Is(err, context.Canceled) {
		return []error{err}
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return beside(errors.Unwrap(err), cause)
	}
	var others []error
	for _, e := range joined.Unwrap() {
		others = append(others, beside(e, cause)...)
	}
	return others
}

// outcome is the error with which a command ends after its report, nil if all is well. It
// is [errFindings] where a finding has the severity failOn or a worse one.
func outcome(found finding.Report, failOn finding.Severity, err error) error {
	switch {
	case err != nil:
		return brief(err)
	case found.Failed(failOn):
		return errFindings
	case found.Summary.Engines == 0 && !found.Excused():
		return fmt.Errorf("no engine to verify on: %s", strings.Join(tried(found), "; "))
	}
	return nil
}

// tried says of each engine why it did not run, in a line. The report lists all that was
// tried.
func tried(found finding.Report) (all []string) {
	for _, run := range found.Runs {
		text, _, _ := strings.Cut(run.NotRun, "\n")
		all = append(all, text)
	}
	return all
}

// brief is the error of a check without the list of all that was tried for an engine:
// that is in the report.
func brief(err error) error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []error
		for _, e := range joined.Unwrap() {
			all = append(all, brief(e))
		}
		return distinct(all)
	}
	var missing *engine.Unavailable
	if !errors.As(err, &missing) {
		return err
	}
	text, _, _ := strings.Cut(err.Error(), "\n")
	return errors.New(text)
}

// distinct joins errors, those of one text once: an environment can be wrong for every
// engine in the same way.
func distinct(errs []error) error {
	said := map[string]bool{}
	return errors.Join(slices.DeleteFunc(errs, func(err error) bool {
		if err == nil {
			return true
		}
		again := said[err.Error()]
		said[err.Error()] = true
		return again
	})...)
}
