package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/handrail-db/handrail/report"
	"github.com/handrail-db/handrail/verify/finding"
)

// An outlet is one way in which the report leaves the command.
type outlet struct {
	format string
	file   string // "": standard output
}

// formats is how each format is written. A text that a person reads at a
// terminal fits into it.
var formats = map[string]func(io.Writer, finding.Report) error{
	"text":     func(w io.Writer, r finding.Report) error { return report.Text(w, r, screenOf(w)) },
	"json":     report.JSON,
	"markdown": report.Markdown,
	"github":   report.GitHub,
}

// parseOutlets reads the values of --report. There is always one on standard
// output. It is an error if two would be written into one place, where none could be
// read, or if a file cannot be written: who waits for a check wants to know before.
func parseOutlets(values []string) ([]outlet, error) {
	var outlets []outlet
	toStdout := map[string]bool{}
	for _, value := range values {
		format, file, named := strings.Cut(value, "=")
		if formats[format] == nil || named && file == "" {
			return nil, fmt.Errorf("--report %q: want text, json, markdown or github, or one of them with =FILE", value)
		}
		if file == "/dev/stdout" { // whatever the system makes of it
			file, named = "", false
		}
		o := outlet{format, file}
		if !named {
			if toStdout[format] {
				return nil, fmt.Errorf("--report %s is given twice", format)
			}
			toStdout[format] = true
		}
		for _, other := range outlets {
			if named && other.file != "" && sameFile(file, other.file) {
				return nil, fmt.Errorf("--report %s: %s=%s goes to the same file", value, other.format, other.file)
			}
		}
		if err := o.writable(); err != nil {
			return nil, fmt.Errorf("--report %s: %w", value, err)
		}
		outlets = append(outlets, o)
	}
	if toStdout["json"] && len(toStdout) > 1 {
		return nil, errors.New("--report json: another report goes to standard output too, and no program could read the one: name a file for one of them")
	}
	if len(toStdout) == 0 {
		outlets = append(outlets, outlet{format: "text"})
	}
	return outlets, nil
}

// stream reports whether a file is written as it goes along: a device, a pipe, or
// what the system has open, under whose name another file cannot be put.
func (o outlet) stream() bool {
	path := filepath.ToSlash(o.file)
	if strings.HasPrefix(path, "/dev/") || strings.HasPrefix(path, "/proc/") {
		return true
	}
	info, err := os.Stat(o.file)
	return err == nil && !info.Mode().IsRegular() && !info.IsDir()
}

// writable says why the file cannot be written, and leaves all as it is. A stream is
// not tried: to open a pipe is to wait for its reader.
func (o outlet) writable() error {
	if o.file == "" || o.stream() {
		return nil
	}
	f, err := os.OpenFile(o.file, os.O_WRONLY, 0)
	switch {
	case err == nil:
		if err := f.Close(); err != nil {
			return err
		}
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	return tryFolder(o.file)
}

// write writes a report to every outlet, whether or not another one fails.
func write(ctx context.Context, stdout, stderr io.Writer, outlets []outlet, r finding.Report) error {
	var errs []error
	for _, o := range outlets {
		if err := o.write(ctx, stdout, stderr, r); err != nil {
			errs = append(errs, fmt.Errorf("report %s: %w", o.format, err))
		}
	}
	return errors.Join(errs...)
}

// write writes a file as a whole or not at all, and into a stream what there is.
func (o outlet) write(ctx context.Context, stdout, stderr io.Writer, r finding.Report) error {
	switch {
	case o.file == "":
		return formats[o.format](stdout, r)
	case o.file == "/dev/stderr": // to open it anew would be to write over what others write there
		return formats[o.format](stderr, r)
	case o.stream():
		_, err := awaited(ctx, lastWord, func() (struct{}, error) { return struct{}{}, o.pour(r) })
		return err
	}
	var text bytes.Buffer
	if err := formats[o.format](&text, r); err != nil {
		return err
	}
	return replace(o.file, text.Bytes())
}

// pour writes into a stream, behind what is in it.
func (o outlet) pour(r finding.Report) error {
	f, err := os.OpenFile(o.file, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	return errors.Join(formats[o.format](f, r), f.Close())
}
