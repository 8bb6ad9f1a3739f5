package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify"
)

// Verdict is a report in one line.
func Verdict(r verify.Report) string {
	s := r.Summary
	line := printable(r.Subject)
	if r.Since != "" {
		line += " since " + printable(r.Since)
	}
	done := "verified"
	if r.Against != "" {
		line += " against " + printable(r.Against)
		done = "compared"
	}
	line += fmt.Sprintf(": %s on %d of %d engines", done, s.Engines, s.Engines+s.Missing)
	for _, run := range r.Runs {
		switch {
		case run.NotRun != "":
			line += ", not on " + printable(run.Engine)
		case run.Unfinished != "":
			line += ", not to the end on " + printable(run.Engine)
		}
	}
	if walked := standings(r); r.Against == "" || walked != noneWalked { // a squash walks none
		line += ": " + walked
	}
	if changed := changes(r); r.Since != "" {
		line += ", " + changed
	}
	line += "; " + count(s.Errors, "error") + ", " + count(s.Warnings, "warning")
	if s.Notes > 0 {
		line += ", " + count(s.Notes, "note")
	}
	if s.Waived > 0 {
		line += fmt.Sprintf(", %d waived", s.Waived)
	}
	if s.NotRun > 0 {
		line += "; " + count(s.NotRun, "promise") + " not run"
	}
	return line
}

const noneWalked = "no revision walked"

// ranks are the standings, the worst last.
var ranks = []verify.Standing{verify.Clean, verify.Noted, verify.Excepted, verify.Unverified, verify.Defective}

// standings counts the revisions. One that several engines have counts once, by
// the worst that was found.
func standings(r verify.Report) string {
	worst := map[string]int{}
	for _, run := range r.Runs {
		for _, v := range run.Revisions {
			worst[v.String()] = max(worst[v.String()], slices.Index(ranks, v.Verdict))
		}
	}
	of := make([]int, len(ranks))
	for _, rank := range worst {
		of[rank]++
	}
	var parts []string
	for rank, n := range of {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, ranks[rank]))
		}
	}
	revisions := count(len(worst), "revision")
	switch {
	case len(worst) == 0:
		return noneWalked
	case len(worst) == 1:
		return revisions + ", " + strings.TrimPrefix(parts[0], "1 ")
	case len(parts) == 1:
		return revisions + ", all " + strings.TrimPrefix(parts[0], fmt.Sprint(len(worst), " "))
	}
	return revisions + " (" + strings.Join(parts, ", ") + ")"
}

// changes says how many revisions are new or changed.
func changes(r verify.Report) string {
	of := map[string]verify.Change{}
	for _, run := range r.Runs {
		for _, v := range run.Revisions {
			if v.Change != "" {
				of[v.String()] = v.Change
			}
		}
	}
	fresh := 0
	for _, c := range of {
		if c == verify.New {
			fresh++
		}
	}
	if len(of) == 0 {
		return "no revision new or changed"
	}
	return fmt.Sprintf("%d new, %d changed", fresh, len(of)-fresh)
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
