package linkage

import (
	"context"
	"math/bits"
	"slices"
	"sync/atomic"
)

// pairing are the pairs that rules propose, by ranges of their first rows:
// there each is once, however many rules propose it, and the pairs of a row
// are neighbours.
type pairing struct {
	d *data
	// rules are let go when their pairs are gathered; count is how many there are.
	rules []*index
	count int
	// whole is a rule that proposes all pairs, -1 where there is none; proposed
	// counts the pairs, those of several rules for each.
	whole    int
	proposed int64
	// A range has 1<<shift rows. An entry has the first row's place in its
	// range, then in rowBits the second row, then in ruleBits the rule.
	shift, rowBits, ruleBits int
	// entries are those of each range.
	entries *buckets[uint64]
}

const (
	// rangePairs is about how many pairs a range has, and maxRanges bounds the
	// ranges: of so many a page each is filled at a time.
	rangePairs = 1 << 14
	maxRanges  = 1 << 12
)

// newPairing gathers the pairs that rules propose.
func newPairing(ctx context.Context, d *data, rules []*index) (*pairing, error) {
	p := &pairing{d: d, rules: rules, count: len(rules), whole: slices.IndexFunc(rules, func(x *index) bool { return len(x.rule) == 0 })}
	if p.whole >= 0 {
		p.proposed = int64(rules[p.whole].total())
		return p, nil
	}
	for _, x := range rules {
		p.proposed += int64(x.total())
	}
	p.rowBits, p.ruleBits = bits.Len(uint(d.rows-1)), bits.Len(uint(len(rules)))
	p.shift = max(0, p.rowBits-bits.Len(uint(min(p.proposed/rangePairs, maxRanges-1))))
	p.entries = newBuckets[uint64](d.space, (d.rows-1)>>p.shift+1)
	chunks := chunksOf(rules)
	var next atomic.Int64
	err := parallel(ctx, workers(), func(int) {
		open := p.entries.begin()
		for i := next.Add(1) - 1; i < int64(len(chunks)) && ctx.Err() == nil; i = next.Add(1) - 1 {
			p.gather(chunks[i], open)
		}
		p.entries.end(open)
	})
	p.rules = nil
	return p, err
}

// chunk is some blocks of one rule.
type chunk struct{ rule, from, to int }

// chunkPairs is about how many pairs a chunk has.
const chunkPairs = 1 << 16

// chunksOf cuts the blocks of rules into pieces of work.
func chunksOf(rules []*index) []chunk {
	var out []chunk
	for r, x := range rules {
		from, pairs := 0, uint64(0)
		for b := range x.size() {
			if pairs += x.pairsIn(b); pairs >= chunkPairs || b == x.size()-1 {
				out = append(out, chunk{r, from, b + 1})
				from, pairs = b+1, 0
			}
		}
	}
	return out
}

// gather adds the pairs of a chunk; open are the pages that a worker fills.
func (p *pairing) gather(c chunk, open [][]uint64) {
	x, source := p.rules[c.rule], p.d.source
	for b := c.from; b < c.to; b++ {
		rows := x.block(b)
		for i, first := range rows {
			r := first >> p.shift
			page := open[r]
			place := uint64(first)&(1<<p.shift-1)<<(p.rowBits+p.ruleBits) | uint64(c.rule)
			for _, second := range rows[i+1:] {
				if source != nil && source[first] == source[second] {
					continue
				}
				if len(page) == cap(page) {
					page = p.entries.page(int(r), page)
				}
				page = append(page, place|uint64(second)<<p.ruleBits)
			}
			open[r] = page
		}
	}
}

// release gives back the memory of the entries.
func (p *pairing) release() {
	if p.entries != nil {
		p.entries.release()
	}
}

// size returns how many pieces the pairs come in.
func (p *pairing) size() int {
	if p.whole >= 0 {
		return (p.d.rows + p.rowsOfAll() - 1) / p.rowsOfAll()
	}
	return p.entries.size()
}

// rowsOfAll is how many rows a piece has where all pairs are proposed.
func (p *pairing) rowsOfAll() int { return max(1, chunkPairs/p.d.rows) }

// sorter sorts the entries of one range after another in the same memory.
type sorter struct{ entries, other []uint64 }

// each calls do for the pairs of a piece, by their rows, with the first rule
// that proposes each and how many do.
func (p *pairing) each(piece int, s *sorter, do func(a, b uint32, rule, rules int)) {
	if p.whole >= 0 {
		for a := piece * p.rowsOfAll(); a < min(p.d.rows, (piece+1)*p.rowsOfAll()); a++ {
			for b := a + 1; b < p.d.rows; b++ {
				if !p.d.barred(uint32(a), uint32(b)) {
					do(uint32(a), uint32(b), p.whole, p.count)
				}
			}
		}
		return
	}
	s.entries = p.entries.appendTo(s.entries[:0], piece)
	s.entries, s.other = ascending(s.entries, s.other, p.shift+p.rowBits+p.ruleBits)
	list := s.entries
	for i := 0; i < len(list); {
		pair, rule, rules := list[i]>>p.ruleBits, list[i]&(1<<p.ruleBits-1), 1
		for i++; i < len(list) && list[i]>>p.ruleBits == pair; i++ {
			if list[i] != list[i-1] {
				rules++
			}
		}
		do(uint32(piece<<p.shift)+uint32(pair>>p.rowBits), uint32(pair)&(1<<p.rowBits-1), int(rule), rules)
	}
}
