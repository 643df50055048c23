package linkage

import (
	"context"

	"crmhub/mdm/spill"
)

// blocking is the blocks of all rules of a run, numbered through in the order
// of the rules. The first block that two rows share has their pair.
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

// chunk is some blocks of one rule, from the first of a block.
type chunk struct {
	rule     int
	from, to int // blocks; of a rule of all pairs, rows
}

// chunkPairs is about how many pairs a chunk has.
const chunkPairs = 1 << 16

// chunks cuts the work of all rules into pieces.
func (x *blocking) chunks() []chunk {
	var out []chunk
	for r, y := range x.rules {
		if len(y.rule) == 0 {
			n := len(y.rows)
			step := max(1, chunkPairs/max(n, 1))
			for i := 0; i < n; i += step {
				out = append(out, chunk{r, i, min(n, i+step)})
			}
			continue
		}
		from, pairs := 0, uint64(0)
		for b := range y.size() {
			if pairs += y.pairsIn(b); pairs >= chunkPairs || b == y.size()-1 {
				out = append(out, chunk{r, from, b + 1})
				from, pairs = b+1, 0
			}
		}
	}
	return out
}

// each calls do for every pair of a chunk that no earlier block has.
func (x *blocking) each(d *data, c chunk, do func(a, b uint32)) {
	y := x.rules[c.rule]
	if len(y.rule) == 0 {
		for i := c.from; i < c.to; i++ {
			x.partners(d, y.rows[i], y.rows[i+1:], x.from[c.rule], do)
		}
		return
	}
	for b := c.from; b < c.to; b++ {
		rows := y.block(b)
		for i, p := range rows {
			x.partners(d, p, rows[i+1:], x.from[c.rule]+uint32(b), do)
		}
	}
}

// partners calls do for a row and those of others whose first block with it is
// the one of that number.
func (x *blocking) partners(d *data, row uint32, others []uint32, number uint32, do func(a, b uint32)) {
	mine := x.of.of(row)
	for _, o := range others {
		if !d.barred(row, o) && common(mine, x.of.of(o)) == number {
			do(row, o)
		}
	}
}

// sampled is how many pairs of a rule it is trained with, allSampled those
// of all pairs, of which few match.
const (
	sampled    = 20_000
	allSampled = 500_000
)

// sample calls do for at most sampled pairs of a rule, evenly spread, whether
// or not other rules propose them too.
func (x *index) sample(do func(a, b uint32)) {
	if len(x.rule) == 0 {
		x.spread(allSampled, do)
		return
	}
	x.spread(sampled, do)
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
