package engine

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// SQLState is Postgres' code of an error, "" where it has none.
func SQLState(err error) string {
	var state interface{ SQLState() string }
	if errors.As(err, &state) {
		return state.SQLState()
	}
	return ""
}

// LostConnection reports whether an error is that of a connection that ended.
func LostConnection(err error) bool {
	state := SQLState(err)
	return strings.HasPrefix(state, "57P") || strings.HasPrefix(state, "08")
}

// Environmental reports whether an error speaks of the server or the machine
// and not of the SQL: a full disk, no memory, a lost connection, a server that
// stops. Such a step says nothing about its revision.
func Environmental(err error) bool {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return true
	}
	if class := SQLState(err); class != "" {
		if Lacking(err) != "" {
			return true
		}
		return strings.HasPrefix(class, "53") || strings.HasPrefix(class, "58") || strings.HasPrefix(class, "57P") || strings.HasPrefix(class, "08")
	}
	var code interface{ Code() int }
	if errors.As(err, &code) {
		switch code.Code() & 0xff {
		case 7, 10, 13, 14, 23: // NOMEM, IOERR, FULL, CANTOPEN, AUTH: the wall of a scratch database
			return true
		}
	}
	return false
}

// lackings are the errors by which Postgres says that the SQL needs what this
// server does not have, and what to do about each. The states alone do not tell:
// 0A000 and 55000 have many meanings.
var lackings = []struct {
	states  string
	message *regexp.Regexp
	remedy  string
}{
	{"0A000 58P01", regexp.MustCompile(`extension "[^"]*" is not available|could not open extension control file`), remedyExtension},
	{"22023", regexp.MustCompile(`extension "[^"]*" has no (installation script nor )?update path`), remedyExtension},
	{"42501", regexp.MustCompile(`permission denied to create extension`), "let a superuser create it beforehand, or verify on a server where handrail's user is one"},
	{"", regexp.MustCompile(`shared_preload_libraries`), "verify on a server that loads it at its start: HANDRAIL_SCRATCH_URL, or an image that does, HANDRAIL_POSTGRES_IMAGE"},
	{"58P01 F0000", regexp.MustCompile(`could not (open|access) (file|dictionary file|stop-word file|thesaurus file)`), remedyExtension},
}

const remedyExtension = "verify on a server that has it: HANDRAIL_SCRATCH_URL, or an image that has it, HANDRAIL_POSTGRES_IMAGE"

// Lacking is the remedy where an error says that the server lacks something, which
// is no defect of the revision; "" where it says something else.
func Lacking(err error) string {
	state := SQLState(err)
	if state == "" {
		return ""
	}
	for _, l := range lackings {
		if (l.states == "" || strings.Contains(l.states, state)) && l.message.MatchString(err.Error()) {
			return l.remedy
		}
	}
	return ""
}

// LackingError is the error of a step that needs what the server lacks, with the
// remedy; nil where there is none.
func LackingError(err error, remedy string) error {
	if remedy == "" {
		return nil
	}
	return fmt.Errorf("the server lacks what the SQL needs: %w; %s", err, remedy)
}

// ExplainWall gives the refusal of an engine's wall the words that SQLite has not.
func ExplainWall(err error) error {
	if !RefusedByWall(err) {
		return err
	}
	return fmt.Errorf("%w: a statement would reach out of the scratch database (ATTACH, VACUUM INTO, a PRAGMA that names a folder), and a check reaches no file outside", err)
}

// RefusedByWall reports whether SQLite was not authorized to run a statement.
func RefusedByWall(err error) bool {
	var code interface{ Code() int }
	return errors.As(err, &code) && code.Code() == 23
}

// Interrupted reports whether SQLite says that a statement was interrupted.
func Interrupted(err error) bool {
	var code interface{ Code() int }
	return errors.As(err, &code) && code.Code() == 9
}

// Cause is the error of the database within what a tool returns, the error itself where
// there is none.
func Cause(err error) error {
	var step *StepError
	if errors.As(err, &step) && step.Err != nil {
		return step.Err
	}
	return err
}
