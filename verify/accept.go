package verify

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
)

// Accept lists the waivers that the findings of a report would need, in the
// order of the report and each once: for every finding that counts at a
// severity and that none of the waivers that are there covers, with or
// without a reason. The new ones have none, so that they count for nothing
// until somebody writes it.
func Accept(r finding.Report, there []finding.Waiver, at finding.Severity) []finding.Waiver {
	var wanted []finding.Waiver
	for _, run := range r.Runs {
		for _, f := range run.All() {
			if !f.Counts(at) || f.Rule == finding.WaiverIncomplete || f.Rule == finding.WaiverUnused || f.Rule == finding.VersionDuplicate || finding.Unwaivable(f.Rule) {
				continue
			}
			covers := func(all []finding.Waiver) bool {
				for _, w := range all {
					if w.Covers(f) {
						return true
					}
				}
				return false
			}
			if covers(there) || covers(wanted) {
				continue
			}
			w := finding.Waiver{Rule: f.Rule, Revision: f.Version}
			if f.Object != nil {
				w.Object = f.Object.Waivable()
			}
			wanted = append(wanted, w)
		}
	}
	return wanted
}

// AppendWaivers is the text of a handrail.toml with waivers behind all that
// stands in it. It is an error if the file would not be valid any more, as
// where its waivers are written as "allow = [...]".
func AppendWaivers(text []byte, waivers []finding.Waiver) ([]byte, error) {
	if _, err := history.ParseConfig(text); err != nil {
		return nil, err
	}
	var b strings.Builder
	if len(text) > 0 && !bytes.HasSuffix(text, []byte("\n")) {
		b.WriteByte('\n')
	}
	for i, w := range waivers {
		if i > 0 || len(text) > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(waiverTOML(w))
	}
	added := b.String()
	if bytes.Contains(text, []byte("\r\n")) {
		added = strings.ReplaceAll(added, "\n", "\r\n")
	}
	out := append(bytes.Clone(text), added...)
	if _, err := history.ParseConfig(out); err != nil {
		return nil, errors.New(history.ConfigFile + ": an [[allow]] cannot be added behind an allow = [...]: write the waivers that are there as [[allow]] too")
	}
	return out, nil
}

// waiverTOML is the waiver as an entry of handrail.toml.
func waiverTOML(w finding.Waiver) string {
	out := fmt.Sprintf("[[allow]]\nrule = %s\n", quoteTOML(string(w.Rule)))
	if w.Revision != nil {
		out += fmt.Sprintf("revision = %d\n", *w.Revision)
	}
	if w.Object != "" {
		out += fmt.Sprintf("object = %s\n", quoteTOML(w.Object))
	}
	return out + fmt.Sprintf("because = %s\n", quoteTOML(w.Because))
}

// quoteTOML writes a text as a basic string of TOML, which is one of JSON without
// the delete character.
func quoteTOML(text string) string {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text) // a string always can be
	return strings.ReplaceAll(strings.TrimSuffix(b.String(), "\n"), "\x7f", `\u007f`)
}
