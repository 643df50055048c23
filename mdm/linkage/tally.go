package linkage

// tally32 counts how often each of some keys comes. The zero tally32 is empty.
type tally32 struct {
	// slots hold a key and its count; keys are never 0.
	slots []uint64
	used  int
}

// reset forgets all keys.
func (t *tally32) reset() {
	if t.slots == nil {
		t.slots = make([]uint64, 1<<15)
	}
	t.slots = t.slots[:1<<15]
	clear(t.slots)
	t.used = 0
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

func (t *tally32) add(key uint32) {
	x := t.at(key)
	if *x != 0 {
		*x++
		return
	}
	*x = uint64(key)<<32 | 1
	if t.used++; 2*t.used > len(t.slots) {
		t.grow()
	}
}

func (t *tally32) grow() {
	old := t.slots
	t.slots = make([]uint64, 2*len(old))
	for _, x := range old {
		if x != 0 {
			*t.at(uint32(x >> 32)) = x
		}
	}
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
