package golden_test

import (
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"slices"
	"testing"

	"crmhub/store/golden"
)

// TestASegmentHasTheKnownForm holds the form in which stores keep their token index.
func TestASegmentHasTheKnownForm(t *testing.T) {
	all := []golden.Holding{{Token: 0x0102, Record: 7}, {Token: 0x0102, Record: 9}, {Token: 0x0102, Record: 300}, {Token: 0x0200, Record: 1}, {Token: golden.MaxToken, Record: 1 << 40}}
	names, held := golden.Pack(all)
	if len(names) != 1 || names[0] != 0x0102 {
		t.Fatalf("Pack names %x, want one segment named 102", names)
	}
	const want = "01" + "00" + "0f05c604" + "fe01" + "02" + "fffbffffffffffffff01" + "808080808040"
	if got := hex.EncodeToString(held[0]); got != want {
		t.Errorf("segment = %s, want %s", got, want)
	}
	if got, err := golden.Unpack(names[0], held[0], 0, golden.MaxToken); err != nil || !slices.Equal(got, all) {
		t.Errorf("Unpack = %v (%v), want %v", got, err, all)
	}
	if got, err := golden.Unpack(names[0], held[0], 0x0200, 0x0200); err != nil || !slices.Equal(got, all[3:4]) {
		t.Errorf("Unpack of one token = %v (%v), want %v", got, err, all[3:4])
	}
}

func TestSegmentsHoldWhatWasPacked(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 3))
		var all []golden.Holding
		for range r.IntN(3000) {
			token := r.Uint64() >> (8 * r.IntN(8))
			for range 1 + r.IntN(4)*r.IntN(40) {
				all = append(all, golden.Holding{Token: token, Record: 1 + r.Int64N(1<<(1+r.IntN(40)))})
			}
		}
		slices.SortFunc(all, func(a, b golden.Holding) int {
			if a.Token != b.Token {
				if a.Token < b.Token {
					return -1
				}
				return 1
			}
			return int(a.Record - b.Record)
		})
		all = slices.Compact(all)
		names, held := golden.Pack(all)
		if !slices.IsSorted(names) || len(slices.Compact(slices.Clone(names))) != len(names) {
			t.Errorf("seed %d: the segments' names are not sorted, or doubled", seed)
		}
		var got []golden.Holding
		for i := range names {
			part, err := golden.Unpack(names[i], held[i], 0, golden.MaxToken)
			if err != nil || len(part) == 0 || part[0].Token != names[i] {
				t.Fatalf("seed %d: segment %d begins with %v (%v), want token %x", seed, i, part[:min(1, len(part))], err, names[i])
			}
			if i+1 < len(names) && part[len(part)-1].Token >= names[i+1] {
				t.Errorf("seed %d: a token stands in two segments", seed)
			}
			got = append(got, part...)
		}
		if !slices.Equal(got, all) {
			t.Errorf("seed %d: %d holdings came back of %d, or others", seed, len(got), len(all))
		}
	}
}

func FuzzUnpack(f *testing.F) {
	_, held := golden.Pack([]golden.Holding{{Token: 5, Record: 1}, {Token: 5, Record: 2}, {Token: 1 << 60, Record: 3}})
	f.Add(uint64(5), held[0])
	f.Add(uint64(0), []byte{1})
	f.Add(uint64(golden.MaxToken), []byte{1, 1, 2})
	f.Fuzz(func(t *testing.T, name uint64, held []byte) {
		all, err := golden.Unpack(name, held, 0, golden.MaxToken)
		if err == nil && !slices.IsSortedFunc(all, func(a, b golden.Holding) int {
			switch {
			case a.Token < b.Token:
				return -1
			case a.Token > b.Token:
				return 1
			}
			return 0
		}) {
			t.Error("tokens descend")
		}
	})
}

func TestUvarint(t *testing.T) {
	same := func(b []byte) {
		t.Helper()
		got, gotSize := golden.Uvarint(b)
		if want, wantSize := binary.Uvarint(b); got != want || gotSize != wantSize {
			t.Errorf("uvarint(%x) = %d of %d bytes, want %d of %d", b, got, gotSize, want, wantSize)
		}
	}
	for shift := range 64 {
		for _, less := range []uint64{0, 1} {
			b := binary.AppendUvarint(nil, 1<<shift-less)
			for end := range len(b) + 1 {
				same(b[:end])
			}
			same(append(b, 0x80, 0xff, 1, 2, 0xff, 0xff, 0xff, 0xff))
			same(append(b, 0, 0, 0, 0, 0, 0, 0, 0))
		}
	}
	same([]byte{0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80}) // ends nowhere
	same([]byte{0x80, 0x80, 0, 0xff, 0xff, 0xff, 0xff, 0xff})                            // longer than need be
}
