package backup_test

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"crmhub/governance/crypt"
	"crmhub/store/backup"
)

// update writes testdata/format1 anew. A format that people have backups of is
// never written anew: it gets a folder beside it.
var update = flag.Bool("update", false, "write the golden backup anew")

// TestFormat1RestoresForEver restores a backup that was made by the first
// program that could make one, into stores of both kinds.
func TestFormat1RestoresForEver(t *testing.T) {
	ctx := context.Background()
	// A checkout gives the ring the rights of any file: it is copied as a key ring.
	data, err := os.ReadFile("testdata/format1.ring.json")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "keyring.json")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	ring, err := crypt.ReadRing(path)
	if err != nil {
		t.Fatal(err)
	}
	target, err := backup.Open(backup.TargetConfig{URL: "testdata/format1"})
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.RemoveAll("testdata/format1"); err != nil {
			t.Fatal(err)
		}
		db := newSQLite(t, ring)
		g := landCustomers(t, db, 6)
		if _, err := backup.Create(ctx, db, target, backup.Options{Program: "crmhub", Digest: digestOf(g)}); err != nil {
			t.Fatal(err)
		}
	}
	l, err := backup.List(ctx, target)
	if err != nil || len(l.Snapshots) != 1 || l.Snapshots[0].Problem != nil || l.Snapshots[0].Format != 1 {
		t.Fatalf("List = %+v, %v", l, err)
	}
	if _, err := backup.Verify(ctx, target, "latest", ring, backup.Options{}); err != nil {
		t.Fatal(err)
	}
	for kind, newStore := range kinds {
		t.Run(kind, func(t *testing.T) {
			into := newStore(t, newRing(t))
			m, err := backup.Restore(ctx, into, target, "latest", backup.Options{Ring: ring})
			if err != nil {
				t.Fatal(err)
			}
			if into.ID() != m.StoreID {
				t.Errorf("store id = %s, want %s", into.ID(), m.StoreID)
			}
			checkCustomers(t, into, m)
		})
	}
}
