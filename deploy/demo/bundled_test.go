package demo_test

import (
	"bytes"
	"encoding/csv"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

//go:generate go test -run TestTheBundledFilesAreWhatTheGeneratorMakes -update

var update = flag.Bool("update", false, "write the bundled data anew")

// generate makes all data of the demo. The same program makes the same bytes.
func generate(t *testing.T) *bundle {
	t.Helper()
	b := &bundle{t: t, files: map[string][]byte{}}
	w := newWorld()
	b.erp(w)
	b.shop(w)
	b.payments(w)
	b.logistics(w)
	b.inbox(w)
	b.legacy(w)
	slices.SortFunc(b.truth, slices.Compare)
	b.truth = slices.CompactFunc(b.truth, slices.Equal)
	var out bytes.Buffer
	c := csv.NewWriter(&out)
	if err := c.WriteAll(append([][]string{{"source", "stream", "key", "entity"}}, b.truth...)); err != nil {
		t.Fatal(err)
	}
	b.files["truth.csv"] = out.Bytes()
	return b
}

func TestTheBundledFilesAreWhatTheGeneratorMakes(t *testing.T) {
	made := generate(t).files
	if *update {
		if err := os.RemoveAll("project/data"); err != nil {
			t.Fatal(err)
		}
		for name, data := range made {
			if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, want := range made {
		got, err := os.ReadFile(name)
		if err != nil {
			t.Errorf("%v; run go generate ./deploy/demo", err)
			continue
		}
		// The database's header has the version of the library that wrote it.
		if strings.HasSuffix(name, ".db") && len(got) == len(want) && len(got) > 100 {
			got, want = got[100:], want[100:]
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not what the generator makes; run go generate ./deploy/demo", name)
		}
	}
	err := filepath.WalkDir("project/data", func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && made[filepath.ToSlash(path)] == nil {
			t.Errorf("%s is not of the generator", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
