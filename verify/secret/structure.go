package secret

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
)

var (
	scheme = regexp.MustCompile(`[A-Za-z][A-Za-z0-9+.-]*://`)
	// databases are the schemes of which a URL says where a database is.
	databases = regexp.MustCompile(`(?i)^(postgres(ql)?|pgx\d*|mysql|mariadb|cockroach(db)?|crdb(-postgres)?|redshift|sqlserver|mssql|oracle|clickhouse|mongodb(\+srv)?|rediss?|amqps?|sqlite3?)://$`)
	// hosts are one or more of HOST:PORT.
	hosts = regexp.MustCompile(`^(\[[^\]]*\]|[^:,@\[\]]*)(:\d*)?(,(\[[^\]]*\]|[^:,@\[\]]*)(:\d*)?)*$`)
	// secretKey is a parameter, or a keyword, that holds a secret.
	secretKey = regexp.MustCompile(`(?i)pass(word|wd|phrase)|pwd|(^|[_.-])(pass|secret|token|credentials?)$|(^|_)auth_pass$|^_?(hex)?(re)?key$|secret_?(access_?)?key`)
	pragmaKey = regexp.MustCompile(`(?i)^\s*(hex)?(re)?key\b`)
)

func hideStructure(text string) string {
	if strings.Contains(text, "://") {
		text = hideURLs(text)
	}
	if secretWord.MatchString(text) {
		text = hidePairs(text)
		text = maskGroup(alone, text)
		text = maskGroup(option, text)
	}
	return text
}

// hideURLs masks the URLs in a text. One within quotes goes on to the last of them
// that can be its own, since a password may have anything in it; else it ends before
// a blank.
func hideURLs(text string) string {
	var b strings.Builder
	for {
		at := scheme.FindStringIndex(text)
		if at == nil {
			b.WriteString(text)
			return b.String()
		}
		body := text[at[1]:]
		if next := scheme.FindStringIndex(body); next != nil && !strings.Contains(body[:next[0]], "=") {
			body = body[:next[0]] // a second URL, and no parameter of this one
		}
		body = body[:extent(text[:at[0]], text[at[0]:at[1]], body)]
		b.WriteString(text[:at[1]])
		b.WriteString(maskURL(text[at[0]:at[1]], body))
		text = text[at[1]+len(body):]
	}
}

// extent is how far a URL goes, given what stands before it.
func extent(before, scheme, body string) int {
	end := len(body)
	if i := strings.IndexAny(body, "\n\r"); i >= 0 {
		end = i
	}
	if before == "" {
		if databases.MatchString(scheme) && strings.Contains(body[:end], "@") {
			return end // a text that begins with such a URL may have blanks in its password
		}
		before = " "
	}
	switch quote := before[len(before)-1]; quote {
	case '"', '\'', '`':
		for i := 0; i < end; i++ {
			switch {
			case body[i] == '\\':
				i++
			case body[i] == quote && i+1 < end && body[i+1] == quote && quote == '\'':
				i++ // SQL writes it twice
			case body[i] == quote:
				return i
			}
		}
		return end
	}
	if i := strings.IndexAny(body[:end], " \t"); i >= 0 {
		return i
	}
	return end
}

// URL is a URL without its passwords, and otherwise as it is written.
func URL(text string) string {
	at := scheme.FindStringIndex(text)
	if at == nil || at[0] > 0 {
		return Hide(text)
	}
	return text[:at[1]] + maskURL(text[:at[1]], text[at[1]:])
}

// maskURL masks what stands behind the scheme of a URL.
func maskURL(scheme, rest string) string {
	split := userEnd(rest)
	if !strings.Contains(rest[:split], ":") { // no password there: it may be in a parameter
		split = max(0, strings.LastIndex(rest[:authorityEnd(rest)], "@"))
	}
	user, tail := rest[:split], rest[split:]
	if name, password, ok := strings.Cut(user, ":"); ok && !placeholder(password) {
		user = name + ":" + Mask
	}
	if split == 0 {
		authority := tail[:authorityEnd(tail)]
		if databases.MatchString(scheme) && !hosts.MatchString(authority) {
			name, _, _ := strings.Cut(tail, ":")
			return name + ":" + Mask // a password without its host
		}
	}
	path, query, ok := strings.Cut(tail, "?")
	if !ok {
		return user + tail
	}
	return user + path + "?" + maskQuery(query)
}

func authorityEnd(rest string) int {
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		return i
	}
	return len(rest)
}

