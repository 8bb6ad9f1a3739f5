package history

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"

	"github.com/handrail-db/handrail/verify/finding"
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

// targetConfig is the table [target] of handrail.toml.
type targetConfig struct {
	Env *string `toml:"env"` // nil: not given
}

var (
	variablePattern = regexp.MustCompile(`^[A-Z_][A-Z0-9_]*$`)
	errNoVariable   = errors.New("target.env: want the name of an environment variable: capital letters, digits and _, with no digit first")
)

// check refuses what is no name of a variable, and does not repeat it: it may be
// the URL itself, with its password. The text is that of handrail.toml.
func (t targetConfig) check(text []byte) error {
	if t.Env == nil || variablePattern.MatchString(*t.Env) {
		return nil
	}
	root, err := parseTOML(text)
	if err != nil {
		return err
	}
	return fmt.Errorf("%s: %w", finding.Place(ConfigFile, root.fields["target"].at["env"]), errNoVariable)
}
