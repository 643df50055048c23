package linkage

import (
	"context"
)

// index is the rows of each key of a rule.
type index struct {
	rule rule
	// keys are the rows' keys, without those of oversized blocks; a rule
	// whose rows have one key at most keeps them in one, 0 for none.
	keys *lists
	one  []uint32
	// rows stand by block; block b is rows[blocks[b]:blocks[b+1]], those of
	// one key, in canonical order.
	rows   []uint32
	blocks []uint32
	// block holds the keys of the blocks.
	block []uint32
	// pairs counts the pairs of all blocks before block b.
	pairs []uint64
}

// total returns how many pairs the rule proposes, those of several keys
// counted for each.
func (x *index) total() uint64 { return x.pairs[len(x.pairs)-1] }

// build indexes the rows by a rule. Blocks of more than limit rows are dropped.
func build(ctx context.Context, d *data, r rule, keys map[predicate]*lists, limit int) (*index, error) {
	x := &index{rule: r}
	if len(r) == 0 {
		x.rows, x.blocks, x.block = make([]uint32, d.rows), []uint32{0, uint32(d.rows)}, []uint32{0}
		for i := range x.rows {
			x.rows[i] = uint32(i)
		}
		x.pairs = []uint64{0, pairsOf(uint64(d.rows))}
		return x, nil
	}
	of := func(p predicate, row uint32) []uint32 { return keys[p].of(d.fields[p.field].codes[row]) }
	entries := x.entries(d.rows, of)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	sortHigh(entries)
	x.pairs = []uint64{0}
	kept := entries[:0]
	for i := 0; i < len(entries); {
		j := i + 1
		for j < len(entries) && entries[j]>>32 == entries[i]>>32 {
			j++
		}
		if n := j - i; n > 1 && n <= limit {
			x.blocks = append(x.blocks, uint32(len(kept)))
			x.block = append(x.block, uint32(entries[i]>>32))
			x.pairs = append(x.pairs, x.total()+pairsOf(uint64(n)))
			kept = append(kept, entries[i:j]...)
		}
		i = j
	}
	x.blocks = append(x.blocks, uint32(len(kept)))
	x.rows = make([]uint32, len(kept))
	for i, e := range kept {
		x.rows[i] = uint32(e)
	}
	x.byRow(d.rows, kept)
	return x, nil
}

// entries returns the keys of the rows, each over its row, without keys that
// one row alone has, as far as a table of bits can tell.
func (x *index) entries(rows int, of func(p predicate, row uint32) []uint32) []uint64 {
	size := uint32(1) << 16
	for int(size) < 32*rows && size < 1<<31 {
		size *= 2
	}
	once, twice := make([]uint64, size/64), make([]uint64, size/64)
	all := make([]uint32, 0, rows)
	ends := make([]uint32, rows)
	for i := range uint32(rows) {
		begin := len(all)
		all = x.rule.append(all, i, of)
		for _, k := range all[begin:] {
			at := k * 0x9E3779B1 & (size - 1)
			twice[at/64] |= once[at/64] & (1 << (at % 64))
			once[at/64] |= 1 << (at % 64)
		}
		ends[i] = uint32(len(all))
	}
	shares := func(k uint32) bool {
		at := k * 0x9E3779B1 & (size - 1)
		return twice[at/64]>>(at%64)&1 == 1
	}
	n := 0
	for _, k := range all {
		if shares(k) {
			n++
		}
	}
	out := make([]uint64, 0, n)
	begin := uint32(0)
	for i, end := range ends {
		for _, k := range all[begin:end] {
			if shares(k) {
				out = append(out, uint64(k)<<32|uint64(i))
			}
		}
		begin = end
	}
	return out
}

// byRow sets the keys of each row from entries that are sorted by key.
func (x *index) byRow(rows int, entries []uint64) {
	one := make([]uint32, rows)
	single := true
	for _, e := range entries {
		if single = one[uint32(e)] == 0; !single {
			break
		}
		one[uint32(e)] = uint32(e >> 32)
	}
	if single {
		x.one = one
		return
	}
	l := &lists{start: make([]uint32, rows+2), keys: make([]uint32, len(entries))}
	for _, e := range entries {
		l.start[uint32(e)+2]++
	}
	for i := 2; i < len(l.start); i++ {
		l.start[i] += l.start[i-1]
	}
	for _, e := range entries {
		at := &l.start[uint32(e)+1]
		l.keys[*at] = uint32(e >> 32)
		*at++
	}
	x.keys = l
}

func pairsOf(n uint64) uint64 { return n * (n - 1) / 2 }

// proposes reports whether the rule proposes a pair.
func (x *index) proposes(a, b uint32) bool {
	if x.one != nil {
		return x.one[a] == x.one[b] && x.one[a] != 0
	}
	return x.keys == nil || x.first(a, b) != 0
}

// first returns the least key that two rows share, 0 for none.
func (x *index) first(a, b uint32) uint32 {
	p, q := x.keys.of(a), x.keys.of(b)
	for len(p) > 0 && len(q) > 0 {
		switch {
		case p[0] == q[0]:
			return p[0]
		case p[0] < q[0]:
			p = p[1:]
		default:
			q = q[1:]
		}
	}
	return 0
}

// sortHigh sorts entries by their upper 32 bits, keeping the order of equal ones.
func sortHigh(entries []uint64) {
	other := make([]uint64, len(entries))
	const digits = 11
	var counts [1 << digits]int
	from, to := entries, other
	for shift := 32; shift < 64; shift += digits {
		clear(counts[:])
		for _, e := range from {
			counts[e>>shift&(1<<digits-1)]++
		}
		sum := 0
		for d, n := range counts {
			counts[d] = sum
			sum += n
		}
		for _, e := range from {
			d := e >> shift & (1<<digits - 1)
			to[counts[d]] = e
			counts[d]++
		}
		from, to = to, from
	}
	copy(entries, from) // three passes leave the result in other
}
