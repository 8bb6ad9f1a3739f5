package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
)

var update = flag.Bool("update", false, "rewrite what the scripts want")

// TestMain is the command itself where a script, or a test, runs it under its
// name.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"handrail": func() {
		if os.Getenv(withoutPostgres) != "" {
			fixtures.Postgres = nowhere{}
		}
		main()
	}})
}

// withoutPostgres is set by scripts that want a machine without Postgres: one
// that has it cannot be made to look as if it had not.
const withoutPostgres = "TEST_WITHOUT_POSTGRES"

// nowhere is Postgres on a machine that has none.
type nowhere struct{}

func (nowhere) Name() string { return "postgres" }

func (nowhere) Dialect() dialect.Dialect { return dialect.Postgres }

func (nowhere) missing() error {
	u := &engine.Unavailable{Engine: "postgres", Tried: []engine.Attempt{
		{What: "first way", Why: "no such thing", Remedy: "get one"},
		{What: "second way", Why: "neither"},
	}}
	if os.Getenv("CI") == "true" {
		u.Required = "CI=true"
	}
	return u
}

func (e nowhere) Server(context.Context) (engine.Server, error) {
	return engine.Server{}, e.missing()
}

func (e nowhere) New(context.Context) (engine.Database, error) { return nil, e.missing() }

func (e nowhere) Clone(context.Context, string, func(context.Context, engine.Database) error) (engine.Database, error) {
	return nil, e.missing()
}

// TestScripts runs every script in testdata/script. The commands that they have
// beside those of testscript are in script_commands_test.go.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               setup,
		Condition:           condition,
		Cmds:                commands,
	})
}

// passedOn is what of the environment the scripts see: what it takes to find
// the same Postgres server as this process, and to run go as it was run. CI, HANDRAIL_WITHOUT and the like are
// the scripts' own to set.
var passedOn = []string{
	"HANDRAIL_POSTGRES", "HANDRAIL_POSTGRES_IMAGE", "HANDRAIL_SCRATCH_URL", "HANDRAIL_IDLE",
	"DOCKER_HOST", "DOCKER_CONFIG", "DOCKER_CONTEXT", "DOCKER_CERT_PATH", "DOCKER_TLS_VERIFY", "XDG_RUNTIME_DIR",
	"TESTCONTAINERS_HOST_OVERRIDE", "TESTCONTAINERS_DOCKER_SOCKET_OVERRIDE", "HOME", "USERPROFILE",
	"GOPATH", "GOCACHE", "GOMODCACHE", "GOFLAGS", "GOPROXY", "GOTOOLCHAIN", "LOCALAPPDATA",
}

// tmpVariable names the folder for temporary files.
func tmpVariable() string {
	if runtime.GOOS == "windows" {
		return "TMP"
	}
	return "TMPDIR"
}

// setup gives a script the environment, with the folder of this repository. Its temporary folder is that of this
// process, in which the processes of one user find each other's servers.
func setup(env *testscript.Env) error {
	env.Values[tbKey{}] = env.T()
	repository, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		return err
	}
	env.Setenv("REPOSITORY", repository)
	env.Setenv("OWN_TMPDIR", env.Getenv(tmpVariable()))
	env.Setenv(tmpVariable(), os.TempDir())
	for _, name := range passedOn {
		if value, ok := os.LookupEnv(name); ok {
			env.Setenv(name, value)
		}
	}
	return nil
}

// condition knows [postgres]: this machine has one. Where it has none and must
// have one, the script fails.
func condition(name string) (bool, error) {
	if name != "postgres" {
		return false, fmt.Errorf("unknown condition %q", name)
	}
	_, err := fixtures.Postgres.Server(context.Background())
	var missing *engine.Unavailable
	if errors.As(err, &missing) && missing.Required == "" {
		return false, nil
	}
	return err == nil, err
}

// withEnv is an environment with some variables set anew.
func withEnv(env []string, set ...string) []string {
	var out []string
	for _, kv := range env {
		name, _, _ := strings.Cut(kv, "=")
		replaced := false
		for _, s := range set {
			replaced = replaced || strings.HasPrefix(s, name+"=")
		}
		if !replaced {
			out = append(out, kv)
		}
	}
	return append(out, set...)
}
