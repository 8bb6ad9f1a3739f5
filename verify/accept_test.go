package verify_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/verify"
)

// TestAppendWaivers adds an entry behind what is there: after a last line without
// an end, with the line ends of the file, and with names that need quotes.
func TestAppendWaivers(t *testing.T) {
	t.Parallel()
	waivers := []verify.Waiver{{Rule: verify.Loss, Revision: new(int64(7)), Object: "a \"b\"\\\n\x7f<é"}}
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
	finding := func(engine string, severity verify.Severity, object string) verify.Finding {
		return verify.Finding{Rule: verify.Loss, Severity: severity, Engine: engine, Version: new(int64(7)), Object: &verify.ObjectRef{Kind: "index", Name: object}}
	}
	run := func(engine string, findings ...verify.Finding) verify.Run {
		return verify.Run{Engine: engine, Findings: findings}
	}
	report := verify.Report{Runs: []verify.Run{
		run("postgres", finding("postgres", verify.Error, "ix_a on public.a"), finding("postgres", verify.Note, "noted")),
		run("sqlite-file", finding("sqlite-file", verify.Error, "ix_a on a"), finding("sqlite-file", verify.Error, "there")),
	}}
	there := []verify.Waiver{{Rule: verify.Loss, Revision: new(int64(7)), Object: "there"}}
	require.Equal(t, []verify.Waiver{{Rule: verify.Loss, Revision: new(int64(7)), Object: "ix_a"}}, verify.Accept(report, there, verify.Error))
}
