// Package attack tries to change the rows of a table that is promised append-only, in every
// way that a dialect has. A refusal counts only if the attack works with the guards off.
package attack
