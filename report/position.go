package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/move"
)

// Position writes where a database stands for a person.
func Position(w io.Writer, p move.Position) error {
	var b strings.Builder
	at := engine.State{Version: p.Current.Ordinal, Dirty: p.Dirty}
	fmt.Fprintf(&b, "%s: at %s, head is %d, %d pending\n", p.Target, at, p.Head.Ordinal, p.Pending())
	if p.Unknown {
		fmt.Fprintf(&b, "  %s has no revision %d\n", p.Subject, p.Current.Ordinal)
	}
	if p.Dirty {
		b.WriteString("  dirty: a step has begun and did not end well; handrail up says how to go on\n")
	}
	for _, r := range p.Revisions {
		line := fmt.Sprintf("  %-7s  %s", r.State, r.Label)
		if r.Changed {
			line += "  (the file has changed since)"
		}
		if r.Before != nil {
			line += fmt.Sprintf("  never applied: it sorts before %s", r.Before)
		}
		if e := r.Entry; e != nil && r.State == "applied" && e.Outcome == move.Applied {
			line += fmt.Sprintf("  %s", when(*e))
			if e.Assertions > 0 {
				line += fmt.Sprintf(", assertions held: %d", e.Assertions)
			}
		}
		b.WriteString(line + missed(r) + "\n")
	}
	if late := p.Late(); len(late) > 0 {
		fmt.Fprintf(&b, "  late: golang-migrate never applies what sorts before where it stands, and a later down runs its down all the same\n"+
			"    remedy: give it a version above %s; or run its up by hand, and handrail force %s says that it is there\n", p.Head, p.Current)
	}
	for _, last := range []struct {
		what  string
		entry *move.Entry
	}{
		{"runs now", p.Moving},
		{"crashed: it began, and nobody is at it any more", p.Crashed},
		{"the last attempt did not come to its end", p.Failed},
	} {
		if last.entry != nil {
			fmt.Fprintf(&b, "  %s:\n    %s\n", last.what, attempt(*last.entry))
		}
	}
	if a := p.Asserted; a != nil {
		fmt.Fprintf(&b, "  assertions: %d hold, %d do not\n", a.Held, len(a.Broken))
		for _, f := range a.Broken {
			b.WriteString(f.String() + "\n")
		}
	}
	_, err := io.WriteString(w, lines(b.String()))
	return err
}

// missed says how the last attempt at a revision failed, "" where none did, where the
// revision is pending, or where it is applied and the attempt was not to take it away.
func missed(r move.RevisionStands) string {
	e := r.Entry
	if !e.Missed() || r.State == "pending" || r.State == "applied" && e.Direction != finding.Down {
		return ""
	}
	line := fmt.Sprintf("  its %s %s, %s", e.Direction, e.Outcome, when(*e))
	if e.Error != "" {
		line += ": " + e.Error
	}
	return line
}

// Broken writes the assertion that a move ended with, and what became of the
// revision, for a person.
func Broken(w io.Writer, m move.Moved) error {
	_, err := io.WriteString(w, lines(fmt.Sprintf("%s\n%s; it stands at %s\n", m.Broken, m.Then, m.After)))
	return err
}

// Attempts writes the attempts to move a database for a person, a line each.
func Attempts(w io.Writer, a move.Attempts) error {
	var b strings.Builder
	if len(a.Entries) == 0 {
		fmt.Fprintf(&b, "%s: handrail has not moved it\n", a.Target)
	}
	for _, e := range a.Entries {
		b.WriteString(attempt(e) + "\n")
	}
	_, err := io.WriteString(w, lines(b.String()))
	return err
}

// when says when an attempt began, and who made it.
func when(e move.Entry) string { return e.Began.Format("2006-01-02 15:04:05Z") + " by " + e.Who }

// attempt is one attempt in a line.
func attempt(e move.Entry) string {
	line := fmt.Sprintf("%s  %s  %s", when(e), e.Outcome, e.Revision)
	if e.Direction != "" {
		line += " " + string(e.Direction)
	}
	if e.Seconds > 0 {
		line += fmt.Sprintf(", %.3f s", e.Seconds)
	}
	if e.Assertions > 0 {
		line += fmt.Sprintf(", assertions held: %d", e.Assertions)
	}
	if e.Error != "" {
		line += ": " + e.Error
	}
	return line
}

// PositionJSON writes where a database stands for a machine, as JSON.md says.
func PositionJSON(w io.Writer, p move.Position) error { return encode(w, p) }

// AttemptsJSON writes the attempts to move a database for a machine, as JSON.md
// says.
func AttemptsJSON(w io.Writer, a move.Attempts) error { return encode(w, a) }
