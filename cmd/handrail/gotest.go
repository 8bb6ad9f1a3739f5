package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/build"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/handrail-db/handrail/verify"
	"github.com/handrail-db/handrail/verify/history"
)

const (
	modulePath = "github.com/handrail-db/handrail"
	testFile   = "handrail_test.go"
)

// A goTest is a test that verifies a subject, and where it belongs.
type goTest struct {
	verify.Draft
	module string // the folder of go.mod
	folder string // of the test
}

// draftTest is a Go test of a subject, without a text where its file is there already. The
// error says why there can be none.
func draftTest(s history.Subject) (goTest, error) {
	dir, err := filepath.Abs(filepath.FromSlash(s.Dir))
	if err != nil {
		return goTest{}, err
	}
	module, err := moduleOf(dir)
	if err != nil {
		return goTest{}, err
	}
	t := goTest{module: module, folder: testFolder(module, dir)}
	t.File = filepath.ToSlash(filepath.Join(fromHere(t.folder), testFile))
	if _, err := os.Lstat(filepath.FromSlash(t.File)); err == nil {
		return t, nil // whatever it is, it stays
	}
	name, err := packageName(t.folder)
	if err != nil {
		return goTest{}, err
	}
	function, err := freeName(t.folder, name)
	if err != nil {
		return goTest{}, err
	}
	to, err := filepath.Rel(t.folder, dir)
	if err != nil {
		return goTest{}, err
	}
	t.Text, err = format.Source(fmt.Appendf(nil, testText, name, modulePath, function, filepath.ToSlash(to), s.Flat()))
	return t, err
}

const testText = `package %s

import (
	"os"
	"testing"

	%q
)

// %[3]s runs every revision up, down and up again, on each engine that there is.
func %[3]s(t *testing.T) {
	handrail.Run(t, handrail.Load(t, os.DirFS(%[4]q), %[5]q))
}
`

// moduleOf is the folder of the Go module that a folder is in.
func moduleOf(dir string) (string, error) {
	for at := dir; ; at = filepath.Dir(at) {
		info, err := os.Stat(filepath.Join(at, "go.mod"))
		switch {
		case err == nil && !info.IsDir():
			return at, nil
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return "", err
		case at == filepath.Dir(at):
			return "", errors.New("there is no go.mod in the folder of the migrations or above it")
		}
	}
}

// testFolder is where a Go test of the migrations in a folder belongs: there if it has Go
// files, else in the folder above, and never in or below a folder that ./... leaves out.
func testFolder(module, dir string) string {
	if files, err := filepath.Glob(filepath.Join(dir, "*.go")); dir != module && (err != nil || len(files) == 0) {
		dir = filepath.Dir(dir)
	}
	rel, err := filepath.Rel(module, dir)
	if err != nil {
		return module
	}
	parts := strings.Split(filepath.ToSlash(rel), "/")
	if i := slices.IndexFunc(parts, unseen); i >= 0 {
		parts = parts[:i]
	}
	return filepath.Join(module, filepath.Join(parts...))
}

// unseen reports whether ./... leaves a folder out.
func unseen(name string) bool {
	return name == "testdata" || name == "vendor" || name != "." && strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")
}

var notInPackageName = regexp.MustCompile(`[^a-z0-9]+`)

// packageName is the name of the package of a test that is outside of the package in its
// folder.
func packageName(folder string) (string, error) {
	p, err := build.ImportDir(folder, 0)
	var none *build.NoGoError
	if err != nil && !errors.As(err, &none) {
		return "", fmt.Errorf("the Go files in %s do not make a package: %w", fromHere(folder), err)
	}
	name := p.Name
	if name == "" {
		name = notInPackageName.ReplaceAllString(strings.ToLower(filepath.Base(folder)), "")
	}
	if !token.IsIdentifier(name + "_test") {
		name = defaultDir
	}
	return name + "_test", nil
}

// freeName is a name for a test that no test in its package has.
func freeName(folder, name string) (string, error) {
	taken := map[string]bool{}
	files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	if err != nil {
		return "", err
	}
	for _, file := range files {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			return "", err
		}
		if f.Name.Name != name {
			continue
		}
		for _, d := range f.Decls {
			if function, ok := d.(*ast.FuncDecl); ok {
				taken[function.Name.Name] = true
			}
		}
	}
	names := []string{"TestMigrations", "TestHandrail"}
	for _, n := range names {
		if !taken[n] {
			return n, nil
		}
	}
	return "", fmt.Errorf("package %s in %s has both %s", name, fromHere(folder), strings.Join(names, " and "))
}

// fromHere is the path of a folder from the current one.
func fromHere(folder string) string {
	here, err := os.Getwd()
	if err != nil {
		return folder
	}
	return from(here, folder)
}

// from is the path of a folder from another.
func from(here, folder string) string {
	rel, err := filepath.Rel(here, folder)
	if err != nil {
		return folder
	}
	return rel
}

// next are the commands that run the test and all checks of the migrations in a folder:
// from the current folder or, where that is not in the module, from the module's.
func (t goTest) next(dir string) []string {
	var lines []string
	here, err := os.Getwd()
	if err != nil || above(from(t.module, here)) {
		lines, here = append(lines, "cd "+fromHere(t.module)), t.module
	}
	lines = append(lines, "go get "+modulePath)
	if _, err := os.Stat(filepath.Join(t.module, "vendor", "modules.txt")); err == nil {
		lines = append(lines, "go mod vendor")
	}
	if abs, err := filepath.Abs(dir); err == nil {
		dir = from(here, abs)
	}
	tests := filepath.ToSlash(from(here, t.folder))
	if !above(tests) && tests != "." {
		tests = "./" + tests
	}
	return append(lines, "go test "+tests, "handrail check "+filepath.ToSlash(dir))
}

// above reports whether a path leads out of the folder in which it begins.
func above(path string) bool {
	return filepath.IsAbs(path) || strings.HasPrefix(filepath.ToSlash(path)+"/", "../")
}
