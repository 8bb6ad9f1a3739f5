package history

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
)

// Config is the content of handrail.toml.
type Config struct {
	AppendOnly []string         `toml:"append_only"`
	Floor      *int64           `toml:"floor"`
	Assertion  string           `toml:"assertion_timeout"`
	Runner     runnerConfig     `toml:"runner"`
	SQLite     sqliteConfig     `toml:"sqlite"`
	Target     targetConfig     `toml:"target"`
	Naming     Convention       `toml:"naming"`
	Allow      []finding.Waiver `toml:"allow"`

	Text string // that it was read from
}

type runnerConfig struct {
	engine.Options
	StatementTimeout string `toml:"statement_timeout"`
}

type sqliteConfig struct {
	Attach bool `toml:"attach"`
}

// ConfigFile is the file in the folder of the revisions that holds the promises
// that are not about one revision.
const ConfigFile = "handrail.toml"

func LoadConfig(folder fs.FS) (Subject, error) {
	s := Subject{Subfolders: map[dialect.Dialect]string{}}
	c, err := readConfig(folder)
	if err != nil {
		return Subject{}, err
	}
	s.ConfigText = c.Text
	s.Runner, s.AppendOnly, s.Floor, s.Allow = c.Runner.Options, c.AppendOnly, c.Floor, c.Allow
	s.Attach = c.SQLite.Attach
	s.Naming, s.PromisedAt = c.Naming, promisedAt([]byte(c.Text), c.AppendOnly)
	for i := range s.Allow {
		s.Allow[i].File = ConfigFile
	}
	if t := c.Assertion; t != "" {
		if s.AssertionTimeout, err = time.ParseDuration(t); err != nil || s.AssertionTimeout <= 0 {
			return Subject{}, fmt.Errorf("%s: assertion_timeout %q: want a duration above zero, like 5s", ConfigFile, t)
		}
	}
	if t := c.Runner.StatementTimeout; t != "" {
		if s.Runner.StatementTimeout, err = time.ParseDuration(t); err != nil {
			return Subject{}, fmt.Errorf("%s: runner.statement_timeout: %w", ConfigFile, err)
		}
	}
	return s, nil
}

// readConfig reads the handrail.toml of a folder; without one nothing is promised.
func readConfig(folder fs.FS) (Config, error) {
	text, err := readPlain(folder, ConfigFile)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Config{}, nil
	case err != nil:
		return Config{}, err
	}
	return ParseConfig(text)
}

func ParseConfig(text []byte) (Config, error) {
	c := Config{Text: string(text)}
	decoder := toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields()
	if err := decoder.Decode(&c); err != nil {
		return Config{}, configError(err)
	}
	if key, err := c.Naming.Validate(); err != nil {
		return Config{}, fmt.Errorf("%s: %w", finding.Place(ConfigFile, configLine(text, "naming", key)), err)
	}
	return c, errors.Join(c.versions(text), c.Target.check(text))
}

// versions refuses what no revision can have for its version.
func (c Config) versions(text []byte) error {
	if c.Floor != nil && *c.Floor < 0 {
		line := 0
		if root, err := parseTOML(text); err == nil {
			line = root.at["floor"]
		}
		return fmt.Errorf("%s: floor = %d: want a version, and no floor at all where every revision is to be judged", finding.Place(ConfigFile, line), *c.Floor)
	}
	for i, w := range c.Allow {
		if w.Revision != nil && *w.Revision < 0 {
			return fmt.Errorf("%s: revision = %d in [[allow]] number %d: want a version, and no revision at all where every one is meant", ConfigFile, *w.Revision, i+1)
		}
	}
	return nil
}

// configError gives an error of the TOML library the line that it knows.
func configError(err error) error {
	var unknown *toml.StrictMissingError
	if errors.As(err, &unknown) && len(unknown.Errors) > 0 {
		first := unknown.Errors[0]
		row, _ := first.Position()
		return fmt.Errorf("%s:%d: unknown key %q", ConfigFile, row, strings.Join(first.Key(), "."))
	}
	var syntax *toml.DecodeError
	if errors.As(err, &syntax) {
		row, column := syntax.Position()
		return fmt.Errorf("%s:%d:%d: %w", ConfigFile, row, column, err)
	}
	return fmt.Errorf("%s: %w", ConfigFile, err)
}

// promisedAt is the line of handrail.toml at which tables are promised append-only.
func promisedAt(text []byte, tables []string) map[string]int {
	lines := map[string]int{}
	if root, err := parseTOML(text); err == nil {
		for _, table := range tables {
			lines[table] = root.at["append_only"]
		}
	}
	return lines
}
