package linkage

import (
	"context"
	"slices"
	"sync"

	"crmhub/mdm/spill"
)

// edge is a pair of canonical rows worth keeping.
type edge struct {
	a, b  uint32
	score millibits // prior included
	// rules is how many rules propose the pair, at most manyRules.
	rules   uint8
	pattern pattern
}

// manyRules is as many rules as are told apart.
const manyRules = 3

// floor is the least weight, prior included, of a pair that is kept.
const floor = -10_000

// scoreAll compares all pairs that the rules propose, and returns those at or
// above the floor by their rows. fresh counts the pairs of each rule that no
// earlier one proposes.
func scoreAll(ctx context.Context, d *data, pairs *pairing, w *weights, progress func(done, total int64)) (edges []edge, fresh []int64, err error) {
	progress(0, pairs.proposed)
	course := newCourse(d, w, pairs.some())
	if d.space != nil && pairs.whole < 0 {
		s, err := newStrips(ctx, pairs)
		if err != nil {
			return nil, nil, err
		}
		edges, err = s.score(ctx, course, progress)
		return edges, s.fresh, err
	}
	out := ordered{edges: spill.Growing[edge](d.space), waiting: map[int][]edge{}, fresh: make([]int64, pairs.count), pieces: pairs.size()}
	scorers := sync.Pool{New: func() any { return newScorer(course) }}
	err = parallel(ctx, pairs.size(), func(i int) {
		s := scorers.Get().(*scorer)
		fresh := make([]int64, pairs.count)
		pairs.each(i, &s.sorter, func(a, b uint32, rule, rules int) {
			fresh[rule]++
			s.put(a, b, rules)
		})
		out.add(i, s.take(), fresh)
		scorers.Put(s)
	})
	total := int64(0)
	for _, n := range out.fresh {
		total += n
	}
	progress(total, total)
	return out.edges, out.fresh, err
}

// ordered puts together what pieces of work found, in the order of the pieces.
type ordered struct {
	mu    sync.Mutex
	next  int
	edges []edge
	// pieces is how many there are; by those that were put together room is
	// made for the rest.
	pieces int
	// waiting is what was found in pieces before whose time it was.
	waiting map[int][]edge
	fresh   []int64
}

// add takes over what a piece found; edges stay the caller's.
func (o *ordered) add(piece int, edges []edge, fresh []int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for r, n := range fresh {
		o.fresh[r] += n
	}
	if piece != o.next {
		o.waiting[piece] = slices.Clone(edges)
		return
	}
	o.append(edges)
	for o.next++; o.waiting[o.next] != nil; o.next++ {
		o.append(o.waiting[o.next])
		delete(o.waiting, o.next)
	}
}

// append appends the edges of the next piece. Room is made for as many in all as
// the pieces so far promise, so that it is seldom made again: a row has
// fewer partners behind it the later it stands.
func (o *ordered) append(edges []edge) {
	if n := len(o.edges) + len(edges); n > cap(o.edges) && o.next >= o.pieces/foretold {
		x := float64(o.next+1) / float64(o.pieces)
		all := float64(n) / (x * (2 - x))
		o.edges = slices.Grow(o.edges, int(all+all/32)+len(edges)-len(o.edges))
	}
	o.edges = append(o.edges, edges...)
}

// foretold is after which share of the pieces the number of edges is foretold.
const foretold = 16

// arranged is about how many pairs the order of the fields is chosen by, at most
// one of so many as arrangedOf.
const (
	arranged   = 1 << 11
	arrangedOf = 1 << 5
)

// some returns some of the pairs, evenly spread in the first piece: rows are in
// no order that tells anything.
func (p *pairing) some() [][2]uint32 {
	n := int(min(p.proposed/arrangedOf, arranged))
	if n == 0 || p.size() == 0 {
		return nil
	}
	var all [][2]uint32
	p.each(0, &sorter{}, func(a, b uint32, _, _ int) { all = append(all, [2]uint32{a, b}) })
	n = min(n, len(all))
	for i := range n {
		all[i] = all[i*len(all)/n]
	}
	return all[:n]
}
