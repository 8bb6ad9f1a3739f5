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

// An output is a stream that the command writes to. It hides each password that is known,
// and remembers the first error: a full disk, or a pipe that nobody reads any more.
type output struct {
	to  io.Writer
	ctx context.Context // where it has ended nobody waits for a reader

	mu   sync.Mutex
	lost error // the first error; nil: all that was written is written
}

// Write writes nothing more after an error.
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

// Fd is the descriptor of the stream beneath, which may be a terminal. Where it has none
// it is that of no file.
func (o *output) Fd() uintptr {
	if f, ok := o.to.(interface{ Fd() uintptr }); ok {
		return f.Fd()
	}
	return ^uintptr(0)
}

// err is the first error of the stream that goes by a name, nil if there was none.
func (o *output) err(name string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.lost == nil {
		return nil
	}
	return fmt.Errorf("%s: %w: not all that the command had to say is there", name, o.lost)
}

// lost is the first error of standard output, nil where there was none or w is no
// [output].
func lost(w io.Writer) error {
	if o, ok := w.(*output); ok {
		return o.err("standard output")
	}
	return nil
}

// learnSecrets makes all passwords known that are in arguments and in the environment,
// wherever they are: a URL in the wrong place must not be printed.
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
