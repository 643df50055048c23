package backup_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"crmhub/governance/crypt"
	"crmhub/store"
	"crmhub/store/backup"
)

var kinds = map[string]func(testing.TB, *crypt.Ring) *store.DB{"sqlite": newSQLite, "postgres": newPostgres}

func TestARestoredStoreIsTheOneThatWasBackedUp(t *testing.T) {
	ctx := context.Background()
	for from, newFrom := range kinds {
		t.Run("from "+from, func(t *testing.T) {
			ring := newRing(t)
			db := newFrom(t, ring)
			fill(t, db, 120, 7)
			want := content(t, db)
			target, dir := newFolder(t)
			m := create(t, db, target)
			if got := m.Rows(); got != int64(len(want)) {
				t.Errorf("manifest has %d rows, want %d", got, len(want))
			}
			rep, err := backup.Verify(ctx, target, "latest", ring, backup.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if rep.Rows != m.Rows() || rep.Bytes != m.Size() || rep.Objects < 25 {
				t.Errorf("Verify opened %d objects, %d rows, %d bytes, want %d rows, %d bytes", rep.Objects, rep.Rows, rep.Bytes, m.Rows(), m.Size())
			}
			for path, body := range files(t, dir) {
				if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
					t.Errorf("%s: mode %v, %v, want 0600", path, info.Mode(), err)
				}
				if strings.Contains(string(body), "CANARY") || strings.Contains(string(body), "王小明") {
					t.Errorf("%s holds a value in clear", filepath.Base(path))
				}
			}
			for to, newTo := range kinds {
				t.Run("to "+to, func(t *testing.T) {
					into := newTo(t, ring)
					fresh := into.ID()
					got, err := backup.Restore(ctx, into, target, m.Snapshot, backup.Options{})
					if err != nil {
						t.Fatal(err)
					}
					if got.Snapshot != m.Snapshot {
						t.Errorf("restored %s, want %s", got.Snapshot, m.Snapshot)
					}
					sameContent(t, content(t, into), want)
					if into.ID() != db.ID() || into.ID() == fresh {
						t.Errorf("store id = %s, want %s", into.ID(), db.ID())
					}
					if into.BlindToken("email", "a") != db.BlindToken("email", "a") || into.RefToken("r") != db.RefToken("r") || into.ContentToken("c", "r") != db.ContentToken("c", "r") {
						t.Error("the restored store has other keys")
					}
					_, err = backup.Restore(ctx, into, target, m.Snapshot, backup.Options{})
					wantCode(t, err, "E8012")
					sameContent(t, content(t, into), want)
				})
			}
		})
	}
}

func TestAnEmptyStoreIsBackedUpToo(t *testing.T) {
	ring := newRing(t)
	db := newSQLite(t, ring)
	target, _ := newFolder(t)
	create(t, db, target)
	into := newSQLite(t, ring)
	if _, err := backup.Restore(context.Background(), into, target, "", backup.Options{}); err != nil {
		t.Fatal(err)
	}
	sameContent(t, content(t, into), content(t, db))
}

