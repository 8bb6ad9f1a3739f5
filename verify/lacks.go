package verify

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/handrail-db/handrail/verify/internal/sqltext"
)

// lackings are the errors by which Postgres says that the SQL needs what this
// server does not have, and what to do about each. The states alone do not tell:
// 0A000 and 55000 have many meanings.
var lackings = []struct {
	states  string
	message *regexp.Regexp
	remedy  string
}{
	{"0A000 58P01", regexp.MustCompile(`extension "[^"]*" is not available|could not open extension control file`), remedyExtension},
	{"22023", regexp.MustCompile(`extension "[^"]*" has no (installation script nor )?update path`), remedyExtension},
	{"42501", regexp.MustCompile(`permission denied to create extension`), "let a superuser create it beforehand, or verify on a server where handrail's user is one"},
	{"", regexp.MustCompile(`shared_preload_libraries`), "verify on a server that loads it at its start: HANDRAIL_SCRATCH_URL, or an image that does, HANDRAIL_POSTGRES_IMAGE"},
	{"58P01 F0000", regexp.MustCompile(`could not (open|access) (file|dictionary file|stop-word file|thesaurus file)`), remedyExtension},
}

const remedyExtension = "verify on a server that has it: HANDRAIL_SCRATCH_URL, or an image that has it, HANDRAIL_POSTGRES_IMAGE"

// lacking is the remedy where an error says that the server lacks something, which
// is no defect of the revision; "" where it says something else.
func lacking(err error) string {
	state := sqlState(err)
	if state == "" {
		return ""
	}
	for _, l := range lackings {
		if (l.states == "" || strings.Contains(l.states, state)) && l.message.MatchString(err.Error()) {
			return l.remedy
		}
	}
	return ""
}

var noSuchRole = regexp.MustCompile(`role "([^"]*)" does not exist`)

// lackingRole is the remedy where an error is about a role that no revision
// creates: the history takes it for granted.
func lackingRole(err error, h History) string {
	state := sqlState(err)
	m := noSuchRole.FindStringSubmatch(err.Error())
	if state != "42704" || m == nil || h.createsRole(m[1]) {
		return ""
	}
	return "no revision creates this role: create it in a file of SQL and name that by --prelude (Subject.Prelude)"
}

// createsRole reports whether a file creates a role, or holds SQL that may, in a
// body that is executed.
func (h History) createsRole(name string) bool {
	for _, r := range h.Revisions {
		for _, file := range []*File{r.Up, r.Down} {
			if file == nil {
				continue
			}
			for _, s := range sqltext.Parse(h.Dialect, file.SQL).Statements {
				role := s.Begins("create", "role") || s.Begins("create", "user") || s.Begins("create", "group")
				if role && len(s.Tokens) > 2 && s.Tokens[2].IsName() && s.Tokens[2].Text == name {
					return true
				}
				for _, token := range s.Tokens {
					body := strings.ToLower(token.Text)
					if token.Kind == sqltext.Literal && strings.Contains(body, "create ") && strings.Contains(body, strings.ToLower(name)) {
						return true
					}
				}
			}
		}
	}
	return false
}

// grantedHint is what to do about an object that is not there and that no
// revision may ever have made.
func grantedHint(err error) string {
	switch sqlState(err) {
	case "42704", "3F000", "42883":
		return "; where the database has it before the first revision, make it by --prelude"
	}
	return ""
}

// wants is the error of a step that needs what the server lacks, with the
// remedy; nil where there is none.
func wants(err error, remedy string) error {
	if remedy == "" {
		return nil
	}
	return fmt.Errorf("the server lacks what the SQL needs: %w; %s", err, remedy)
}
