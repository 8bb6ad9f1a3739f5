// Package walk is the stairway: it takes a database up a history, down and up again, and
// writes down what it saw at each landing. It knows no rule.
package walk
