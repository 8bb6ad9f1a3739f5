package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// noneEmpty refuses a flag or an argument that names nothing, as "$URL" is where the
// shell has no such variable: what is used in its place would be something that
// nobody has named.
func noneEmpty(c *cobra.Command, args []string) error {
	var errs []error
	c.Flags().Visit(func(f *pflag.Flag) {
		values := []string{f.Value.String()}
		if list, ok := f.Value.(pflag.SliceValue); ok {
			values = list.GetSlice()
		}
		if slices.ContainsFunc(values, blank) {
			errs = append(errs, fmt.Errorf("--%s is empty: give it a value or leave it out; a variable of the shell that is not set gives none", f.Name))
		}
	})
	if slices.ContainsFunc(args, blank) {
		errs = append(errs, fmt.Errorf("an argument is empty: give it a value or leave it out; a variable of the shell that is not set gives none"))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("%w; see %s --help", err, c.CommandPath())
	}
	return nil
}

func blank(value string) bool { return strings.TrimSpace(value) == "" }
