package verify_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/verify"
	"github.com/handrail-db/handrail/verify/finding"
)

// TestAppendWaivers adds an entry behind what is there: after a last line without
// an end, with the line ends of the file, and with names that need quotes.
func TestAppendWaivers(t *testing.T) {
	t.Parallel()
	waivers := []finding.Waiver{{Rule: finding.Loss, Revision: new(int64(7)), Object: "a \"b\"\\\n\x7f<é"}}
	const entry = "[[allow]]\nrule = \"loss\"\nrevision = 7\nobject = \"a \\\"b\\\"\\\\\\n\\u007f<é\"\nbecause = \"\"\n"
	cases := []struct{ name, text, want string }{
		{"no file", "", entry},
		{"a comment and no line end", "# ours\nfloor = 2", "# ours\nfloor = 2\n\n" + entry},
		{"line ends of Windows", "floor = 2\r\n", "floor = 2\r\n\r\n[[allow]]\r\nrule = \"loss\"\r\nrevision = 7\r\nobject = \"a \\\"b\\\"\\\\\\n\\u007f<é\"\r\nbecause = \"\"\r\n"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := verify.AppendWaivers([]byte(c.text), waivers)
			require.NoError(t, err)
			require.Equal(t, c.want, string(got))
		})
	}
	_, err := verify.AppendWaivers([]byte("flor = 2\n"), waivers)
	require.ErrorContains(t, err, `unknown key "flor"`)
}

// TestAccept asks for what two dialects have in common once.
func TestAccept(t *testing.T) {
	t.Parallel()
	found := func(engine string, severity finding.Severity, object string) finding.Finding {
		return finding.Finding{Rule: finding.Loss, Severity: severity, Engine: engine, Version: new(int64(7)), Object: &finding.ObjectRef{Kind: "index", Name: object}}
	}
	run := func(engine string, findings ...finding.Finding) finding.Run {
		return finding.Run{Engine: engine, Findings: findings}
	}
	report := finding.Report{Runs: []finding.Run{
		run("postgres", found("postgres", finding.Error, "ix_a on public.a"), found("postgres", finding.Note, "noted")),
		run("sqlite-file", found("sqlite-file", finding.Error, "ix_a on a"), found("sqlite-file", finding.Error, "there")),
	}}
	there := []finding.Waiver{{Rule: finding.Loss, Revision: new(int64(7)), Object: "there"}}
	require.Equal(t, []finding.Waiver{{Rule: finding.Loss, Revision: new(int64(7)), Object: "ix_a"}}, verify.Accept(report, there, finding.Error))
}
