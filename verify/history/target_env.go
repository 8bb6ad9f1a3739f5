package history

import (
	"errors"
	"io/fs"
	"regexp"
)

// TargetEnv is the name of the environment variable that holds the URL of the
// database which a project's own moves change: env under [target] in the
// handrail.toml of a folder. "" where the project names none. It reads nothing
// else of the folder: the URL says in which dialect the folder is to be read.
func TargetEnv(folder fs.FS) (string, error) {
	c, err := readConfig(folder)
	if err != nil || c.Target.Env == nil {
		return "", err
	}
	return *c.Target.Env, nil
}

var (
	variablePattern = regexp.MustCompile(`^[A-Z_][A-Z0-9_]*$`)
	errNoVariable   = errors.New("target.env: want the name of an environment variable: capital letters, digits and _, with no digit first")
)
