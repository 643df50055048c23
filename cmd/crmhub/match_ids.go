package main

import (
	"bytes"
	"hash/maphash"
	"iter"
	"math/bits"

	"crmhub/mdm/linkage"
	"crmhub/mdm/spill"
)

// rowNames are the ids of rows in their order, in one piece of memory.
type rowNames struct {
	text *spill.Text
	// ends are where ids end, counted from the base of their page.
	ends  []uint32
	bases []uint64
	space *spill.Space
	room  []byte
}

// namesPage is how many ids have one base.
const namesPage = 1 << 10

// newRowNames returns no ids, which lie in a space.
func newRowNames(s *spill.Space) *rowNames {
	return &rowNames{text: spill.NewText(s), ends: spill.Growing[uint32](s), space: s}
}

// len returns how many ids there are.
func (n *rowNames) len() int { return len(n.ends) }

// at returns the id of a row.
func (n *rowNames) at(row int) string { return n.text.String(n.span(row)) }

// span returns where an id begins and ends.
func (n *rowNames) span(row int) (from, to uint64) {
	base := n.bases[row/namesPage]
	if row%namesPage > 0 {
		from = uint64(n.ends[row-1])
	}
	return base + from, base + uint64(n.ends[row])
}

// is reports whether a row has that id.
func (n *rowNames) is(row int, id []byte) bool {
	from, to := n.span(row)
	if to-from != uint64(len(id)) {
		return false
	}
	n.room = n.text.View(n.room, from, to)
	return bytes.Equal(n.room, id)
}

// all returns the ids with their rows.
func (n *rowNames) all() iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		for row := range n.ends {
			if !yield(row, n.at(row)) {
				return
			}
		}
	}
}

// index returns the row from from to to that has that id, -1 where none has.
func (n *rowNames) index(id string, from, to int) int {
	for row := from; row < to; row++ {
		if n.is(row, []byte(id)) {
			return row
		}
	}
	return -1
}

// add appends an id.
func (n *rowNames) add(id []byte) {
	if len(n.ends)%namesPage == 0 {
		n.bases = append(n.bases, uint64(n.text.Len()))
	}
	n.text.Append(id)
	n.ends = append(n.ends, uint32(uint64(n.text.Len())-n.bases[len(n.bases)-1]))
}

// expect makes room for some ids more: where it is out, for as many as will
// come if they are like those that there are.
func (n *rowNames) expect(more, all int) {
	have := len(n.ends)
	if n.space != nil || have == 0 || have+more <= cap(n.ends) {
		return // arrays of a space don't move
	}
	all = max(all+all/32, have) + 4*more
	n.ends = append(make([]uint32, 0, all), n.ends...)
	size := float64(n.text.Len()) / float64(have)
	n.text.Reserve(int(size*float64(more)), int(size*float64(all)))
}

// rowIDs finds the ids of the rows of one file.
type rowIDs struct {
	names *rowNames
	// first is the number of the file's first row among the names.
	first int
	// slots hold the upper half of an id's hash and its number in the file from
	// 1, in the order of the hashes.
	slots []uint64
	shift int
	seed  maphash.Seed
	// hashes and touched serve addAll.
	hashes  []uint64
	touched uint64
}

// leastIDs is how many slots there are at first.
const leastIDs = 1 << 10

// newRowIDs finds ids that are added to names.
func newRowIDs(names *rowNames) *rowIDs {
	r := &rowIDs{names: names, first: names.len(), seed: maphash.MakeSeed()}
	r.make(leastIDs)
	return r
}

// free gives back what finds ids.
func (r *rowIDs) free() {
	spill.Free(r.names.space, r.slots)
	r.slots = nil
}

// addAll appends the ids in column k of some rows, and returns the first row
// whose id is empty or was there before, -1 of none. All hashes are worked out
// first, and the places that they lead to asked for.
func (r *rowIDs) addAll(rows linkage.Cells, k int) (bad int) {
	n := rows.Rows()
	for 2*(r.names.len()-r.first+n) > len(r.slots) {
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
		if x := r.slots[at]; x>>32 == h>>32 && r.names.is(r.first+int(uint32(x))-1, id) {
			return false
		}
	}
	r.names.add(id)
	r.slots[at] = h>>32<<32 | uint64(r.names.len()-r.first)
	return true
}

// make makes free slots, whose number is a power of two.
func (r *rowIDs) make(n int) {
	r.slots, r.shift = spill.Hot[uint64](r.names.space, n), 65-bits.Len(uint(n))
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
	spill.Free(r.names.space, old)
}
