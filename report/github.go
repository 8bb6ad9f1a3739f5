package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/handrail-db/handrail/verify/finding"
)

// GitHub writes the findings of a report as commands of a workflow, which GitHub
// shows beside the lines of a pull request: an error, a warning or a notice each, the
// worst first, since it shows ten of a kind for a step. One that is waived is not
// written. Files are named as the findings have them, which must be from the root of
// the repository. Nothing else is written. The error is that of w.
func GitHub(w io.Writer, r finding.Report) error {
	var b strings.Builder
	for _, f := range worstFirst(r) {
		if f.Waived == "" {
			b.WriteString(annotation(f))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// commands are those of a workflow that annotate a line.
var commands = map[finding.Severity]string{finding.Error: "error", finding.Warning: "warning", finding.Note: "notice"}

// annotation is the command for one finding, in one line.
func annotation(f finding.Finding) string {
	var properties []string
	if f.File != "" {
		properties = append(properties, "file="+property(f.File))
	}
	if f.Line > 0 {
		properties = append(properties, fmt.Sprintf("line=%d", f.Line))
	}
	properties = append(properties, "title="+property("handrail "+string(f.Rule)))
	message := printable(f.Message) + "\n" + printable(fmt.Sprintf("on %s (%s)", f.Engine, f.Server))
	if f.Hint != "" {
		message += "\nremedy: " + printable(flat(f.Hint))
	}
	return fmt.Sprintf("::%s %s::%s\n", commands[f.Severity], strings.Join(properties, ","), commandData(message))
}

// commandData is a text as the message of a command: what would end it is escaped.
func commandData(text string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(text)
}

// property is a text as the value of a property of a command: what would end that is
// escaped too.
func property(text string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(commandData(printable(text)))
}