func TestAnotherKeyRingTakesOver(t *testing.T) {
	ctx := context.Background()
	source, own := newRing(t), newRing(t)
	db := newSQLite(t, source)
	fill(t, db, 50, 3)
	target, _ := newFolder(t)
	create(t, db, target)
	path := filepath.Join(t.TempDir(), "store.db")
	into, err := store.Open(ctx, store.Config{URL: "sqlite:" + path, Ring: own})
	if err != nil {
		t.Fatal(err)
	}
	_, err = backup.Restore(ctx, into, target, "", backup.Options{})
	wantCode(t, err, "E8010")
	if _, err := backup.Restore(ctx, into, target, "", backup.Options{Ring: source}); err != nil {
		t.Fatal(err)
	}
	if into.BlindToken("email", "a") != db.BlindToken("email", "a") {
		t.Error("the store's keys changed on the way")
	}
	if err := into.Close(); err != nil {
		t.Fatal(err)
	}
	// The new ring alone opens the store and every data key in it.
	into = open(t, "sqlite:"+path, own)
	n := 0
	err = into.View(ctx, func(tx *store.Tx) error {
		for _, table := range store.Tables() {
			err := tx.Dump(ctx, table, func(r store.Row) error {
				for i, c := range table.Columns {
					if c.Name != "wrapped" && c.Name != "base_wrapped" {
						continue
					}
					if _, err := into.OpenDataKey(r.Bytes(i)); err != nil {
						return err
					}
					n++
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := 50 * 8; n < want {
		t.Errorf("%d data keys were opened, want at least %d", n, want)
	}
	_, err = store.Open(ctx, store.Config{URL: "sqlite:" + path, Ring: source})
	wantCode(t, err, "E5004")
}

func TestASnapshotIsOfOneMoment(t *testing.T) {
	ctx := context.Background()
	for kind, newStore := range kinds {
		t.Run(kind, func(t *testing.T) {
			ring := newRing(t)
			db := newStore(t, ring)
			fill(t, db, 200, 1)
			want := content(t, db)
			target, _ := newFolder(t)
			seed := uint64(2)
			// A run commits rows between any two objects of the snapshot.
			busy := wrapper{Target: target, put: func(context.Context, string, []byte) error {
				if seed < 10 {
					fill(t, db, 20, seed)
					seed++
				}
				return nil
			}}
			if _, err := backup.Create(ctx, db, busy, small); err != nil {
				t.Fatal(err)
			}
			if seed < 10 {
				t.Fatalf("only %d batches were written meanwhile", seed-2)
			}
			into := newSQLite(t, ring)
			if _, err := backup.Restore(ctx, into, target, "", backup.Options{}); err != nil {
				t.Fatal(err)
			}
			sameContent(t, content(t, into), want)
		})
	}
}

func TestListShowsSnapshotsAndLeftovers(t *testing.T) {
	ctx := context.Background()
	db := newSQLite(t, newRing(t))
	fill(t, db, 20, 1)
	target, dir := newFolder(t)
	l, err := backup.List(ctx, target)
	if err != nil || len(l.Snapshots)+len(l.Leftovers) != 0 {
		t.Fatalf("List of no folder = %+v, %v", l, err)
	}
	_, err = backup.Verify(ctx, target, "", db.Ring(), backup.Options{})
	wantCode(t, err, "E8005")
	first, second, third := create(t, db, target), create(t, db, target), create(t, db, target)
	for _, path := range []string{filepath.Join(dir, second.Snapshot, "manifest.json")} {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, third.Snapshot, "manifest.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "README"), []byte("somebody else's"), 0o600); err != nil {
		t.Fatal(err)
	}
	if l, err = backup.List(ctx, target); err != nil {
		t.Fatal(err)
	}
	if len(l.Snapshots) != 2 || l.Snapshots[0].Snapshot != third.Snapshot || l.Snapshots[1].Snapshot != first.Snapshot {
		t.Fatalf("snapshots = %+v", l.Snapshots)
	}
	wantCode(t, l.Snapshots[0].Problem, "E8008")
	if got := l.Snapshots[1]; got.Problem != nil || got.Rows() != first.Rows() || got.Ring != db.Ring().Fingerprint() || got.Program != "crmhub test" {
		t.Errorf("info = %+v", got)
	}
	if len(l.Leftovers) != 1 || l.Leftovers[0].Snapshot != second.Snapshot || l.Leftovers[0].Size != second.Size() {
		t.Errorf("leftovers = %+v, want %s with %d bytes", l.Leftovers, second.Snapshot, second.Size())
	}
	if n, err := backup.Sweep(ctx, target, time.Now().Add(-time.Hour)); n != 0 || err != nil {
		t.Errorf("Sweep of young leftovers = %d, %v, want 0", n, err)
	}
	if n, err := backup.Sweep(ctx, target, time.Now().Add(time.Hour)); n != 1 || err != nil {
		t.Errorf("Sweep = %d, %v, want 1", n, err)
	}
	if _, err := os.Stat(filepath.Join(dir, second.Snapshot)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the leftover's folder: %v", err)
	}
	if _, err := backup.Verify(ctx, target, first.Snapshot, db.Ring(), backup.Options{}); err != nil {
		t.Errorf("Sweep harmed a snapshot: %v", err)
	}
	_, err = backup.Verify(ctx, target, "../elsewhere", db.Ring(), backup.Options{})
	wantCode(t, err, "E8005")
}

func TestTheDigestIsOfTheSnapshotsMoment(t *testing.T) {
	ctx := context.Background()
	db := newSQLite(t, newRing(t))
	fill(t, db, 5, 1)
	target, _ := newFolder(t)
	o := backup.Options{Digest: func(ctx context.Context, tx *store.Tx) (string, error) {
		n, err := tx.Int(ctx, "SELECT count(*) FROM record")
		if n != 5 {
			t.Errorf("%d records at the snapshot's moment, want 5", n)
		}
		return "d1", err
	}}
	m, err := backup.Create(ctx, db, target, o)
	if err != nil || m.StoreDigest != "d1" {
		t.Errorf("Create = %q, %v", m.StoreDigest, err)
	}
	o.Digest = func(context.Context, *store.Tx) (string, error) { return "", errors.New("no digest") }
	if _, err := backup.Create(ctx, db, target, o); err == nil {
		t.Error("Create passed over a digest that failed")
	}
}

func TestOpenRefusesWhatItDoesNotUnderstand(t *testing.T) {
	for _, c := range []backup.TargetConfig{
		{},
		{URL: "ftp://host/x"},
		{URL: "s3://"},
		{URL: "file:"},
		{URL: "a\x00b"},
		{URL: "s3://b", Endpoint: "localhost:9000"},
		{URL: "s3://b", Endpoint: "http://h/path"},
	} {
		_, err := backup.Open(c)
		wantCode(t, err, "E8001")
	}
	for url, want := range map[string]string{"file:backups": "/base/backups", "backups": "/base/backups", "file:///abs/b": "/abs/b", "/abs/b": "/abs/b"} {
		target, err := backup.Open(backup.TargetConfig{URL: url, Dir: "/base"})
		if err != nil || target.String() != want {
			t.Errorf("Open(%q) = %v, %v, want %s", url, target, err, want)
		}
	}
	target, err := backup.Open(backup.TargetConfig{URL: "s3://b/p/q/", AccessKey: "a", SecretKey: "topsecret"})
	if err != nil || target.String() != "s3://b/p/q" {
		t.Errorf("Open = %v, %v", target, err)
	}
}
