package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/handrail-db/handrail/verify/history"
)

// A gitFolder is a folder in a commit, read from git's own store: nothing is
// checked out. It lists a folder when somebody looks into it, and one process of
// git's hands over all files, until Close. What is in its way it says: symbolic
// links are not followed, and a submodule has a repository of its own.
type gitFolder struct {
	ctx        context.Context
	repository repository
	ref        string // for errors
	root       string // the tree

	mu     sync.Mutex
	listed map[string][]gitEntry // by tree
	reader *gitReader            // nil: nothing was read yet
}

var (
	_ fs.ReadDirFS  = (*gitFolder)(nil)
	_ fs.ReadFileFS = (*gitFolder)(nil)
)

// A gitEntry is what a tree has under a name.
type gitEntry struct {
	name, mode, kind, id string // kind: blob, tree, commit
}

// what says what stands where something else was wanted.
func (e gitEntry) what() string {
	switch {
	case e.mode == "120000":
		return "a symbolic link, which is not followed"
	case e.kind == "commit":
		return "a submodule, which has a repository of its own: name the folder inside of it"
	case e.kind == "tree":
		return "a folder"
	}
	return "a file"
}

func (f *gitFolder) fail(op, name string, err error) error {
	return &fs.PathError{Op: op, Path: name, Err: fmt.Errorf("in %s: %w", f.ref, err)}
}

// list is what a tree holds.
func (f *gitFolder) list(tree string) ([]gitEntry, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if entries, ok := f.listed[tree]; ok {
		return entries, nil
	}
	out, err := f.repository.run(f.ctx, "ls-tree", "-z", "--full-tree", tree)
	if err != nil {
		return nil, err
	}
	entries, err := parseTree(out)
	if err != nil {
		return nil, err
	}
	f.listed[tree] = entries
	return entries, nil
}

// parseTree reads what git ls-tree -z says, sorted by name.
func parseTree(out string) ([]gitEntry, error) {
	var entries []gitEntry
	for line := range strings.SplitSeq(strings.TrimSuffix(out, "\x00"), "\x00") {
		if line == "" {
			continue
		}
		about, name, _ := strings.Cut(line, "\t")
		fields := strings.Fields(about)
		if len(fields) != 3 || name == "" || strings.ContainsRune(name, '/') {
			return nil, fmt.Errorf("git ls-tree: %q", line)
		}
		entries = append(entries, gitEntry{name, fields[0], fields[1], fields[2]})
	}
	slices.SortFunc(entries, func(a, b gitEntry) int { return strings.Compare(a.name, b.name) })
	return entries, nil
}

// find is the entry of a path.
func (f *gitFolder) find(name string) (gitEntry, error) {
	at := gitEntry{name: ".", kind: "tree", id: f.root}
	if name == "." {
		return at, nil
	}
	way := ""
	for part := range strings.SplitSeq(name, "/") {
		if at.kind != "tree" {
			return at, f.fail("open", way, errors.New("it is "+at.what()))
		}
		entries, err := f.list(at.id)
		if err != nil {
			return at, err
		}
		way = path.Join(way, part)
		found := false
		for _, e := range entries {
			if e.name == part {
				at, found = e, true
				break
			}
		}
		if !found {
			return at, f.fail("open", way, fs.ErrNotExist)
		}
	}
	return at, nil
}

// Open opens a file or a folder.
func (f *gitFolder) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	e, err := f.find(name)
	if err != nil {
		return nil, err
	}
	if e.kind == "tree" {
		entries, err := f.ReadDir(name)
		return &gitOpenFolder{gitInfo{e, 0}, entries}, err
	}
	text, err := f.read(name, e)
	return &gitOpenFile{gitInfo{e, int64(len(text))}, bytes.NewReader(text)}, err
}

// ReadDir lists a folder.
func (f *gitFolder) ReadDir(name string) ([]fs.DirEntry, error) {
	e, err := f.find(name)
	switch {
	case err != nil:
		return nil, err
	case e.kind != "tree":
		return nil, f.fail("read", name, errors.New("it is "+e.what()))
	}
	entries, err := f.list(e.id)
	var out []fs.DirEntry
	for _, e := range entries {
		out = append(out, gitDirEntry{f, path.Join(name, e.name), gitInfo{e, 0}})
	}
	return out, err
}

// ReadFile reads a file.
func (f *gitFolder) ReadFile(name string) ([]byte, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "read", Path: name, Err: fs.ErrInvalid}
	}
	e, err := f.find(name)
	if err != nil {
		return nil, err
	}
	return f.read(name, e)
}

