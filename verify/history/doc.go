// Package history reads a folder of migrations into a value: a [Subject] is what a team
// ships and promises, its [History] in a dialect the revisions in the order in which
// they run. It is the only package that reads such a folder.
package history
