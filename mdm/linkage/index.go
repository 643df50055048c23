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
	all := &lists{start: make([]uint32, 1, d.rows+1)}
	single := true
	for i := range uint32(d.rows) {
		all.keys = r.append(all.keys, i, of)
		n := uint32(len(all.keys))
		single = single && n-all.start[i] <= 1
		all.start = append(all.start, n)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	entries := make([]uint64, 0, len(all.keys))
	for i := range uint32(d.rows) {
		for _, k := range all.of(i) {
			entries = append(entries, uint64(k)<<32|uint64(i))
		}
	}
	sortHigh(entries)
	x.pairs = []uint64{0}
	dropped := map[uint32]bool{}
	for i := 0; i < len(entries); {
		j := i + 1
		for j < len(entries) && entries[j]>>32 == entries[i]>>32 {
			j++
		}
		key := uint32(entries[i] >> 32)
		switch n := j - i; {
		case n > limit:
			dropped[key] = true
		case n > 1:
			x.blocks = append(x.blocks, uint32(len(x.rows)))
			x.block = append(x.block, key)
			for _, e := range entries[i:j] {
				x.rows = append(x.rows, uint32(e))
			}
			x.pairs = append(x.pairs, x.total()+pairsOf(uint64(n)))
		}
		i = j
	}
	x.blocks = append(x.blocks, uint32(len(x.rows)))
	if single {
		x.one = make([]uint32, d.rows)
		for i := range uint32(d.rows) {
			if k := all.of(i); len(k) > 0 && !dropped[k[0]] {
				x.one[i] = k[0]
			}
		}
		return x, nil
	}
	x.keys = all.without(dropped)
	return x, nil
}

func (l *lists) without(dropped map[uint32]bool) *lists {
	if len(dropped) == 0 {
		return l
	}
	out := &lists{start: make([]uint32, 1, len(l.start))}
	for i := range uint32(len(l.start) - 1) {
		for _, k := range l.of(i) {
			if !dropped[k] {
				out.keys = append(out.keys, k)
			}
		}
		out.start = append(out.start, uint32(len(out.keys)))
	}
	return out
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
