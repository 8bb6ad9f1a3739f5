// Package move takes one real database to a version of a history, a revision and its
// assertions in one transaction where that can be, and says where a database stands.
package move
