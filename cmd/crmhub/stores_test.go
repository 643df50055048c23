package main_test

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// database makes an empty database on the test server and returns its address.
func database(t *testing.T) string {
	t.Helper()
	server := os.Getenv("CRMHUB_TEST_POSTGRES")
	if server == "" {
		t.Fatal("CRMHUB_TEST_POSTGRES is not set: run make test, or give an address")
	}
	ctx := context.Background()
	c, err := pgx.Connect(ctx, server)
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 6)
	if _, err := rand.Read(b); err != nil {
		t.Fatal(err)
	}
	name := "crmhub_cmd_" + hex.EncodeToString(b)
	if _, err := c.Exec(ctx, "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := c.Exec(ctx, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Error(err)
		}
		if err := c.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}

// TestStoresAgree runs the same rows into SQLite and PostgreSQL: the same
// digest, the same members, nothing written the second time, and a backup of
// one restores into the other.
func TestStoresAgree(t *testing.T) {
	lite := project(t, people(1500))
	post := project(t, people(1500))
	t.Setenv("STORE", database(t))
	hub, err := os.ReadFile(filepath.Join(post, "hub.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(post, "hub.yaml"), "store: {url: \"${env:STORE}\"}\n"+string(hub))
	var digests []string
	for _, dir := range []string{lite, post} {
		must(t, "-C", dir, "run", "people")
		digests = append(digests, must(t, "-C", dir, "store", "digest"))
		lines := strings.Split(strings.TrimSpace(must(t, "-C", dir, "run", "people", "-o", "json")), "\n")
		var done finished
		if err := json.Unmarshal([]byte(lines[len(lines)-1]), &done); err != nil {
			t.Fatal(err)
		}
		if done.Pipelines[0].Created != 0 || done.Pipelines[0].Read != 1500 {
			t.Errorf("the second run: %+v, want 1500 read and none created", done.Pipelines[0])
		}
		if got := must(t, "-C", dir, "golden", "verify", "-o", "json"); !strings.HasPrefix(got, `{"ok":true,`) {
			t.Errorf("golden verify: %s", got)
		}
	}
	if digests[0] != digests[1] {
		t.Errorf("SQLite gives %s, PostgreSQL %s", digests[0], digests[1])
	}
	kept := t.TempDir()
	must(t, "-C", post, "backup", "create", "--to", kept)
	rehearsal := filepath.Join(t.TempDir(), "rehearsal")
	must(t, "init", rehearsal)
	must(t, "-C", rehearsal, "backup", "restore", "--from", kept, "--keyring", filepath.Join(post, "keyring.json"))
	if got := must(t, "-C", rehearsal, "store", "digest"); got != digests[1] {
		t.Errorf("restored: %s, want %s", got, digests[1])
	}
}
