package secret

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Learn makes this process know the passwords of a text that is an address of a
// database as a whole, an argument or a variable of the environment for one.
func Learn(text string) { Know(Values(text)...) }

// Values are the passwords of an address of a database, a URL or keywords and values:
// all that some parser, or whoever wrote one without escaping it, would take for one.
// What is a user, a host or a database there too is none that could be hidden.
func Values(text string) []string {
	var found []string
	if _, rest, ok := strings.Cut(text, "//"); ok { // net/url reads a URL without a scheme too
		found = urlValues(rest)
	}
	found = append(found, pairValues(text)...)
	shown := shownNames(text)
	var out []string
	for _, v := range found {
		for _, w := range []string{v, unescape(v), strings.TrimSpace(unescape(v)), strings.ReplaceAll(v, "+", " ")} {
			if !slices.Contains(shown, w) && !slices.Contains(out, w) && !Trivial(w) {
				out = append(out, w)
			}
		}
	}
	return out
}

// shownNames are the user, the hosts and the database of a URL, as it is plain.
func shownNames(text string) []string {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return nil
	}
	names := []string{u.User.Username(), u.Hostname(), strings.TrimPrefix(u.Path, "/")}
	return slices.DeleteFunc(names, func(s string) bool { return s == "" })
}

// urlValues are the candidates behind the scheme of a URL: before each @, and in
// parameters behind each ?.
func urlValues(rest string) []string {
	var found []string
	for i := range len(rest) {
		switch rest[i] {
		case '@':
			if _, password, ok := strings.Cut(rest[:i], ":"); ok && i <= userEnd(rest) {
				found = append(found, password)
			}
		case '?':
			found = append(found, queryValues(rest[i+1:])...)
		}
	}
	return found
}

func queryValues(query string) []string {
	var found []string
	parameters := strings.Split(query, "&")
	for i, parameter := range parameters {
		key, value, _ := strings.Cut(parameter, "=")
		if !secretKey.MatchString(unescape(strings.Trim(key, " "))) {
			continue
		}
		found = append(found, value)
		if before, _, ok := strings.Cut(value, "#"); ok {
			found = append(found, before)
		}
		for _, more := range parameters[i+1:] { // a password with an & in it
			if strings.Contains(more, "=") {
				break
			}
			value += "&" + more
			found = append(found, value)
		}
	}
	return found
}

var (
	keyword = regexp.MustCompile(`(?i)(?:^|[\s;,'"({])(?:ssl)?(?:password|passwd|pwd|passphrase)\s*=\s*`)
	another = regexp.MustCompile(`\s+[A-Za-z_]+\s*=`)
)

// pairValues are the values of keywords: as libpq and pgx read them, in quotes or up
// to a blank, and up to the next keyword.
func pairValues(text string) []string {
	var found []string
	for _, m := range keyword.FindAllStringIndex(text, -1) {
		value := text[m[1]:]
		if quoted, ok := strings.CutPrefix(value, "'"); ok {
			value, _ = token(quoted, "'")
			found = append(found, value)
			continue
		}
		plain, _ := token(value, " \t\n\r\v\f")
		found = append(found, plain)
		if end := another.FindStringIndex(value); end != nil {
			value = value[:end[0]]
		}
		found = append(found, strings.Trim(value, ` '"`), strings.TrimRight(plain, `;,'")}`))
	}
	return found
}

// token is a text up to one of these characters, with what a backslash escapes.
func token(text, ends string) (value, rest string) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\' && i+1 < len(text):
			i++
			b.WriteByte(text[i])
		case strings.IndexByte(ends, text[i]) >= 0:
			return b.String(), text[i:]
		case text[i] != '\\':
			b.WriteByte(text[i])
		}
	}
	return b.String(), ""
}
