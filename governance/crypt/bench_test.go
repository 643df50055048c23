package crypt_test

import (
	"bytes"
	"io"
	"testing"

	"crmhub/governance/crypt"
)

var (
	field   = []byte("a field of thirty-two bytes long")
	fieldAD = place("0199-store", "0199a3b2-subject", "full_name")
)

func BenchmarkSeal(b *testing.B) {
	k := crypt.TemporaryKey()
	buf := make([]byte, 0, 128)
	b.ReportAllocs()
	for b.Loop() {
		buf = k.Seal(buf[:0], field, fieldAD)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "seals/s")
}

func BenchmarkOpen(b *testing.B) {
	k := crypt.TemporaryKey()
	sealed := k.Seal(nil, field, fieldAD)
	buf := make([]byte, 0, 128)
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if buf, err = k.Open(buf[:0], sealed, fieldAD); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "opens/s")
}

// BenchmarkSubject is what one record costs: a new data key and eight fields.
func BenchmarkSubject(b *testing.B) {
	r := newRing(b)
	buf := make([]byte, 0, 128)
	b.ReportAllocs()
	for b.Loop() {
		k, _, err := r.NewDataKey(fieldAD)
		if err != nil {
			b.Fatal(err)
		}
		for range 8 {
			buf = k.Seal(buf[:0], field, fieldAD)
		}
	}
	b.ReportMetric(8*float64(b.N)/b.Elapsed().Seconds(), "seals/s")
}

func BenchmarkToken(b *testing.B) {
	x := crypt.NewIndex(bytes.Repeat([]byte{7}, 32))
	b.ReportAllocs()
	for b.Loop() {
		x.Token("customer.email", "li.ming@example.cn")
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tokens/s")
}

func BenchmarkStream(b *testing.B) {
	k := crypt.TemporaryKey()
	data := make([]byte, 8<<20)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		w := crypt.NewSealWriter(io.Discard, k, nil)
		if _, err := w.Write(data); err != nil {
			b.Fatal(err)
		}
		if err := w.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
