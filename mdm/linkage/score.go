package linkage

import (
	"context"
	"math"
	"sync"

	"crmhub/mdm/spill"
)

// edge is a pair of canonical rows worth keeping.
type edge struct {
	a, b    uint32
	score   millibits // prior included
	pattern pattern
}

// floor is the least weight, prior included, of a pair that is kept.
const floor = -10_000

// scoreAll compares all pairs that the rules propose, and returns those at or
// above the floor in an order that hangs on the rows alone.
func scoreAll(ctx context.Context, d *data, xs *blocking, w *weights, progress func(done, total int64)) ([]edge, int64, error) {
	chunks := xs.chunks()
	proposed := int64(0)
	for _, x := range xs.rules {
		proposed += int64(x.total())
	}
	progress(0, proposed)
	var found sync.Mutex
	edges := spill.Growing[edge](d.space)
	compared := make([]int64, len(chunks))
	course := newCourse(d, w, xs.some(d, proposed))
	scorers := sync.Pool{New: func() any { return newScorer(course) }}
	err := parallel(ctx, len(chunks), func(i int) {
		s := scorers.Get().(*scorer)
		xs.each(d, chunks[i], func(a, b uint32) {
			compared[i]++
			s.put(a, b)
		})
		found.Lock()
		edges = append(edges, s.take()...)
		found.Unlock()
		scorers.Put(s)
	})
	course.free()
	total := int64(0)
	for _, n := range compared {
		total += n
	}
	progress(total, total)
	return sorted(d.space, edges, d.rows), total, err
}

// arranged is about how many pairs the order of the fields is chosen by, at most
// one of so many as arrangedOf.
const (
	arranged   = 1 << 11
	arrangedOf = 1 << 5
)

// some returns some of the pairs that are compared, evenly spread; total counts
// those that the rules propose.
func (x *blocking) some(d *data, total int64) [][2]uint32 {
	var out [][2]uint32
	share := min(1.0/arrangedOf, arranged/float64(max(total, 1)))
	for r, y := range x.rules {
		first, next := x.from[r], ^uint32(0)
		if r+1 < len(x.from) {
			next = x.from[r+1]
		}
		y.spread(uint64(math.Ceil(share*float64(y.total()))), func(a, b uint32) {
			if f := x.first(a, b); f >= first && f < next && !d.barred(a, b) {
				out = append(out, [2]uint32{a, b})
			}
		})
	}
	return out
}

// settle sets the prior by the edges themselves: the matches are as many as
// the probabilities add up to.
func (w *weights) settle(edges []edge) float64 {
	matches := 0.0
	sums := make([]float64, (len(edges)+stretch-1)/stretch)
	part := func(i int) []edge { return edges[i*stretch : min(len(edges), (i+1)*stretch)] }
	for range 50 {
		each(len(sums), func(i int) {
			sums[i] = 0
			for _, e := range part(i) {
				sums[i] += probability(e.score)
			}
		})
		matches = 0
		for _, s := range sums {
			matches += s
		}
		prior := bitsOf(math.Max(matches, 0.5) / w.d.total)
		if prior == w.prior {
			break
		}
		each(len(sums), func(i int) {
			for j := range part(i) {
				edges[i*stretch+j].score += prior - w.prior
			}
		})
		w.prior = prior
	}
	return matches
}
