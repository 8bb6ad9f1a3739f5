package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/handrail-db/handrail/report"
)

// terminalWidth is how many cells a line of the terminal behind w has, 0 where
// there is none.
func terminalWidth(w io.Writer) int {
	f, ok := w.(interface{ Fd() uintptr })
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil || width <= 0 {
		return 80 // a terminal that does not know
	}
	return width
}

// screenOf is the screen of the terminal behind w, else that of a file. There is no colour
// where NO_COLOR is set, whatever it says, on a terminal that calls itself dumb, and on a
// console of Windows that does not say what it is.
func screenOf(w io.Writer) report.Screen {
	width, kind := terminalWidth(w), os.Getenv("TERM")
	known := kind != "dumb" && (kind != "" || runtime.GOOS != "windows")
	return report.Screen{Width: width, Colour: width > 0 && known && os.Getenv("NO_COLOR") == ""}
}

// agreed is nil where somebody has said yes, as a flag or when asked at a terminal. Why
// it has to be said is for the error where there is no terminal.
func agreed(c *cobra.Command, yes bool, question, why string) error {
	if yes {
		return nil
	}
	in, ok := c.InOrStdin().(interface{ Fd() uintptr })
	if !ok || !term.IsTerminal(int(in.Fd())) {
		return fmt.Errorf("%s: say --yes", why)
	}
	fmt.Fprintf(c.ErrOrStderr(), "%s [y/N] ", question)
	answer, err := awaited(c.Context(), 0, func() (string, error) { return bufio.NewReader(c.InOrStdin()).ReadString('\n') })
	if errors.Is(err, errInterrupted) {
		return errors.New("interrupted: nothing is changed")
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	}
	return errors.New("not agreed: nothing is changed")
}
