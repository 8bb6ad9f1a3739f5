package main

import (
	"fmt"
	"os"
	"os/user"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/verify/history"
	"github.com/handrail-db/handrail/verify/move"
	"github.com/handrail-db/handrail/verify/secret"
)

// targetVariable names the database that up, down, goto and force change, where
// the project does not name a variable of its own.
const targetVariable = "HANDRAIL_TARGET_URL"

func urlFlag(c *cobra.Command, url *string) {
	c.Flags().StringVar(url, "url", "", "`URL` of the database: postgres://… or sqlite://FILE (default $"+targetVariable+", or\nthe variable that the project names: [target] env in handrail.toml)")
}

// newMove is a move of the database at a URL, or at that of the environment where the URL
// is empty, by the folder that the arguments name.
func newMove(args []string, url string) (move.Move, error) {
	if url == "" {
		var err error
		if url, err = targetURL(args); err != nil {
			return move.Move{}, err
		}
	}
	target, err := fixtures.ParseTarget(url)
	if err != nil {
		return move.Move{}, err
	}
	s, err := load(args, target.Dialect)
	if err != nil {
		return move.Move{}, err
	}
	return move.Move{Name: target.Name, URL: target.URL, Who: who(), Subject: s, Dialect: target.Dialect, Target: target}, nil
}

// targetURL is the URL that the environment has for a folder. One variable counts: where
// the project names its own, [targetVariable] is not read, so that a URL for another
// project does not reach this one.
func targetURL(args []string) (string, error) {
	dir, err := folder(args)
	if err != nil {
		return "", err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return "", err
	}
	defer root.Close() //nolint:errcheck // only read
	name, err := history.TargetEnv(root.FS())
	if err != nil {
		return "", fmt.Errorf("%s: %w", dir, err)
	}
	if name == "" {
		name = targetVariable
	}
	url := os.Getenv(name)
	secret.Learn(url)
	switch {
	case url != "":
		return url, nil
	case name != targetVariable && os.Getenv(targetVariable) != "":
		return "", fmt.Errorf("which database? say --url, or set %s, which %s names; %s is not read here", name, filepath.Join(dir, history.ConfigFile), targetVariable)
	}
	return "", fmt.Errorf("which database? say --url, or set %s", name)
}

// who names the user and the machine.
func who() string {
	name := os.Getenv("USER")
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	host, err := os.Hostname()
	if err != nil {
		return name
	}
	return name + "@" + host
}

// waiting is what says on standard error that a command waits, and for whom: once,
// however often it is called.
func waiting(c *cobra.Command, name string) func(string) {
	told := false
	return func(mover string) {
		if told {
			return
		}
		told = true
		fmt.Fprintf(c.ErrOrStderr(), "%s: waiting for a migration that runs there (%s)\n", name, mover)
	}
}
