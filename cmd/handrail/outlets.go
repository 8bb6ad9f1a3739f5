package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/handrail-db/handrail/report"
	"github.com/handrail-db/handrail/verify"
)

// An outlet is one way in which the report leaves the command.
type outlet struct {
	format string
	file   string // "": standard output
}

// formats is how each format is written. A text that a person reads at a
// terminal fits into it.
var formats = map[string]func(io.Writer, verify.Report) error{
	"text": func(w io.Writer, r verify.Report) error { return report.Text(w, r, screenOf(w)) },
	"json": report.JSON,
}

// parseOutlets reads the values of --report. There is always one on standard
// output.
func parseOutlets(values []string) ([]outlet, error) {
	var outlets []outlet
	toStdout := false
	for _, value := range values {
		format, file, named := strings.Cut(value, "=")
		if formats[format] == nil || named && file == "" {
			return nil, fmt.Errorf("--report %q: want text, json, text=FILE or json=FILE", value)
		}
		toStdout = toStdout || !named
		outlets = append(outlets, outlet{format, file})
	}
	if !toStdout {
		outlets = append(outlets, outlet{format: "text"})
	}
	return outlets, nil
}

// write writes a report to every outlet, whether or not another one fails.
func write(stdout io.Writer, outlets []outlet, r verify.Report) error {
	var errs []error
	for _, o := range outlets {
		if err := o.write(stdout, r); err != nil {
			errs = append(errs, fmt.Errorf("report %s: %w", o.format, err))
		}
	}
	return errors.Join(errs...)
}

func (o outlet) write(stdout io.Writer, r verify.Report) error {
	if o.file == "" {
		return formats[o.format](stdout, r)
	}
	f, err := os.Create(o.file)
	if err != nil {
		return err
	}
	return errors.Join(formats[o.format](f, r), f.Close())
}
