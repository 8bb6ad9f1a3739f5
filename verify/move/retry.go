package move

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/handrail-db/handrail/internal/words"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/internal/golangmigrate"
)

// retryAfter is how long a retry waits, so that those who wait behind a lock get
// through in between.
const retryAfter = time.Second

// again calls try, and as often more as there are retries where a lock or a
// transaction of somebody else has ended it and nothing of it is left. It tells
// what each try came to.
func (m Move) again(ctx context.Context, what string, try func() error) error {
	for n := 1; ; n++ {
		err := try()
		of := fmt.Sprintf("try %d of %d", n, m.Retries+1)
		switch {
		case err == nil && n > 1:
			m.tell("%s: %s: it went through", what, of)
			return nil
		case err == nil || m.Retries == 0 || !contended(err):
			return err
		case n > m.Retries:
			return errors.Join(err, fmt.Errorf("    that was %s", of))
		}
		m.tell("%s: %s: %s; again in %s", what, of, strings.TrimPrefix(words.OneLine(golangmigrate.Cause(err)), m.Name+": "), retryAfter)
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(retryAfter):
		}
	}
}

// A leftError is an error after which something is left, so that no retry can help.
type leftError struct{ error }

func (e leftError) Unwrap() error { return e.error }

// contended reports whether an error says that somebody else was in the way, who may
// be gone the next time, and that the database has taken all back.
func contended(err error) bool {
	var left leftError
	if errors.As(err, &left) {
		return false
	}
	var broken *promiseError
	if errors.As(err, &broken) {
		return contention[broken.broken.State]
	}
	err = golangmigrate.Cause(err)
	var code interface{ Code() int }
	if engine.SQLState(err) == "" && errors.As(err, &code) {
		return code.Code()&0xff == 5 || code.Code()&0xff == 6 // BUSY, LOCKED
	}
	return contention[engine.SQLState(err)]
}

// contention are Postgres' codes of such errors.
var contention = map[string]bool{
	"40001": true, // serialization failure
	"40P01": true, // deadlock detected
	"55P03": true, // lock not available, which is a lock timeout too
}
