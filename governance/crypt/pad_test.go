package crypt_test

import (
	"bytes"
	"testing"

	"crmhub/governance/crypt"
)

func TestPadHidesAnyPartAsTheWhole(t *testing.T) {
	pad := crypt.NewPad()
	plain := bytes.Repeat([]byte("a text of some length. "), 100)
	whole := bytes.Clone(plain)
	pad.XOR(whole, 1000)
	for _, tt := range []struct{ from, to int }{{0, 1}, {3, 20}, {15, 16}, {16, 48}, {1, 600}, {8, 2300}, {77, 77}} {
		part := bytes.Clone(whole[tt.from:tt.to])
		pad.XOR(part, uint64(1000+tt.from))
		if !bytes.Equal(part, plain[tt.from:tt.to]) {
			t.Errorf("part %d to %d = %q, want %q", tt.from, tt.to, part, plain[tt.from:tt.to])
		}
	}
	if bytes.Contains(whole, []byte("text")) {
		t.Error("the hidden text shows")
	}
	other := bytes.Clone(plain)
	crypt.NewPad().XOR(other, 1000)
	if bytes.Equal(other, whole) {
		t.Error("two pads are the same")
	}
}

func BenchmarkPad(b *testing.B) {
	pad, p := crypt.NewPad(), make([]byte, 64)
	for b.Loop() {
		pad.XOR(p, 1234)
	}
}
