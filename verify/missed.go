package verify

import (
	"fmt"
	"strings"

	"github.com/handrail-db/handrail/internal/words"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/internal/sqltext"
	"github.com/handrail-db/handrail/verify/internal/walk"
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
func missedDrops(d dialect.Dialect, s walk.Stair) misses {
	var found misses
	for _, stmt := range s.Revision.Down.Script(d).Statements {
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
func conditionalDrops(stmt sqltext.Statement) []miss {
	var drops []miss
	for i := 0; i+1 < len(stmt.Tokens); i++ {
		if !stmt.Tokens[i].Is("if") || !stmt.Tokens[i+1].Is("exists") {
			continue
		}
		if kind, ok := droppedKind(stmt.Tokens[:i]); ok {
			for _, name := range sqltext.NameList(stmt.Tokens[i+2:]) {
				drops = append(drops, miss{kind: kind, name: name, line: stmt.Tokens[i].Line})
			}
		}
	}
	return drops
}

// droppedKind is the kind between DROP and IF EXISTS.
func droppedKind(before []sqltext.Token) (string, bool) {
	var words []string
	for i := len(before) - 1; i >= 0 && len(words) < 3; i-- {
		switch {
		case before[i].Is("drop") && len(words) == 0:
			return "column", true
		case before[i].Is("drop"):
			return strings.Join(words, " "), true
		case before[i].Is("concurrently"):
		case before[i].Kind == sqltext.Word:
			words = append([]string{before[i].Text}, words...)
		default:
			return "", false
		}
	}
	return "", false
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
		if d := words.EditDistance(strings.ToLower(m.name), localName(o)); sameKind(m.kind, o.Kind) && d < distance {
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
