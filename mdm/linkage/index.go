package linkage

import (
	"context"
	"math/bits"
	"slices"

	"crmhub/mdm/spill"
)

// index is the blocks of a rule: the rows of each key that several rows share,
// in the order of the keys.
type index struct {
	rule rule
	// rows stand by block; block b is rows[blocks[b]:blocks[b+1]], in canonical order.
	rows   []uint32
	blocks []uint32
	// pairs counts the pairs of all blocks.
	pairs uint64
}

// total returns how many pairs the rule proposes, those of several keys
// counted for each.
func (x *index) total() uint64 { return x.pairs }

// size returns how many blocks there are.
func (x *index) size() int { return len(x.blocks) - 1 }

// block returns the rows of a block.
func (x *index) block(b int) []uint32 { return x.rows[x.blocks[b]:x.blocks[b+1]] }

// pairsIn returns how many pairs a block has.
func (x *index) pairsIn(b int) uint64 { return pairsOf(uint64(x.blocks[b+1] - x.blocks[b])) }

func (x *index) close() {
	x.pairs += pairsOf(uint64(len(x.rows)) - uint64(x.blocks[x.size()]))
	x.blocks = append(x.blocks, uint32(len(x.rows)))
}

func pairsOf(n uint64) uint64 { return n * (n - 1) / 2 }

// build indexes the rows by a rule, whose keys are those of a row under all of
// its predicates; rows are in the order in which they are looked up. Blocks of
// more than limit rows are split by the keys in by.
func build(ctx context.Context, d *data, r rule, of, by []keyed, rows []uint32, limit int) (*index, error) {
	x := &index{rule: r, rows: spill.Growing[uint32](d.space), blocks: append(spill.Growing[uint32](d.space), 0)}
	if len(r) == 0 {
		for i := range uint32(d.rows) {
			x.rows = append(x.rows, i)
		}
		x.close()
		return x, nil
	}
	p, passes := newPartition(d.rows), uint64(d.rows/passRows+1)
	keys := newLookup(d, r, of, rows)
	var large [][]uint32
	for pass := range passes {
		for from := 0; from < d.rows; from += lookedUp {
			d.space.Breathe()
			keys.each(from, min(d.rows, from+lookedUp), func(row, key uint32) {
				if uint64(key)*passes>>32 == pass {
					p.add(key, row)
				}
			})
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
		}
		for k := range p.parts {
			x.gather(p.shared(k), limit, func(entries []uint64) { large = largest(large, entries) })
		}
	}
	x.split(large, by, uint64(budget(d.rows)/splitShare))
	return x, nil
}

// free gives back the memory of the blocks.
func (x *index) free(s *spill.Space) {
	spill.Free(s, x.rows)
	spill.Free(s, x.blocks)
}

// gather makes blocks of entries that are sorted; those of more than limit
// rows are left to large, if it isn't nil.
func (x *index) gather(entries []uint64, limit int, large func([]uint64)) {
	for i := 0; i < len(entries); {
		j := i + 1
		for j < len(entries) && entries[j]>>32 == entries[i]>>32 {
			j++
		}
		if n := j - i; n > 1 && n <= limit {
			for _, e := range entries[i:j] {
				x.rows = append(x.rows, uint32(e))
			}
			x.close()
		} else if n > limit && large != nil {
			large(entries[i:j])
		}
		i = j
	}
}

// partition collects keys with their rows by the upper bits of the keys, so
// that each part is looked through within a processor's own memory.
type partition struct {
	shift int
	parts [][][]uint64
	// free are pages to use again; entries, other and seen serve all parts.
	free           [][]uint64
	entries, other []uint64
	once, twice    []uint64
}

const (
	// pageEntries is how many entries stand together.
	pageEntries = 1 << 11
	// passRows is how many rows are looked through at a time: of more, the keys
	// are taken in several ranges.
	passRows = 8 << 20
	// partRows is for how many rows there is a part, and maxParts bounds them.
	partRows = 1 << 12
	maxParts = 1 << 10
)

func newPartition(rows int) *partition {
	parts := min(1<<bits.Len(uint(rows/partRows)), maxParts)
	return &partition{shift: 33 - bits.Len(uint(parts)), parts: make([][][]uint64, parts)}
}

// add puts in a key of a row.
func (p *partition) add(key, row uint32) {
	at := &p.parts[uint64(key)>>p.shift]
	n := len(*at)
	if n == 0 || len((*at)[n-1]) == pageEntries {
		if free := len(p.free); free > 0 {
			*at, p.free = append(*at, p.free[free-1][:0]), p.free[:free-1]
		} else {
			*at = append(*at, make([]uint64, 0, pageEntries))
		}
		n++
	}
	page := &(*at)[n-1]
	*page = append(*page, uint64(key)<<32|uint64(row))
}

// shared returns the entries of a part by key and row, without most of the
// keys that one row alone has. They are valid until the next call; the part is
// empty then.
func (p *partition) shared(part int) []uint64 {
	pages := p.parts[part]
	if len(pages) == 0 {
		return nil
	}
	n := (len(pages)-1)*pageEntries + len(pages[len(pages)-1])
	size := uint32(1) << max(6, bits.Len(uint(16*n)))
	p.once, p.twice = cleared(p.once, int(size/64)), cleared(p.twice, int(size/64))
	at := func(e uint64) uint32 { return uint32(e>>32) * 0x9E3779B1 & (size - 1) }
	for _, page := range pages {
		for _, e := range page {
			i := at(e)
			p.twice[i/64] |= p.once[i/64] & (1 << (i % 64))
			p.once[i/64] |= 1 << (i % 64)
		}
	}
	p.entries = p.entries[:0]
	for _, page := range pages {
		for _, e := range page {
			if i := at(e); p.twice[i/64]>>(i%64)&1 == 1 {
				p.entries = append(p.entries, e)
			}
		}
	}
	p.free = append(p.free, pages...)
	p.parts[part] = nil
	p.entries, p.other = ascending(p.entries, p.other, 32+p.shift)
	return p.entries
}

// cleared returns n zeros, in the same memory if it is enough.
func cleared(s []uint64, n int) []uint64 {
	if cap(s) < n {
		return make([]uint64, n)
	}
	s = s[:n]
	clear(s)
	return s
}

// ascending sorts entries, of which only the lowest bits differ, so many; other
// is memory for it. It returns them, and what memory is left.
func ascending(entries, other []uint64, differ int) (sorted, left []uint64) {
	const few = 1 << 6
	if len(entries) < few {
		slices.Sort(entries)
		return entries, other
	}
	// By their upper bits they are laid into piles of a few.
	const most = 13
	var counts [1 << most]uint32
	piles := min(bits.Len(uint(len(entries))), most, differ)
	shift, mask := differ-piles, uint64(1)<<piles-1
	for _, e := range entries {
		counts[e>>shift&mask]++
	}
	sum := uint32(0)
	for d, n := range counts[:mask+1] {
		counts[d] = sum
		sum += n
	}
	if cap(other) < len(entries) {
		other = make([]uint64, cap(entries))
	}
	other = other[:len(entries)]
	for _, e := range entries {
		at := &counts[e>>shift&mask]
		other[*at] = e
		*at++
	}
	from := uint32(0)
	for _, to := range counts[:mask+1] {
		if pile := other[from:to]; len(pile) > few/4 {
			slices.Sort(pile)
		} else {
			for i := 1; i < len(pile); i++ {
				e, k := pile[i], i
				for ; k > 0 && pile[k-1] > e; k-- {
					pile[k] = pile[k-1]
				}
				pile[k] = e
			}
		}
		from = to
	}
	return other, entries
}
