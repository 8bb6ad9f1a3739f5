// Package report prints what package verify found: one function an outlet.
package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/handrail-db/handrail/verify"
)

// Text writes a report for a person at a terminal: engine by engine and
// revision by revision what was promised and what was seen, then what is wrong
// and what to do about it, then the verdict. The error is that of w.
func Text(w io.Writer, r verify.Report) error {
	out := bufio.NewWriter(w)
	for _, run := range r.Runs {
		textRun(out, run)
	}
	textFindings(out, r)
	fmt.Fprintln(out, Verdict(r))
	return out.Flush()
}

// marks are how a status looks in front of a line, all of one width.
var marks = map[verify.Status]string{
	verify.Pass: "pass", verify.Fail: "FAIL", verify.NotApplicable: "n/a ", verify.NotRun: "----",
}

func textRun(out io.Writer, run verify.Run) {
	if run.NotRun != "" {
		fmt.Fprintf(out, "%s: not run\n%s\n\n", run.Engine, indent("    ", run.NotRun))
		return
	}
	fmt.Fprintf(out, "%s: %s, %s\n", run.Engine, run.Server, run.Source)
	items := byRevision(run.Checklist)
	width := 0
	for _, v := range run.Revisions {
		width = max(width, len(v.String()))
	}
	for _, v := range run.Revisions {
		textRevision(out, v, items[v.String()], width)
	}
	for _, item := range items[""] {
		textItem(out, "  ", item)
	}
	fmt.Fprintln(out)
}

func byRevision(items []verify.Item) map[string][]verify.Item {
	of := map[string][]verify.Item{}
	for _, item := range items {
		of[item.Revision] = append(of[item.Revision], item)
	}
	return of
}

// textRevision is one line for a revision that kept all its promises, and one
// for each promise otherwise.
func textRevision(out io.Writer, v verify.Verdict, items []verify.Item, width int) {
	worst, promises := verify.Pass, []string{}
	for _, item := range items {
		promises = append(promises, item.Promise)
		if item.Status != verify.Pass && worst != verify.Fail {
			worst = item.Status
		}
	}
	took := v.Timings.Took().Round(100 * time.Microsecond)
	fmt.Fprintf(out, "  %s  %-*s  ", marks[worst], width, v)
	if worst == verify.Pass {
		fmt.Fprintf(out, "%s (%s)\n", strings.Join(promises, "; "), took)
		return
	}
	fmt.Fprintf(out, "%s\n", v.Verdict)
	for _, item := range items {
		textItem(out, "          ", item)
	}
	if v.Went != "" {
		fmt.Fprintf(out, "                went on in a new database, because %s\n", v.Went)
	}
}

func textItem(out io.Writer, margin string, item verify.Item) {
	line := item.Promise
	if item.Status == verify.NotRun || item.Status == verify.NotApplicable {
		line += ": " + string(item.Status)
	}
	if item.Evidence != "" {
		line += ": " + item.Evidence
	}
	fmt.Fprintf(out, "%s%s  %s\n", margin, marks[item.Status], line)
}

func textFindings(out io.Writer, r verify.Report) {
	for _, run := range r.Runs {
		for _, f := range run.All() {
			fmt.Fprintf(out, "%s\n\n", f)
		}
	}
}

// Verdict is a report in one line.
func Verdict(r verify.Report) string {
	s := r.Summary
	verdict := fmt.Sprintf("%s: verified on %d of %d engines: ", r.Subject, s.Engines, s.Engines+s.Missing)
	revisions, defective, unverified := 0, 0, 0
	for _, run := range r.Runs {
		for _, v := range run.Revisions {
			revisions++
			switch v.Verdict {
			case verify.Defective:
				defective++
			case verify.Unverified:
				unverified++
			}
		}
	}
	verdict += fmt.Sprintf("%s walked", count(revisions, "revision"))
	if defective > 0 {
		verdict += fmt.Sprintf(", %d defective", defective)
	}
	if unverified > 0 {
		verdict += fmt.Sprintf(", %d unverified", unverified)
	}
	return verdict + fmt.Sprintf(", %s, %s", count(s.Errors, "error"), count(s.Warnings, "warning"))
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func indent(margin, text string) string {
	return margin + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n"+margin)
}
