package main

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestInterrupted tells what follows from an interrupt, which nobody needs to
// hear, from what went wrong beside it.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	cause := errors.New("signal")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(cause)
	lost := errors.New("database handrail_1 could not be dropped")
	cases := []struct {
		name string
		err  error
		want string
	}{
		{"nothing", nil, "interrupted; the databases of this run are dropped"},
		{"the cause", fmt.Errorf("revision 0001: %w", cause), "interrupted; the databases of this run are dropped"},
		{"what a driver makes of it", fmt.Errorf("query: %w", context.Canceled), "interrupted; the databases of this run are dropped"},
		{"something else", lost, "interrupted; database handrail_1 could not be dropped"},
		{
			"both, as a check joins them", errors.Join(nil, fmt.Errorf("postgres: %w", errors.Join(fmt.Errorf("revision 0001: %w", cause), lost))),
			"interrupted; database handrail_1 could not be dropped",
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			require.EqualError(t, interrupted(ctx, c.err, false), c.want)
		})
	}
}