// userEnd is where user and password end: at an @, the last that may be the one.
// Where there is one before the path, one behind it counts only where no URL has it:
// in the path, in the name of a parameter, in the fragment.
func userEnd(rest string) int {
	end := authorityEnd(rest)
	if !strings.Contains(rest[:end], "@") {
		return max(0, strings.LastIndex(rest, "@"))
	}
	last := strings.LastIndex(rest[:end], "@")
	path, query, _ := strings.Cut(rest, "?")
	last = max(last, strings.LastIndex(path, "@"))
	at := len(path) + 1
	for parameter := range strings.SplitSeq(query, "&") {
		key, _, _ := strings.Cut(parameter, "=")
		if i := strings.LastIndex(key, "@"); i >= 0 {
			last = at + i
		}
		at += len(parameter) + 1
	}
	if i := strings.Index(rest, "#"); i >= 0 && strings.Contains(rest[i:], "@") {
		last = max(last, strings.LastIndex(rest, "@"))
	}
	return last
}

// maskQuery masks the parameters that hold a secret. What has no = belongs to the
// one before it, which may have an & in it.
func maskQuery(query string) string {
	var out []string
	masked := false
	for parameter := range strings.SplitSeq(query, "&") {
		key, value, ok := strings.Cut(parameter, "=")
		switch {
		case !ok && masked:
			continue
		case !ok:
			out = append(out, parameter)
			continue
		}
		name := unescape(strings.Trim(key, " "))
		// A # or ? in a value that is not escaped may begin the rest of a password.
		masked = secretKey.MatchString(name) && !strings.EqualFold(name, "passfile")
		if plain := unescape(value); !masked && (strings.Contains(name, "pragma") && pragmaKey.MatchString(plain) || hideStructure(plain) != plain) {
			masked = true
		}
		if masked && !placeholder(value) {
			parameter = key + "=" + Mask
		}
		out = append(out, parameter)
	}
	return strings.Join(out, "&")
}

// placeholder is what stands where somebody is to put a password.
func placeholder(text string) bool {
	return text == "" || text == Mask
}

// unescape takes back %XX where it is one, and leaves the rest.
func unescape(text string) string {
	if plain, err := url.PathUnescape(text); err == nil {
		return plain
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '%' && i+2 < len(text) {
			if plain, err := url.PathUnescape(text[i : i+3]); err == nil {
				b.WriteString(plain)
				i += 2
				continue
			}
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

var (
	secretWord = regexp.MustCompile(`(?i)passw|passphrase|pwd`)
	// secretPair is the keyword of a password and its value.
	secretPair = regexp.MustCompile(`(?i)\b(?:ssl)?(?:password|passwd|pwd|passphrase)\b["']?\s*=\s*(''(?:[^'\\]|\\.)+''|E?'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.)*"|(?:[^\s'";,)\\]|\\.)(?:[^\s";,)\\']|\\.)*)`)
	// company is a keyword that stands beside one where both say how to connect.
	company = regexp.MustCompile(`(?i)(?:^|[\s;,'"({?&])(?:host|hostaddr|server|dbname|database|data source|user|user id|uid|username|port|service|sslmode)\s*=[^=>]`)
	// alone are the names that need no company.
	alone = regexp.MustCompile(`(?i)\b(PGPASSWORD|MYSQL_PWD|POSTGRES_PASSWORD|PGSSLPASSWORD)\s*=\s*('[^']*'|"[^"]*"|[^\s'";]+)`)
	// option is one of a foreign server or a user mapping, as SQL writes it.
	option = regexp.MustCompile(`(?i)\b((?:ssl)?(?:password|passwd|pwd|passphrase))\s+(E?'(?:[^'\\]|\\.|'')*')`)
	code   = regexp.MustCompile(`^[$%:{<]`) // a parameter, or a place for one
)

// near is how far away the company of a password may stand.
const near = 160

// hidePairs masks keyword=value where that is a connection string.
func hidePairs(text string) string {
	matches := secretPair.FindAllStringSubmatchIndex(text, -1)
	for _, m := range slices.Backward(matches) {
		value := text[m[2]:m[3]]
		around := text[max(0, m[0]-near):m[0]] + " " + text[m[1]:min(len(text), m[1]+near)]
		if !code.MatchString(value) && company.MatchString(around) {
			text = text[:m[2]] + quoteLike(value) + text[m[3]:]
		}
	}
	return text
}

// maskGroup masks the second group of each match.
func maskGroup(pattern *regexp.Regexp, text string) string {
	for _, m := range slices.Backward(pattern.FindAllStringSubmatchIndex(text, -1)) {
		if value := text[m[4]:m[5]]; !code.MatchString(strings.Trim(value, `'"`)) && !Trivial(strings.Trim(value, `'"`)) {
			text = text[:m[4]] + quoteLike(value) + text[m[5]:]
		}
	}
	return text
}

// quoteLike is the mask in the quotes of a value.
func quoteLike(value string) string {
	for _, quote := range []string{"''", "E'", "e'", "'", `"`} {
		if strings.HasPrefix(value, quote) {
			return quote + Mask + strings.TrimLeft(quote, "Ee")
		}
	}
	return Mask
}
