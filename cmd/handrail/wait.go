package main

import (
	"context"
	"errors"
	"time"
)

// awaited is what f returns. When the context has ended it waits some more time, and then
// no longer: the error is [errInterrupted], and f goes on by itself until the process ends.
// It is for what no context can end: a question at a terminal, a pipe whose other end
// nobody has opened.
func awaited[T any](ctx context.Context, more time.Duration, f func() (T, error)) (T, error) {
	type outcome struct {
		value T
		err   error
	}
	done := make(chan outcome, 1)
	go func() {
		value, err := f()
		done <- outcome{value, err}
	}()
	select {
	case o := <-done:
		return o.value, o.err
	case <-ctx.Done():
	}
	select {
	case o := <-done:
		return o.value, o.err
	case <-time.After(more):
		var none T
		return none, errInterrupted
	}
}

// lastWord is how long a reader may take for what an interrupted command has to say.
const lastWord = time.Second

var errInterrupted = errors.New("interrupted")
