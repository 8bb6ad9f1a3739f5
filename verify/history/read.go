package history

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"unicode/utf8"
)

// MaxFileSize is how many bytes a file may have that is read from a folder of
// revisions.
const MaxFileSize = 64 << 20

// errNoPlainFile is the error of what is no file that could be read to its end, or
// is too big.
var errNoPlainFile = errors.New("only plain files are read, and links to them within the folder")

// readPlain reads a plain file, or one that a link names. It opens nothing else: a pipe
// would wait for somebody to write into it, and a device may have no end.
func readPlain(folder fs.FS, name string) ([]byte, error) {
	info, err := fs.Stat(folder, name)
	if err != nil {
		return nil, unreadable(folder, name, err)
	}
	if mode := info.Mode(); !mode.IsRegular() {
		return nil, fmt.Errorf("%s: it is %s: %w", name, kindOf(mode), errNoPlainFile)
	}
	f, err := folder.Open(name)
	if err != nil {
		return nil, unreadable(folder, name, err)
	}
	text, err := io.ReadAll(io.LimitReader(f, MaxFileSize+1))
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, unreadable(folder, name, err)
	}
	if len(text) > MaxFileSize {
		return nil, fmt.Errorf("%s: it has more than %d MB, which is the most that a file may have: %w", name, MaxFileSize>>20, errNoPlainFile)
	}
	return text, nil
}

// unreadable is why a file cannot be read. A link that leads out of a folder which
// nothing leaves is not there for whoever follows it.
func unreadable(folder fs.FS, name string, err error) error {
	reason := err
	if failed := new(fs.PathError); errors.As(err, &failed) {
		reason = failed.Err
	}
	info, e := fs.Lstat(folder, name)
	if e == nil && info.Mode().Type() == fs.ModeSymlink && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: a link that does not end in a file within the folder: %w", name, reason)
	}
	return &fs.PathError{Op: "open", Path: name, Err: reason}
}

// kindOf is what a file is that is no plain one.
func kindOf(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "a folder"
	case mode&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	case mode&fs.ModeDevice != 0:
		return "a device"
	}
	return "no plain file"
}

// readSQL reads a file, which must be UTF-8 without a NUL.
func readSQL(folder fs.FS, name string) (*File, error) {
	text, err := readPlain(folder, name)
	if err != nil {
		return nil, err
	}
	if !utf8.Valid(text) {
		return nil, fmt.Errorf("%s: %w", name, notUTF8(text))
	}
	if err := NULByte(string(text)); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return &File{Name: name, SQL: string(text)}, nil
}

// notUTF8 says where a text is not UTF-8.
func notUTF8(text []byte) error {
	if bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff")) {
		return errors.New("it is UTF-16, which no database takes for SQL: write it as UTF-8")
	}
	at := 0
	for at < len(text) {
		r, size := utf8.DecodeRune(text[at:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		at += size
	}
	return fmt.Errorf("line %d is not valid UTF-8: byte 0x%02x at offset %d", 1+bytes.Count(text[:at], []byte("\n")), text[at], at)
}

// NULByte says where SQL has a NUL. SQLite takes it for the end of a file, and says
// nothing of what stands behind it; Postgres refuses it.
func NULByte(text string) error {
	at := strings.IndexByte(text, 0)
	if at < 0 {
		return nil
	}
	return fmt.Errorf("line %d has a NUL byte, at offset %d: SQLite runs nothing of what stands behind it, and Postgres refuses it; is it UTF-16? Write it as UTF-8", 1+strings.Count(text[:at], "\n"), at)
}
