package main_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"crmhub/governance/crypt"
	"crmhub/store"
)

// finished is the last line of run -o json.
type finished struct {
	Event     string `json:"event"`
	Status    string `json:"status"`
	Pipelines []struct {
		Pipeline    string `json:"pipeline"`
		Resumed     bool   `json:"resumed"`
		Read        int64  `json:"read"`
		Created     int64  `json:"created"`
		Unexplained int64  `json:"unexplained"`
	} `json:"pipelines"`
}

// project lays a project that reads one CSV of customers.
func project(t *testing.T, csv string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "crm")
	must(t, "init", dir)
	write(t, filepath.Join(dir, "hub.yaml"), "connections:\n  shop: {connector: file, path: people.csv, country: CN}\n")
	write(t, filepath.Join(dir, "people.csv"), csv)
	write(t, filepath.Join(dir, "pipelines", "people.yaml"), "source:  {connection: shop, stream: people, key: id}\nmapping: people.blobl\ntype:    customer\n")
	write(t, filepath.Join(dir, "mappings", "people.blobl"), `root.full_name   = this.name
root.emails      = [this.email]
root.phones      = [this.phone]
root.addresses   = [{"street": this.street, "city": this.city, "country": "CN"}]
root.national_id = this.national_id
root._updated_at = this.changed
`)
	return dir
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// people writes n customers, every fifth of whom stands twice in another spelling.
func people(n int) string {
	var b strings.Builder
	b.WriteString("id,name,email,phone,street,city,changed\n")
	family := []string{"Zhang", "Wang", "Li", "Zhao", "Chen", "Okafor", "Silva", "Müller"}
	for i := range n {
		who := i
		if i%5 == 4 {
			who = i - 1
		}
		name := fmt.Sprintf("%s %s%d", family[who%len(family)], []string{"Wei", "Na", "Ming", "Anna"}[who%4], who)
		mail := fmt.Sprintf("person.%d@example.com", who)
		if who != i {
			name, mail = strings.ToUpper(name), strings.ToUpper(mail)
		}
		fmt.Fprintf(&b, "%d,%s,%s,138%08d,%d Long Street,Shanghai,2026-01-02T03:04:05Z\n", i+1, name, mail, who, who)
	}
	return b.String()
}

// open opens a project's store as another program would.
func open(t *testing.T, dir string) *store.DB {
	t.Helper()
	ring, err := crypt.ReadRing(filepath.Join(dir, "keyring.json"))
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(context.Background(), store.Config{URL: "sqlite:store.db", Dir: dir, Ring: ring})
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// hold takes the lock of a project's store for another run.
func hold(t *testing.T, dir string) (release func()) {
	t.Helper()
	db := open(t, dir)
	free, err := db.Lock(context.Background(), "another run")
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := free(); err != nil {
			t.Error(err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}

// age makes a store one of a newer program.
func age(t *testing.T, dir string) {
	t.Helper()
	db := open(t, dir)
	err := db.Update(context.Background(), func(tx *store.Tx) error {
		return tx.SetMeta(context.Background(), "version", []byte("999"))
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}
