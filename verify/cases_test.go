package verify_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/fixtures"
	"github.com/handrail-db/handrail/migrations"
	"github.com/handrail-db/handrail/verify"
	"github.com/handrail-db/handrail/verify/dialect"
	"github.com/handrail-db/handrail/verify/engine"
	"github.com/handrail-db/handrail/verify/finding"
	"github.com/handrail-db/handrail/verify/history"
)

var update = flag.Bool("update", false, "rewrite the wants of the cases")

// TestCases runs every file in testdata/cases: a small history, broken or
// nearly so, and what a check must say of it on each dialect, to the letter.
//
// The comment of a case says why it is there. Its files are a folder as
// `handrail check` reads it. `base: event store` puts the event store's own
// files underneath; a section named `edit FILE` then holds replacements in one
// of them, as <<<< old ==== new >>>>. `prelude` is SQL that runs before the first
// revision. `want postgres` and `want sqlite` are the verdicts, how the walk went
// on where a step failed, the findings, and the error of a check that could not
// be finished; `want parity`, where a case has it, is the comparison of the
// dialects; `want error` is that of a folder that cannot be loaded. -update
// writes them.
func TestCases(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/cases/*.txtar")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			runCase(t, file)
		})
	}
}

func runCase(t *testing.T, file string) {
	archive, err := txtar.ParseFile(file)
	require.NoError(t, err)
	subject, err := history.Load(caseFolder(t, archive), dialect.Postgres)
	if err != nil {
		want(t, archive, "want error", err.Error()+"\n")
	} else {
		require.Empty(t, fileOf(archive, "want error"), "the folder can be loaded")
	}
	subject.Prelude = fileOf(archive, "prelude")
	for _, e := range fixtures.All() {
		if !subject.Ships(e.Dialect()) {
			continue
		}
		t.Run(e.Name(), func(t *testing.T) {
			if testing.Short() && e.Dialect() == dialect.Postgres && flag.Lookup("test.run").Value.String() == "" && !inTenth(t.Name()) {
				t.Skip("a short run walks a tenth of the cases on Postgres, each day another")
			}
			ctx := t.Context()
			if inTenth(t.Name()) {
				ctx = verify.Doubting(ctx)
			}
			report, err := verify.Check(ctx, []engine.Engine{e}, subject, verify.Options{})
			require.Len(t, report.Runs, 1)
			run := report.Runs[0]
			ran(t, run, err)
			want(t, archive, "want "+string(e.Dialect()), caseText(run, err))
			agrees(t, report, err)
		})
	}
	if hasFile(archive, "want parity") {
		t.Run("parity", func(t *testing.T) {
			findings, items, err := verify.CheckParity(t.Context(), []engine.Engine{fixtures.Postgres, fixtures.SQLiteMemory}, subject)
			if unavailable := new(engine.Unavailable); errors.As(err, &unavailable) {
				available(t, err)
			}
			want(t, archive, "want parity", parityText(findings, items, err))
			unbroken(t, finding.Run{Findings: findings, Checklist: items})
		})
	}
	if *update {
		require.NoError(t, os.WriteFile(file, txtar.Format(archive), 0o644))
	}
}

// inTenth reports whether a test is of today's tenth: each day has another, and
// make exhaustive them all.
func inTenth(name string) bool {
	hash := fnv.New32a()
	_, _ = io.WriteString(hash, name)
	return (int(hash.Sum32()%10)+time.Now().UTC().YearDay())%10 == 0
}

// want compares a section of a case with what it should say, or writes it.
func want(t *testing.T, a *txtar.Archive, section, got string) {
	t.Helper()
	if *update {
		setFile(a, section, got)
		return
	}
	require.Equal(t, fileOf(a, section), got, "%s", a.Comment)
}

// caseText is what a case wants, without what differs from machine to machine.
func caseText(run finding.Run, err error) string {
	var b strings.Builder
	for _, v := range run.Revisions {
		fmt.Fprintf(&b, "%s: %s\n", v, v.Verdict)
		if v.Went != "" {
			fmt.Fprintf(&b, "    %s\n", v.Went)
		}
	}
	for _, f := range run.All() {
		fmt.Fprintf(&b, "%s\n", f)
	}
	if err != nil {
		fmt.Fprintf(&b, "not finished: %s\n", err)
	}
	return serverPattern.ReplaceAllString(b.String(), "ENGINE")
}

// parityText is what a comparison of the dialects comes to.
func parityText(findings []finding.Finding, items []finding.Item, err error) string {
	var b strings.Builder
	for _, item := range items {
		fmt.Fprintf(&b, "%s: %s: %s\n", item.Status, item.Promise, item.Evidence)
	}
	for _, f := range findings {
		fmt.Fprintf(&b, "%s\n", f)
	}
	if err != nil {
		fmt.Fprintf(&b, "not finished: %s\n", err)
	}
	return serverPattern.ReplaceAllString(b.String(), "ENGINE")
}

var serverPattern = regexp.MustCompile(`(postgres|sqlite-file|sqlite-memory) \((Postgres|SQLite) [^)]*\)`)

// caseFolder is the folder that a case describes.
func caseFolder(t *testing.T, a *txtar.Archive) fs.FS {
	folder := fstest.MapFS{}
	if strings.Contains(string(a.Comment), "base: event store") {
		require.NoError(t, fs.WalkDir(migrations.Files, ".", func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || d.Name() == history.LockFile { // or each edit would be one of what is published
				return err
			}
			text, err := fs.ReadFile(migrations.Files, path)
			folder[path] = &fstest.MapFile{Data: text}
			return err
		}))
	}
	for _, f := range a.Files {
		name, edit := strings.CutPrefix(f.Name, "edit ")
		switch {
		case edit:
			require.Contains(t, folder, name)
			folder[name] = &fstest.MapFile{Data: applyEdits(t, name, folder[name].Data, f.Data)}
		case name != "prelude" && !strings.HasPrefix(name, "want "):
			folder[name] = &fstest.MapFile{Data: f.Data}
		}
	}
	return folder
}

var editPattern = regexp.MustCompile(`(?s)<<<<\n(.*?)====\n(.*?)>>>>\n`)

// applyEdits makes each replacement, of which the old text must be there once.
func applyEdits(t *testing.T, name string, text, edits []byte) []byte {
	found := editPattern.FindAllSubmatch(edits, -1)
	require.NotEmpty(t, found, "edits of %s", name)
	for _, m := range found {
		require.Equal(t, 1, bytes.Count(text, m[1]), "%s must have this once:\n%s", name, m[1])
		text = bytes.Replace(text, m[1], m[2], 1)
	}
	return text
}

func hasFile(a *txtar.Archive, name string) bool {
	return slices.ContainsFunc(a.Files, func(f txtar.File) bool { return f.Name == name })
}

func fileOf(a *txtar.Archive, name string) string {
	for _, f := range a.Files {
		if f.Name == name {
			return string(f.Data)
		}
	}
	return ""
}

func setFile(a *txtar.Archive, name, text string) {
	for i := range a.Files {
		if a.Files[i].Name == name {
			a.Files[i].Data = []byte(text)
			return
		}
	}
	a.Files = append(a.Files, txtar.File{Name: name, Data: []byte(text)})
}
