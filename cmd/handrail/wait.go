package main

import (
	"context"
	"errors"
	"time"
)

// awaited is what f returns, unless the context ends, and then some more time, before:
// then f goes on by itself until the process ends. It is for what no context can end: a question at a
// terminal, a pipe whose other end nobody has opened.
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
