// Package generate makes rows that a table takes: by copying those that are there, and by
// inventing values where none is. The database says whether it takes one.
package generate
