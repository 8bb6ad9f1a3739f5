package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

const twoRevisions = `
-- sqlite/0001_author.up.sql --
CREATE TABLE author (id INTEGER PRIMARY KEY);
-- sqlite/0001_author.down.sql --
DROP TABLE author;
-- sqlite/0002_a_name_that_goes_beyond_the_end_of_a_line_of_the_terminal.up.sql --
CREATE TABLE book (id INTEGER PRIMARY KEY);
-- sqlite/0002_a_name_that_goes_beyond_the_end_of_a_line_of_the_terminal.down.sql --
DROP TABLE book;
`

// TestTerminal runs a check at a real terminal, narrow and wide: there is a line
// of progress, nothing of it is left, and the report keeps to the width.
func TestTerminal(t *testing.T) {
	t.Parallel()
	for _, width := range []int{40, 200} {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			t.Parallel()
			master, slave := terminal(t, width)
			c := newChild(t, unpack(t, twoRevisions), nil, "check", "--engine", "sqlite-memory", ".")
			c.cmd.Stdout, c.cmd.Stderr = slave, slave
			c.start(t)
			require.NoError(t, slave.Close())
			seen, _ := io.ReadAll(master) // ends with an error when the other side is gone
			require.Equal(t, statusOK, c.wait(t), "%s", seen)

			for _, shown := range []string{"sqlite-memory: looking for it", "sqlite-memory: 1/2 0001_author down", "sqlite-memory: 2/2 0002_a_name", "sqlite-memory: 2/2, from head to base", "sqlite-memory: 2/2, from base to head"} {
				require.Contains(t, string(seen), "\r"+shown[:min(len(shown), width-2)], "progress")
			}
			left := screen(colour.ReplaceAllString(string(seen), "")) // which takes no cell
			require.NotContains(t, left, "looking for it")
			require.NotContains(t, left, "2/2")
			require.Contains(t, left, "verified on 1 of 1")
			for line := range strings.SplitSeq(left, "\n") {
				name := strings.Contains(line, "0002_a_name")
				require.True(t, name || len([]rune(line)) <= width, "%d cells: %q", width, line)
			}
			for piece := range strings.FieldsFuncSeq(string(seen), func(r rune) bool { return r == '\r' || r == '\n' }) {
				progress := strings.Contains(piece, "/2 ")
				require.False(t, progress && len([]rune(piece)) >= width, "%q would not fit into one line", piece)
			}
		})
	}
}

// colour is a code for one.
var colour = regexp.MustCompile("\x1b\\[[0-9;]*m")

// screen is what a terminal shows in the end: a carriage return goes back to the
// beginning of the line, and what comes then is written over what was there.
func screen(text string) string {
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		var cells []rune
		for piece := range strings.SplitSeq(line, "\r") {
			for i, r := range []rune(piece) {
				if i < len(cells) {
					cells[i] = r
				} else {
					cells = append(cells, r)
				}
			}
		}
		lines = append(lines, strings.TrimRight(string(cells), " "))
	}
	return strings.Join(lines, "\n")
}

// terminal opens a pseudo-terminal of a width.
func terminal(t *testing.T, width int) (master, slave *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { _ = master.Close() })
	var locked, number int32
	control(t, master, syscall.TIOCSPTLCK, unsafe.Pointer(&locked))
	control(t, master, syscall.TIOCGPTN, unsafe.Pointer(&number))
	size := [4]uint16{24, uint16(width)}
	control(t, master, syscall.TIOCSWINSZ, unsafe.Pointer(&size))
	slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	require.NoError(t, err)
	return master, slave
}

// control is the ioctl of a terminal.
func control(t *testing.T, f *os.File, request uintptr, argument unsafe.Pointer) {
	t.Helper()
	_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, f.Fd(), request, uintptr(argument))
	require.Zero(t, errno)
}

// TestTerminalAsks answers the question of a way down at a terminal.
func TestTerminalAsks(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]struct {
		status int
		left   string
	}{"n": {statusBroken, "2"}, "": {statusBroken, "2"}, "y": {statusOK, "1"}, "Yes": {statusOK, "1"}} {
		t.Run(answer, func(t *testing.T) {
			t.Parallel()
			db, url := targetOf(t, "sqlite")
			dir := unpack(t, twoRevisions)
			status, _, stderr := command(t, "up", dir, "--url", url)
			require.Equal(t, statusOK, status, stderr)
			master, slave := terminal(t, 200)
			c := newChild(t, dir, nil, "down", ".", "--url", url, "--to", "1")
			c.cmd.Stdin = slave
			_, err := master.WriteString(answer + "\n")
			require.NoError(t, err)
			c.start(t)
			require.Equal(t, want.status, c.wait(t), "%s", &c.stderr)
			require.Contains(t, c.stderr.String(), "Go down to version 1? What the revisions made is gone then, rows included. [y/N] ")
			if want.status != statusOK {
				require.Contains(t, c.stderr.String(), "handrail: not agreed: nothing is changed\n")
			}
			var left string
			require.NoError(t, db.QueryRow("SELECT version FROM schema_migrations").Scan(&left))
			require.Equal(t, want.left, left)
		})
	}
}

// TestColours: colours are for a terminal, and only for one that has nobody against
// them; they move nothing.
func TestColours(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		env      []string
		coloured bool
	}{
		"terminal":                   {[]string{"TERM=xterm", "NO_COLOR="}, true},
		"terminal that says nothing": {[]string{"TERM=", "NO_COLOR="}, true},
		"dumb":                       {[]string{"TERM=dumb", "NO_COLOR="}, false},
		"NO_COLOR":                   {[]string{"TERM=xterm", "NO_COLOR=1"}, false},
		"NO_COLOR, whatever it is":   {[]string{"TERM=xterm", "NO_COLOR=0"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			master, slave := terminal(t, 80)
			child := newChild(t, unpack(t, twoRevisions), c.env, "check", "--engine", "sqlite-memory", ".", "--report", "text", "--report", "text=file")
			child.cmd.Stdout = slave
			child.start(t)
			require.NoError(t, slave.Close())
			seen, _ := io.ReadAll(master) // ends with an error when the other side is gone
			require.Equal(t, statusOK, child.wait(t), "%s", &child.stderr)
			require.Equal(t, c.coloured, strings.Contains(string(seen), "\x1b[32mpass\x1b[0m  0001_author"), "%q", seen)
			if !c.coloured {
				require.NotContains(t, string(seen), "\x1b")
			}
			file, err := os.ReadFile(filepath.Join(child.cmd.Dir, "file"))
			require.NoError(t, err)
			require.NotContains(t, string(file), "\x1b")
		})
	}
}
