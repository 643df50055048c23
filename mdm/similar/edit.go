package similar

import "sync"

// distance returns the edit distance of two trimmed texts, with swaps of
// neighbours or without. Where it is more than k it may return any number
// above k; -1 has no bound.
func distance(a, b string, swaps bool, k int) int {
	if a == "" || b == "" {
		return letters(a) + letters(b)
	}
	if isASCII(a) && isASCII(b) {
		if len(a) > len(b) {
			a, b = b, a
		}
		if k >= 0 && len(b)-len(a) > k {
			return k + 1
		}
		if len(b) <= 64 {
			var p places
			p.fill(a, b)
			return p.edit(len(a), len(b), swaps, k)
		}
		return longDistance(a, b, swaps, k)
	}
	var ra, rb [64]rune
	na, nb := decode(&ra, a), decode(&rb, b)
	if na < 0 || nb < 0 {
		return longDistance(a, b, swaps, k)
	}
	if na > nb {
		ra, rb, na, nb = rb, ra, nb, na
	}
	if k >= 0 && nb-na > k {
		return k + 1
	}
	var p places
	p.fillRunes(ra[:na], rb[:nb])
	return p.edit(na, nb, swaps, k)
}

// edit returns the distance of a text of m letters, whose places in a pattern
// of n letters p holds, from the pattern.
func (p *places) edit(n, m int, swaps bool, k int) int {
	up, down := ^uint64(0), uint64(0) // where the column's differences are +1 and -1
	var zero, last uint64             // the diagonal's zeros, the places of the letter before
	score := n
	top := uint64(1) << (n - 1)
	for i, at := range p[:m] {
		var swapped uint64
		if swaps {
			swapped = (^zero & at) << 1 & last
		}
		zero = ((at & up) + up) ^ up | at | down | swapped
		right, left := down|^(zero|up), zero&up
		if right&top != 0 {
			score++
		} else if left&top != 0 {
			score--
		}
		right, left = right<<1|1, left<<1
		up, down = left|^(zero|right), right&zero
		last = at
		// Each letter to come mends one at most.
		if k >= 0 && score-(m-1-i) > k {
			return k + 1
		}
	}
	return score
}

// scratch are the buffers of long texts.
type scratch struct {
	a, b, first []rune
	used        []bool
	table       []slot
	masks       []uint64
	blocks      []block
}

type slot struct {
	letter rune
	row    int32
}

// block is 64 letters of a long pattern.
type block struct{ up, down, zero, last uint64 }

var scratches = sync.Pool{New: func() any { return new(scratch) }}

func (s *scratch) runes(a, b string) (x, y []rune) {
	s.a, s.b = s.a[:0], s.b[:0]
	for _, r := range a {
		s.a = append(s.a, r)
	}
	for _, r := range b {
		s.b = append(s.b, r)
	}
	return s.a, s.b
}

func (s *scratch) flags(n int) []bool {
	if cap(s.used) < n {
		s.used = make([]bool, n)
	}
	s.used = s.used[:n]
	clear(s.used)
	return s.used
}

// prepare fills the masks of a pattern: a row of blocks for each of its
// letters, row 0 of zeros for all others.
func (s *scratch) prepare(pattern []rune, blocks int) {
	size := 4
	for size < 2*len(pattern) {
		size *= 2
	}
	if cap(s.table) < size {
		s.table = make([]slot, size)
	}
	s.table = s.table[:size]
	clear(s.table)
	s.masks = append(s.masks[:0], make([]uint64, blocks)...)
	for i, r := range pattern {
		at := s.find(r)
		if at.row == 0 {
			at.letter, at.row = r, int32(len(s.masks)/blocks)
			s.masks = append(s.masks, make([]uint64, blocks)...)
		}
		s.masks[int(at.row)*blocks+i/64] |= 1 << (i % 64)
	}
}

// find returns the slot of a letter, one with row 0 where it has none.
func (s *scratch) find(r rune) *slot {
	mask := uint32(len(s.table) - 1)
	for i := uint32(r) * 0x9E3779B1 >> 7 & mask; ; i = (i + 1) & mask {
		if at := &s.table[i]; at.row == 0 || at.letter == r {
			return at
		}
	}
}

// longDistance is distance for texts of which one has more than 64 letters:
// the pattern in blocks of 64, carries handed from one to the next.
func longDistance(a, b string, swaps bool, k int) int {
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	x, y := s.runes(a, b)
	if len(x) > len(y) {
		x, y = y, x
	}
	if k >= 0 && len(y)-len(x) > k {
		return k + 1
	}
	blocks := (len(x) + 63) / 64
	s.prepare(x, blocks)
	s.blocks = s.blocks[:0]
	for range blocks {
		s.blocks = append(s.blocks, block{up: ^uint64(0)})
	}
	score := len(x)
	top := uint64(1) << ((len(x) - 1) % 64)
	for i, r := range y {
		row := int(s.find(r).row) * blocks
		right, left := uint64(1), uint64(0) // what comes in at the top of the column
		var carry uint64                    // the swap that begins at the block above's last letter
		for w := range s.blocks {
			t := &s.blocks[w]
			at := s.masks[row+w]
			var swapped uint64
			if swaps {
				begin := ^t.zero & at
				swapped = (begin<<1 | carry) & t.last
				carry = begin >> 63
			}
			x := at | left
			t.zero = ((x & t.up) + t.up) ^ t.up | x | t.down | swapped
			hp, hn := t.down|^(t.zero|t.up), t.zero&t.up
			if w == blocks-1 {
				if hp&top != 0 {
					score++
				} else if hn&top != 0 {
					score--
				}
			}
			outRight, outLeft := hp>>63, hn>>63
			hp, hn = hp<<1|right, hn<<1|left
			right, left = outRight, outLeft
			t.up, t.down = hn|^(t.zero|hp), hp&t.zero
			t.last = at
		}
		if k >= 0 && score-(len(y)-1-i) > k {
			return k + 1
		}
	}
	return score
}
