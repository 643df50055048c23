package all_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"crmhub/connectors/all"
)

func TestRegistry(t *testing.T) {
	r := all.Registry()
	if len(r) == 0 {
		t.Fatal("no connector is listed")
	}
	for name, c := range r {
		if got := c.Spec().Name; got != name {
			t.Errorf("the connector under %q calls itself %q", name, got)
		}
		if c.Spec().Limits[0] == "" {
			t.Errorf("%s does not say what it cannot see", name)
		}
	}
	for _, folder := range folders(t) {
		if _, listed := r[folder]; !listed {
			t.Errorf("connectors/%s holds a connector and is not in the list", folder)
		}
	}
	r["mine"] = nil
	if _, shared := all.Registry()["mine"]; shared {
		t.Error("two callers share one map")
	}
}

var connector = regexp.MustCompile(`(?m)^type Connector struct|^func Connector\(\) connectors\.Connector`)

// folders are those beside this one that hold a connector.
func folders(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../*/*.go")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(f, "_test.go") && connector.Match(text) {
			out = append(out, filepath.Base(filepath.Dir(f)))
		}
	}
	return out
}
