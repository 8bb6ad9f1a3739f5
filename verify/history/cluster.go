package history

import (
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/internal/sqltext"
)

// ClusterStatements are those of all files of a history, up and down, and of the
// subject's prelude. A statement in the body of a function counts, though
// nobody may ever call it.
func (s Subject) ClusterStatements(h History) []engine.ClusterStatement {
	if h.Dialect != dialect.Postgres {
		return nil
	}
	found := FindClusterStatements("the prelude", s.Prelude)
	for _, r := range h.Revisions {
		for _, f := range []*File{r.Up, r.Down} {
			if f != nil {
				for _, stmt := range FindClusterStatements("", f.SQL) {
					stmt.File, stmt.Line = s.Place(h.Dialect, f, stmt.Line)
					found = append(found, stmt)
				}
			}
		}
	}
	return found
}

func FindClusterStatements(file, sql string) []engine.ClusterStatement {
	var found []engine.ClusterStatement
	for _, st := range sqltext.Parse(dialect.Postgres, sql).Statements {
		if s, ok := clusterStatement(st.Tokens); ok {
			s.File, s.Line = file, st.Line
			found = append(found, s)
		}
		found = append(found, replicationCalls(file, st.Tokens)...)
		if st.Begins("do") || st.Begins("create") && sqltext.HasWord(st.Tokens, "function", "procedure") {
			for _, t := range st.Tokens {
				if t.Kind == sqltext.Literal {
					found = append(found, inBody(file, t)...)
				}
			}
		}
	}
	return found
}

// inBody looks for statements in a body, where they may stand behind a THEN, or
// be a text that EXECUTE runs.
func inBody(file string, body sqltext.Token) []engine.ClusterStatement {
	text, ok := sqltext.Unquote(body.Text)
	if !ok {
		return nil
	}
	var found []engine.ClusterStatement
	for _, st := range sqltext.Parse(dialect.Postgres, text).Statements {
		executes := sqltext.HasWord(st.Tokens, "execute")
		for _, call := range replicationCalls(file, st.Tokens) {
			call.Line += body.Line - 1
			found = append(found, call)
		}
		for i, t := range st.Tokens {
			t.Line += body.Line - 1
			if s, ok := clusterStatement(st.Tokens[i:]); ok {
				s.File, s.Line = file, t.Line
				found = append(found, s)
			}
			if executes && t.Kind == sqltext.Literal {
				found = append(found, inBody(file, t)...)
			}
		}
	}
	return found
}

// replicationFunctions make or drop what all databases share.
var replicationFunctions = map[string]string{
	"pg_create_logical_replication_slot": "create", "pg_create_physical_replication_slot": "create",
	"pg_copy_logical_replication_slot": "create", "pg_copy_physical_replication_slot": "create", "pg_drop_replication_slot": "drop",
	"pg_replication_origin_create": "create", "pg_replication_origin_drop": "drop",
}

// replicationCalls are calls of those functions.
func replicationCalls(file string, tokens []sqltext.Token) (found []engine.ClusterStatement) {
	for _, t := range tokens {
		if verb := replicationFunctions[t.Text]; verb != "" && t.IsName() {
			found = append(found, engine.ClusterStatement{File: file, Line: t.Line, Verb: verb, Kind: "replication", Names: []string{t.Text}})
		}
	}
	return found
}

// clusterKinds are the words for what belongs to the whole server.
var clusterKinds = map[string]string{
	"role": "role", "user": "role", "group": "role",
	"tablespace": "tablespace", "database": "database", "subscription": "subscription", "system": "system",
}

// clusterStatement reads the statement that the tokens begin with; false where
// it stays within its database.
func clusterStatement(tokens []sqltext.Token) (engine.ClusterStatement, bool) {
	if len(tokens) < 3 || tokens[0].Kind != sqltext.Word {
		return engine.ClusterStatement{}, false
	}
	s := engine.ClusterStatement{Verb: tokens[0].Text}
	rest := tokens[1:]
	switch s.Verb {
	case "drop":
		if rest[0].Is("owned") && rest[1].Is("by") {
			s.Kind = "owned"
			s.Names, _ = roleNames(rest[2:])
			return s, true
		}
	case "create", "alter":
	case "comment":
		if !rest[0].Is("on") {
			return s, false
		}
		rest = rest[1:]
	case "security":
		s.Verb = "label"
		for len(rest) > 0 && !rest[0].Is("on") {
			rest = rest[1:]
		}
		if len(rest) == 0 {
			return s, false
		}
		rest = rest[1:]
	case "reassign":
		s.Kind = "role"
		if !rest[0].Is("owned") || !rest[1].Is("by") {
			return s, false
		}
		s.Names, _ = roleNames(rest[2:])
		return s, true
	case "grant", "revoke":
		if s, ok := privilegesOn(s, rest); ok {
			return s, true
		}
		return membership(s, rest)
	default:
		return s, false
	}
	if len(rest) < 2 || rest[0].Kind != sqltext.Word {
		return s, false
	}
	s.Kind = clusterKinds[rest[0].Text]
	if s.Kind == "" || rest[1].Is("mapping") {
		return s, false
	}
	rest = rest[1:]
	if len(rest) > 1 && rest[0].Is("if") { // EXISTS
		rest = rest[min(2, len(rest)):]
	}
	s.Names, _ = roleNames(rest)
	if len(s.Names) == 0 && s.Kind == "database" {
		return s, false // by its name at run time it can only be the scratch database
	}
	return s, true
}

// privilegesOn reads GRANT … ON DATABASE, TABLESPACE or PARAMETER. Without a name a
// database can only be the scratch database, whose name is known at run time.
func privilegesOn(s engine.ClusterStatement, rest []sqltext.Token) (engine.ClusterStatement, bool) {
	for i, t := range rest {
		if !t.Is("on") || len(rest) < i+3 {
			continue
		}
		rest = rest[i+1:]
		if !rest[0].Is("database") && !rest[0].Is("tablespace") && !rest[0].Is("parameter") || rest[1].Is("to") || rest[1].Is("from") {
			return s, false
		}
		s.Kind = rest[0].Text
		s.Names, _ = roleNames(rest[1:])
		return s, len(s.Names) > 0
	}
	return s, false
}

// membership reads GRANT a, b TO c, which has no ON.
func membership(s engine.ClusterStatement, rest []sqltext.Token) (engine.ClusterStatement, bool) {
	s.Kind = "role"
	if s.Verb == "revoke" && len(rest) > 3 && rest[1].Is("option") && rest[2].Is("for") {
		rest = rest[3:]
	}
	s.Names, rest = roleNames(rest)
	if len(s.Names) == 0 || len(rest) < 2 || !rest[0].Is("to") && !rest[0].Is("from") {
		return s, false
	}
	s.Members, _ = roleNames(rest[1:])
	return s, true
}

// roleNames reads names with commas between, and what follows. A name that
// format fills in later is none.
func roleNames(tokens []sqltext.Token) (names []string, rest []sqltext.Token) {
	for len(tokens) > 0 && tokens[0].IsName() {
		names = append(names, tokens[0].Text)
		tokens = tokens[1:]
		if len(tokens) == 0 || tokens[0].Text != "," || tokens[0].Kind != sqltext.Symbol {
			break
		}
		tokens = tokens[1:]
	}
	return names, tokens
}
