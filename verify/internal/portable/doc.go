// Package portable brings a catalogue into what every dialect can hold, so that two of them
// compare.
package portable
