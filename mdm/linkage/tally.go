package linkage

import "math/bits"

// tally32 counts how often each of some keys comes. It has room for none before
// it is reset.
type tally32 struct {
	// slots hold a key and its count; keys are never 0.
	slots []uint64
}

// reset forgets all keys, and makes room for so many.
func (t *tally32) reset(keys int) {
	size := max(1<<10, 1<<bits.Len(uint(2*keys)))
	if size > cap(t.slots) {
		t.slots = make([]uint64, size)
		return
	}
	t.slots = t.slots[:size]
	clear(t.slots)
}

// at returns the slot of a key, or the empty one that it would have.
func (t *tally32) at(key uint32) *uint64 {
	mask := uint32(len(t.slots) - 1)
	for i := key * 0x9E3779B1 >> 7 & mask; ; i = (i + 1) & mask {
		if x := t.slots[i]; x == 0 || uint32(x>>32) == key {
			return &t.slots[i]
		}
	}
}

// add counts a key.
func (t *tally32) add(key uint32) {
	x := t.at(key)
	if *x == 0 {
		*x = uint64(key) << 32
	}
	*x++
}

// count returns how often a key came.
func (t *tally32) count(key uint32) uint32 { return uint32(*t.at(key)) }

// pairs counts the pairs of equal keys, without keys that came more often
// than most.
func (t *tally32) pairs(most uint32) uint64 {
	n := uint64(0)
	for _, x := range t.slots {
		if c := uint32(x); c <= most {
			n += pairsOf(uint64(c))
		}
	}
	return n
}
