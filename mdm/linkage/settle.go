package linkage

import "math"

// settle sets the prior by the edges themselves: the matches are as many as
// the probabilities add up to. It changes the scores of the edges.
func (w *weights) settle(edges []edge) {
	scores, change := tallied(edges), millibits(0)
	for range 50 {
		matches := 0.0
		for _, s := range scores {
			matches += s.n * probability(s.score+change)
		}
		prior := bitsOf(math.Max(matches, 0.5) / w.d.total)
		if prior == w.prior {
			break
		}
		change += prior - w.prior
		w.prior = prior
	}
	if change == 0 {
		return
	}
	each((len(edges)+stretch-1)/stretch, func(i int) {
		for j := i * stretch; j < min(len(edges), (i+1)*stretch); j++ {
			edges[j].score += change
		}
	})
}

// scored is how many edges have a score.
type scored struct {
	score millibits
	n     float64
}

// tallied counts the edges by their scores, in their order.
func tallied(edges []edge) []scored {
	if len(edges) == 0 {
		return nil
	}
	low, high := edges[0].score, edges[0].score
	for i := range edges {
		low, high = min(low, edges[i].score), max(high, edges[i].score)
	}
	counts, some := make([]uint32, high-low+1), 0
	for i := range edges {
		n := &counts[edges[i].score-low]
		if *n++; *n == 1 {
			some++
		}
	}
	out := make([]scored, 0, some)
	for i, n := range counts {
		if n > 0 {
			out = append(out, scored{low + millibits(i), float64(n)})
		}
	}
	return out
}
