package portable

import (
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/internal/sqltext"
	"github.com/handrail-db/handrail/verify/schema"
)

// The classes of defaults in a [Portable] snapshot. Of two expressions nobody
// knows whether they are the same.
const (
	CurrentTime = "the current time"
	Generated   = "a generated number"
	Expression  = "an expression"

	// Rowid is the number that SQLite gives a column that is the rowid. No
	// such column can be without it.
	Rowid = "the rowid"
)

// preset is what a column holds where nobody says anything, as a class: "" for
// NULL, the value of a constant, or one of the classes. Of two expressions
// nobody knows whether they are the same.
func (l *logical) preset(o schema.Object) string {
	text := o.Prop("default")
	switch {
	case o.Prop("generated") != "":
		return ""
	case o.Prop("identity") != "" || strings.HasPrefix(text, "nextval("):
		return Generated
	case text == "":
		return l.rowid(o)
	}
	tokens, err := sqltext.Canonical(text)
	if err != nil {
		return Expression
	}
	if value, ok := constantOf(tokens); ok {
		return value
	}
	if tellsTime(tokens) {
		return CurrentTime
	}
	return Expression
}

// rowid is the class of SQLite's rowid where the column is its alias.
func (l *logical) rowid(o schema.Object) string {
	if len(l.schemas) > 0 || !strings.EqualFold(o.Prop("type"), "integer") {
		return ""
	}
	for _, key := range l.full.Of(o.Parent, "primary key") {
		if parts := key.Key.Parts; len(parts) == 1 && parts[0].Column == o.Name && !parts[0].Desc {
			return Rowid
		}
	}
	return ""
}

// constantOf is the value of a literal, whatever brackets and casts are around
// it: "" for NULL, a number for a text that is one, 1 for true.
func constantOf(tokens []sqltext.Canon) (string, bool) {
	r := &conditionReader{&sqltext.Cursor{Tokens: tokens}}
	text, err := r.unary()
	if err != nil || !r.End() {
		return "", false
	}
	text, _, _ = strings.Cut(text, "::")
	bare := strings.ReplaceAll(strings.TrimSuffix(strings.TrimPrefix(text, "'"), "'"), "''", "'")
	switch {
	case text == "null":
		return "", true
	case text == "true" || text == "'t'":
		return "1", true
	case text == "false" || text == "'f'":
		return "0", true
	case !isLiteral(text) || text == "'now'" && slices.ContainsFunc(tokens, func(t sqltext.Canon) bool { return t.Is("date") || t.Is("timestamp") || t.Is("time") }):
		return "", false
	}
	if number, ok := numberOf(bare); ok {
		return decimal(number), true
	}
	return "'" + bare + "'", true
}

// clocks are what tells the time by itself, and on SQLite what tells it when
// asked for 'now'.
var (
	clocks = sqltext.SetOf("now current_timestamp current_date current_time localtimestamp localtime transaction_timestamp statement_timestamp clock_timestamp")
	asked  = sqltext.SetOf("datetime date time strftime julianday unixepoch")
)

func tellsTime(tokens []sqltext.Canon) bool {
	now := slices.ContainsFunc(tokens, func(t sqltext.Canon) bool { return t.Kind == sqltext.Literal && t.Text == "'now'" })
	for i, t := range tokens {
		called := i+2 < len(tokens) && tokens[i+1].IsSymbol("(")
		if t.Kind == sqltext.Word && (clocks[t.Text] || asked[t.Text] && called && (now || tokens[i+2].IsSymbol(")"))) {
			return true
		}
	}
	return now // 'now'::text, cast to a date
}
