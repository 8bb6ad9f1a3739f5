package verify_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/constant"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handrail-db/handrail/verify/dialect"
)

const module = "github.com/handrail-db/handrail"

// layers is the plan of the house: a package imports only packages of lower layers.
var layers = map[string]int{
	"verify/dialect":                0,
	"verify/secret":                 0,
	"migrations":                    0,
	"verify/internal/corpus":        0,
	"internal/words":                0,
	"verify/internal/sqltext":       1,
	"verify/finding":                2,
	"verify/schema":                 2,
	"verify/engine":                 3,
	"verify/rows":                   3,
	"verify/internal/ddl":           3,
	"verify/internal/portable":      3,
	"verify/history":                4,
	"verify/internal/generate":      5,
	"verify/internal/walk":          6,
	"verify/move":                   7,
	"verify/attack":                 7,
	"verify/internal/golangmigrate": 4,
	"report":                        8,
	"verify":                        9,
	"":                              10,
	"fixtures/eventstore":           11, // a test's, built on the root
	"cmd/handrail":                  11,

	"fixtures/internal/golangmigrate": 4,
	"fixtures/internal/scratch":       4,
	"fixtures/internal/postgres":      5,
	"fixtures/internal/sqlite":        5,
	"fixtures":                        6,
}

// notYet lists the imports against the layers that are still there, with what takes
// each away.
var notYet = map[string]string{}

// largestCycles is how many files of a package need each other, at most. It may only
// become less. What is not here has no cycle of more than smallCycle files.
var largestCycles = map[string]int{
	"verify":              41,
	"verify/internal/ddl": 13,
}

const smallCycle = 10

// drivers are the modules of which only fixtures, the command and the root import a package.
var drivers = []string{"modernc.org/sqlite", "github.com/jackc/pgx/v5", migrateDrivers, "github.com/testcontainers"}

// migrateDrivers are golang-migrate's own, of which only one package imports any.
const migrateDrivers = "github.com/golang-migrate/migrate/v4/database/"

// A listed package is what `go list` says of it.
type listed struct {
	ImportPath, Dir, Export string
	GoFiles, Imports        []string
	Module                  *struct{ Path string }
}

func (p listed) short() string {
	return strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
}

func listPackages(t *testing.T) (ours []listed, export map[string]string) {
	t.Helper()
	cmd := exec.Command("go", "list", "-export", "-deps", "-json=ImportPath,Dir,Export,GoFiles,Imports,Module", module+"/...")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, "%s", &stderr)
	export = map[string]string{}
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else {
			require.NoError(t, err)
		}
		export[p.ImportPath] = p.Export
		if p.Module != nil && p.Module.Path == module && len(p.GoFiles) > 0 {
			ours = append(ours, p)
		}
	}
	return ours, export
}

// TestLayers holds the imports of every package against the plan.
func TestLayers(t *testing.T) {
	t.Parallel()
	packages, _ := listPackages(t)
	against := map[string]bool{}
	for _, p := range packages {
		name := p.short()
		layer, ok := layers[name]
		if !ok {
			t.Errorf("package %q has no layer", name)
			continue
		}
		for _, path := range p.Imports {
			imported := listed{ImportPath: path}.short()
			switch lower, ours := layers[imported]; {
			case strings.HasPrefix(path, module) && ours && lower >= layer:
				against[name+" -> "+imported] = true
			case path == "testing" && name != "" && name != "fixtures/eventstore":
				t.Errorf("%s imports testing", name)
			case isDriver(path) && name != "" && !strings.HasPrefix(name, "fixtures") && !strings.HasPrefix(name, "cmd/"):
				t.Errorf("%s imports the driver %s", name, path)
			case strings.HasPrefix(path, migrateDrivers) && name != "fixtures/internal/golangmigrate":
				t.Errorf("%s imports golang-migrate's driver %s", name, path)
			}
		}
	}
	for pair := range against {
		if _, known := notYet[pair]; !known {
			t.Errorf("%s: an import of the same or a higher layer", pair)
		}
	}
	for pair, by := range notYet {
		require.True(t, against[pair], "%s is gone (by %s): take it out of the list", pair, by)
	}
}

func isDriver(path string) bool {
	return slices.ContainsFunc(drivers, func(d string) bool { return strings.HasPrefix(path, d) })
}

// TestCycles measures the largest cycle of files within each package.
func TestCycles(t *testing.T) {
	t.Parallel()
	packages, export := listPackages(t)
	for _, p := range packages {
		cycle := largestCycle(fileUses(p, check(t, p, export)))
		limit := cmp.Or(largestCycles[p.short()], smallCycle)
		if len(cycle) > 1 {
			t.Logf("%-20s %3d of %3d files in the largest cycle", cmp.Or(p.short(), "."), len(cycle), len(p.GoFiles))
		}
		switch {
		case len(cycle) > limit:
			t.Errorf("%s: %d files need each other, at most %d may: %s", p.short(), len(cycle), limit, strings.Join(cycle, " "))
		case len(cycle) < limit && limit > smallCycle:
			t.Errorf("%s: %d files need each other, no longer %d: write the new number into the list", p.short(), len(cycle), limit)
		}
	}
}

