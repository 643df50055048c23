package backup_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"crmhub/fault"
	"crmhub/governance/crypt"
	"crmhub/store"
	"crmhub/store/backup"
)

// taken is a snapshot in a folder, the ring that opens it, and an empty store.
type taken struct {
	target backup.Target
	dir    string // the snapshot's own folder
	m      backup.Manifest
	ring   *crypt.Ring
	into   *store.DB
}

func take(t *testing.T) taken {
	t.Helper()
	ring := newRing(t)
	db := newSQLite(t, ring)
	fill(t, db, 120, 5)
	target, dir := newFolder(t)
	m := create(t, db, target)
	return taken{target, filepath.Join(dir, m.Snapshot), m, ring, newSQLite(t, ring)}
}

// copied returns the same snapshot in a folder of its own.
func (s taken) copied(t *testing.T) taken {
	t.Helper()
	target, dir := newFolder(t)
	own := filepath.Join(dir, s.m.Snapshot)
	if err := os.CopyFS(own, os.DirFS(s.dir)); err != nil {
		t.Fatal(err)
	}
	return taken{target, own, s.m, s.ring, s.into}
}

// refused checks that neither Verify nor Restore takes the snapshot, and that
// the store stays empty.
func (s taken) refused(t *testing.T, code fault.Code) {
	t.Helper()
	ctx := context.Background()
	_, err := backup.Verify(ctx, s.target, s.m.Snapshot, s.ring, backup.Options{})
	wantCode(t, err, code)
	before := content(t, s.into)
	_, err = backup.Restore(ctx, s.into, s.target, s.m.Snapshot, backup.Options{Ring: s.ring})
	wantCode(t, err, code)
	sameContent(t, content(t, s.into), before)
}

// restored checks that the store takes the snapshot.
func (s taken) restored(t *testing.T) {
	t.Helper()
	if _, err := backup.Restore(context.Background(), s.into, s.target, "", backup.Options{}); err != nil {
		t.Errorf("after the refusals, the whole snapshot: %v", err)
	}
}

func (s taken) change(t *testing.T, name string, f func([]byte) []byte) {
	t.Helper()
	path := filepath.Join(s.dir, name)
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, f(bytes.Clone(body)), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestDamageIsFoundAndNamed(t *testing.T) {
	flip := func(at int) func([]byte) []byte {
		return func(b []byte) []byte {
			b[(at+len(b))%len(b)] ^= 4
			return b
		}
	}
	whole := take(t)
	for _, tt := range []struct {
		name, object string
		change       func([]byte) []byte
		want         fault.Code
	}{
		{"bit in the header", "record-000001", flip(0), "E8007"},
		{"bit in the key ref", "record-000001", flip(3), "E8007"},
		{"bit in the rows", "record-000002", flip(500), "E8007"},
		{"bit in the last tag", "golden-000001", flip(-1), "E8007"},
		{"cut", "record-000001", func(b []byte) []byte { return b[:len(b)-30] }, "E8007"},
		{"emptied", "record-000001", func([]byte) []byte { return nil }, "E8007"},
		{"longer", "record-000001", func(b []byte) []byte { return append(b, 0) }, "E8007"},
		{"bit in the store's keys", "meta-000001", flip(200), "E8007"},
		{"a digit in the manifest", "manifest.json", func(b []byte) []byte {
			return bytes.Replace(b, []byte(`"rows": 120`), []byte(`"rows": 121`), 1)
		}, "E8008"},
		{"a table taken out of the manifest", "manifest.json", func(b []byte) []byte {
			return bytes.Replace(b, []byte(`"name": "judgement"`), []byte(`"name": "judgemenu"`), 1)
		}, "E8008"},
		{"the manifest cut", "manifest.json", func(b []byte) []byte { return b[:len(b)/2] }, "E8008"},
		{"the manifest emptied", "manifest.json", func([]byte) []byte { return nil }, "E8008"},
		{"another HMAC", "manifest.json", func(b []byte) []byte {
			at := bytes.LastIndex(b, []byte(`"hmac": "`)) + len(`"hmac": "`)
			b[at] ^= 1
			return b
		}, "E8008"},
		{"a newer format", "manifest.json", func(b []byte) []byte {
			return bytes.Replace(b, []byte(`"format": 1`), []byte(`"format": 2`), 1)
		}, "E8009"},
		{"another ring's name", "manifest.json", func(b []byte) []byte {
			at := bytes.Index(b, []byte(`"ring": "`)) + len(`"ring": "`)
			if b[at]++; b[at] == '9'+1 || b[at] == 'f'+1 {
				b[at] = '0'
			}
			return b
		}, "E8008"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := whole.copied(t)
			before := files(t, s.dir)[filepath.Join(s.dir, tt.object)]
			s.change(t, tt.object, tt.change)
			if bytes.Equal(before, files(t, s.dir)[filepath.Join(s.dir, tt.object)]) {
				t.Fatal("the test changes nothing")
			}
			s.refused(t, tt.want)
		})
	}
	whole.restored(t)
}

