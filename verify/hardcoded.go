package verify

import (
	"cmp"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
	"github.com/handrail-db/handrail/verify/internal/sqltext"
	"github.com/handrail-db/handrail/verify/secret"
)

// An exposure is a connection string or a password that stands in a file.
type exposure struct {
	line   int
	object finding.ObjectRef // shows no password
	what   string            // in words, as object
	hidden string            // the password itself, which nobody may print; "": there is none
}

// hardcoded finds what no file of a revision should hold, file by file.
func (c *Ledger) hardcoded(r history.Revision) []finding.Finding {
	var findings []finding.Finding
	for _, f := range slices.Concat([]*history.File{r.Up, r.Down, r.Seed}, r.Asserts) {
		if f == nil {
			continue
		}
		for _, s := range secrets(f.SQL, f.Script(c.dialect), c.dialect) {
			begin := c.finding(finding.HardcodedURL, r, finding.Up)
			if f == r.Down {
				begin.Direction = finding.Down
			}
			begin.File, begin.Line = c.subject.Place(c.dialect, f, s.line)
			findings = append(findings, c.exposed(begin, r.String()+": ", s))
		}
	}
	return findings
}

// hardcodedConfig finds the same in the configuration.
func (c *Ledger) hardcodedConfig() []finding.Finding {
	var findings []finding.Finding
	found := textSecrets(c.subject.ConfigText)
	for i, line := range strings.Split(c.subject.ConfigText, "\n") {
		if s, ok := conninfo(line); ok {
			s.line = i + 1
			found = append(found, s)
		}
	}
	for _, s := range found {
		begin := finding.Finding{Rule: finding.HardcodedURL, Severity: finding.Error, Engine: c.engine, Server: c.server.String(), File: path.Join(c.subject.Dir, history.ConfigFile), Line: s.line}
		findings = append(findings, c.exposed(begin, "", s))
	}
	return findings
}

// exposed ends a finding about a secret, and remembers what nobody may print.
func (c *Ledger) exposed(f finding.Finding, of string, s exposure) finding.Finding {
	f.Object = &s.object
	f.Message = fmt.Sprintf("%s%s holds %s", of, finding.Place(path.Base(f.File), f.Line), s.what)
	f.Hint = "take it out: the address of a database comes from the environment"
	if s.hidden != "" {
		c.hidden = append(c.hidden, s.hidden)
		f.Hint = "take it out, and change the password, which the history of the repository keeps: addresses come from the environment, and a role gets its password from whoever runs the server"
	}
	return f
}

// secrets are those in the SQL of a file: in its strings and comments, and where
// a statement gives a password.
func secrets(sql string, script sqltext.Script, d dialect.Dialect) []exposure {
	found := textSecrets(sql)
	for _, c := range script.Comments {
		if s, ok := conninfo(c.Text); ok && !sqlWords.MatchString(c.Text) {
			s.line = c.Line
			found = append(found, s)
		}
	}
	for _, s := range script.Statements {
		found = append(found, statementSecrets(d, s)...)
	}
	slices.SortStableFunc(found, func(a, b exposure) int { return cmp.Compare(a.line, b.line) })
	return found
}

var (
	// passwordWord is what is followed by a password: of a role, or an option of a
	// server, as each wrapper calls it.
	passwordWord  = regexp.MustCompile(`(?i)^(ssl)?(password|passwd|pwd|passphrase)$`)
	passwordWords = regexp.MustCompile(`(?i)password|passwd|pwd|passphrase`)
)

// A word that is followed by a literal is never a column.
func statementSecrets(d dialect.Dialect, s sqltext.Statement) []exposure {
	var found []exposure
	for i, token := range s.Tokens {
		if i > 0 && token.Kind == sqltext.Literal && s.Tokens[i-1].IsName() && passwordWord.MatchString(s.Tokens[i-1].Text) && isPassword(token.Value()) {
			of, what := owner(s.Tokens[:i-1]), "a password"
			if of != "" {
				what = "the password of " + of
			}
			found = append(found, exposure{token.Line, finding.ObjectRef{Kind: "password", Name: of}, what, token.Value()})
		}
		if token.Kind != sqltext.Literal || !passwordWords.MatchString(token.Text) {
			continue
		}
		if c, ok := conninfo(token.Value()); ok && keyValues.MatchString(token.Value()) {
			c.line = token.Line
			found = append(found, c)
		}
		for _, inner := range sqltext.Parse(d, token.Value()).Statements { // a body, or what is executed
			for _, s := range statementSecrets(d, inner) {
				s.line += token.Line - 1
				found = append(found, s)
			}
		}
	}
	return found
}