// TestTablesByDialect: what has an entry for one dialect has an entry for each.
func TestTablesByDialect(t *testing.T) {
	t.Parallel()
	packages, export := listPackages(t)
	tables := 0
	for _, p := range packages {
		checked := check(t, p, export)
		for _, file := range checked.files {
			for table, keys := range dialectTables(file, checked.info) {
				tables++
				for _, d := range dialect.All() {
					if !keys[string(d)] {
						t.Errorf("%s: no entry for %s", checked.set.Position(table.Pos()), d)
					}
				}
			}
		}
	}
	require.Greater(t, tables, 5)
}

// dialectTables are the maps by dialect that package-level variables of a file hold,
// each with the dialects that it has entries for.
func dialectTables(file *ast.File, info *types.Info) map[*ast.CompositeLit]map[string]bool {
	tables := map[*ast.CompositeLit]map[string]bool{}
	for _, declaration := range file.Decls {
		variable, ok := declaration.(*ast.GenDecl)
		if !ok || variable.Tok != token.VAR {
			continue
		}
		ast.Inspect(variable, func(n ast.Node) bool {
			literal, ok := n.(*ast.CompositeLit)
			if !ok {
				return true
			}
			table, ok := info.TypeOf(literal).Underlying().(*types.Map)
			if !ok || table.Key().String() != module+"/verify/dialect.Dialect" {
				return true
			}
			keys := map[string]bool{}
			for _, element := range literal.Elts {
				if value := info.Types[element.(*ast.KeyValueExpr).Key].Value; value != nil {
					keys[constant.StringVal(value)] = true
				}
			}
			tables[literal] = keys
			return true
		})
	}
	return tables
}

// A checkedPackage is a package with the types of its expressions.
type checkedPackage struct {
	set   *token.FileSet
	files []*ast.File
	info  *types.Info
}

func check(t *testing.T, p listed, export map[string]string) checkedPackage {
	t.Helper()
	set := token.NewFileSet()
	var files []*ast.File
	for _, name := range p.GoFiles {
		file, err := parser.ParseFile(set, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		files = append(files, file)
	}
	config := types.Config{Importer: importer.ForCompiler(set, "gc", func(path string) (io.ReadCloser, error) {
		if export[path] == "" {
			return nil, fmt.Errorf("no export data of %s", path)
		}
		return os.Open(export[path])
	})}
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}, Types: map[ast.Expr]types.TypeAndValue{}}
	_, err := config.Check(p.ImportPath, set, files, info)
	require.NoError(t, err)
	return checkedPackage{set, files, info}
}

// fileUses is what files of a package use which others: their declarations, the
// methods and the fields of their types.
func fileUses(p listed, c checkedPackage) map[string]map[string]bool {
	uses := map[string]map[string]bool{}
	for ident, object := range c.info.Uses {
		if object.Pkg() == nil || object.Pkg().Path() != p.ImportPath || !object.Pos().IsValid() {
			continue
		}
		from, to := filepath.Base(c.set.Position(ident.Pos()).Filename), filepath.Base(c.set.Position(object.Pos()).Filename)
		if from == to {
			continue
		}
		if uses[from] == nil {
			uses[from] = map[string]bool{}
		}
		uses[from][to] = true
	}
	return uses
}

// largestCycle is the largest strongly connected component of a graph, sorted (Tarjan).
func largestCycle(graph map[string]map[string]bool) (largest []string) {
	index, low, on := map[string]int{}, map[string]int{}, map[string]bool{}
	var stack []string
	var visit func(string)
	visit = func(v string) {
		index[v], low[v], on[v] = len(index)+1, len(index)+1, true
		stack = append(stack, v)
		for w := range graph[v] {
			switch {
			case index[w] == 0:
				visit(w)
				low[v] = min(low[v], low[w])
			case on[w]:
				low[v] = min(low[v], index[w])
			}
		}
		if low[v] != index[v] {
			return
		}
		at := slices.Index(stack, v)
		component := slices.Clone(stack[at:])
		stack = stack[:at]
		for _, w := range component {
			on[w] = false
		}
		if len(component) > len(largest) {
			largest = component
		}
	}
	for _, v := range slices.Sorted(maps.Keys(graph)) {
		if index[v] == 0 {
			visit(v)
		}
	}
	slices.Sort(largest)
	return largest
}

func TestLargestCycle(t *testing.T) {
	t.Parallel()
	graph := map[string]map[string]bool{
		"a": {"b": true}, "b": {"c": true}, "c": {"a": true, "d": true},
		"d": {"e": true}, "e": {"d": true}, "f": {"a": true},
	}
	require.Equal(t, []string{"a", "b", "c"}, largestCycle(graph))
	require.Len(t, largestCycle(map[string]map[string]bool{"a": {"b": true}}), 1)
}
