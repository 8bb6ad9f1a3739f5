package walk

import (
	"regexp"
	"strings"

	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/history"
	"github.com/handrail-db/handrail/verify/internal/sqltext"
)

// lackingRole is the remedy where an error is about a role that no revision
// creates: the history takes it for granted.
func lackingRole(err error, h history.History) string {
	state := engine.SQLState(err)
	m := noSuchRole.FindStringSubmatch(err.Error())
	if state != "42704" || m == nil || createsRole(h, m[1]) {
		return ""
	}
	return "no revision creates this role: create it in a file of SQL and name that by --prelude (Subject.Prelude)"
}

// createsRole reports whether a file creates a role, or holds SQL that may, in a
// body that is executed.
func createsRole(h history.History, name string) bool {
	for _, r := range h.Revisions {
		for _, file := range []*history.File{r.Up, r.Down} {
			if file == nil {
				continue
			}
			for _, s := range file.Script(h.Dialect).Statements {
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

var noSuchRole = regexp.MustCompile(`role "([^"]*)" does not exist`)