// owner is whose password stands behind these tokens, "" where that is not said.
func owner(before []sqltext.Token) string {
	for i := len(before) - 2; i >= 0; i-- {
		switch {
		case before[i].Text == ";":
			return ""
		case before[i].Is("mapping"):
			return "a user mapping"
		case before[i].Is("server") && before[i+1].IsName():
			return "server " + before[i+1].Text
		case (before[i].Is("role") || before[i].Is("user") || before[i].Is("group")) && before[i+1].IsName() && i > 0 && (before[i-1].Is("create") || before[i-1].Is("alter")):
			return "role " + before[i+1].Text
		}
	}
	return ""
}

// A verifier of SCRAM lets nobody in. A hash of MD5 does: it is all that a client
// needs.
var scram = regexp.MustCompile(`^SCRAM-SHA-256\$\d+:`)

// standIn is what stands where somebody or something is to put a password.
var standIn = regexp.MustCompile(`^(\*+|x+|\.+|…|<.*>|\$.*|%.*|:.*|\{+.*\}+|\[.*\]|\(.*\)|(?i)null|none|pass|password|passwd|pwd|secret|your[-_ ]?password)$`)

func isPassword(text string) bool {
	return text != "" && !scram.MatchString(text) && !strings.HasPrefix(text, "%") && !strings.HasPrefix(text, ":") &&
		!strings.HasPrefix(text, "$") && !strings.HasPrefix(text, "<") && !strings.HasPrefix(text, "{") && strings.Trim(text, "*") != ""
}

var (
	address = regexp.MustCompile(`(?i)\b([a-z][a-z0-9+.-]*)://(?:([^\s/'"@:?#]*)(?::([^\s/'"@]*))?@)?([^\s/'"?#:@,;)>\]]*|\[[0-9a-f:.]*\])(:\d+)?(/[^\s'"?#;)>]*)?(\?[^\s'"#;)>]*)?`)
	// schemes are those of what speaks to a database, or to the like.
	schemes = regexp.MustCompile(`(?i)^(postgres|postgresql|pgx\d?|mysql|mariadb|cockroach|cockroachdb|crdb|crdb-postgres|redshift|sqlserver|mssql|oracle|clickhouse|mongodb|mongodb\+srv|rediss?|amqps?|firebird|cassandra|neo4j|snowflake|yugabyte(db)?|ydb|spanner|libsql)$`)
	pgpass  = regexp.MustCompile(`\b(PGPASSWORD|MYSQL_PWD|POSTGRES_PASSWORD)\s*=\s*("[^"]*"|'[^']*'|[^\s'";]+)`)
	inQuery = regexp.MustCompile(`(?i)[?&](?:ssl)?(?:password|passwd|pwd)=([^&]+)`)
)

// textSecrets are those that can be told wherever they stand.
func textSecrets(text string) []exposure {
	var found []exposure
	n := 0
	for line := range strings.SplitSeq(text, "\n") {
		n++
		if strings.Contains(line, "://") {
			for _, at := range address.FindAllStringIndex(line, -1) {
				if s, ok := addressSecret(line[at[0]:]); ok {
					s.line = n
					found = append(found, s)
				}
			}
		}
		for _, m := range pgpass.FindAllStringSubmatch(line, -1) {
			if password := strings.Trim(m[2], `'"`); isPassword(password) && !standIn.MatchString(password) {
				found = append(found, exposure{n, finding.ObjectRef{Kind: "password", Name: m[1]}, "a password: " + m[1] + "=" + secret.Mask, password})
			}
		}
	}
	return found
}

