package generate

import (
	"encoding/json"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/internal/sqltext"
	"github.com/handrail-db/handrail/verify/rows"
	"github.com/handrail-db/handrail/verify/schema"
)

// TextValue and numberValue are values as people write them.
func TextValue(text string) rows.Value { return rows.Value{Kind: rows.Text, Text: text} }

func NumberValue(text string) rows.Value {
	kind := rows.Integer
	if strings.ContainsAny(text, ".eE") {
		kind = rows.Real
	}
	return rows.Value{Kind: kind, Text: text}
}

// another is a value like v: of the same form and length, and for each n another
// one where the form allows it.
func another(v rows.Value, c rows.Column, n int) rows.Value {
	kind := strings.ToLower(c.Type)
	switch {
	case v.Kind == rows.Null || c.Labels != "" || kind == "boolean" || strings.HasSuffix(kind, "[]"):
		return v
	case v.Kind == rows.Blob && len(v.Text) > 0:
		last := v.Text[len(v.Text)-1]
		return rows.Value{Kind: rows.Blob, Text: v.Text[:len(v.Text)-1] + string([]byte{last + byte(n)})}
	case v.Kind == rows.Integer || v.Kind == rows.Real || Numeric(kind):
		if r, ok := new(big.Rat).SetString(v.Text); ok && len(v.Text) < 60 {
			r.Add(r, new(big.Rat).SetInt64(int64(n)))
			if places := decimals(v.Text); r.IsInt() && places == 0 {
				return rows.Value{Kind: v.Kind, Text: r.Num().String()}
			} else {
				return rows.Value{Kind: v.Kind, Text: r.FloatString(places)}
			}
		}
		return v
	case strings.HasPrefix(kind, "timestamp") || kind == "date":
		return rows.Value{Kind: v.Kind, Text: laterThan(v.Text, n)}
	}
	if document, ok := anotherDocument(v.Text, n, strings.HasPrefix(kind, "json")); ok {
		return rows.Value{Kind: v.Kind, Text: document}
	}
	return rows.Value{Kind: v.Kind, Text: anotherText(v.Text, n)}
}

func Numeric(kind string) bool {
	return numericType.MatchString(kind) && !strings.HasSuffix(kind, "[]")
}

var numericType = regexp.MustCompile(`^((small|big)?(int(eger|[248])?|serial)|numeric|decimal|real|double|float[0-9]*)\b`)

func decimals(number string) int {
	if _, fraction, ok := strings.Cut(number, "."); ok {
		return len(fraction)
	}
	return 0
}

// laterThan is a time of Postgres n minutes later, a date n days later.
func laterThan(text string, n int) string {
	for _, layout := range []string{"2006-01-02 15:04:05.999999-07", "2006-01-02 15:04:05.999999"} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.Add(time.Duration(n) * time.Minute).Format(layout)
		}
	}
	if at, err := time.Parse(time.DateOnly, text); err == nil {
		return at.AddDate(0, 0, n).Format(time.DateOnly)
	}
	return anotherText(text, n)
}

// anotherDocument changes a document of JSON: it adds to an object or a list. All
// else is changed only where the column holds nothing but JSON.
func anotherDocument(text string, n int, always bool) (string, bool) {
	trimmed := strings.TrimSpace(text)
	if !json.Valid([]byte(trimmed)) || trimmed == "" {
		return "", false
	}
	inner := strings.TrimSpace(trimmed[1:max(1, len(trimmed)-1)])
	comma := ""
	if inner != "" {
		comma = ", "
	}
	switch {
	case trimmed[0] == '{':
		return fmt.Sprintf(`{"handrail": %d%s%s}`, n, comma, inner), true
	case trimmed[0] == '[':
		return fmt.Sprintf("[%d%s%s]", n, comma, inner), true
	}
	return strconv.Itoa(n), always
}

// lastDigits is where a text counts, as far at the end as possible.
var lastDigits = regexp.MustCompile(`[0-9]{1,9}[^0-9]*$`)

