package hub_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"crmhub/connectors/all"
	"crmhub/fault"
	"crmhub/hub"
)

// A model that is taken is the project's, and a rollback of the run that took it
// brings back the one before and all that came of it.
func TestTakingAModelCanBeRolledBack(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "p")
	if _, err := hub.Init(dir, fault.English, time.Now()); err != nil {
		t.Fatal(err)
	}
	var csv strings.Builder
	csv.WriteString("id,name,born,phone,street\n")
	r := rand.New(rand.NewPCG(2, 2))
	given, family := []string{"Mary", "John", "Anna", "Ruth"}, []string{}
	for _, begins := range []string{"Bar", "Ren", "Dol", "Mik"} {
		for _, ends := range []string{"ton", "sen", "ley", "ham"} {
			family = append(family, begins+ends)
		}
	}
	for i := range 760 {
		name := given[r.IntN(len(given))] + " " + family[r.IntN(len(family))]
		born, phone, street := fmt.Sprintf("19%02d-%02d-%02d", 40+r.IntN(50), 1+r.IntN(12), 1+r.IntN(28)), fmt.Sprintf("+4479%08d", r.IntN(1e8)), fmt.Sprintf("%d High Street", r.IntN(400))
		fmt.Fprintf(&csv, "a%d,%s,%s,%s,%s\n", i, name, born, phone, street)
		if i%3 == 0 {
			fmt.Fprintf(&csv, "b%d,%s,%s,,%s\n", i, name, born, street)
		}
	}
	path := filepath.Join(dir, "c.csv")
	quoted, err := json.Marshal(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"c.csv":                    csv.String(),
		"hub.yaml":                 fmt.Sprintf("store: {url: \"sqlite:store.db\"}\nkeyring: {file: keyring.json}\nconnections:\n  held: {connector: file, path: %s}\n", quoted),
		"pipelines/customers.yaml": "source:  {connection: held, stream: c, key: id}\nmapping: customers.blobl\ntype:    customer\n",
		"mappings/customers.blobl": "root.full_name = this.name\nroot.birth_date = this.born\nroot.phones = [this.phone]\nroot.addresses = [{\"street\": this.street, \"city\": \"Leeds\"}]\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	h, err := hub.Open(dir, hub.Options{Registry: all.Registry()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	}()
	ctx, quiet := context.Background(), func(hub.Event) {}
	if _, err := h.Run(ctx, hub.RunRequest{All: true}, quiet); err != nil {
		t.Fatal(err)
	}
	before, err := h.Digest(ctx)
	if err != nil {
		t.Fatal(err)
	}
	look, err := h.Train(ctx, 3, false, hub.Reveal{}, quiet)
	if err != nil || look.Run != "" || look.Records < 1000 {
		t.Fatalf("Train = %+v, %v", look, err)
	}
	model := filepath.Join(dir, "mdm", "customer.yaml")
	if _, err := os.Stat(model); !os.IsNotExist(err) {
		t.Fatalf("a look wrote a model: %v", err)
	}
	shown, err := json.Marshal(look)
	if err != nil {
		t.Fatal(err)
	}
	for _, value := range append(family, "+4479") {
		if strings.Contains(string(shown), value) {
			t.Errorf("examples show %q in clear", value)
		}
	}
	took, err := h.Train(ctx, 3, true, hub.Reveal{}, quiet)
	if err != nil || took.Run == "" {
		t.Fatalf("Train = %+v, %v", took, err)
	}
	text, err := os.ReadFile(model)
	if err != nil || string(text) != string(look.Text) {
		t.Fatalf("the model taken is not the one shown: %v", err)
	}
	if v, err := h.Verify(ctx); err != nil || !v.OK {
		t.Errorf("Verify = %+v, %v", v, err)
	}
	if _, err := h.Rollback(ctx, took.Run, false, quiet); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(model); !os.IsNotExist(err) {
		t.Errorf("the model stands after its rollback: %v", err)
	}
	after, err := h.Digest(ctx)
	if err != nil || after.Digest != before.Digest {
		t.Errorf("digest %s, want %s (%v)", after.Digest, before.Digest, err)
	}
}
