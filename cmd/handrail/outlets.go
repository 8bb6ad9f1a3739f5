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
	"slices"
	"strings"

	"github.com/handrail-db/handrail/report"
	"github.com/handrail-db/handrail/verify/finding"
)

// An outlet is a format, and the place into which a report is written in it.
type outlet struct {
	format report.Format
	file   string // "": standard output
}

// parseOutlets reads the values of --report. There is always one on standard output.
// It is an error if two go to one place, or if a file cannot be written: who waits for
// a check wants to know before.
func parseOutlets(values []string) ([]outlet, error) {
	var outlets []outlet
	var printed []string // the formats on standard output
	for _, value := range values {
		o, err := parseOutlet(value)
		if err != nil {
			return nil, err
		}
		if o.file == "" {
			if slices.Contains(printed, o.format.Name) {
				return nil, fmt.Errorf("--report %s is given twice", o.format.Name)
			}
			printed = append(printed, o.format.Name)
		}
		for _, other := range outlets {
			if o.file != "" && other.file != "" && sameFile(o.file, other.file) {
				return nil, fmt.Errorf("--report %s: %s=%s goes to the same file", value, other.format.Name, other.file)
			}
		}
		if err := o.writable(); err != nil {
			return nil, fmt.Errorf("--report %s: %w", value, err)
		}
		outlets = append(outlets, o)
	}
	if len(printed) > 1 && slices.Contains(printed, "json") {
		return nil, errors.New("--report json: another report goes to standard output too, and no program could read the one: name a file for one of them")
	}
	if len(printed) == 0 {
		outlets = append(outlets, outlet{format: report.Formats()[0]})
	}
	return outlets, nil
}

// parseOutlet reads FORMAT or FORMAT=FILE.
func parseOutlet(value string) (outlet, error) {
	name, file, named := strings.Cut(value, "=")
	formats := report.Formats()
	i := slices.IndexFunc(formats, func(f report.Format) bool { return f.Name == name })
	if i < 0 || named && file == "" {
		return outlet{}, fmt.Errorf("--report %q: want %s, or one of them with =FILE", value, namesOf(formats))
	}
	if file == "/dev/stdout" { // whatever the system makes of it
		file = ""
	}
	return outlet{formats[i], file}, nil
}

// namesOf is the names of at least two formats, as a sentence has them.
func namesOf(formats []report.Format) string {
	var names []string
	for _, f := range formats {
		names = append(names, f.Name)
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// stream reports whether a file is written as it goes along. A device, a pipe and what the
// system has open are: another file cannot be put under their name.
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
			errs = append(errs, fmt.Errorf("report %s: %w", o.format.Name, err))
		}
	}
	return errors.Join(errs...)
}

// write writes a file as a whole or not at all. Into a stream it writes what there is; it
// does not wait for a reader when the context has ended.
func (o outlet) write(ctx context.Context, stdout, stderr io.Writer, r finding.Report) error {
	switch {
	case o.file == "":
		return o.on(stdout, r)
	case o.file == "/dev/stderr": // to open it anew would be to write over what others write there
		return o.on(stderr, r)
	case o.stream():
		_, err := awaited(ctx, lastWord, func() (struct{}, error) { return struct{}{}, o.pour(r) })
		return err
	}
	var text bytes.Buffer
	if err := o.on(&text, r); err != nil {
		return err
	}
	return replace(o.file, text.Bytes())
}

// on writes a report in the format of the outlet, as wide as the terminal behind w if
// there is one.
func (o outlet) on(w io.Writer, r finding.Report) error { return o.format.Write(w, r, screenOf(w)) }

// pour writes into a stream, at its end.
func (o outlet) pour(r finding.Report) error {
	f, err := os.OpenFile(o.file, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	return errors.Join(o.on(f, r), f.Close())
}
