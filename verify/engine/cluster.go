package engine

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/finding"
)

// A ClusterEngine is an [Engine] whose databases share a server, with roles and
// settings that belong to all of them.
type ClusterEngine interface {
	Engine

	// Private makes room for one walk that runs the statements, on a server
	// that nobody else uses, or, where the server is not handrail's own, by
	// turns with all others. It is an error if a statement cannot be run there
	// without touching what is not handrail's; nothing has been changed then.
	Private(ctx context.Context, statements []ClusterStatement) (Private, error)

	// Watch is a view of the engine that tells the transactions of the databases
	// that it makes from those of all others on the server.
	Watch(ctx context.Context) (Watch, error)
}

// A Private is the room for one walk.
type Private struct {
	Engine Engine

	// Alone: nobody else is on the server, and whatever changes there is the
	// walk's doing. Else only the roles that its statements create are.
	Alone bool

	// Release takes back what the walk has done to the server. All databases
	// of Engine must be closed.
	Release func() error
}

// A ClusterStatement is one that makes, changes or drops something outside the
// database in which it runs.
type ClusterStatement struct {
	File string // as findings show it; "the prelude" for a subject's prelude
	Line int
	Verb string // "create", "alter", "drop", "grant", "revoke", "comment", "reassign", "label"
	Kind string // "role", "tablespace", "database", "parameter", "subscription", "system", "replication"; "owned": whatever a role has

	// Names of the objects, as the server folds them. None: they are put
	// together at run time.
	Names []string

	// Members are the roles that a grant or revoke is about, Names those that
	// they become or were members of, or what the privileges are on.
	Members []string
}

// String is the statement in a few words, with its place.
func (s ClusterStatement) String() string {
	names := strings.Join(append(append([]string(nil), s.Names...), s.Members...), ", ")
	return strings.TrimSpace(fmt.Sprintf("%s: %s %s %s", finding.Place(s.File, s.Line), strings.ToUpper(s.Verb), strings.ToUpper(s.Kind), names))
}

// CreatedRoles are the roles that the statements create, sorted.
func CreatedRoles(statements []ClusterStatement) []string {
	var created []string
	for _, s := range statements {
		if s.Verb == "create" && s.Kind == "role" {
			created = append(created, s.Names...)
		}
	}
	slices.Sort(created)
	return slices.Compact(created)
}

// A Watch knows the transactions of the databases that its engine makes, on a
// server that others may use too.
type Watch struct {
	Engine  Engine
	DB      *sql.DB // another database of the server
	Foreign bool    // the server is not handrail's own
	Scratch string  // a regular expression that matches the names of handrail's databases

	Mark   func(step any)                      // the transactions from now on belong to a step
	Wrote  func(id uint32) (step any, ok bool) // a transaction or subtransaction of these databases
	Hidden func() bool                         // since the last call one of them has not said its id
	Made   func(database string) bool          // by Engine
}
