package main

import (
	"bytes"
	"hash/maphash"

	"crmhub/mdm/spill"
)

// rowIDs are the ids of the rows of one file, in one piece of memory.
type rowIDs struct {
	text []byte
	ends []uint64
	// slots hold the upper half of an id's hash and its number from 1.
	slots []uint64
	seed  maphash.Seed
	space *spill.Space
}

// newRowIDs returns no ids; what finds them lies in a space.
func newRowIDs(s *spill.Space) *rowIDs {
	return &rowIDs{slots: make([]uint64, 1<<10), ends: spill.Growing[uint64](s), seed: maphash.MakeSeed(), space: s}
}

// free gives back what finds ids.
func (r *rowIDs) free() {
	spill.Free(r.space, r.slots)
	spill.Free(r.space, r.ends)
	r.slots, r.ends = nil, nil
}

// add appends an id; false where it is empty or was there before.
func (r *rowIDs) add(id []byte) bool {
	if len(id) == 0 {
		return false
	}
	h := maphash.Bytes(r.seed, id)
	at, free := r.find(id, h)
	if !free {
		return false
	}
	r.text = append(r.text, id...)
	r.ends = append(r.ends, uint64(len(r.text)))
	r.slots[at] = h>>32<<32 | uint64(len(r.ends))
	if 2*len(r.ends) > len(r.slots) {
		r.grow()
	}
	return true
}

// find returns the slot of an id, or the free one that it would have.
func (r *rowIDs) find(id []byte, h uint64) (at uint64, free bool) {
	mask := uint64(len(r.slots) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		x := r.slots[i]
		if x == 0 {
			return i, true
		}
		if n := int(uint32(x)); x>>32 == h>>32 && bytes.Equal(r.at(n-1), id) {
			return i, false
		}
	}
}

func (r *rowIDs) grow() {
	size := 2 * len(r.slots)
	spill.Free(r.space, r.slots)
	r.slots = spill.Make[uint64](r.space, size)
	for n := range r.ends {
		h := maphash.Bytes(r.seed, r.at(n))
		mask := uint64(len(r.slots) - 1)
		i := h & mask
		for r.slots[i] != 0 {
			i = (i + 1) & mask
		}
		r.slots[i] = h>>32<<32 | uint64(n+1)
	}
}

func (r *rowIDs) at(n int) []byte {
	from := uint64(0)
	if n > 0 {
		from = r.ends[n-1]
	}
	return r.text[from:r.ends[n]]
}

// appendTo appends the ids as texts that share their memory.
func (r *rowIDs) appendTo(list []string) []string {
	all, from := string(r.text), uint64(0)
	for _, to := range r.ends {
		list = append(list, all[from:to])
		from = to
	}
	return list
}
