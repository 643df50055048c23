package hub_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"crmhub/connectors/all"
	"crmhub/fault"
	"crmhub/governance/crypt"
	"crmhub/hub"
	"crmhub/store"
	"crmhub/store/journal"
)

// open lays a project of three customers, two of whom are one, and opens it.
func open(t *testing.T) *hub.Hub {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "crm")
	if _, err := hub.Init(dir, fault.English, time.Now()); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"hub.yaml":              "connections:\n  shop: {connector: file, path: people.csv, country: CN}\n",
		"people.csv":            "id,name,email,phone\n1,Li Na,li.na@example.com,13800138001\n2,\"Na, Li\",LI.NA@example.com,+86 138 0013 8001\n3,Wang Wei,wang@example.com,\n",
		"pipelines/people.yaml": "source:  {connection: shop, stream: people, key: id}\nmapping: people.blobl\ntype:    customer\n",
		"mappings/people.blobl": "root.full_name = this.name\nroot.emails = [this.email]\nroot.phones = [this.phone]\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	h, err := hub.Open(dir, hub.Options{Registry: all.Registry(), Who: "li.na"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	return h
}

func run(t *testing.T, h *hub.Hub) hub.RunResult {
	t.Helper()
	res, err := h.Run(context.Background(), hub.RunRequest{All: true}, func(hub.Event) {})
	if err != nil || len(res.Pipelines) != 1 || res.Pipelines[0].Err != nil {
		t.Fatalf("Run: %+v, %v", res, err)
	}
	return res
}

func TestEventsComeInOrder(t *testing.T) {
	h := open(t)
	var kinds []string
	res, err := h.Run(context.Background(), hub.RunRequest{Names: []string{"people"}}, func(e hub.Event) {
		if len(kinds) == 0 || kinds[len(kinds)-1] != string(e.Kind) {
			kinds = append(kinds, string(e.Kind))
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(kinds, " "), "started landed resolving resolved"; strings.Replace(got, "progress ", "", 1) != want {
		t.Errorf("events %q, want %q", got, want)
	}
	if res.Resolve.Records != 3 || res.Resolve.Entities != 2 || res.Resolve.Merged != 1 {
		t.Errorf("resolved %+v, want 3 records in 2 entities", res.Resolve)
	}
}

func TestRevealIsRecordedAndMaskedOtherwise(t *testing.T) {
	ctx := context.Background()
	h := open(t)
	run(t, h)
	found, err := h.Search(ctx, "", "li.na@EXAMPLE.com", 0, hub.Reveal{})
	if err != nil || len(found) != 1 || len(found[0].Members) != 2 {
		t.Fatalf("Search: %+v, %v", found, err)
	}
	if name := found[0].Fields["full_name"]; name == "Li Na" {
		t.Errorf("the name is shown: %v", name)
	}
	if _, err := h.Golden(ctx, found[0].ID, hub.Reveal{On: true}); fault.Of(err) == nil || fault.Of(err).Code != "E1206" {
		t.Errorf("a reveal without a reason: %v, want E1206", err)
	}
	clear, err := h.Golden(ctx, found[0].ID, hub.Reveal{On: true, Reason: "call back"})
	if err != nil || clear.Fields["full_name"] != "Li Na" {
		t.Errorf("Golden revealed: %v, %v", clear.Fields, err)
	}
	ring, err := crypt.ReadRing(filepath.Join(h.Config().Dir, "keyring.json"))
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(ctx, store.Config{URL: "sqlite:store.db", Dir: h.Config().Dir, Ring: ring})
	if err != nil {
		t.Fatal(err)
	}
	looks, err := journal.New(db).Reveals(ctx, 0)
	if err != nil || len(looks) != 1 || looks[0].Who != "li.na" || looks[0].Why != "call back" || !strings.Contains(looks[0].What, clear.ID) {
		t.Errorf("the journal says %+v, %v; want one look by li.na", looks, err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestExports(t *testing.T) {
	ctx := context.Background()
	h := open(t)
	run(t, h)
	for _, tt := range []struct {
		name  string
		e     hub.Export
		lines int
		has   string
		not   string
	}{
		{"members as CSV", hub.Export{Format: "csv", Members: true}, 4, ",shop,people,3\n", "example.com"},
		{"members as JSON", hub.Export{Format: "jsonl", Members: true}, 3, `"source":"shop","stream":"people","key":"3"`, "example.com"},
		{"golden as CSV", hub.Export{Format: "csv"}, 3, "golden_id,type,version,members,", "li.na@example.com"},
		{"golden in clear", hub.Export{Format: "csv", Reveal: hub.Reveal{On: true, Reason: "test"}}, 3, "li.na@example.com", "***"},
		{"golden as JSON", hub.Export{Format: "jsonl"}, 2, `"provenance":{`, "Li Na"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var b bytes.Buffer
			if err := h.Export(ctx, &b, tt.e); err != nil {
				t.Fatal(err)
			}
			got := b.String()
			if n := strings.Count(got, "\n"); n != tt.lines || !strings.Contains(got, tt.has) || strings.Contains(got, tt.not) {
				t.Errorf("%d lines, want %d, with %q and without %q:\n%s", n, tt.lines, tt.has, tt.not, got)
			}
		})
	}
}

func TestInitLeavesNothingHalfDone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "crm")
	if err := os.MkdirAll(filepath.Join(dir, "pipelines"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := hub.Init(dir, fault.English, time.Now()); fault.Of(err) == nil || fault.Of(err).Code != "E1111" {
		t.Errorf("Init into a folder that is not empty: %v, want E1111", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "keyring.json")); !errors.Is(err, os.ErrNotExist) {
		t.Error("a key ring was left behind")
	}
	info, err := os.Stat(filepath.Join(filepath.Dir(dir), "crm", "pipelines"))
	if err != nil || !info.IsDir() {
		t.Error("what stood there before is gone")
	}
}

func TestStoppedBeforeItBegan(t *testing.T) {
	h := open(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	res, err := h.Run(ctx, hub.RunRequest{All: true}, func(hub.Event) {})
	if err == nil && (len(res.Pipelines) == 0 || res.Pipelines[0].Err == nil) {
		t.Errorf("Run = %+v, %v; want an interruption", res, err)
	}
	run(t, h)
}
