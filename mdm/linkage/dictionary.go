package linkage

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// dictionary numbers distinct texts from 1 in the order of their arrival; 0
// is the empty text. It keeps them in one piece of memory, without pointers.
type dictionary struct {
	bytes []byte
	ends  []uint64
	hash  []uint64
	// slots hold the upper half of a hash and the code: most texts that are
	// another are told apart without looking at them.
	slots []uint64
}

func newDictionary() *dictionary {
	return &dictionary{ends: []uint64{0}, hash: []uint64{0}, slots: make([]uint64, 64)}
}

// len returns how many texts there are, the empty one included.
func (d *dictionary) len() int { return len(d.ends) }

// text returns the text of a code. It stays valid while nothing is added.
func (d *dictionary) text(code uint32) []byte {
	if code == 0 {
		return nil
	}
	return d.bytes[d.ends[code-1]:d.ends[code]]
}

// code returns the number of a text, which is new where it was not seen before.
func (d *dictionary) code(s []byte) uint32 {
	if len(s) == 0 {
		return 0
	}
	if d.slots == nil {
		d.index()
	}
	h := hashBytes(s)
	mask := uint64(len(d.slots) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		x := d.slots[i]
		if x == 0 {
			return d.add(s, h, i)
		}
		if x>>32 == h>>32 && bytes.Equal(d.text(uint32(x)), s) {
			return uint32(x)
		}
	}
}

func (d *dictionary) add(s []byte, h, slot uint64) uint32 {
	c := uint32(len(d.ends))
	d.bytes = append(d.bytes, s...)
	d.ends = append(d.ends, uint64(len(d.bytes)))
	d.hash = append(d.hash, h)
	d.slots[slot] = h>>32<<32 | uint64(c)
	if 3*len(d.ends) > 2*len(d.slots) {
		d.index()
	}
	return c
}

// seal gives back the memory that only adding texts needs; adding one makes it
// again.
func (d *dictionary) seal() { d.slots = nil }

// index makes room to find the texts that there are, and as many again.
func (d *dictionary) index() {
	size := 64
	for 3*len(d.ends) > size {
		size *= 2
	}
	d.slots = make([]uint64, size)
	mask := uint64(len(d.slots) - 1)
	for c := 1; c < len(d.hash); c++ {
		i := d.hash[c] & mask
		for d.slots[i] != 0 {
			i = (i + 1) & mask
		}
		d.slots[i] = d.hash[c]>>32<<32 | uint64(c)
	}
}

// wholes are the texts of a dictionary as parts of one text.
type wholes struct {
	all  string
	ends []uint64
}

// wholes returns the texts that there are now.
func (d *dictionary) wholes() wholes { return wholes{string(d.bytes), d.ends} }

func (w *wholes) text(code uint32) string {
	if code == 0 {
		return ""
	}
	return w.all[w.ends[code-1]:w.ends[code]]
}

const (
	prime1 = 0xa0761d6478bd642f
	prime2 = 0xe7037ed1a0b428db
	prime3 = 0x8ebc6af09c88c6e3
)

// hashBytes returns a hash that is the same on every machine.
func hashBytes(s []byte) uint64 {
	h := uint64(len(s)) * prime3
	for len(s) >= 8 {
		h = fold(h^prime1, binary.LittleEndian.Uint64(s)^prime2)
		s = s[8:]
	}
	var last [8]byte
	copy(last[:], s)
	return fold(h^prime2, binary.LittleEndian.Uint64(last[:])^prime3)
}

// fold multiplies to 128 bits and folds them to 64.
func fold(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}
