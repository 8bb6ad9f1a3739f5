package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
)

// A gitFolder is a folder in a commit, read from git's own store: nothing is checked
// out. A folder is listed when somebody looks into it. One process of git's hands over
// all files, until Close. Symbolic links are not followed, and a submodule is not looked
// into: errors say so.
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
	_ fs.FileInfo   = gitEntry{}
)

// A gitEntry is what a tree has under a name.
type gitEntry struct {
	name, mode, kind, id string // kind: blob, tree, commit
	size                 int64  // of a file that was read, else 0: a tree does not say
}

func (e gitEntry) Name() string       { return e.name }
func (e gitEntry) Size() int64        { return e.size }
func (e gitEntry) ModTime() time.Time { return time.Time{} }
func (e gitEntry) IsDir() bool        { return e.Mode().IsDir() }
func (e gitEntry) Sys() any           { return nil }

func (e gitEntry) Mode() fs.FileMode {
	switch {
	case e.mode == "120000":
		return fs.ModeSymlink | 0o777
	case e.kind != "blob": // a submodule is a folder for whoever only looks
		return fs.ModeDir | 0o755
	}
	return 0o644
}

// what says what an entry is, for an error.
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

// folder is the repository's folder in a commit, nil where it was not there. Whoever asks
// closes it.
func (r repository) folder(ctx context.Context, commit, ref string) (*gitFolder, error) {
	f := &gitFolder{ctx: ctx, repository: r, ref: ref, root: commit + "^{tree}", listed: map[string][]gitEntry{}}
	if r.prefix == "" {
		return f, nil
	}
	prefix := strings.TrimSuffix(r.prefix, "/")
	e, err := f.find(prefix)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	case e.kind != "tree":
		return nil, fmt.Errorf("%s is no folder there, but %s", prefix, e.what())
	}
	f.root = e.id
	return f, nil
}

// fail is the error of an operation on a path.
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

// parseTree reads what git ls-tree -z prints. The entries are sorted by name.
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
		entries = append(entries, gitEntry{name: name, mode: fields[0], kind: fields[1], id: fields[2]})
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
		i := slices.IndexFunc(entries, func(e gitEntry) bool { return e.name == part })
		if i < 0 {
			return at, f.fail("open", way, fs.ErrNotExist)
		}
		at = entries[i]
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
		return &gitOpenFolder{gitOpen{e}, entries}, err
	}
	text, err := f.read(name, e)
	e.size = int64(len(text))
	return &gitOpenFile{gitOpen{e}, bytes.NewReader(text)}, err
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
		out = append(out, gitDirEntry{e, f, path.Join(name, e.name)})
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

// read is the text of an entry that is a file.
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

// A gitDirEntry is an entry as a list of a folder has it.
type gitDirEntry struct {
	gitEntry
	folder *gitFolder
	path   string
}

func (e gitDirEntry) Type() fs.FileMode { return e.Mode().Type() }

// Info reads a file, for its size.
func (e gitDirEntry) Info() (fs.FileInfo, error) {
	if !e.Mode().IsRegular() {
		return e.gitEntry, nil
	}
	return fs.Stat(e.folder, e.path)
}

// A gitOpen is what is open: nothing of it is left to be read from git.
type gitOpen struct{ entry gitEntry }

func (o gitOpen) Stat() (fs.FileInfo, error) { return o.entry, nil }
func (o gitOpen) Close() error               { return nil }

// A gitOpenFile is a file that was read as a whole.
type gitOpenFile struct {
	gitOpen
	*bytes.Reader
}

// A gitOpenFolder is a folder that was listed as a whole.
type gitOpenFolder struct {
	gitOpen
	rest []fs.DirEntry
}

func (f *gitOpenFolder) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: f.entry.name, Err: errors.New("it is a folder")}
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