// anotherText counts on in the last digits of a text or, where it has none,
// changes its last letter. The length stays.
func anotherText(text string, n int) string {
	if at := lastDigits.FindStringIndex(text); at != nil {
		end := at[0]
		for end < len(text) && sqltext.IsDigit(text[end]) {
			end++
		}
		number, _ := strconv.Atoi(text[at[0]:end])
		size := 1
		for range end - at[0] {
			size *= 10
		}
		return text[:at[0]] + fmt.Sprintf("%0*d", end-at[0], (number+n)%size) + text[end:]
	}
	for i := len(text) - 1; i >= 0; i-- {
		for _, first := range []byte{'a', 'A'} {
			if c := text[i]; first <= c && c < first+26 {
				return text[:i] + string([]byte{first + (c-first+byte(n%26))%26}) + text[i+1:]
			}
		}
	}
	if text == "" {
		return strconv.Itoa(n)
	}
	return text
}

// typeValues are values for a column, by the beginning of its type.
var typeValues = []struct {
	types  *regexp.Regexp
	values []string
}{
	{numericType, []string{"1", "0", "2", "10", "100", "-1"}},
	{regexp.MustCompile(`^bool`), []string{"1", "0"}},
	{regexp.MustCompile(`^money`), []string{"1"}},
	{regexp.MustCompile(`^(timestamp|datetime)`), []string{"2024-02-29 12:00:00", "2024-02-29T12:00:00.000000Z"}},
	{regexp.MustCompile(`^date`), []string{"2024-02-29"}},
	{regexp.MustCompile(`^time`), []string{"12:00:00"}},
	{regexp.MustCompile(`^interval`), []string{"1 day"}},
	{regexp.MustCompile(`^uuid`), []string{"00000000-0000-4000-8000-000000000001"}},
	{regexp.MustCompile(`^json`), []string{`{}`, `[]`}},
	{regexp.MustCompile(`^bytea`), []string{`\x01`}},
	{regexp.MustCompile(`^(inet|cidr)`), []string{"10.0.0.1"}},
	{regexp.MustCompile(`^macaddr`), []string{"08:00:2b:01:02:03"}},
	{regexp.MustCompile(`range$`), []string{"empty"}},
	{regexp.MustCompile(`\[\]$`), []string{"{}"}},
	{regexp.MustCompile(`^(point|box|path|polygon|lseg)`), []string{"(0,0)", "(0,0),(1,1)"}},
	{regexp.MustCompile(`^bit`), []string{"1", "0"}},
	{regexp.MustCompile(`^xml`), []string{"<a/>"}},
}

// plainTexts are values for a column of text.
var plainTexts = []string{
	"a1", "1", "handrail", "2024-02-29T12:00:00.000000Z", "2024-02-29 12:00:00", "2024-02-29", "{}", "handrail@example.org", "https://example.org/1", "00000000-0000-4000-8000-000000000001", "",
}

// suggestions are values that a column may take, the likely ones first: labels
// of its enum, what its checks speak of, what goes with its type.
func suggestions(d dialect.Dialect, c rows.Column, checks []schema.Object) []rows.Value {
	var all []rows.Value
	for _, label := range enumLabel.FindAllString(c.Labels, -1) {
		all = append(all, TextValue(strings.ReplaceAll(strings.Trim(label, "'"), "''", "'")))
	}
	kind := strings.ToLower(c.Type)
	of := func(text string) rows.Value {
		if Numeric(kind) || strings.HasPrefix(kind, "bool") {
			return NumberValue(text)
		}
		return TextValue(text)
	}
	for _, check := range checks {
		if speaksOf(check, c.Name) {
			for _, v := range Spoken(d, check) {
				if !Numeric(kind) || v.Kind != rows.Text {
					all = append(all, v)
				}
			}
		}
	}
	found := false
	for _, t := range typeValues {
		if t.types.MatchString(kind) && !found && (t.types != numericType || Numeric(kind)) {
			found = true
			for _, text := range t.values {
				all = append(all, of(text))
			}
		}
	}
	if strings.Contains(kind, "blob") {
		all, found = append(all, rows.Value{Kind: rows.Blob, Text: "\x01"}), true
	}
	if !found {
		for _, text := range plainTexts {
			all = append(all, TextValue(text))
		}
		all = append(all, NumberValue("1"))
	}
	return all
}

