package crypt_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"testing"

	"crmhub/governance/crypt"
)

// format1 was computed by another implementation of AES-GCM and CMAC (Python's
// cryptography), from the description of the format: it proves that the
// format is what it says, and must open for ever.
type format1 struct {
	WrappedOld   string   `json:"wrapped_old"`
	WrappedNew   string   `json:"wrapped_new"`
	KeyAD        []string `json:"key_ad"`
	FieldAD      []string `json:"field_ad"`
	Plain        string   `json:"plain"`
	Sealed       string   `json:"sealed"`
	SealedEmpty  string   `json:"sealed_empty"`
	StreamAD     []string `json:"stream_ad"`
	StreamBytes  int      `json:"stream_bytes"`
	StreamSHA256 string   `json:"stream_sha256"`
	IndexKey     string   `json:"index_key"`
	IndexSpace   string   `json:"index_space"`
	IndexValue   string   `json:"index_value"`
	IndexToken   string   `json:"index_token"`
}

func readFormat1(t *testing.T) (v format1, r *crypt.Ring) {
	t.Helper()
	data, err := os.ReadFile("testdata/format1.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	// A checkout gives the ring the rights of any file: it is copied as a key ring.
	ring, err := os.ReadFile("testdata/format1.ring.json")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "keyring.json")
	if err := os.WriteFile(path, ring, 0o600); err != nil {
		t.Fatal(err)
	}
	if r, err = crypt.ReadRing(path); err != nil {
		t.Fatal(err)
	}
	return v, r
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestFormat1OpensForEver(t *testing.T) {
	v, r := readFormat1(t)
	keyAD, fieldAD := crypt.AppendAD(nil, v.KeyAD...), crypt.AppendAD(nil, v.FieldAD...)
	for name, wrapped := range map[string]string{"retired key": v.WrappedOld, "primary key": v.WrappedNew} {
		k, err := r.OpenDataKey(unhex(t, wrapped), keyAD)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got, err := k.Open(nil, unhex(t, v.Sealed), fieldAD); err != nil || string(got) != v.Plain {
			t.Errorf("%s: Open = %q, %v, want %q", name, got, err, v.Plain)
		}
		if got, err := k.Open(nil, unhex(t, v.SealedEmpty), fieldAD); err != nil || len(got) != 0 {
			t.Errorf("%s: Open of the empty value = %q, %v", name, got, err)
		}
		f, err := os.Open("testdata/format1.stream")
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		plain, err := io.ReadAll(crypt.NewOpenReader(f, k, crypt.AppendAD(nil, v.StreamAD...)))
		if err != nil {
			t.Fatalf("%s: stream: %v", name, err)
		}
		sum := sha256.Sum256(plain)
		if len(plain) != v.StreamBytes || hex.EncodeToString(sum[:]) != v.StreamSHA256 {
			t.Errorf("%s: stream of %d bytes differs from the one that was sealed", name, len(plain))
		}
	}
}

func TestIndexGivesTheKnownToken(t *testing.T) {
	v, _ := readFormat1(t)
	x := crypt.NewIndex(unhex(t, v.IndexKey))
	for range 2 {
		got := x.Token(v.IndexSpace, v.IndexValue)
		if !bytes.Equal(got[:], unhex(t, v.IndexToken)) {
			t.Errorf("Token = %x, want %s", got, v.IndexToken)
		}
	}
}
