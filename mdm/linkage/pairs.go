package linkage

// indexes are the rules of a run in their order; the first rule that proposes
// a pair has it.
type indexes []*index

// earlier reports whether a rule before n proposes the pair.
func (xs indexes) earlier(n int, a, b uint32) bool {
	for _, x := range xs[:n] {
		if x.proposes(a, b) {
			return true
		}
	}
	return false
}

// chunk is some blocks of one rule, from the first of a block.
type chunk struct {
	rule     int
	from, to int // blocks; of a rule of all pairs, rows
}

// chunkPairs is about how many pairs a chunk has.
const chunkPairs = 1 << 16

// chunks cuts the work of all rules into pieces.
func (xs indexes) chunks() []chunk {
	var out []chunk
	for r, x := range xs {
		if len(x.rule) == 0 {
			n := len(x.rows)
			step := max(1, chunkPairs/max(n, 1))
			for i := 0; i < n; i += step {
				out = append(out, chunk{r, i, min(n, i+step)})
			}
			continue
		}
		from := 0
		for b := range x.block {
			if x.pairs[b+1]-x.pairs[from] >= chunkPairs || b == len(x.block)-1 {
				out = append(out, chunk{r, from, b + 1})
				from = b + 1
			}
		}
	}
	return out
}

// each calls do for every pair of a chunk that no earlier rule proposes.
func (xs indexes) each(d *data, c chunk, do func(a, b uint32)) {
	x := xs[c.rule]
	if len(x.rule) == 0 {
		for i := c.from; i < c.to; i++ {
			for j := i + 1; j < len(x.rows); j++ {
				if !d.barred(uint32(i), uint32(j)) && !xs.earlier(c.rule, uint32(i), uint32(j)) {
					do(uint32(i), uint32(j))
				}
			}
		}
		return
	}
	for b := c.from; b < c.to; b++ {
		rows := x.rows[x.blocks[b]:x.blocks[b+1]]
		for i, p := range rows {
			for _, q := range rows[i+1:] {
				if d.barred(p, q) || x.keys != nil && x.first(p, q) != x.block[b] || xs.earlier(c.rule, p, q) {
					continue
				}
				do(p, q)
			}
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
	total := x.total()
	n := min(total, sampled)
	if len(x.rule) == 0 {
		n = min(total, allSampled)
	}
	b := 0
	for k := range n {
		at := k * total / n
		for x.pairs[b+1] <= at {
			b++
		}
		rows := x.rows[x.blocks[b]:x.blocks[b+1]]
		i, j := nth(at - x.pairs[b])
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
