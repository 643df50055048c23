package doctor_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"crmhub/connectors/all"
	"crmhub/fault"
	"crmhub/hub"
	"crmhub/hub/doctor"
)

func options() hub.Options {
	return hub.Options{Registry: all.Registry(), Now: time.Now, Who: "tester"}
}

// project lays a project with one pipeline of two rows, the second refused.
func project(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "crm")
	if _, err := hub.Init(dir, fault.English, time.Now()); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"hub.yaml":              "connections:\n  shop: {connector: file, path: people.csv}\n",
		"people.csv":            "id,name\n1,Li Na\n2,\n",
		"pipelines/people.yaml": "source:  {connection: shop, stream: people, key: id}\nmapping: people.blobl\ntype:    customer\n",
		"mappings/people.blobl": "root.full_name = this.name\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func run(t *testing.T, dir string) {
	t.Helper()
	h, err := hub.Open(dir, options())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	}()
	res, err := h.Run(context.Background(), hub.RunRequest{All: true}, func(hub.Event) {})
	if err != nil || res.Pipelines[0].Err != nil {
		t.Fatal(err, res.Pipelines)
	}
}

// states returns the worst state of each check.
func states(list []doctor.Finding) map[string]doctor.State {
	worst := map[doctor.State]int{doctor.OK: 1, doctor.Warn: 2, doctor.Fail: 3}
	out := map[string]doctor.State{}
	for _, f := range list {
		if worst[f.State] > worst[out[f.Check]] {
			out[f.Check] = f.State
		}
	}
	return out
}

func expect(t *testing.T, list []doctor.Finding, want map[string]doctor.State) {
	t.Helper()
	got := states(list)
	for check, state := range want {
		if got[check] != state {
			t.Errorf("%s is %q, want %q: %+v", check, got[check], state, list)
		}
	}
	for _, f := range list {
		if f.State != doctor.OK && f.Cure == "" {
			t.Errorf("%s is %s and names no cure", f.Check, f.State)
		}
	}
}

func TestNewProjectIsWell(t *testing.T) {
	list := doctor.Examine(context.Background(), project(t), options())
	expect(t, list, map[string]doctor.State{"hub.yaml": doctor.OK, "key ring": doctor.OK, "store": doctor.OK, "connection shop": doctor.OK})
}

func TestRunProjectNamesWhatWaits(t *testing.T) {
	dir := project(t)
	run(t, dir)
	expect(t, doctor.Examine(context.Background(), dir, options()), map[string]doctor.State{
		"store": doctor.OK, "store integrity": doctor.OK, "lock": doctor.OK, "clock": doctor.OK, "unfinished runs": doctor.OK,
		"rows in quarantine": doctor.Warn, "records waiting to be resolved": doctor.OK, "last backup": doctor.Warn,
	})
}

func TestFaultsNameTheirCure(t *testing.T) {
	for _, tt := range []struct {
		name  string
		spoil func(dir string) error
		check string
		code  fault.Code
	}{
		{"no hub.yaml", func(dir string) error { return os.Remove(filepath.Join(dir, "hub.yaml")) }, "hub.yaml", "E1101"},
		{"key ring gone", func(dir string) error { return os.Remove(filepath.Join(dir, "keyring.json")) }, "key ring", "E7001"},
		{"key ring open to all", func(dir string) error { return os.Chmod(filepath.Join(dir, "keyring.json"), 0o644) }, "key ring", "E7002"},
		{"file gone", func(dir string) error { return os.Remove(filepath.Join(dir, "people.csv")) }, "connection shop", "E2101"},
		{"broken mapping", func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "mappings", "people.blobl"), []byte("root.x = [\n"), 0o644)
		}, "pipelines, mappings, schemas, model", "E4121"},
		{"damaged store", func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "store.db"), []byte("this is no database, whatever it is called"), 0o600)
		}, "store", "E5009"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := project(t)
			if err := tt.spoil(dir); err != nil {
				t.Fatal(err)
			}
			list := doctor.Examine(context.Background(), dir, options())
			expect(t, list, map[string]doctor.State{tt.check: doctor.Fail})
			found := false
			for _, f := range list {
				found = found || f.Code == tt.code
			}
			if !found {
				t.Errorf("no finding has the code %s: %+v", tt.code, list)
			}
		})
	}
}