func (f *gitFolder) read(name string, e gitEntry) ([]byte, error) {
	if e.kind != "blob" || e.mode == "120000" {
		return nil, f.fail("read", name, errors.New("it is "+e.what()))
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.reader == nil {
		reader, err := newGitReader(f.repository.command(f.ctx, "cat-file", "--batch"))
		if err != nil {
			return nil, f.fail("read", name, err)
		}
		f.reader = reader
	}
	text, err := f.reader.read(e.id)
	if err != nil {
		return nil, f.fail("read", name, err)
	}
	return text, nil
}

// Close ends the process that hands over files.
func (f *gitFolder) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.reader == nil {
		return nil
	}
	err := f.reader.close()
	f.reader = nil
	return err
}

// A gitReader is a running git cat-file --batch.
type gitReader struct {
	command *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
}

func newGitReader(c *exec.Cmd) (*gitReader, error) {
	in, err := c.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.Start(); err != nil {
		return nil, err
	}
	return &gitReader{c, in, bufio.NewReader(out)}, nil
}

// read asks for a blob: the answer is a line with its size, and so many bytes.
func (r *gitReader) read(id string) ([]byte, error) {
	if _, err := io.WriteString(r.in, id+"\n"); err != nil {
		return nil, err
	}
	line, err := r.out.ReadString('\n')
	if err != nil {
		return nil, fmt.Errorf("git cat-file: %w", err)
	}
	fields := strings.Fields(line)
	if len(fields) != 3 {
		return nil, fmt.Errorf("git cat-file: %s", strings.TrimSpace(line))
	}
	size, err := strconv.ParseUint(fields[2], 10, 63)
	if err != nil {
		return nil, fmt.Errorf("git cat-file: %s", strings.TrimSpace(line))
	}
	if size > history.MaxFileSize {
		return nil, fmt.Errorf("it has %d MB, and a file may have %d", size>>20, history.MaxFileSize>>20)
	}
	text := make([]byte, size+1) // a line ends it
	if _, err := io.ReadFull(r.out, text); err != nil {
		return nil, fmt.Errorf("git cat-file: %w", err)
	}
	return text[:size], nil
}

func (r *gitReader) close() error { return errors.Join(r.in.Close(), r.command.Wait()) }

// gitInfo describes an entry.
type gitInfo struct {
	entry gitEntry
	size  int64
}

func (i gitInfo) Name() string       { return i.entry.name }
func (i gitInfo) Size() int64        { return i.size }
func (i gitInfo) ModTime() time.Time { return time.Time{} }
func (i gitInfo) IsDir() bool        { return i.Mode().IsDir() }
func (i gitInfo) Sys() any           { return nil }

func (i gitInfo) Mode() fs.FileMode {
	switch {
	case i.entry.mode == "120000":
		return fs.ModeSymlink | 0o777
	case i.entry.kind != "blob": // a submodule is a folder for whoever only looks
		return fs.ModeDir | 0o755
	}
	return 0o644
}

// A gitDirEntry is an entry of which the size is not known: a list has none.
type gitDirEntry struct {
	folder *gitFolder
	path   string
	about  gitInfo
}

func (e gitDirEntry) Name() string      { return e.about.Name() }
func (e gitDirEntry) IsDir() bool       { return e.about.IsDir() }
func (e gitDirEntry) Type() fs.FileMode { return e.about.Mode().Type() }

func (e gitDirEntry) Info() (fs.FileInfo, error) {
	if !e.about.Mode().IsRegular() {
		return e.about, nil
	}
	return fs.Stat(e.folder, e.path)
}

// A gitOpenFile is a file that was read as a whole.
type gitOpenFile struct {
	info gitInfo
	*bytes.Reader
}

func (f *gitOpenFile) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *gitOpenFile) Close() error               { return nil }

// A gitOpenFolder is a folder that was listed as a whole.
type gitOpenFolder struct {
	info gitInfo
	rest []fs.DirEntry
}

func (f *gitOpenFolder) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *gitOpenFolder) Close() error               { return nil }

func (f *gitOpenFolder) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: f.info.Name(), Err: errors.New("it is a folder")}
}

// ReadDir lists the next n entries, or all that are left.
func (f *gitOpenFolder) ReadDir(n int) ([]fs.DirEntry, error) {
	switch {
	case n <= 0:
		n = len(f.rest)
	case len(f.rest) == 0:
		return nil, io.EOF
	}
	n = min(n, len(f.rest))
	some := f.rest[:n]
	f.rest = f.rest[n:]
	return some, nil
}

// folder is the repository's folder in a commit, nil where it was not there.
func (r repository) folder(ctx context.Context, commit, ref string) (*gitFolder, error) {
	root := &gitFolder{ctx: ctx, repository: r, ref: ref, root: commit + "^{tree}", listed: map[string][]gitEntry{}}
	if r.prefix == "" {
		return root, nil
	}
	e, err := root.find(strings.TrimSuffix(r.prefix, "/"))
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	case e.kind != "tree":
		return nil, fmt.Errorf("%s is no folder there, but %s", strings.TrimSuffix(r.prefix, "/"), e.what())
	}
	return &gitFolder{ctx: ctx, repository: r, ref: ref, root: e.id, listed: root.listed}, nil
}
