// Package engine says what a database, an engine and a migration tool are to the rest of
// handrail. It holds interfaces and the values that pass through them; package fixtures
// has the engines.
package engine
