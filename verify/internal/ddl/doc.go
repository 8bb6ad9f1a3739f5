// Package ddl writes SQL that makes a catalogue or an object of it: for declared models,
// drift and remedies. It is off the path of a check.
package ddl
