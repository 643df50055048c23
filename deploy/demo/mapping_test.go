package demo_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"crmhub/deploy/demo"
	"crmhub/fault"
	"crmhub/mappings"
)

// mappingsFolder is where the project's own mappings are.
const mappingsFolder = "project/mappings"

func TestMappingsOfTheDemoGiveWhatTheirPairsSay(t *testing.T) {
	pairs, err := mappings.TestPairs(os.DirFS(mappingsFolder))
	if err != nil {
		t.Fatal(err)
	}
	tested := map[string]bool{}
	for _, p := range pairs {
		tested[p.Mapping] = true
		if p.Err == nil {
			continue
		}
		if !*update || p.Outputs == nil || fault.Of(p.Err) == nil {
			t.Errorf("%s %s: %v", p.Mapping, p.Case, p.Err)
			continue
		}
		text, err := json.MarshalIndent(mappings.Laid(p.Outputs), "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(mappingsFolder, "testdata", strings.TrimSuffix(p.Mapping, ".blobl"), p.Case+".out.json")
		if err := os.WriteFile(name, append(text, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	own, err := fs.Glob(demo.Project(), "mappings/*.blobl")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range own {
		if !tested[strings.TrimPrefix(name, "mappings/")] {
			t.Errorf("%s has no pair", name)
		}
	}
}
