package linkage

import (
	"bytes"
	"encoding/binary"
	"math/bits"

	"crmhub/mdm/spill"
)

// dictionary numbers distinct texts from 1 in the order of their arrival; 0
// is the empty text. It keeps them in one piece of memory, without pointers.
type dictionary struct {
	space *spill.Space
	bytes *spill.Text
	// ends are where texts end, counted from the base of their page.
	ends  []uint32
	bases []uint64
	// slots hold the upper half of a hash and the code, in the order of the
	// hashes: most texts that are another are told apart without looking at them.
	slots []uint64
	shift int
	// hash are those of all texts while they are asked for.
	hash []uint64
	room []byte
}

// endsPage is how many texts have one base: a page is less than 2^32 bytes.
const endsPage = 1 << 12

func newDictionary(s *spill.Space) *dictionary {
	return &dictionary{space: s, bytes: spill.NewText(s), ends: append(spill.Growing[uint32](s), 0), bases: []uint64{0}}
}

// len returns how many texts there are, the empty one included.
func (d *dictionary) len() int { return len(d.ends) }

// end returns where a text ends.
func (d *dictionary) end(code uint32) uint64 { return d.bases[code/endsPage] + uint64(d.ends[code]) }

// text returns the text of a code, to one goroutine. It stays valid until
// another is asked for.
func (d *dictionary) text(code uint32) []byte {
	d.room = d.view(d.room, code)
	return d.room
}

// view is text for several goroutines, each with a room of its own.
func (d *dictionary) view(room []byte, code uint32) []byte {
	if code == 0 {
		return nil
	}
	return d.bytes.View(room, d.end(code-1), d.end(code))
}

// code returns the number of a text, which is new where it was not seen before.
func (d *dictionary) code(s []byte) uint32 {
	if len(s) == 0 {
		return 0
	}
	return d.find(s, hashBytes(s))
}

// find is code of a text whose hash is known.
func (d *dictionary) find(s []byte, h uint64) uint32 {
	if 3*len(d.ends) > 2*len(d.slots) {
		d.grow()
	}
	mask := uint64(len(d.slots) - 1)
	for i := h >> d.shift; ; i = (i + 1) & mask {
		x := d.slots[i]
		if x == 0 {
			c := d.append(s)
			d.slots[i] = h>>32<<32 | uint64(c)
			return c
		}
		if x>>32 == h>>32 && bytes.Equal(d.text(uint32(x)), s) {
			return uint32(x)
		}
	}
}

// near reads what find looks at first, to have it near.
func (d *dictionary) near(h uint64) uint64 {
	if d.slots == nil {
		return 0
	}
	return d.slots[h>>d.shift]
}

// nearer reads of the text that find looks at first, where it is likely the
// one, to have it near.
func (d *dictionary) nearer(h uint64) uint64 {
	if h == 0 || d.slots == nil {
		return 0
	}
	x := d.slots[h>>d.shift]
	code := uint32(x)
	if code == 0 || x>>32 != h>>32 {
		return 0
	}
	return uint64(d.bytes.Touch(d.end(code - 1)))
}

// append adds a text, whether or not there is one like it.
func (d *dictionary) append(s []byte) uint32 {
	c := uint32(len(d.ends))
	if c%endsPage == 0 {
		d.bases = append(d.bases, uint64(d.bytes.Len()))
	}
	d.bytes.Append(s)
	d.ends = append(d.ends, uint32(uint64(d.bytes.Len())-d.bases[c/endsPage]))
	return c
}

// seal gives back the memory that only adding texts needs; adding one makes it
// again.
func (d *dictionary) seal() {
	spill.Free(d.space, d.slots)
	d.slots = nil
}

// free gives back all memory. The texts are gone.
func (d *dictionary) free() {
	d.seal()
	d.forget()
	d.bytes.Free()
	spill.Free(d.space, d.ends)
	d.ends, d.bases, d.room = nil, nil, nil // the room may be a part of the texts
}

// grow makes room to find the texts that there are, and as many again.
func (d *dictionary) grow() {
	size := 64
	for 3*len(d.ends) > size {
		size *= 2
	}
	old := d.slots
	d.slots, d.shift = spill.Hot[uint64](d.space, size), 65-bits.Len(uint(size))
	mask := uint64(size - 1)
	put := func(x uint64) {
		i := x >> d.shift
		for d.slots[i] != 0 {
			i = (i + 1) & mask
		}
		d.slots[i] = x
	}
	if old != nil {
		for _, x := range old {
			if x != 0 {
				put(x)
			}
		}
		spill.Free(d.space, old)
		return
	}
	for c := 1; c < len(d.ends); c++ {
		put(hashBytes(d.text(uint32(c)))>>32<<32 | uint64(c))
	}
}

// hashes returns the hashes of all texts, by their codes. They lie in Go's memory
// always: from a whole hash a short number could be guessed on a disk.
func (d *dictionary) hashes() []uint64 {
	if len(d.hash) != len(d.ends) {
		d.hash = make([]uint64, len(d.ends))
		for c := 1; c < len(d.ends); c++ {
			d.hash[c] = hashBytes(d.text(uint32(c)))
		}
	}
	return d.hash
}

// forget gives back the memory of the hashes.
func (d *dictionary) forget() { d.hash = nil }

// wholes are the texts of a dictionary as parts of one text.
type wholes struct{ d *dictionary }

// wholes returns the texts that there are.
func (d *dictionary) wholes() wholes { return wholes{d} }

func (w *wholes) text(code uint32) string {
	if code == 0 {
		return ""
	}
	return w.d.bytes.String(w.d.end(code-1), w.d.end(code))
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
