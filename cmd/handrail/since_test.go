package main

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/verify/history"
)

// gitIn runs git in a folder, with nobody's configuration.
func gitIn(t *testing.T, dir string, args ...string) {
	t.Helper()
	c := exec.Command("git", args...)
	c.Dir = dir
	c.Env = withEnv(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.org",
		"GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.org")
	out, err := c.CombinedOutput()
	require.NoError(t, err, "git %v: %s", args, out)
}

// TestGitFolder: a folder in a commit is a file system like any other, whatever the
// names in it, and what cannot be read says what it is.
func TestGitFolder(t *testing.T) {
	t.Parallel()
	needsGit(t)
	dir := t.TempDir()
	want := map[string]string{
		"down deep/postgres/0001_a.up.sql": "SELECT 1", "down deep/postgres/0001_ä ö^{tree}.down.sql": "", "down deep/x.sql": "SELECT '\r\n'",
		"down deep/postgres.sql": "between two that git sorts otherwise", "down deep/big.sql": string(make([]byte, 1<<20)), "outside.sql": "",
	}
	for name, text := range want {
		require.NoError(t, os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o777))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666))
	}
	require.NoError(t, os.Symlink("x.sql", filepath.Join(dir, "down deep", "link.sql")))
	gitIn(t, dir, "-c", "init.defaultBranch=main", "init", "-q")
	gitIn(t, dir, "add", "-A")
	gitIn(t, dir, "-c", "protocol.file.allow=always", "commit", "-qm", "one")
	gitIn(t, dir, "update-index", "--add", "--cacheinfo", "160000,1234567890123456789012345678901234567890,down deep/module")
	gitIn(t, dir, "commit", "-qm", "two")
	require.NoError(t, os.RemoveAll(filepath.Join(dir, "down deep", "postgres")))

	r, err := repositoryOf(t.Context(), filepath.Join(dir, "down deep"))
	require.NoError(t, err)
	folder, err := r.folder(t.Context(), "main", "main")
	require.NoError(t, err)
	defer func() { require.NoError(t, folder.Close()) }()
	for _, name := range []string{"postgres/0001_a.up.sql", "postgres/0001_ä ö^{tree}.down.sql", "x.sql", "big.sql", "postgres.sql"} {
		text, err := fs.ReadFile(folder, name)
		require.NoError(t, err)
		require.Equal(t, want["down deep/"+name], string(text))
	}
	names, err := fs.Glob(folder, "*")
	require.NoError(t, err)
	require.Equal(t, []string{"big.sql", "link.sql", "module", "postgres", "postgres.sql", "x.sql"}, names)
	sub, err := fs.Sub(folder, "postgres")
	require.NoError(t, err)
	require.NoError(t, fstest.TestFS(sub, "0001_a.up.sql"))

	for name, want := range map[string]string{
		"link.sql":       "read link.sql: in main: it is a symbolic link, which is not followed",
		"module":         "read module: in main: it is a submodule, which has a repository of its own: name the folder inside of it",
		"x.sql/y":        "open x.sql: in main: it is a file",
		"postgres":       "read postgres: in main: it is a folder",
		"nothing":        "open nothing: in main: file does not exist",
		"../outside.sql": "read ../outside.sql: invalid argument",
	} {
		_, err := fs.ReadFile(folder, name)
		require.EqualError(t, err, want)
	}
}

// TestSinceWithoutGit: a machine without git is told so.
func TestSinceWithoutGit(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, _, err := since(t.Context(), history.Subject{Dir: "."}, "main")
	require.EqualError(t, err, "--since main: it takes git, which is not on the PATH")
}

// TestSinceInAHook: a hook of git's runs with the paths of its own repository, or of
// another, and the folder says which one counts.
func TestSinceInAHook(t *testing.T) {
	needsGit(t)
	dir := t.TempDir()
	gitIn(t, dir, "-c", "init.defaultBranch=main", "init", "-q")
	gitIn(t, dir, "commit", "-qm", "one", "--allow-empty")
	t.Setenv("GIT_DIR", "nowhere")
	t.Setenv("GIT_INDEX_FILE", "nowhere")
	earlier, closed, err := since(t.Context(), history.Subject{Dir: dir}, "main")
	require.NoError(t, err)
	require.NoError(t, closed())
	require.Equal(t, "main", earlier.Ref)
}

// needsGit skips a test where there is no git, which CI must have.
func needsGit(t *testing.T) {
	t.Helper()
	_, err := exec.LookPath("git")
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatal(err)
	}
	if err != nil {
		t.Skipf("looked for git on the PATH: %v", err)
	}
}