var enumLabel = regexp.MustCompile(`'(?:[^']|'')*'`)

// speaksOf reports whether a check looks at a column.
func speaksOf(check schema.Object, column string) bool {
	return slices.ContainsFunc(check.Columns, func(name string) bool { return strings.EqualFold(name, column) })
}

// CheckColumns are the columns of a table that a check looks at.
func CheckColumns(t *Table, check schema.Object) []string {
	var columns []string
	for _, c := range t.Columns {
		if speaksOf(check, c.Name) {
			columns = append(columns, c.Name)
		}
	}
	return columns
}

// SaysCheck reports whether an error is the refusal by a check. Both engines say
// its name; of one without a name SQLite says the condition as it was written.
func SaysCheck(refused error, check schema.Object) bool {
	text := refused.Error()
	switch {
	case ErrorCode(refused) == "23514":
		return strings.Contains(text, `constraint "`+check.Name+`"`)
	case !strings.Contains(text, "CHECK constraint failed: "):
		return false
	}
	_, said, _ := strings.Cut(text, "CHECK constraint failed: ")
	said = said[:max(0, strings.LastIndex(said, " ("))]
	plain := func(text string) string {
		return strings.ToLower(strings.Join(strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t\n\r()\"`[]", r) }), ""))
	}
	return said == check.Name || check.Name == check.Prop("definition") && plain(said) == strings.TrimPrefix(plain(check.Name), "check")
}

// Spoken are the values that a check speaks of: its texts and numbers, those next
// to them, and texts of the lengths that it measures.
func Spoken(d dialect.Dialect, check schema.Object) []rows.Value {
	var all []rows.Value
	add := func(v rows.Value) {
		if !slices.Contains(all, v) {
			all = append(all, v)
		}
	}
	for _, s := range sqltext.Parse(d, check.Prop("definition")).Statements {
		measures := slices.ContainsFunc(s.Tokens, func(l sqltext.Token) bool { return strings.HasSuffix(l.Text, "length") })
		for i, token := range s.Tokens {
			if token.Kind != sqltext.Literal {
				continue
			}
			if strings.HasPrefix(token.Text, "'") {
				text := strings.ReplaceAll(strings.TrimSuffix(strings.TrimPrefix(token.Text, "'"), "'"), "''", "'")
				add(TextValue(text))
				if pattern := instanceOf(text); pattern != text {
					add(TextValue(pattern))
				}
				continue
			}
			number, err := strconv.ParseInt(token.Text, 10, 64)
			if err != nil {
				if _, ok := new(big.Rat).SetString(token.Text); ok {
					add(NumberValue(token.Text))
				}
				continue
			}
			if i > 0 && s.Tokens[i-1].Text == "-" {
				number = -number
			}
			if i > 1 && s.Tokens[i-1].Text == "(" && s.Tokens[i-2].Is("char") && number < 0x110000 {
				add(TextValue("a" + string(rune(number)) + "b"))
				continue
			}
			for _, near := range []int64{number, number + 1, number - 1} {
				if measures && near >= 0 && near <= longestText {
					add(TextValue(strings.Repeat("x", int(near))))
				}
				add(NumberValue(strconv.FormatInt(near, 10)))
			}
		}
	}
	return all
}

// longestText is how long a text is made to meet a limit.
const longestText = 1 << 16

// instanceOf is a text that a pattern of GLOB or LIKE matches.
func instanceOf(pattern string) string {
	var b strings.Builder
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; c {
		case '*', '%':
		case '?', '_':
			b.WriteByte('0')
		case '[':
			end := strings.IndexByte(pattern[i:], ']')
			if end < 2 {
				b.WriteByte(c)
				continue
			}
			set := pattern[i+1 : i+end]
			if set[0] == '^' {
				b.WriteByte('!')
			} else {
				b.WriteByte(set[0])
			}
			i += end
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
