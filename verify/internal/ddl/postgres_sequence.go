package ddl

import (
	"fmt"
	"strings"

	"github.com/handrail-db/handrail/verify/internal/sqltext"
	"github.com/handrail-db/handrail/verify/schema"
)

// sequenceColumn is the column that makes a sequence: one with an identity, or
// one that was written as serial.
func (w pgWriter) sequenceColumn(s schema.Object) (column int, ok bool) {
	owner := sqltext.NameParts(s.Prop(schema.OwnedBy))
	if len(owner) != 3 {
		return 0, false
	}
	i, ok := w.to.at[objectKey{"column", sqltext.QuoteIdent(owner[0]) + "." + sqltext.QuoteIdent(owner[1]), owner[2]}]
	if !ok {
		return 0, false
	}
	c := w.to.objects[i]
	made, serial := w.serial(c)
	return i, c.Prop("identity") != "" || serial && made.Name == s.Name
}

// owned are the sequences of the columns of a table that those make.
func (w pgWriter) owned(table string) (sequences []schema.Object) {
	for _, j := range w.to.of(table, "column") {
		c := w.to.objects[j]
		s, ok := w.serial(c)
		if !ok {
			s, ok = w.identitySequence(c)
		}
		if ok {
			sequences = append(sequences, s)
		}
	}
	return sequences
}

// chosenSequence is the name that the server chooses for the sequence of a column.
func chosenSequence(c schema.Object) string {
	table := sqltext.NameParts(c.Parent)
	return sqltext.QuoteIdent(table[0]) + "." + sqltext.QuoteIdent(sqltext.FitName(table[len(table)-1], c.Name, "_seq"))
}

// serial is the sequence of a column that can be written as serial.
func (w pgWriter) serial(c schema.Object) (schema.Object, bool) {
	name := chosenSequence(c)
	i, ok := w.to.find(name, "sequence")
	if !ok || pgSerials[c.Prop("type")] == "" || c.Prop("null") != "no" || c.Prop("default") != "nextval("+sqltext.QuoteLiteral(name)+"::regclass)" {
		return schema.Object{}, false
	}
	s := w.to.objects[i]
	table, _ := w.to.find(c.Parent, "table")
	plain := s.Prop("type") == c.Prop("type") && s.Prop(schema.OwnedBy) == c.Parent+"."+sqltext.QuoteIdent(c.Name) && len(sequenceOptions(s)) == 0 &&
		s.Prop("persistence") == w.to.objects[table].Prop("persistence")
	_, existed := w.from.column(c.Parent, c.Name)
	return s, plain && !existed
}

// identitySequence is the sequence of an identity column.
func (w pgWriter) identitySequence(c schema.Object) (schema.Object, bool) {
	i, ok := w.to.owned[c.Parent+"."+sqltext.QuoteIdent(c.Name)]
	if !ok || c.Prop("identity") == "" {
		return schema.Object{}, false
	}
	return w.to.objects[i], true
}

// identityOptions are those of the sequence of an identity column, in brackets,
// as far as they are not what the server chooses.
func (w pgWriter) identityOptions(c schema.Object) string {
	s, ok := w.identitySequence(c)
	if !ok {
		return ""
	}
	options := sequenceOptions(s)
	if s.Name != chosenSequence(c) {
		options = append([]string{"SEQUENCE NAME " + w.short(s.Name)}, options...)
	}
	if len(options) == 0 {
		return ""
	}
	return " (" + strings.Join(options, " ") + ")"
}

// sequenceLimits are the highest values of the types.
var sequenceLimits = map[string]string{"smallint": "32767", "integer": "2147483647", "bigint": "9223372036854775807"}

// sequenceOptions are those that are not what a sequence of its type has.
func sequenceOptions(s schema.Object) (options []string) {
	limit := sequenceLimits[s.Prop("type")]
	lowest, highest, increment := "1", limit, s.Prop("increment")
	start := s.Prop("minimum")
	if strings.HasPrefix(increment, "-") {
		lowest, highest, start = lowestOf(s.Prop("type")), "-1", s.Prop("maximum")
	}
	for _, o := range []struct{ words, value, usual string }{
		{"START WITH", s.Prop("start"), start},
		{"INCREMENT BY", increment, "1"},
		{"MINVALUE", s.Prop("minimum"), lowest},
		{"MAXVALUE", s.Prop("maximum"), highest},
		{"CACHE", s.Prop("cache"), ""},
	} {
		if o.value != o.usual {
			options = append(options, o.words+" "+o.value)
		}
	}
	if s.Prop("cycle") != "" {
		options = append(options, "CYCLE")
	}
	return options
}

func lowestOf(kind string) string {
	return map[string]string{"smallint": "-32768", "integer": "-2147483648", "bigint": "-9223372036854775808"}[kind]
}

// sequence makes one that no column makes.
func (w pgWriter) sequence(s schema.Object) pgText {
	sql := "CREATE SEQUENCE " + w.short(s.Name)
	if s.Prop("persistence") == "unlogged" {
		sql = "CREATE UNLOGGED SEQUENCE " + w.short(s.Name)
	}
	if t := s.Prop("type"); t != "bigint" {
		sql += " AS " + t
	}
	for _, option := range sequenceOptions(s) {
		sql += " " + option
	}
	return pgSQL(sql)
}

// alterSequence changes the parameters of a sequence.
func (w pgWriter) alterSequence(a, b schema.Object) pgText {
	var text pgText
	var options []string
	if a.Prop("type") != b.Prop("type") && !w.followsColumn(b) {
		options = append(options, "AS "+b.Prop("type"))
	}
	for _, o := range []struct{ prop, words, none string }{
		{"increment", "INCREMENT BY", ""}, {"minimum", "MINVALUE", ""}, {"maximum", "MAXVALUE", ""}, {"start", "START WITH", ""}, {"cache", "CACHE", "1"},
	} {
		value := b.Prop(o.prop)
		if value == "" {
			value = o.none
		}
		if a.Prop(o.prop) != b.Prop(o.prop) {
			options = append(options, o.words+" "+value)
		}
	}
	if a.Prop("cycle") != b.Prop("cycle") {
		options = append(options, map[bool]string{true: "CYCLE", false: "NO CYCLE"}[b.Prop("cycle") != ""])
	}
	if len(options) > 0 {
		text.add(fmt.Sprintf("ALTER SEQUENCE %s %s", w.short(b.Name), strings.Join(options, " ")))
	}
	if a.Prop("persistence") != b.Prop("persistence") {
		text.add("ALTER SEQUENCE " + w.short(b.Name) + " SET " + map[bool]string{true: "UNLOGGED", false: "LOGGED"}[b.Prop("persistence") == "unlogged"])
	}
	text.add(w.comment(a, b)...)
	return text
}

// followsColumn reports whether a sequence belongs to an identity, which gives it
// the type of its column.
func (w pgWriter) followsColumn(s schema.Object) bool {
	i, ok := w.sequenceColumn(s)
	return ok && w.to.objects[i].Prop("identity") != ""
}

// ownedBySQL gives a sequence its column, or takes it away.
func (w pgWriter) ownedBySQL(s schema.Object) string {
	owner := "NONE"
	if o := s.Prop(schema.OwnedBy); o != "" {
		owner = w.short(o)
	}
	return "ALTER SEQUENCE " + w.short(s.Name) + " OWNED BY " + owner
}
