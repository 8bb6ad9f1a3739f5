package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify"
	"github.com/handrail-db/handrail/verify/history"
)

// since is the state that a subject had where HEAD left a commit, a branch or a
// tag: that of their merge base. Close is to be called when it has been read.
func since(ctx context.Context, s history.Subject, ref string) (_ *verify.Since, closed func() error, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("--since %s: %w", shellWord(ref), err)
		}
	}()
	if strings.HasPrefix(ref, "-") {
		return nil, nil, errors.New("the name of a branch, a tag or a commit cannot begin with -")
	}
	r, err := repositoryOf(ctx, filepath.FromSlash(s.Dir))
	if err != nil {
		return nil, nil, err
	}
	base, err := r.mergeBase(ctx, ref)
	if err != nil {
		return nil, nil, err
	}
	folder, err := r.folder(ctx, base, ref)
	if err != nil {
		return nil, nil, err
	}
	if folder == nil { // it was not there
		return &verify.Since{Ref: ref}, func() error { return nil }, nil
	}
	published, err := s.At(folder)
	if err != nil {
		return nil, nil, errors.Join(err, folder.Close())
	}
	return &verify.Since{Ref: ref, Published: published}, folder.Close, nil
}

// shellWord is a word of a command line, in quotes where it needs them.
func shellWord(word string) string {
	if word == "" || strings.ContainsFunc(word, func(r rune) bool { return r <= ' ' || r == '"' || r == 0x7f }) {
		return fmt.Sprintf("%q", word)
	}
	return word
}

// A repository is the one of git's that a folder is in.
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

// command is git in the folder, whatever repository the environment speaks of: a
// hook of git's runs with that of another one, or with a path that holds elsewhere.
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

// silent reports whether git has only said no.
func silent(err error) bool {
	var e *gitError
	return errors.As(err, &e) && strings.TrimSpace(e.said) == ""
}

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

// unknown is the error of a name that stands for no commit, with what may help.
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

func (r repository) shallow(ctx context.Context) bool {
	out, err := r.run(ctx, "rev-parse", "--is-shallow-repository")
	return err == nil && strings.TrimSpace(out) == "true"
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
