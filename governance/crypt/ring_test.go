package crypt_test

import (
	"bytes"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"crmhub/governance/crypt"
)

func TestARingIsReadAsItWasWritten(t *testing.T) {
	r := newRing(t)
	key := bytes.Repeat([]byte{9}, 32)
	old, err := r.Wrap(key, []byte("ad"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "keyring.json")
	if err := r.Write(path); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != 0o600 {
		t.Errorf("mode = %v, want 0600", got)
	}
	wantCode(t, r.Write(path), "E7007")
	if err := r.Rotate(november.AddDate(1, 0, 0)); err != nil {
		t.Fatal(err)
	}
	if err := r.Replace(path); err != nil {
		t.Fatal(err)
	}
	read, err := crypt.ReadRing(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := read.Fingerprint(), r.Fingerprint(); got != want || len(got) != 16 {
		t.Errorf("Fingerprint = %q, want %q of 16 digits", got, want)
	}
	if got := read.Keys(); len(got) != 2 || got[0].Primary || !got[1].Primary || !got[0].Created.Equal(november) {
		t.Errorf("Keys = %+v", got)
	}
	fresh, err := r.Wrap(key, []byte("ad"))
	if err != nil {
		t.Fatal(err)
	}
	for name, wrapped := range map[string][]byte{"before the rotation": old, "after it": fresh} {
		if got, err := read.Unwrap(wrapped, []byte("ad")); err != nil || !bytes.Equal(got, key) {
			t.Errorf("%s: Unwrap = %x, %v", name, got, err)
		}
	}
	if bytes.Equal(old[:4], fresh[:4]) {
		t.Error("the rotated ring wraps under the old key")
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("%d files are left, want 1 (%v)", len(entries), err)
	}
}

func TestAWrappedKeyOpensOnlyInItsPlaceAndRing(t *testing.T) {
	r, other := newRing(t), newRing(t)
	_, wrapped, err := r.NewDataKey([]byte("subject-1"))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := len(wrapped), 64; got != want {
		t.Errorf("wrapped length = %d, want %d", got, want)
	}
	_, err = r.OpenDataKey(wrapped, []byte("subject-2"))
	wantCode(t, err, "E7004")
	_, err = other.OpenDataKey(wrapped, []byte("subject-1"))
	wantCode(t, err, "E7004")
	for i := range wrapped {
		bad := bytes.Clone(wrapped)
		bad[i] ^= 0x10
		_, err := r.OpenDataKey(bad, []byte("subject-1"))
		wantCode(t, err, "E7004")
	}
	_, err = r.OpenDataKey(wrapped[:20], []byte("subject-1"))
	wantCode(t, err, "E7004")
	short, err := r.Wrap([]byte("not a data key"), nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.OpenDataKey(short, nil)
	wantCode(t, err, "E7004")
}

func TestRewrapMovesAKeyToAnotherRing(t *testing.T) {
	from, to := newRing(t), newRing(t)
	k, wrapped, err := from.NewDataKey([]byte("ad"))
	if err != nil {
		t.Fatal(err)
	}
	moved, err := to.Rewrap(from, wrapped, []byte("ad"))
	if err != nil {
		t.Fatal(err)
	}
	same, err := to.OpenDataKey(moved, []byte("ad"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := same.Open(nil, k.Seal(nil, []byte("v"), nil), nil); err != nil || string(got) != "v" {
		t.Errorf("Open = %q, %v", got, err)
	}
	_, err = to.Rewrap(to, wrapped, []byte("ad"))
	wantCode(t, err, "E7004")
}

func TestAKeyWrapsNoMoreThanIsSafe(t *testing.T) {
	r := newRing(t)
	r.Resume(r.Keys()[0].ID, 1<<31-1)
	r.Resume("00000000", 1<<31) // no such key
	if _, err := r.Wrap(make([]byte, 32), nil); err != nil {
		t.Errorf("the last wrap: %v", err)
	}
	_, err := r.Wrap(make([]byte, 32), nil)
	wantCode(t, err, "E7006")
	_, _, err = r.NewDataKey(nil)
	wantCode(t, err, "E7006")
	if err := r.Rotate(november); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Wrap(make([]byte, 32), nil); err != nil {
		t.Errorf("after the rotation: %v", err)
	}
}

func TestReadRingRefusesWhatIsNoGoodRing(t *testing.T) {
	key := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{3}, 32))
	one := func(id, state, key string) string {
		return `{"id":"` + id + `","created":"2026-11-01T08:00:00Z","state":"` + state + `","key":"` + key + `"}`
	}
	ring := func(keys ...string) string {
		return `{"format":1,"ring":"00112233445566aa","keys":[` + strings.Join(keys, ",") + `]}`
	}
	good := ring(one("0000000a", "primary", key))
	for _, tt := range []struct{ name, data, want string }{
		{"empty", "", "not the JSON"},
		{"cut", good[:len(good)-9], "not the JSON"},
		{"unknown field", strings.Replace(good, `"ring"`, `"rign"`, 1), "not the JSON"},
		{"something behind", good + "{}", "follows"},
		{"newer format", strings.Replace(good, `"format":1`, `"format":2`, 1), "format version"},
		{"short ring id", strings.Replace(good, "00112233445566aa", "00", 1), "ring id"},
		{"no keys", ring(), "no primary"},
		{"retired only", ring(one("0000000a", "retired", key)), "no primary"},
		{"two primaries", ring(one("0000000a", "primary", key), one("0000000b", "primary", key)), "more than one"},
		{"same id twice", ring(one("0000000a", "primary", key), one("0000000a", "retired", key)), "twice"},
		{"id zero", ring(one("00000000", "primary", key)), "zero"},
		{"id of letters", ring(one("zzzzzzzz", "primary", key)), "eight hex"},
		{"key too short", ring(one("0000000a", "primary", key[:20])), "32 bytes"},
		{"key of zeros", ring(one("0000000a", "primary", base64.StdEncoding.EncodeToString(make([]byte, 32)))), "zeros"},
		{"unknown state", ring(one("0000000a", "lost", key)), "neither"},
		{"too large", good + strings.Repeat(" ", 70<<10), "too large"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "keyring.json")
			if err := os.WriteFile(path, []byte(tt.data), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := crypt.ReadRing(path)
			wantCode(t, err, "E7003")
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error = %q, want it to say %q", err, tt.want)
			}
			if strings.Contains(err.Error(), key[:12]) {
				t.Error("the error shows the key")
			}
		})
	}
}

func TestReadRingChecksTheFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "keyring.json")
	_, err := crypt.ReadRing(path)
	wantCode(t, err, "E7001")
	if err := newRing(t).Write(path); err != nil {
		t.Fatal(err)
	}
	for _, mode := range []os.FileMode{0o644, 0o640, 0o604, 0o620} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		_, err := crypt.ReadRing(path)
		wantCode(t, err, "E7002")
	}
	_, err = crypt.ReadRing(dir)
	wantCode(t, err, "E7003")
	wantCode(t, newRing(t).Write(filepath.Join(dir, "missing", "keyring.json")), "E7008")
	wantCode(t, newRing(t).Replace(filepath.Join(dir, "missing", "keyring.json")), "E7008")
}

func FuzzReadRing(f *testing.F) {
	seed, err := os.ReadFile("testdata/format1.ring.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Add([]byte(`{"format":1}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "k")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := crypt.ReadRing(path)
		if err != nil {
			wantCode(t, err, "E7003")
			return
		}
		if _, err := r.Wrap([]byte("key"), nil); err != nil {
			t.Errorf("a ring that was read cannot wrap: %v", err)
		}
	})
}
