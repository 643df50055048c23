package crypt_test

import (
	"bytes"
	"encoding/hex"
	"testing"

	"crmhub/governance/crypt"
)

func newMAC(t testing.TB, key byte) *crypt.MAC {
	t.Helper()
	m, err := crypt.NewMAC(bytes.Repeat([]byte{key}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// The values were computed by another implementation (Python's cryptography).
func TestMACGivesTheKnownValues(t *testing.T) {
	m := newMAC(t, 7)
	for _, tt := range []struct {
		in   []byte
		want string
	}{
		{nil, "4ee571d4a11738ff9ee8688db83f0f59"},
		{[]byte("a row"), "387a71b5db024c52edd6cfd7b5654d6d"},
		{bytes.Repeat([]byte{0xa5}, 1000), "e7c4bf6b5bd3c270b22c50d20e23a0b3"},
	} {
		got := m.Sum(tt.in)
		if hex.EncodeToString(got[:]) != tt.want {
			t.Errorf("Sum of %d bytes = %x, want %s", len(tt.in), got, tt.want)
		}
	}
}

func TestMACTellsInputsAndKeysApart(t *testing.T) {
	m := newMAC(t, 1)
	seen := map[[16]byte]bool{newMAC(t, 2).Sum(nil): true}
	for n := range 64 {
		in := make([]byte, n) // zeros: only the length differs
		for i := -1; i < n*8; i++ {
			if i >= 0 {
				in[i/8] ^= 1 << (i % 8)
			}
			s := m.Sum(in)
			if seen[s] {
				t.Fatalf("%d bytes, bit %d: the value came before", n, i)
			}
			seen[s] = true
			if i >= 0 {
				in[i/8] ^= 1 << (i % 8)
			}
		}
	}
}

func BenchmarkMAC(b *testing.B) {
	m := newMAC(b, 1)
	row := make([]byte, 900)
	b.SetBytes(int64(len(row)))
	b.ReportAllocs()
	for b.Loop() {
		m.Sum(row)
	}
}
