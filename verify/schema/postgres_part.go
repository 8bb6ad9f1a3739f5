package schema

import (
	"regexp"
	"slices"
	"strings"
)

// An extract says what of postgresQuery is asked for.
type extract struct {
	all                                 bool // of every relation, function and type, and everything else
	relations, functions, types, others bool // those $1, $2 and $3, and everything else
	empty                               func(catalogue string) bool
}

// postgresPartQuery is postgresQuery for an extract of it; "" where nothing is left.
// The files mark where their condition has to be, and which catalogue a SELECT takes
// its objects from. What is not asked for, and what has nothing to find, is no part
// of the statement: to parse and plan it takes longer than to run it.
func postgresPartQuery(e extract) string {
	body := selects(postgresBody(), e.wants)
	if body == "" {
		return ""
	}
	query := postgresScope + body
	if e.all {
		return query
	}
	members := `d.classid = 'pg_statistic_ext'::regclass OR
    d.classid IN ('pg_class'::regclass, 'pg_proc'::regclass, 'pg_type'::regclass) AND d.objid = ANY ($1::oid[] || $2::oid[] || $3::oid[])`
	if e.others {
		members = "true OR $1::oid[] || $2::oid[] || $3::oid[] IS NULL"
	}
	return strings.NewReplacer(
		"/* only relations: c.oid */", "AND c.oid = ANY ($1::oid[])",
		"/* only relations: s.stxrelid */", "AND s.stxrelid = ANY ($1::oid[])",
		"/* only functions: p.oid */", "AND p.oid = ANY ($2::oid[])",
		"/* only types: t.oid */", "AND t.oid = ANY ($3::oid[])",
		"/* only those */", "AND ("+members+")",
	).Replace(query)
}

const (
	union      = "\nUNION ALL\n"
	innerUnion = "\n    UNION ALL\n"
	innerBegin = " -- each of\n"
	innerEnd   = "\n  ) a "
)

// needsMark stands before the catalogue that a SELECT takes its objects from: where
// that has no row of a user, the SELECT has none either. What initdb makes stands in
// schemas of the server's own; pg_dump relies on that too.
var needsMark = regexp.MustCompile(`/\* needs \*/ (\w+)`)

// selects are the SELECTs of postgresBody that are wanted. One that has others inside
// goes with the last of them.
func selects(body string, wants func(string) bool) string {
	var kept []string
	for part := range strings.SplitSeq(body, union) {
		head, inner, _ := strings.Cut(part, innerBegin)
		inner, tail, nested := strings.Cut(inner, innerEnd)
		if !nested {
			if wants(part) {
				kept = append(kept, part)
			}
			continue
		}
		within := slices.DeleteFunc(strings.Split(inner, innerUnion), func(s string) bool { return !wants(s) })
		if len(within) > 0 {
			kept = append(kept, head+innerBegin+strings.Join(within, innerUnion)+innerEnd+tail)
		}
	}
	return strings.Join(kept, union)
}

// wants reports whether a SELECT without others inside is asked for and may find
// something.
func (e extract) wants(part string) bool {
	if m := needsMark.FindStringSubmatch(part); m != nil && e.empty(m[1]) {
		return false
	}
	if e.all {
		return true
	}
	switch {
	case strings.Contains(part, "/* only relations:"):
		return e.relations
	case strings.Contains(part, "/* only functions:"):
		return e.functions
	case strings.Contains(part, "/* only types:"):
		return e.types
	}
	return e.others
}