// addressSecret judges the address that a text begins with.
func addressSecret(text string) (exposure, bool) {
	m := address.FindStringSubmatch(text)
	unescaped := ""
	if m[3] == "" && m[7] == "" {
		if shown, password, ok := unescapedPassword(text); ok {
			m, unescaped = address.FindStringSubmatch(shown), password
		}
	}
	scheme, user, password, host, rest := m[1], m[2], cmp.Or(unescaped, m[3]), m[4], m[5]+m[6]
	if q := inQuery.FindStringSubmatch(m[7]); q != nil && password == "" {
		password = q[1]
	}
	known := schemes.MatchString(scheme)
	given := isPassword(password) && !standIn.MatchString(password)
	switch {
	case host != "" && exampleHost(host):
	case given && (known || m[3] != ""):
		return exposure{0, finding.ObjectRef{Kind: "connection string", Name: host + rest}, fmt.Sprintf("a connection string with a password: %s://%s:%s@%s%s", scheme, user, secret.Mask, host, rest), password}, true
	case known && host != "" && !local(host):
		return exposure{0, finding.ObjectRef{Kind: "connection string", Name: host + rest}, fmt.Sprintf("a connection string: %s://%s%s", scheme, host, rest), ""}, true
	}
	return exposure{}, false
}

// unescapedPassword finds a password that is not escaped as it should be, and may
// work all the same, in the address that a text begins with.
func unescapedPassword(text string) (shown, password string, ok bool) {
	if end := strings.IndexAny(text, " \t'\""); end >= 0 {
		text = text[:end]
	}
	shown = secret.URL(text)
	before, after, ok := strings.Cut(shown, ":"+secret.Mask+"@")
	if !ok || shown == text {
		return "", "", false
	}
	return shown, text[len(before)+1 : len(text)-len(after)-1], true
}

// local is a host that is everybody's own.
func local(host string) bool {
	return slices.Contains([]string{"localhost", "127.0.0.1", "[::1]", "0.0.0.0"}, strings.ToLower(host))
}

// exampleHost reports whether a host is one that is set apart for examples, or
// stands for one.
func exampleHost(host string) bool {
	h := strings.ToLower(host)
	for _, name := range []string{"example", "example.com", "example.org", "example.net", "test", "invalid"} {
		if h == name || strings.HasSuffix(h, "."+name) {
			return true
		}
	}
	return slices.Contains([]string{"host", "hostname", "server", "…", "..."}, h) || strings.ContainsAny(h, "<>{}$%*")
}

var (
	conninfoPassword = regexp.MustCompile(`(?i)(?:^|[\s;,'"(])(?:ssl)?(?:password|passwd|pwd)\s*=\s*('(?:[^'\\]|\\.)*'|"[^"]*"|[^\s'";,)]+)`)
	conninfoRest     = regexp.MustCompile(`(?i)(?:^|[\s;,'"(])(host|hostaddr|server|dbname|database|data source)\s*=\s*([^\s'";,)]+)`)
	conninfoUser     = regexp.MustCompile(`(?i)(?:^|[\s;,'"(])(?:user|user id|uid|username|port|service)\s*=`)
)

var (
	// keyValues is a text that is nothing but pairs, as a connection string is.
	keyValues = regexp.MustCompile(`^\s*(?:[A-Za-z_][\w ]*?\s*=\s*(?:'[^']*'|"[^"]*"|[^\s'";]+)\s*;?\s*)+$`)
	sqlWords  = regexp.MustCompile(`(?i)\b(set|where|select|values|update|and)\b`)
)

// conninfo is a text like host=… dbname=… password=…; a password alone may be
// anything.
func conninfo(text string) (exposure, bool) {
	m := conninfoPassword.FindStringSubmatch(text)
	rest := conninfoRest.FindStringSubmatch(text)
	if m == nil || rest == nil && !conninfoUser.MatchString(text) {
		return exposure{}, false
	}
	password := strings.Trim(m[1], `'"`)
	if standIn.MatchString(password) || !isPassword(password) {
		return exposure{}, false
	}
	at := "a database"
	if rest != nil {
		if exampleHost(rest[2]) {
			return exposure{}, false
		}
		at = rest[1] + "=" + rest[2]
	}
	return exposure{0, finding.ObjectRef{Kind: "connection string", Name: at}, fmt.Sprintf("a connection string with a password: %s password=%s", at, secret.Mask), password}, true
}
