package linkage

import (
	"context"

	"crmhub/mdm/spill"
)

// blocking is the blocks of all rules of a run by rows, numbered through in the
// order of the rules. It tells what proposes a pair.
type blocking struct {
	rules []*index
	// from is the number of each rule's first block.
	from []uint32
	// of are the blocks of each row, ascending.
	of *lists
}

// none follows the blocks of every row.
const none = ^uint32(0)

// newBlocking lays out the blocks of each row.
func newBlocking(ctx context.Context, s *spill.Space, rows int, rules []*index) (*blocking, error) {
	x := &blocking{rules: rules}
	entries, next := 0, uint32(0)
	for _, r := range rules {
		x.from = append(x.from, next)
		next += uint32(r.size())
		entries += len(r.rows)
	}
	l := &lists{start: spill.Make[uint32](s, rows+2), keys: spill.Make[uint32](s, entries+rows)}
	// Each worker fills in the rows of one range.
	err := spans(ctx, rows, max(1, (rows+workers()-1)/workers()), func(low, high int) {
		for _, r := range rules {
			for _, i := range r.rows {
				if int(i) >= low && int(i) < high {
					l.start[i+2]++
				}
			}
		}
	})
	if err != nil {
		return nil, err
	}
	for i := 2; i < len(l.start); i++ {
		l.start[i] += l.start[i-1] + 1
	}
	err = spans(ctx, rows, max(1, (rows+workers()-1)/workers()), func(low, high int) {
		number := uint32(0)
		for _, r := range rules {
			for b := range r.size() {
				for _, i := range r.block(b) {
					if int(i) >= low && int(i) < high {
						l.keys[l.start[i+1]] = number
						l.start[i+1]++
					}
				}
				number++
			}
		}
		for i := low; i < high; i++ {
			l.keys[l.start[i+1]] = none
		}
	})
	if err != nil {
		return nil, err
	}
	for i := 1; i < len(l.start); i++ {
		l.start[i]++
	}
	l.start[0] = 0
	x.of = l
	return x, nil
}

// first returns the first block that two rows share, none where they share none.
func (x *blocking) first(a, b uint32) uint32 { return common(x.of.of(a), x.of.of(b)) }

// common returns the first number of two lists that end in none.
func common(p, q []uint32) uint32 {
	i, j := 0, 0
	for i < len(p) && j < len(q) {
		u, v := p[i], q[j]
		if u == v {
			return u
		}
		if u < v {
			i++
		} else {
			j++
		}
	}
	return none
}

// proposing calls do for each rule that proposes a pair, in their order, as
// long as it returns true.
func (x *blocking) proposing(a, b uint32, do func(rule int) bool) {
	p, q := x.of.of(a), x.of.of(b)
	i, j, r, last := 0, 0, 0, -1
	for p[i] != none && q[j] != none {
		switch {
		case p[i] < q[j]:
			i++
			continue
		case p[i] > q[j]:
			j++
			continue
		}
		for r+1 < len(x.from) && x.from[r+1] <= p[i] {
			r++
		}
		if r != last && !do(r) {
			return
		}
		last = r
		i++
		j++
	}
}

// sampled is how many pairs of a rule it is trained with, allSampled those of
// all pairs, of which few match.
const (
	sampled    = 20_000
	allSampled = 500_000
)

// sample returns at most sampled of a rule's pairs, evenly spread, whether or not
// other rules propose them too, without those that are not compared.
func (x *index) sample(d *data) [][2]uint32 {
	n := uint64(sampled)
	if len(x.rule) == 0 {
		n = allSampled
	}
	out := make([][2]uint32, 0, min(n, x.total()))
	x.spread(n, func(a, b uint32) {
		if !d.barred(a, b) {
			out = append(out, [2]uint32{a, b})
		}
	})
	return out
}

// spread calls do for at most n pairs of a rule, evenly spread.
func (x *index) spread(n uint64, do func(a, b uint32)) {
	total := x.total()
	n = min(n, total)
	b, before := 0, uint64(0)
	for k := range n {
		at := k * total / n
		for before+x.pairsIn(b) <= at {
			before += x.pairsIn(b)
			b++
		}
		rows := x.block(b)
		i, j := nth(at - before)
		do(rows[i], rows[j])
	}
}

// nth returns the pair of that number: 1,0; 2,0; 2,1; 3,0 and so on.
func nth(n uint64) (i, j uint64) {
	i = (1 + isqrt(1+8*n)) / 2
	for pairsOf(i) > n {
		i--
	}
	for pairsOf(i+1) <= n {
		i++
	}
	return i, n - pairsOf(i)
}
