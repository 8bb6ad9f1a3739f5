package portable

import (
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/internal/sqltext"
	"github.com/handrail-db/handrail/verify/schema"
)

// Condition is the condition of a check in one form for both dialects: of two
// that have the same, each refuses what the other refuses. It looks through what
// a dialect writes of itself: brackets, casts that change no value, BETWEEN and
// IN, the order of what AND and OR join. It reports false where it meets what it
// does not know, which is no statement about the condition.
//
// LIKE is not the same on both, since SQLite does not tell cases apart there;
// and no form knows whether a function of one name does the same.
func Condition(check schema.Object) (string, bool) {
	tokens, err := sqltext.Canonical(check.Prop("definition"))
	if err != nil {
		return "", false
	}
	r := &conditionReader{Cursor: &sqltext.Cursor{Tokens: tokens}}
	if !r.Accept("check") {
		return "", false
	}
	text, err := r.operand(0)
	// NOT VALID, NO INHERIT say nothing about rows that are written.
	for err == nil && (r.Accept("not", "valid") || r.Accept("no", "inherit")) {
	}
	return text, err == nil && r.End()
}

// A conditionReader reads an expression by the precedence of SQLite. Postgres
// puts brackets around all that it prints, so that its own does not matter.
type conditionReader struct{ *sqltext.Cursor }

var errUnknownForm = errors.New("unknown form")

// binaries are the operators that join two values, weakest first, as they are
// written in the one form.
var binaries = []map[string]string{
	{"or": "or"},
	{"and": "and"},
	{"=": "=", "==": "=", "<>": "<>", "!=": "<>", "~": "~", "glob": "glob", "like": "like", "is": "is", "in": "in", "between": "between", "not": "not"},
	{"<": "<", "<=": "<=", ">": ">", ">=": ">="},
	{"+": "+", "-": "-"},
	{"*": "*", "/": "/", "%": "%"},
	{"||": "||"},
}

func (r *conditionReader) peek() sqltext.Canon {
	if r.End() {
		return sqltext.Canon{}
	}
	return r.Tokens[r.Pos]
}

// operand reads what operators of a level and the stronger ones join.
func (r *conditionReader) operand(level int) (string, error) {
	if level == len(binaries) {
		return r.unary()
	}
	if level == 2 && r.Accept("not") {
		text, err := r.operand(level)
		return "not (" + text + ")", err
	}
	left, err := r.operand(level + 1)
	joined := []string{left}
	for err == nil {
		operator, known := binaries[level][r.peek().Text]
		if t := r.peek(); !known || t.Kind != sqltext.Word && t.Kind != sqltext.Symbol {
			break
		}
		r.Pos++
		switch {
		case operator == "and" || operator == "or":
			var right string
			right, err = r.operand(level + 1)
			joined = append(joined, right)
		case level == 2 && r.Tokens[r.Pos-1].Kind == sqltext.Word || r.At("any") || r.At("all"):
			left, err = r.special(left, operator)
			joined = []string{left}
		default:
			var right string
			right, err = r.operand(level + 1)
			left = "(" + left + " " + operator + " " + right + ")"
			joined = []string{left}
		}
	}
	if len(joined) == 1 {
		return joined[0], err
	}
	return conjoin(joined, level), err
}

// conjoin joins conditions by AND or OR, whatever their order is and however
// they were nested.
func conjoin(joined []string, level int) string {
	operator := " and "
	if level == 0 {
		operator = " or "
	}
	var flat []string
	for _, text := range joined {
		if inner, ok := strings.CutPrefix(text, "{"+operator); ok {
			flat = append(flat, strings.Split(strings.TrimSuffix(inner, operator+"}"), "\x00")...)
		} else {
			flat = append(flat, text)
		}
	}
	slices.Sort(flat)
	return "{" + operator + strings.Join(slices.Compact(flat), "\x00") + operator + "}"
}

// special reads the operators that are words, and comparisons with lists.
func (r *conditionReader) special(left, operator string) (string, error) {
	not := ""
	switch {
	case operator == "not" && r.Accept("null"):
		return "(" + left + " is not null)", nil
	case operator == "not":
		not, operator = "not ", r.Next().Text
	case operator == "is" && r.Accept("not", "null"):
		return "(" + left + " is not null)", nil
	case operator == "is" && r.Accept("null"):
		return "(" + left + " is null)", nil
	case operator == "=" && r.Accept("any"):
		return r.list(left, "in")
	case operator == "<>" && r.Accept("all"):
		return r.list(left, "not in")
	}
	switch operator {
	case "in":
		return r.list(left, not+"in")
	case "between":
		low, err := r.operand(3)
		if err != nil || !r.Accept("and") {
			return "", errUnknownForm
		}
		high, err := r.operand(3)
		if not != "" {
			return conjoin([]string{"(" + left + " < " + low + ")", "(" + left + " > " + high + ")"}, 0), err
		}
		return conjoin([]string{"(" + left + " >= " + low + ")", "(" + left + " <= " + high + ")"}, 1), err
	case "glob", "like":
		right, err := r.operand(3)
		return "(" + left + " " + not + operator + " " + right + ")", err
	}
	return "", errUnknownForm
}

