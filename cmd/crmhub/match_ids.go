package main

import (
	"hash/maphash"
	"math/bits"
	"slices"
	"strings"

	"crmhub/mdm/linkage"
	"crmhub/mdm/spill"
)

// rowIDs are the ids of the rows of one file, in one piece of memory.
type rowIDs struct {
	text strings.Builder
	ends []uint64
	// slots hold the upper half of an id's hash and its number from 1, in the
	// order of the hashes.
	slots []uint64
	shift int
	seed  maphash.Seed
	space *spill.Space
	// hashes and touched serve addAll.
	hashes  []uint64
	touched uint64
}

// leastIDs is how many slots there are at first.
const leastIDs = 1 << 10

// newRowIDs returns no ids; what finds them lies in a space.
func newRowIDs(s *spill.Space) *rowIDs {
	r := &rowIDs{ends: spill.Growing[uint64](s), seed: maphash.MakeSeed(), space: s}
	r.make(leastIDs)
	return r
}

// free gives back what finds ids.
func (r *rowIDs) free() {
	spill.Free(r.space, r.slots)
	spill.Free(r.space, r.ends)
	r.slots, r.ends = nil, nil
}

// addAll appends the ids in column k of some rows, and returns the first row
// whose id is empty or was there before, -1 of none. All hashes are worked out
// first, and the places that they lead to asked for.
func (r *rowIDs) addAll(rows linkage.Cells, k int) (bad int) {
	n := rows.Rows()
	for 2*(len(r.ends)+n) > len(r.slots) {
		r.grow()
	}
	r.hashes = r.hashes[:0]
	for i := range n {
		h := maphash.Bytes(r.seed, rows.Cell(i, k))
		r.hashes = append(r.hashes, h)
		r.touched |= r.slots[h>>r.shift]
	}
	for i, h := range r.hashes {
		if !r.add(rows.Cell(i, k), h) {
			return i
		}
	}
	return -1
}

// add appends an id by its hash; false where it is empty or was there before.
// A slot must be free.
func (r *rowIDs) add(id []byte, h uint64) bool {
	if len(id) == 0 {
		return false
	}
	mask := uint64(len(r.slots) - 1)
	at := h >> r.shift
	for ; r.slots[at] != 0; at = (at + 1) & mask {
		if x := r.slots[at]; x>>32 == h>>32 && r.at(int(uint32(x))-1) == string(id) {
			return false
		}
	}
	r.text.Write(id)
	r.ends = append(r.ends, uint64(r.text.Len()))
	r.slots[at] = h>>32<<32 | uint64(len(r.ends))
	return true
}

// make makes free slots, whose number is a power of two.
func (r *rowIDs) make(n int) {
	r.slots, r.shift = spill.Make[uint64](r.space, n), 65-bits.Len(uint(n))
}

func (r *rowIDs) grow() {
	old := r.slots
	r.make(2 * len(old))
	mask := uint64(len(r.slots) - 1)
	for _, x := range old {
		if x == 0 {
			continue
		}
		at := x >> r.shift
		for r.slots[at] != 0 {
			at = (at + 1) & mask
		}
		r.slots[at] = x
	}
	spill.Free(r.space, old)
}

func (r *rowIDs) at(n int) string {
	from := uint64(0)
	if n > 0 {
		from = r.ends[n-1]
	}
	return r.text.String()[from:r.ends[n]]
}

// appendTo appends the ids as texts that share their memory.
func (r *rowIDs) appendTo(list []string) []string {
	all, from := r.text.String(), uint64(0)
	list = slices.Grow(list, len(r.ends))
	for _, to := range r.ends {
		list = append(list, all[from:to])
		from = to
	}
	return list
}
