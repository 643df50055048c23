package scaffold_test

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"crmhub/fault"
	"crmhub/hub/scaffold"
)

// clone copies what a connector needs of the project into a folder.
func clone(t *testing.T) string {
	t.Helper()
	root, to := filepath.Join("..", ".."), t.TempDir()
	for _, part := range []string{"go.mod", "go.sum", "connectors", "fault", "record"} {
		err := filepath.WalkDir(filepath.Join(root, part), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || strings.HasSuffix(path, "_test.go") {
				return err
			}
			rel, err := filepath.Rel(root, path)
			if err != nil {
				return err
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			target := filepath.Join(to, rel)
			return errors.Join(os.MkdirAll(filepath.Dir(target), 0o755), os.WriteFile(target, text, 0o644))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return to
}

// TestNewConnectorPassesItsTests holds that what is laid out compiles, is
// listed, is formatted and passes the conformance suite as it stands.
func TestNewConnectorPassesItsTests(t *testing.T) {
	dir := clone(t)
	files, err := scaffold.Connector(filepath.Join(dir, "connectors"), "kingdee", "erp")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"connectors/kingdee/kingdee.go", "connectors/kingdee/kingdee_test.go", "connectors/kingdee/testdata/rows.json", "connectors/all/all.go"}
	if !slices.Equal(files, want) {
		t.Errorf("wrote %v, want %v", files, want)
	}
	list, err := os.ReadFile(filepath.Join(dir, "connectors", "all", "all.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"\t\"crmhub/connectors/kingdee\"\n", "\t\tkingdee.Connector{},\n"} {
		if n := strings.Count(string(list), line); n != 1 {
			t.Errorf("the list has %q %d times", line, n)
		}
	}
	for _, args := range [][]string{{"build", "./connectors/all"}, {"test", "./connectors/kingdee"}} {
		cmd := exec.Command("go", args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	if _, err := scaffold.Connector(dir, "kingdee", "erp"); fault.Of(err) == nil || fault.Of(err).Code != "E1119" {
		t.Errorf("a second time: %v, want E1119", err)
	}
}

func TestNewConnectorIsRefused(t *testing.T) {
	here := filepath.Join("..", "..")
	for _, tt := range []struct {
		name, dir, connector, category string
		want                           fault.Code
	}{
		{"elsewhere", t.TempDir(), "kingdee", "erp", "E1118"},
		{"capitals", here, "Kingdee", "erp", "E1119"},
		{"a path", here, "../x", "erp", "E1119"},
		{"a keyword", here, "func", "erp", "E1119"},
		{"one that there is", here, "file", "files", "E1119"},
		{"an unknown category", here, "kingdee", "cooking", "E1119"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := scaffold.Connector(tt.dir, tt.connector, tt.category)
			if f := fault.Of(err); f == nil || f.Code != tt.want {
				t.Errorf("%v, want %s", err, tt.want)
			}
		})
	}
	if _, err := os.Stat(filepath.Join(here, "connectors", "kingdee")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a refused connector left files: %v", err)
	}
}
