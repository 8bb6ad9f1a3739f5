package verify

import (
	"fmt"
	"strings"

	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/schema"
)

// A miss is a DROP … IF EXISTS of something that exists nowhere.
type miss struct {
	kind string // as in the statement: "table", "materialized view"
	name string
	line int
	text string
}

type misses []miss

// missedDrops finds them in the down of a stair: what IF EXISTS hides.
func missedDrops(d dialect.Dialect, s Stair) misses {
	var found misses
	for _, stmt := range parseScript(d, s.Revision.Down.SQL).statements {
		for _, m := range conditionalDrops(stmt) {
			if !exists(s.Up.Snapshot, m.name) {
				found = append(found, m)
			}
		}
	}
	return found
}

// conditionalDrops lists what a statement drops if it exists: by DROP KIND IF
// EXISTS a, b and by ALTER TABLE … DROP [COLUMN|CONSTRAINT] IF EXISTS a.
func conditionalDrops(stmt statement) []miss {
	var drops []miss
	for i := 0; i+1 < len(stmt.tokens); i++ {
		if !stmt.tokens[i].is("if") || !stmt.tokens[i+1].is("exists") {
			continue
		}
		if kind, ok := droppedKind(stmt.tokens[:i]); ok {
			for _, name := range nameList(stmt.tokens[i+2:]) {
				drops = append(drops, miss{kind: kind, name: name, line: stmt.tokens[i].line})
			}
		}
	}
	return drops
}

// droppedKind is the kind between DROP and IF EXISTS.
func droppedKind(before []lexeme) (string, bool) {
	var words []string
	for i := len(before) - 1; i >= 0 && len(words) < 3; i-- {
		switch {
		case before[i].is("drop") && len(words) == 0:
			return "column", true
		case before[i].is("drop"):
			return strings.Join(words, " "), true
		case before[i].is("concurrently"):
		case before[i].kind == wordLexeme:
			words = append([]string{before[i].text}, words...)
		default:
			return "", false
		}
	}
	return "", false
}

// nameList reads a, b.c, f(int): the last part of each name.
func nameList(tokens []lexeme) []string {
	var names []string
	for i := 0; i < len(tokens) && tokens[i].names(); i++ {
		for i+2 < len(tokens) && tokens[i+1].text == "." && tokens[i+2].names() {
			i += 2
		}
		names = append(names, tokens[i].text)
		depth := 0
		for i+1 < len(tokens) && (depth > 0 || tokens[i+1].text == "(") { // the arguments of a function
			i++
			switch tokens[i].text {
			case "(":
				depth++
			case ")":
				depth--
			}
		}
		if i++; i >= len(tokens) || tokens[i].text != "," {
			break
		}
	}
	return names
}

// localName is the name of an object without schema and arguments, folded.
func localName(o schema.Object) string {
	name, _, _ := strings.Cut(o.Name, "(")
	name = strings.Trim(name[strings.LastIndex(name, ".")+1:], `"`)
	return strings.ToLower(name)
}

// exists reports whether anything in the catalogue has the name.
func exists(s schema.Snapshot, name string) bool {
	for _, o := range s.Objects {
		if localName(o) == strings.ToLower(name) {
			return true
		}
	}
	return false
}

// nearest finds the miss that was meant for an object: of its kind, and with
// the name that looks most like it.
func (ms misses) nearest(o schema.Object) (miss, bool) {
	best, distance := miss{}, len(localName(o))/2+1
	for _, m := range ms {
		if d := editDistance(strings.ToLower(m.name), localName(o)); sameKind(m.kind, o.Kind) && d < distance {
			best, distance = m, d
		}
	}
	if best.name == "" {
		return miss{}, false
	}
	best.text = fmt.Sprintf("`DROP %s IF EXISTS %s`: no such %s; did you mean %s?", strings.ToUpper(best.kind), best.name, best.kind, localName(o))
	return best, true
}

// sameKind reports whether a DROP of one kind was meant for an object of another.
func sameKind(dropped, kind string) bool {
	switch dropped {
	case "type":
		return kind == "enum" || kind == "composite type" || kind == "range" || kind == "domain" || kind == "base type"
	case "constraint":
		return kind == "check" || kind == "unique" || kind == "primary key" || kind == "foreign key" || kind == "exclusion"
	}
	return dropped == kind
}

// editDistance is the number of letters to insert, delete or replace
// (Levenshtein).
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, replaced)
		}
	}
	return row[len(b)]
}
