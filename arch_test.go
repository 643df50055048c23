package crmhub_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// floors says on which floor each top-level folder lives. Imports go down,
// never up and never across.
var floors = map[string]int{
	"cmd":     6,
	"console": 5,
	"hub":     4, "deploy": 3,
	"pipelines": 3, "store": 3,
	"connectors": 2, "mdm": 2, "governance": 2, "schemas": 2, "mappings": 2,
	"record": 1, "fault": 1,
}

// only says which folders may import a package; everybody else may not.
var only = []struct {
	prefix  string
	folders []string
}{
	{"github.com/redpanda-data/benthos", []string{"pipelines/stream", "mappings"}},
	{"github.com/jackc/pgx", []string{"store", "connectors/sqldb"}},
	{"github.com/go-sql-driver/mysql", []string{"connectors/sqldb"}},
	{"modernc.org/sqlite", []string{"store", "connectors/sqldb"}},
	{"database/sql", []string{"store", "connectors/sqldb"}},
	{"go.mongodb.org/mongo-driver", []string{"connectors/mongodb"}},
	{"github.com/emersion/go-imap", []string{"connectors/email"}},
	{"github.com/minio/minio-go", []string{"store/backup"}},
	{"os/exec", []string{"connectors/subprocess", "connectors/connectortest"}},
	{"crypto/aes", []string{"governance/crypt"}},
	{"crypto/cipher", []string{"governance/crypt"}},
}

// file is one parsed file of the program.
type file struct {
	path, dir string
	test      bool
	syntax    *ast.File
	set       *token.FileSet
}

// files parses every file of the program in this process: a test that runs
// `go list` would be answered from the test cache on a broken tree.
func files(t *testing.T) []file {
	t.Helper()
	var all []file
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if path != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || path == "tools" || path == "build" || path == "bin") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		set := token.NewFileSet()
		syntax, err := parser.ParseFile(set, path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		all = append(all, file{path, filepath.ToSlash(filepath.Dir(path)), strings.HasSuffix(path, "_test.go"), syntax, set})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 20 {
		t.Fatalf("only %d files were found: the test looks in the wrong place", len(all))
	}
	return all
}

func imports(f file) []string {
	var out []string
	for _, i := range f.syntax.Imports {
		out = append(out, strings.Trim(i.Path.Value, `"`))
	}
	return out
}

func TestImportsGoDown(t *testing.T) {
	for _, f := range files(t) {
		if f.test {
			continue
		}
		from, _, _ := strings.Cut(f.dir, "/")
		for _, path := range imports(f) {
			rest, ours := strings.CutPrefix(path, "crmhub/")
			if !ours {
				continue
			}
			to, _, _ := strings.Cut(rest, "/")
			if to == from {
				continue
			}
			if _, known := floors[to]; !known {
				t.Errorf("%s: imports %s, which has no floor", f.path, path)
			}
			if floors[from] <= floors[to] {
				t.Errorf("%s: floor %d imports %s on floor %d", f.path, floors[from], path, floors[to])
			}
		}
	}
}

func TestDriversStayInTheirRooms(t *testing.T) {
	for _, f := range files(t) {
		if f.test {
			continue
		}
		for _, path := range imports(f) {
			for _, rule := range only {
				if path != rule.prefix && !strings.HasPrefix(path, rule.prefix+"/") {
					continue
				}
				if !slices.ContainsFunc(rule.folders, func(room string) bool { return f.dir == room || strings.HasPrefix(f.dir, room+"/") }) {
					t.Errorf("%s: only %s may import %s", f.path, strings.Join(rule.folders, ", "), path)
				}
			}
		}
	}
}

func TestEveryPackageHasItsSentence(t *testing.T) {
	sentence := map[string]bool{}
	for _, f := range files(t) {
		if f.test {
			continue
		}
		name := f.syntax.Name.Name
		want := "Package " + name + " "
		if name == "main" {
			want = "Command "
		}
		if f.syntax.Doc != nil && strings.HasPrefix(f.syntax.Doc.Text(), want) {
			sentence[f.dir] = true
		} else if _, seen := sentence[f.dir]; !seen {
			sentence[f.dir] = false
		}
	}
	for dir, has := range sentence {
		if !has {
			t.Errorf("%s: no sentence that begins with Package or Command and the name", dir)
		}
	}
}

func TestExportsAreDocumented(t *testing.T) {
	for _, f := range files(t) {
		if f.test || f.syntax.Name.Name == "main" {
			continue
		}
		for _, d := range f.syntax.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && exportedReceiver(d) && d.Doc == nil && !obvious[d.Name.Name] {
					t.Errorf("%s: %s has no comment", f.set.Position(d.Pos()), d.Name.Name)
				}
			case *ast.GenDecl:
				for _, s := range d.Specs {
					ts, ok := s.(*ast.TypeSpec)
					if ok && ts.Name.IsExported() && d.Doc == nil && ts.Doc == nil {
						t.Errorf("%s: %s has no comment", f.set.Position(ts.Pos()), ts.Name.Name)
					}
				}
			}
		}
	}
}

// obvious are methods of well-known interfaces, whose meaning every reader knows.
var obvious = map[string]bool{
	"Error": true, "Unwrap": true, "String": true, "Close": true, "Read": true, "Write": true,
	"Len": true, "Less": true, "Swap": true, "Spec": true, "Open": true, "Check": true, "Discover": true,
	"MarshalJSON": true, "UnmarshalJSON": true, "MarshalText": true, "UnmarshalText": true, "UnmarshalYAML": true,
}

func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	t := d.Recv.List[0].Type
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	if index, ok := t.(*ast.IndexExpr); ok {
		t = index.X
	}
	id, ok := t.(*ast.Ident)
	return ok && id.IsExported()
}

func TestNothingRegistersItself(t *testing.T) {
	for _, f := range files(t) {
		for _, d := range f.syntax.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				t.Errorf("%s: init functions are not used: a registry is a value passed in", f.set.Position(fn.Pos()))
			}
		}
	}
}

func TestNoTestSkipsOrSleeps(t *testing.T) {
	for _, f := range files(t) {
		if !f.test {
			continue
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			sel, ok := call.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			x, _ := sel.X.(*ast.Ident)
			switch {
			case sel.Sel.Name == "Skip" || sel.Sel.Name == "Skipf" || sel.Sel.Name == "SkipNow":
				t.Errorf("%s: a test that is skipped proves nothing", f.set.Position(call.Pos()))
			case sel.Sel.Name == "Sleep" && x != nil && x.Name == "time":
				t.Errorf("%s: a test waits for what it expects, it does not sleep", f.set.Position(call.Pos()))
			}
			return true
		})
	}
}

func TestFilesAreShort(t *testing.T) {
	const most = 500
	for _, f := range files(t) {
		if n := f.set.Position(f.syntax.End()).Line; !f.test && n > most {
			t.Errorf("%s: %d lines; look for the second idea past %d", f.path, n, most)
		}
	}
}

func TestThePlanOfTheHouseStands(t *testing.T) {
	for _, name := range []string{"cmd", "connectors", "pipelines", "mdm", "schemas", "mappings", "deploy", "go.mod", "Makefile", "README.md", "README.zh.md"} {
		if _, err := os.Stat(name); err != nil {
			t.Errorf("%s is missing", name)
		}
	}
}