// list reads (a, b), or (ARRAY[a, b]) as Postgres has it, and the order does not
// matter.
func (r *conditionReader) list(left, operator string) (string, error) {
	list := r.Parenthesized()
	for len(list) > 0 && list[0].IsSymbol("(") { // around the array, with a cast behind
		inner := &sqltext.Cursor{Tokens: list}
		list = inner.Parenthesized()
	}
	if len(list) > 0 && list[0].Is("array") {
		// The tokens are SQLite's, to which […] is one name.
		if len(list) < 2 {
			return "", errUnknownForm
		}
		var err error
		if list, err = sqltext.Canonical(list[1].Name); err != nil {
			return "", err
		}
	}
	var values []string
	for _, item := range sqltext.CommaSeparated(list) {
		inner := &conditionReader{&sqltext.Cursor{Tokens: item}}
		value, err := inner.operand(0)
		if err != nil || !inner.End() {
			return "", errUnknownForm
		}
		values = append(values, value)
	}
	if len(values) == 0 {
		return "", errUnknownForm
	}
	slices.Sort(values)
	return "(" + left + " " + operator + " (" + strings.Join(slices.Compact(values), ", ") + "))", nil
}

func (r *conditionReader) unary() (string, error) {
	if t := r.peek(); t.IsSymbol("-") || t.IsSymbol("+") {
		r.Pos++
		text, err := r.unary()
		if number, ok := numberOf(strings.TrimSpace(text)); ok && t.IsSymbol("-") {
			return decimal(new(big.Rat).Neg(number)), err
		}
		return t.Text + text, err
	}
	text, err := r.primary()
	for err == nil && r.Symbol(":") {
		text, err = r.cast(text)
	}
	return text, err
}

// harmlessCasts are types in which a value of another is the same.
var harmlessCasts = sqltext.SetOf("text varchar bpchar numeric bigint")

// cast reads :: and a type. Of a literal it says only what it is.
func (r *conditionReader) cast(text string) (string, error) {
	r.Pos++
	if !r.Symbol(":") {
		return "", errUnknownForm
	}
	r.Pos++
	name := r.Next().Text
	for r.Symbol(".") {
		r.Pos++
		name = r.Next().Text
	}
	switch {
	case name == "character" && r.Accept("varying"):
		name = "varchar"
	case name == "double" && r.Accept("precision"):
		name = "bigint"
	case name == "timestamp" && (r.Accept("with", "time", "zone") || r.Accept("without", "time", "zone")):
	}
	limited := r.Parenthesized() != nil
	if r.peek().Kind == sqltext.Name && r.peek().Name == "" { // []
		r.Pos++
	}
	if number, ok := numberOf(strings.Trim(text, "'")); ok && strings.HasPrefix(text, "'") && numberTypes[name] {
		return decimal(number), nil
	}
	if isLiteral(text) && !limited || harmlessCasts[name] && !limited {
		return text, nil
	}
	return text + "::" + name, nil
}

var numberTypes = sqltext.SetOf("integer smallint bigint numeric real double")

func isLiteral(text string) bool {
	_, number := numberOf(text)
	return number || strings.HasPrefix(text, "'")
}

// numberOf is the number that a literal stands for.
func numberOf(text string) (*big.Rat, bool) {
	if text == "" || len(text) > 60 || strings.ContainsAny(text, "xXeE_/") {
		return nil, false
	}
	return new(big.Rat).SetString(text)
}

// decimal writes a number without zeros that say nothing.
func decimal(number *big.Rat) string {
	if number.IsInt() {
		return number.Num().String()
	}
	return strings.TrimRight(number.FloatString(60), "0")
}

// sameFunctions are those that have other names as well.
var sameFunctions = map[string]string{"char_length": "length", "character_length": "length"}

func (r *conditionReader) primary() (string, error) {
	t := r.peek()
	switch {
	case r.Symbol("("):
		inner := &conditionReader{&sqltext.Cursor{Tokens: r.Parenthesized()}}
		text, err := inner.operand(0)
		if err == nil && !inner.End() {
			err = errUnknownForm
		}
		return text, err
	case t.Kind == sqltext.Literal:
		r.Pos++
		if number, ok := numberOf(t.Text); ok {
			return decimal(number), nil
		}
		return t.Text, nil
	case t.Kind == sqltext.Word && sqltext.Constants[t.Text] || t.Is("current_date"):
		r.Pos++
		return t.Text, nil
	case t.Kind != sqltext.Word && t.Kind != sqltext.Name || t.Is("case") || t.Is("cast") || t.Is("select") || t.Is("exists") || t.Is("not"):
		return "", errUnknownForm
	}
	r.Pos++
	if !r.Symbol("(") {
		return r.column(t)
	}
	var arguments []string
	for _, item := range sqltext.CommaSeparated(r.Parenthesized()) {
		inner := &conditionReader{&sqltext.Cursor{Tokens: item}}
		text, err := inner.operand(0)
		if err != nil || !inner.End() {
			return "", errUnknownForm
		}
		arguments = append(arguments, text)
	}
	name := t.Text
	if same, ok := sameFunctions[name]; ok {
		name = same
	}
	return fmt.Sprintf("%s(%s)", name, strings.Join(arguments, ", ")), nil
}

// column reads a name, of which the table before it is left out.
func (r *conditionReader) column(t sqltext.Canon) (string, error) {
	for r.Symbol(".") {
		r.Pos++
		t = r.Next()
	}
	if t.Kind != sqltext.Word && t.Kind != sqltext.Name || t.Kind == sqltext.Word && sqltext.Keywords[t.Text] && !sqltext.SoftKeywords[t.Text] {
		return "", errUnknownForm
	}
	return sqltext.CanonName(sqltext.Fold(t.Name)), nil
}
