package rows

import (
	"bytes"
	"encoding/json"
	"math/big"
	"regexp"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/dialect"
)

// A form gives the values of a column that mean the same one text. Nil leaves
// them as they are.
type form func(Value) Value

// formOf is the form in which two columns of one name are compared, which may
// have different types: an id that was integer and is bigint has the same
// values, one that was text and is numeric too.
func formOf(d dialect.Dialect, was, is Column) form {
	before, after := was.Type, is.Type
	a, b := classOf(before), classOf(after)
	switch {
	case d == dialect.SQLite && before == after:
		return jsonText
	case a == jsonClass || b == jsonClass:
		return jsonDocument
	case before == after && was.Labels != is.Labels:
		return relabelled(was.Labels, is.Labels)
	case before == after:
		return nil
	case a == numberClass || b == numberClass:
		return number
	case a == timeClass || b == timeClass:
		return instant
	case d == dialect.SQLite:
		return number
	}
	return nil
}

type class int

const (
	otherClass class = iota
	numberClass
	timeClass
	jsonClass
)

var (
	numberType = regexp.MustCompile(`(?i)^(small|big|tiny|medium)?int(eger|[248])?\b|^(numeric|decimal|real|double|float|money|bool)`)
	timeType   = regexp.MustCompile(`(?i)^(timestamp|date)`)
)

func classOf(columnType string) class {
	switch {
	case columnType == "json" || columnType == "jsonb":
		return jsonClass
	case strings.HasSuffix(columnType, "[]"):
		return otherClass
	case numberType.MatchString(columnType):
		return numberClass
	case timeType.MatchString(columnType):
		return timeClass
	}
	return otherClass
}

// number is the decimal that a value stands for, without zeros that say
// nothing; true is 1. What is no number stays as it is.
func number(v Value) Value {
	text := v.Text
	switch text {
	case "true", "t":
		text = "1"
	case "false", "f":
		text = "0"
	}
	if r, ok := decimal(text); ok && v.Kind != Null && v.Kind != Blob {
		return Value{Text, r.RatString()}
	}
	if v.Kind == Null || v.Kind == Blob {
		return v
	}
	return Value{Text, v.Text}
}

// plainNumber keeps a value from being expanded into a gigabyte of zeros.
var plainNumber = regexp.MustCompile(`^[-+]?(\d{1,400}(\.\d{0,400})?|\.\d{1,400})([eE][-+]?\d{1,3})?$`)

func decimal(text string) (*big.Rat, bool) {
	text = strings.TrimSpace(text)
	if !plainNumber.MatchString(text) {
		return nil, false
	}
	return new(big.Rat).SetString(text)
}

// instant is a time in UTC as Postgres writes it in these sessions, with or
// without a zone, with or without a time of day.
func instant(v Value) Value {
	if v.Kind != Text {
		return v
	}
	text := strings.TrimSuffix(v.Text, "+00")
	if day.MatchString(text) {
		text += " 00:00:00"
	}
	return Value{Text, text}
}

var day = regexp.MustCompile(`^\d{4,}-\d\d-\d\d$`)

// relabelled takes a label of an enum that was renamed for the one that it was:
// the value behind it is the same. Nil where labels also came or went.
func relabelled(before, after string) form {
	was, is := label.FindAllString(before, -1), label.FindAllString(after, -1)
	if len(was) != len(is) {
		return nil
	}
	old := map[string]string{}
	for i := range is {
		if was[i] == is[i] {
			continue
		}
		if slices.Contains(was, is[i]) || slices.Contains(is, was[i]) {
			return nil
		}
		old[is[i]] = was[i]
	}
	return func(v Value) Value {
		if o, ok := old[dialect.Literal(v.Text)]; ok {
			return Value{v.Kind, o}
		}
		return Value{v.Kind, dialect.Literal(v.Text)}
	}
}

var label = regexp.MustCompile(`'(?:[^']|'')*'`)

// jsonText is a JSON document in one form: keys sorted, no white space, numbers
// by their value. Text that is no object or array stays as it is.
func jsonText(v Value) Value {
	if v.Kind != Text && v.Kind != Blob {
		return v
	}
	if text := strings.TrimLeft(v.Text, " \t\r\n"); text == "" || text[0] != '{' && text[0] != '[' {
		return v
	}
	return jsonDocument(v)
}

// jsonDocument does so with whatever is JSON, as a lone number.
func jsonDocument(v Value) Value {
	decoder := json.NewDecoder(strings.NewReader(v.Text))
	decoder.UseNumber()
	var document any
	if err := decoder.Decode(&document); err != nil || decoder.More() {
		return v
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(sameNumbers(document)); err != nil {
		return v
	}
	return Value{v.Kind, strings.TrimSuffix(out.String(), "\n")}
}

// sameNumbers writes the numbers of a document in one form.
func sameNumbers(document any) any {
	switch d := document.(type) {
	case json.Number:
		if r, ok := decimal(d.String()); ok {
			return json.RawMessage(`"` + "#" + r.RatString() + `"`)
		}
	case []any:
		for i := range d {
			d[i] = sameNumbers(d[i])
		}
	case map[string]any:
		for k := range d {
			d[k] = sameNumbers(d[k])
		}
	}
	return document
}

// narrowed reports whether after is what is left of before in a type that holds
// less: the beginning of a text, a number with fewer decimals.
func narrowed(before, after Value) bool {
	if before.Kind == Null || after.Kind == Null {
		return false
	}
	a, okA := decimal(before.Text)
	b, okB := decimal(after.Text)
	if okA && okB {
		places := 0
		if _, fraction, ok := strings.Cut(after.Text, "."); ok {
			places = len(fraction)
		}
		return a.Cmp(b) != 0 && (rounded(a, places).Cmp(b) == 0 || cut(a, places).Cmp(b) == 0)
	}
	return len(after.Text) < len(before.Text) && strings.HasPrefix(before.Text, strings.TrimRight(after.Text, " ")) && after.Text != ""
}

func rounded(r *big.Rat, places int) *big.Rat {
	out, _ := new(big.Rat).SetString(r.FloatString(places))
	return out
}

// cut leaves the rest of the decimals out, as a cast in SQLite does.
func cut(r *big.Rat, places int) *big.Rat {
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(places)), nil)
	scaled := new(big.Rat).Mul(r, new(big.Rat).SetInt(scale))
	whole := new(big.Int).Quo(scaled.Num(), scaled.Denom())
	return new(big.Rat).SetFrac(whole, scale)
}
