package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"

	"github.com/handrail-db/handrail/verify/history"
)

// A repository is a folder in a repository of git's.
type repository struct {
	git    string // the program
	dir    string // the folder
	prefix string // the folder in the repository, with a slash behind it; "" is the top
}

func repositoryOf(ctx context.Context, dir string) (repository, error) {
	git, err := exec.LookPath("git")
	if err != nil {
		return repository{}, errors.New("it takes git, which is not on the PATH")
	}
	r := repository{git: git, dir: dir}
	out, err := r.run(ctx, "rev-parse", "--is-inside-work-tree", "--show-prefix")
	switch {
	case err != nil && strings.Contains(err.Error(), "not a git repository"):
		return r, fmt.Errorf("%s is in no git repository", dir)
	case err != nil:
		return r, err
	}
	inside, prefix, _ := strings.Cut(out, "\n")
	if inside != "true" {
		return r, fmt.Errorf("%s is in no working tree of git's", dir)
	}
	r.prefix = strings.TrimSuffix(prefix, "\n")
	return r, nil
}

// command is git in the folder, without the variables that name a repository: in a hook
// of git's they name another one, or hold from another folder.
func (r repository) command(ctx context.Context, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, r.git, args...)
	c.Dir = r.dir
	for _, kv := range os.Environ() {
		name, _, _ := strings.Cut(kv, "=")
		if !slices.Contains([]string{"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "PWD"}, name) {
			c.Env = append(c.Env, kv)
		}
	}
	c.Env = append(c.Env, "LC_ALL=C", "GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0")
	return c
}

// A gitError is what git says when it ends with a status other than 0.
type gitError struct {
	args []string
	said string
	err  error
}

func (e *gitError) Error() string {
	said := strings.TrimPrefix(strings.TrimSpace(e.said), "fatal: ")
	if said == "" {
		said = e.err.Error()
	}
	return fmt.Sprintf("git %s: %s", e.args[0], said)
}

func (e *gitError) Unwrap() error { return e.err }

// silent reports whether git has failed without a word, which is how it says no.
func silent(err error) bool {
	var e *gitError
	return errors.As(err, &e) && strings.TrimSpace(e.said) == ""
}

// run is what git prints. The error is a [gitError], or the cause of the context's end.
func (r repository) run(ctx context.Context, args ...string) (string, error) {
	c := r.command(ctx, args...)
	var said strings.Builder
	c.Stderr = &said
	out, err := c.Output()
	switch {
	case ctx.Err() != nil:
		return "", context.Cause(ctx)
	case err != nil:
		return "", &gitError{args, said.String(), err}
	}
	return string(out), nil
}

// commit is the commit that a name stands for, "" where there is none.
func (r repository) commit(ctx context.Context, name string) (string, error) {
	out, err := r.run(ctx, "rev-parse", "--verify", "--quiet", name+"^{commit}")
	if silent(err) {
		return "", nil
	}
	return strings.TrimSpace(out), err
}

// mergeBase is the commit at which HEAD has left a ref.
func (r repository) mergeBase(ctx context.Context, ref string) (string, error) {
	commit, err := r.commit(ctx, ref)
	switch {
	case err != nil:
		return "", err
	case commit == "":
		return "", r.unknown(ctx, ref)
	}
	head, err := r.commit(ctx, "HEAD")
	switch {
	case err != nil:
		return "", err
	case head == "":
		return "", errors.New("HEAD has no commit yet")
	}
	out, err := r.run(ctx, "merge-base", commit, head)
	switch {
	case silent(err) && r.shallow(ctx):
		return "", errors.New("the clone is shallow and does not reach the commit at which HEAD has left it: git fetch --unshallow, or a check-out of the whole history (fetch-depth: 0)")
	case silent(err):
		return "", errors.New("it has no commit in common with HEAD")
	}
	return strings.TrimSpace(out), err
}

// unknown is the error for a name of no commit, with what may help.
func (r repository) unknown(ctx context.Context, ref string) error {
	text := "no such branch, tag or commit in the repository of " + r.dir
	if remote, err := r.commit(ctx, "refs/remotes/origin/"+ref); err == nil && remote != "" {
		return fmt.Errorf("%s; there is origin/%s", text, ref)
	}
	if r.shallow(ctx) {
		text += "; the clone is shallow: git fetch --unshallow, or a check-out of the whole history (fetch-depth: 0)"
	}
	return errors.New(text)
}

// shallow reports whether the clone lacks older commits.
func (r repository) shallow(ctx context.Context) bool {
	out, err := r.run(ctx, "rev-parse", "--is-shallow-repository")
	return err == nil && strings.TrimSpace(out) == "true"
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
