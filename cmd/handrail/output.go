package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"github.com/handrail-db/handrail/verify/secret"
)

// An output is one of the streams that the command writes to. No password that is
// known goes through it, and it remembers what was lost: a full disk, or a pipe that
// nobody reads any more.
type output struct {
	to  io.Writer
	ctx context.Context // where it has ended nobody waits for a reader

	mu   sync.Mutex
	lost error // the first error; nil: all that was written is written
}

// Write keeps quiet about an error that it has reported before.
func (o *output) Write(text []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.lost != nil {
		return 0, o.lost
	}
	said := secret.HideKnown(string(text))
	_, o.lost = awaited(o.ctx, lastWord, func() (int, error) { return io.WriteString(o.to, said) })
	if o.lost != nil {
		return 0, o.lost
	}
	return len(text), nil
}

// Fd is that of the stream beneath, which may be a terminal, or of none.
func (o *output) Fd() uintptr {
	if f, ok := o.to.(interface{ Fd() uintptr }); ok {
		return f.Fd()
	}
	return ^uintptr(0)
}

// err says what was lost.
func (o *output) err(name string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.lost == nil {
		return nil
	}
	return fmt.Errorf("%s: %w: not all that the command had to say is there", name, o.lost)
}

// lost is what a writer has lost, nil where that is nothing or cannot be told.
func lost(w io.Writer) error {
	if o, ok := w.(*output); ok {
		return o.err("standard output")
	}
	return nil
}

// learnSecrets makes the passwords known that the command was given, wherever that
// was: somebody who puts a URL into the wrong place must not see it printed.
func learnSecrets(args []string) {
	for _, arg := range args {
		secret.Learn(arg)
	}
	for _, kv := range os.Environ() {
		name, value, _ := strings.Cut(kv, "=")
		switch {
		case name == "PGPASSWORD":
			secret.Know(value)
		case strings.HasPrefix(name, "HANDRAIL_"), name == "DOCKER_HOST":
			secret.Learn(value)
		}
	}
}
