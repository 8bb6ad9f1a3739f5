package walk

import (
	"errors"
	"time"

	"github.com/handrail-db/handrail/verify/history"
	"github.com/handrail-db/handrail/verify/schema"
)

// Options are what a caller may ask of [Walk]. The zero value walks to head, looks at
// every revision and takes up to [DefaultTimeout] for a step.
type Options struct {
	// Progress is called before each step, where it is not nil.
	Progress func(Progress)

	// To is the version at which the walk ends; nil is head.
	To *int64

	// Timeout ends a step that takes longer. 0 is [DefaultTimeout]; a value below 0 is no
	// limit.
	Timeout time.Duration

	// Keep leaves the databases for a person to look at.
	Keep bool

	// Unjudged says why a revision is only climbed, "" where it is looked at; nil: every
	// one is looked at.
	Unjudged func(history.Revision) string

	// Noted reports whether differences that a second up has made are none but such as
	// nobody has to mend; nil: there are none of these.
	Noted func(history.Revision, []schema.Change) bool

	// Unpeopled says why no seed writes rows, "" where they do.
	Unpeopled string
}

// DefaultTimeout is how long a step of a check may take where nobody says otherwise.
const DefaultTimeout = 10 * time.Minute

// StepLimit is how long a step may take, 0 for no limit.
func (o Options) StepLimit() time.Duration {
	switch {
	case o.Timeout == 0:
		return DefaultTimeout
	case o.Timeout < 0:
		return 0
	}
	return o.Timeout
}

// unjudged says why a revision is only climbed, "" where it is not.
func (o Options) unjudged(r history.Revision) string {
	if o.Unjudged == nil {
		return ""
	}
	return o.Unjudged(r)
}

// lookLimit is how long it may take to see what a walk that was broken off has left.
const lookLimit = 10 * time.Second

// ErrTooLong is the end of a step that took longer than Options.Timeout.
var ErrTooLong = errors.New("no end in sight")