func TestMovedAndMissingObjectsAreFound(t *testing.T) {
	move := func(t *testing.T, from, to string) {
		t.Helper()
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
	}
	whole, other := take(t), take(t)
	t.Run("missing", func(t *testing.T) {
		s := whole.copied(t)
		if err := os.Remove(filepath.Join(s.dir, "token-000001")); err != nil {
			t.Fatal(err)
		}
		s.refused(t, "E8006")
	})
	t.Run("two objects of one table swapped", func(t *testing.T) {
		s := whole.copied(t)
		a, b, c := filepath.Join(s.dir, "record-000001"), filepath.Join(s.dir, "record-000002"), filepath.Join(s.dir, "x")
		move(t, a, c)
		move(t, b, a)
		move(t, c, b)
		s.refused(t, "E8007")
	})
	t.Run("an object of another table", func(t *testing.T) {
		s := whole.copied(t)
		move(t, filepath.Join(s.dir, "record_history-000001"), filepath.Join(s.dir, "record-000001"))
		s.refused(t, "E8007")
	})
	t.Run("an object of another snapshot", func(t *testing.T) {
		s, other := whole.copied(t), other.copied(t)
		move(t, filepath.Join(other.dir, "record-000001"), filepath.Join(s.dir, "record-000001"))
		s.refused(t, "E8007")
	})
	t.Run("the manifest of another snapshot", func(t *testing.T) {
		s, other := whole.copied(t), other.copied(t)
		move(t, filepath.Join(other.dir, "manifest.json"), filepath.Join(s.dir, "manifest.json"))
		s.refused(t, "E8008")
	})
	t.Run("no manifest", func(t *testing.T) {
		s := whole.copied(t)
		if err := os.Remove(filepath.Join(s.dir, "manifest.json")); err != nil {
			t.Fatal(err)
		}
		s.refused(t, "E8005")
	})
	whole.restored(t)
}

func TestVerifyNamesEveryDamagedObject(t *testing.T) {
	s := take(t)
	s.change(t, "record-000001", func(b []byte) []byte { return b[1:] })
	if err := os.Remove(filepath.Join(s.dir, "xref-000001")); err != nil {
		t.Fatal(err)
	}
	rep, err := backup.Verify(context.Background(), s.target, "", s.ring, backup.Options{})
	wantCode(t, err, "E8007")
	if len(rep.Problems) != 2 || !strings.HasSuffix(fault.Of(rep.Problems[0]).Place, "/record-000001") || !strings.HasSuffix(fault.Of(rep.Problems[1]).Place, "/xref-000001") {
		t.Errorf("problems = %v", rep.Problems)
	}
	if rep.Objects < 20 {
		t.Errorf("%d objects were opened, want all the others", rep.Objects)
	}
}

func TestAnotherKeyRingIsNamed(t *testing.T) {
	s := take(t)
	s.ring = newRing(t)
	s.refused(t, "E8010")
}

func TestASnapshotOfANewerStoreIsRefused(t *testing.T) {
	s := take(t)
	db := newSQLite(t, s.ring)
	target, dir := newFolder(t)
	m := create(t, db, target)
	m.StoreVersion = 99
	body, err := backup.SealManifest(m, s.ring)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, m.Snapshot, "manifest.json"), body, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = backup.Restore(context.Background(), newSQLite(t, s.ring), target, "", backup.Options{})
	wantCode(t, err, "E8014")
}

// TestTheManifestIsWhatItWas holds the names in the manifest's JSON: older
// ones are read for ever.
func TestTheManifestIsWhatItWas(t *testing.T) {
	s := take(t)
	var file struct {
		Manifest map[string]any `json:"manifest"`
		HMAC     string         `json:"hmac"`
	}
	if err := json.Unmarshal(files(t, s.dir)[filepath.Join(s.dir, "manifest.json")], &file); err != nil {
		t.Fatal(err)
	}
	var got []string
	for k := range file.Manifest {
		got = append(got, k)
	}
	slices.Sort(got)
	want := []string{"format", "key", "program", "ring", "snapshot", "store_id", "store_kind", "store_version", "tables", "time"}
	if !slices.Equal(got, want) || len(file.HMAC) != 64 {
		t.Errorf("manifest has %v, want %v", got, want)
	}
}

func FuzzReadRows(f *testing.F) {
	f.Add([]byte("CRMROWS\x01\x02\x00\x00"), 2)
	f.Add([]byte("CRMROWS\x01\x06\x01\x02\x02\x02ab"), 2)
	f.Add([]byte("CRMROWS\x01\xff\xff\xff\xff\x0f"), 1)
	f.Add([]byte("CRMROWS\x02"), 1)
	f.Fuzz(func(t *testing.T, data []byte, columns int) {
		if columns < 0 || columns > 64 {
			return
		}
		if n, err := backup.ReadRows(bytes.NewReader(data), columns); err == nil && n > len(data) {
			t.Errorf("%d rows in %d bytes", n, len(data))
		}
	})
}
