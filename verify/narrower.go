package verify

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A capacity is what a type of Postgres can hold, as far as two types of one
// family can be compared. Of a number it is digits before and behind the point.
type capacity struct {
	family string
	size   int // of text and bits: length; of numbers: digits before the point
	scale  int // of numbers: digits behind it; of times: of a second
}

const unlimited = math.MaxInt

var typePattern = regexp.MustCompile(`^([a-z ]+?)(?:\((\d+)(?:,(-?\d+))?\))?( with(?:out)? time zone)?$`)

// integers are the digits that a type holds, whatever they are.
var integers = map[string]int{"smallint": 4, "integer": 9, "bigint": 18}

// longest are the digits of the largest number of a type.
var longest = map[string]int{"smallint": 5, "integer": 10, "bigint": 19}

// capacityOf reads a type as format_type prints it. It reports false for one that
// it does not know.
func capacityOf(text string) (capacity, bool) {
	m := typePattern.FindStringSubmatch(text)
	if m == nil {
		return capacity{}, false
	}
	n, given := unlimited, m[2] != ""
	if given {
		n, _ = strconv.Atoi(m[2])
	}
	switch name := m[1]; name {
	case "text", "character varying", "character":
		return capacity{"text", n, 0}, true
	case "bit", "bit varying":
		return capacity{"bits", n, 0}, true
	case "smallint", "integer", "bigint":
		return capacity{"number", integers[name], 0}, true
	case "real":
		return capacity{"float", 6, 0}, true
	case "double precision":
		return capacity{"float", 15, 0}, true
	case "numeric":
		if !given {
			return capacity{"number", unlimited, unlimited}, true
		}
		scale, _ := strconv.Atoi(m[3])
		return capacity{"number", n - scale, scale}, true
	case "timestamp", "time", "interval":
		if !given {
			n = 6
		}
		return capacity{name, 0, n}, true
	case "date", "boolean", "uuid", "json", "jsonb", "inet", "cidr":
		return capacity{name, 0, 0}, true
	}
	return capacity{}, false
}

// narrowerType reports whether a type clearly holds less than another did.
func narrowerType(was, is string) bool {
	if a, ok := strings.CutSuffix(was, "[]"); ok {
		b, ok := strings.CutSuffix(is, "[]")
		return ok && narrowerType(a, b)
	}
	a, known := capacityOf(was)
	b, too := capacityOf(is)
	if digits := longest[was]; digits > 0 && longest[is] == 0 {
		a.size = digits // all of them, and not only those that it always holds
	}
	switch {
	case !known || !too:
		return false
	case a.family == b.family:
		return b.size < a.size || b.scale < a.scale
	case a.family == "text": // which holds anything
		return true
	case a.family == "float":
		return b.family == "number" && b.size != unlimited || b.family == "boolean"
	case a.family == "number":
		return b.family == "boolean"
	}
	return a.family == "timestamp" && slices.Contains([]string{"date", "time"}, b.family)
}
