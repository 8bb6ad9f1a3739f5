package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify/finding"
)

// A sheet is a report on its way to a page.
type sheet struct {
	report  finding.Report
	servers map[string]string // by engine
}

func newSheet(r finding.Report) sheet {
	s := sheet{r, map[string]string{}}
	for _, run := range r.Runs {
		s.servers[run.Engine] = run.Server
	}
	return s
}

// on names engines with the version of their server, those of one server together.
func (s sheet) on(engines []string) string {
	var servers []string
	of := map[string][]string{}
	for _, e := range engines {
		server := s.servers[e]
		if of[server] == nil {
			servers = append(servers, server)
		}
		of[server] = append(of[server], brief(e))
	}
	var parts []string
	for _, server := range servers {
		text := strings.Join(of[server], " and ")
		if server != "" {
			text += " (" + brief(server) + ")"
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, " and ")
}

// head is the verdict, and the worst of what stands against it.
func (s sheet) head() string {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n\n**Verdict** %s\n\n", s.title(), brief(Verdict(s.report)))
	standing := slices.DeleteFunc(s.worstFirst(), func(f finding.Finding) bool { return !f.Counts(finding.Warning) })
	for _, f := range standing[:min(mostWorst, len(standing))] {
		fmt.Fprintf(&b, "- **%s %s** %s%s\n", f.Severity, brief(string(f.Rule)), brief(f.Message), inFile(f))
	}
	if more := len(standing) - mostWorst; more > 0 {
		fmt.Fprintf(&b, "- and %d more, below\n", more)
	}
	if len(standing) > 0 {
		b.WriteByte('\n')
	}
	return b.String()
}

// title is the verdict in a few words.
func (s sheet) title() string {
	sum, seen := s.report.Summary, standings(s.report)
	mark, words := "✓", "nothing found"
	undone := 0
	for _, item := range s.report.Review {
		if item.Status == finding.NotRun {
			undone++
		}
	}
	switch {
	case sum.Errors > 0:
		mark, words = "✗", count(sum.Errors, "error")
	case fails(s.report):
		mark, words = "✗", cmp.Or(some(sum.Warnings, "warning"), count(sum.Notes, "note"))
	case s.report.Excused():
		mark, words = "–", "0 engines verified, by HANDRAIL_WITHOUT"
	case sum.Missing > 0 || sum.Engines == 0:
		mark, words = "–", fmt.Sprintf("verified on %d of %d engines only", sum.Engines, sum.Engines+sum.Missing)
	case seen.all > 0 && seen.judged() == 0:
		mark, words = "–", "no revision judged"
	case sum.Warnings > 0:
		mark, words = "!", count(sum.Warnings, "warning")
	default:
		if sum.Notes+sum.Waived > 0 {
			words = "no error, no warning"
		}
		if undone > 0 {
			words += fmt.Sprintf(", and %s of the review not run", count(undone, "line"))
		}
	}
	return fmt.Sprintf("%s %s: %s", mark, brief(s.report.Subject), words)
}

// some is a count, "" of none.
func some(n int, what string) string {
	if n == 0 {
		return ""
	}
	return count(n, what)
}

// worstFirst are the findings, each once, the errors first and what is waived last.
func (s sheet) worstFirst() []finding.Finding {
	all := merged(s.report)
	rank := []finding.Severity{finding.Error, finding.Warning, finding.Note}
	slices.SortStableFunc(all, func(a, b finding.Finding) int {
		return cmp.Or(
			cmp.Compare(min(1, len(a.Waived)), min(1, len(b.Waived))),
			cmp.Compare(slices.Index(rank, a.Severity), slices.Index(rank, b.Severity)),
		)
	})
	return all
}

// inFile says where a finding is, in brackets; "" where that is not known.
func inFile(f finding.Finding) string {
	if f.File == "" {
		return ""
	}
	return " (" + code(place(f)) + ")"
}

// place is the file of a finding, with the line where it is known.
func place(f finding.Finding) string {
	if f.Line > 0 {
		return fmt.Sprintf("%s:%d", f.File, f.Line)
	}
	return f.File
}

var reviewMarks = map[finding.Status]string{
	finding.Pass: "✓", finding.Warns: "!", finding.Fail: "✗", finding.NotApplicable: "n/a", finding.Waived: "waived", finding.NotRun: "not run",
}

// shortEvidence is how many cells of the evidence stand in a line of the review that
// is shortened.
const shortEvidence = 80

// review is the review list, a row of a table each.
func (s sheet) review() []block {
	var blocks []block
	for _, item := range s.report.Review {
		row := func(evidence string) string {
			return fmt.Sprintf("| %s | %s | %s |\n", strings.ReplaceAll(reviewMarks[item.Status], " ", "&nbsp;"), brief(item.Item), brief(evidence))
		}
		blocks = append(blocks, block{whole: row(item.Evidence), short: row(Line(item.Evidence, shortEvidence))})
	}
	return blocks
}

// engines are those of the report, and why one did not run.
func (s sheet) engines() []block {
	var blocks []block
	for _, run := range s.report.Runs {
		line := "- " + first(run.Engine)
		switch {
		case run.NotRun != "":
			line += ": not run"
		default:
			line += ": " + brief(run.Server+", "+run.Source)
		}
		if run.Unfinished != "" {
			line += "; not to the end: " + brief(flat(run.Unfinished))
		}
		for _, kept := range run.Kept {
			line += fmt.Sprintf("; kept database %s, %s, until %s: %s", code(kept.Name), brief(kept.Stands), brief(kept.Until), code(kept.Command))
		}
		b := block{whole: line + "\n", short: line + "\n"}
		if run.NotRun != "" {
			b.whole = line + "\n\n" + fenced("", signed("  ", side(run.NotRun))) + "\n"
		}
		blocks = append(blocks, b)
	}
	return blocks
}
